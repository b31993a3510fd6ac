//! Every operation that the fake knows: its path, what it costs, and which scopes allow it.
//!
//! Source: the published descriptions, `x-token-cost` and `security` of each operation
//! (v1 and v2, 2026-08-03).

use http::Method;

use super::call::{Call, Outcome};
use super::{activities, contacts, sales, search, users};

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: Method,
    /// Its path, in which `{id}` stands for the id of a record.
    pub(super) path: &'static str,
    /// What it costs of the day's budget.
    pub(super) tokens: u64,
    /// Any of these is enough.
    pub(super) scopes: &'static [&'static str],
    pub(super) run: fn(&mut Call<'_>) -> Outcome,
}

const CONTACTS: &[&str] = &["contacts:read", "contacts:full"];
const CONTACTS_FULL: &[&str] = &["contacts:full"];
const CONTACTS_SEARCH: &[&str] = &["contacts:read", "contacts:full", "search:read"];
const DEALS: &[&str] = &["deals:read", "deals:full"];
const DEALS_SEARCH: &[&str] = &["deals:read", "deals:full", "search:read"];
const LEADS: &[&str] = &["leads:read", "leads:full"];
const LEADS_SEARCH: &[&str] = &["leads:read", "leads:full", "search:read"];
const ACTIVITIES: &[&str] = &["activities:read", "activities:full"];
const ACTIVITIES_FULL: &[&str] = &["activities:full"];
const TYPES: &[&str] = &["activities:read", "activities:full", "admin"];

macro_rules! operations {
    ($($method:ident $path:literal, $tokens:literal, $scopes:expr => $run:path;)+) => {
        /// All of them. What stands first is found first.
        static OPERATIONS: &[Operation] = &[$(Operation {
            method: Method::$method,
            path: $path,
            tokens: $tokens,
            scopes: $scopes,
            run: $run,
        }),+];
    };
}

operations! {
    GET "/api/v2/activities", 10, ACTIVITIES => activities::list;
    POST "/api/v2/activities", 5, ACTIVITIES_FULL => activities::create;
    GET "/api/v2/activities/{id}", 1, ACTIVITIES => activities::get;
    PATCH "/api/v2/activities/{id}", 5, ACTIVITIES_FULL => activities::change;
    DELETE "/api/v2/activities/{id}", 3, ACTIVITIES_FULL => activities::delete;
    GET "/api/v2/persons/search", 20, CONTACTS_SEARCH => search::persons;
    GET "/api/v2/persons", 10, CONTACTS => contacts::list_persons;
    POST "/api/v2/persons", 5, CONTACTS_FULL => contacts::create_person;
    GET "/api/v2/persons/{id}", 1, CONTACTS => contacts::get_person;
    PATCH "/api/v2/persons/{id}", 5, CONTACTS_FULL => contacts::change_person;
    GET "/api/v2/organizations/search", 20, CONTACTS_SEARCH => search::organizations;
    GET "/api/v2/organizations", 10, CONTACTS => contacts::list_organizations;
    GET "/api/v2/organizations/{id}", 1, CONTACTS => contacts::get_organization;
    GET "/api/v2/deals/search", 20, DEALS_SEARCH => search::deals;
    GET "/api/v2/deals", 10, DEALS => sales::list_deals;
    GET "/api/v2/deals/{id}", 1, DEALS => sales::get_deal;
    GET "/api/v2/leads/search", 20, LEADS_SEARCH => search::leads;
    GET "/v1/leads", 20, LEADS => sales::list_leads;
    GET "/v1/leads/{id}", 2, LEADS => sales::get_lead;
    GET "/v1/users/me", 2, &["base"] => users::me;
    GET "/v1/users", 20, &["users:read"] => users::list;
    GET "/v1/users/{id}", 2, &["users:read"] => users::get;
    GET "/v1/activityTypes", 20, TYPES => users::types;
}

/// The operation of a path, and the id in it.
pub(super) fn find<'a>(method: &Method, path: &'a str) -> Option<(&'static Operation, &'a str)> {
    OPERATIONS
        .iter()
        .filter(|operation| operation.method == method)
        .find_map(|operation| Some((operation, operation.id_in(path)?)))
}

impl Operation {
    /// Whether it is one of those with a limit of their own.
    pub(super) fn is_search(&self) -> bool {
        self.path.ends_with("/search")
    }

    fn id_in<'a>(&self, path: &'a str) -> Option<&'a str> {
        // v1 stands below two addresses.
        let path = match path.strip_prefix("/api/v1/") {
            Some(_) => &path["/api".len()..],
            None => path,
        };
        match self.path.strip_suffix("{id}") {
            Some(before) => {
                let id = path.strip_prefix(before)?;
                (!id.is_empty() && !id.contains('/')).then_some(id)
            }
            None => (path == self.path).then_some(""),
        }
    }
}
