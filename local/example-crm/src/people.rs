//! Who uses the CRM: its companies, their users, and the API keys these sign in with.
//!
//! They are made up and do not change, so that the data file only refers to them.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono_tz::{America, Asia, Tz};

/// The API key of Demo Rep in Example Company, sent as `Authorization: Basic base64("KEY:")`.
pub const DEMO_KEY: &str = "demo-key";
/// The API key of Second Rep, a colleague of Demo Rep.
pub const SECOND_REP_KEY: &str = "demo-key-2";
/// The API key of Other Rep in Second Company, who has the same id there as Demo Rep has here.
pub const SECOND_COMPANY_KEY: &str = "second-company-key";

/// A company, which sees nothing of the others.
pub(crate) struct Company {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    /// The company's own address of the CRM, where it has one.
    pub(crate) host: Option<&'static str>,
    /// Pages show what happened in the company in this zone.
    pub(crate) zone: Tz,
}

/// A person who works with the CRM.
pub(crate) struct User {
    pub(crate) company: &'static Company,
    /// Unique within the company only.
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) zone: Tz,
    key: &'static str,
}

pub(crate) static EXAMPLE_COMPANY: Company = Company {
    id: 1,
    name: "Example Company",
    host: None,
    zone: America::Los_Angeles,
};

pub(crate) static SECOND_COMPANY: Company = Company {
    id: 2,
    name: "Second Company",
    host: Some("second.example-crm.test"),
    zone: Asia::Kolkata,
};

/// Every company.
pub(crate) static COMPANIES: [&Company; 2] = [&EXAMPLE_COMPANY, &SECOND_COMPANY];

/// Every user.
pub(crate) static USERS: [User; 3] = [
    User {
        company: &EXAMPLE_COMPANY,
        id: 1,
        name: "Demo Rep",
        email: "rep@example.com",
        zone: America::Los_Angeles,
        key: DEMO_KEY,
    },
    User {
        company: &EXAMPLE_COMPANY,
        id: 2,
        name: "Second Rep",
        email: "second.rep@example.com",
        zone: America::New_York,
        key: SECOND_REP_KEY,
    },
    User {
        company: &SECOND_COMPANY,
        id: 1,
        name: "Other Rep",
        email: "other.rep@second.example",
        zone: Asia::Kolkata,
        key: SECOND_COMPANY_KEY,
    },
];

impl User {
    /// Whoever signs in with `key`.
    pub(crate) fn by_key(key: &str) -> Option<&'static Self> {
        USERS
            .iter()
            .find(|user| verify_slices_are_equal(user.key.as_bytes(), key.as_bytes()).is_ok())
    }

    /// The user `id` of the company `company_id`.
    pub(crate) fn by_ids(company_id: u64, id: u64) -> Option<&'static Self> {
        USERS
            .iter()
            .find(|user| user.company.id == company_id && user.id == id)
    }
}

/// A user as the data file names one, for `#[serde(with = …)]`.
pub(crate) mod by_ids {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    use super::User;

    #[derive(serde::Serialize, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Ids {
        company_id: u64,
        id: u64,
    }

    pub(crate) fn serialize<S: Serializer>(
        user: &&'static User,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let (company_id, id) = (user.company.id, user.id);
        Ids { company_id, id }.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<&'static User, D::Error> {
        let Ids { company_id, id } = Ids::deserialize(deserializer)?;
        User::by_ids(company_id, id).ok_or_else(|| D::Error::custom("not a user"))
    }
}
