//! Where a person allows an app, and is sent back to it with a code.
//!
//! Nobody is sent to an address that is not registered: what is wrong with the app or the address
//! is said on a page. Every scope is taken and told back, because all tokens can do what their user
//! can.

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::{client, consent};
use crate::error::ApiError;
use crate::form::Form;
use crate::grants::Consent;
use crate::people::User;
use crate::store::Store;
use crate::token::Token;

/// The full path of the page.
pub(super) const PATH: &str = "/crm/oauth/authorize";

/// The scope of an app that asks for none.
const DEFAULT_SCOPE: &str = "api";

/// What an app asks a person for.
pub(super) struct Asked {
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) back: Box<Back>,
}

/// How a person is sent back to the app.
pub(super) struct Back {
    pub(super) address: Url,
    pub(super) state: Option<String>,
}

enum Refusal {
    /// Said to the person.
    Page(&'static str),
    /// Said to the app, with a code of RFC 6749, section 4.1.2.1.
    Back(Box<Back>, &'static str),
}

/// `GET`: asks the person.
pub(super) async fn ask(RawQuery(query): RawQuery) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    match Asked::read(&form) {
        Ok(asked) => consent::page(&asked),
        Err(refusal) => refusal.into_response(),
    }
}

/// `POST`: takes the person's answer.
pub(super) async fn decide(State(store): State<Store>, form: Result<Form, ApiError>) -> Response {
    match answer(&store, form).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn answer(store: &Store, form: Result<Form, ApiError>) -> Result<Response, Refusal> {
    const UNREADABLE: Refusal = Refusal::Page("The answer could not be read.");
    let form = form.map_err(|_| UNREADABLE)?;
    let asked = Asked::read(&form)?;
    match form.get("decision") {
        Ok(Some("allow")) => {
            let user = form.get("user").ok().flatten().and_then(user);
            let user = user.ok_or(Refusal::Page("There is no such user."))?;
            allow(store, asked, user).await
        }
        Ok(Some("deny")) => Err(Refusal::Back(asked.back, "access_denied")),
        _ => Err(UNREADABLE),
    }
}

async fn allow(store: &Store, asked: Asked, user: &'static User) -> Result<Response, Refusal> {
    let code = Token::random();
    let consent = Consent {
        user,
        scope: asked.scope,
        redirect_uri: asked.redirect_uri,
        code: code.hash(),
    };
    let saved = store
        .write(|data, now| {
            data.grants.allow(consent, now);
            Ok(())
        })
        .await;
    if let Err(error) = saved {
        error.report();
        return Err(Refusal::Back(asked.back, "server_error"));
    }
    Ok(asked.back.with("code", code.expose()))
}

/// How the form names a user: the ids of the company and of the user, as in `1-2`.
pub(super) fn form_value(user: &User) -> String {
    format!("{}-{}", user.company.id, user.id)
}

fn user(value: &str) -> Option<&'static User> {
    let (company_id, id) = value.split_once('-')?;
    User::by_ids(company_id.parse().ok()?, id.parse().ok()?)
}

impl Asked {
    fn read(form: &Form) -> Result<Self, Refusal> {
        let app = form.get("client_id").ok().flatten();
        if !app.is_some_and(client::is_known) {
            return Err(Refusal::Page("The app is not registered here."));
        }
        let redirect_uri = form.get("redirect_uri").ok().flatten().unwrap_or_default();
        let address = client::redirect_address(redirect_uri).ok_or(Refusal::Page(
            "The app has not registered the address it wants to send you back to.",
        ))?;
        let (state, error) = match form.get("state") {
            Ok(state) => (state.map(str::to_owned), None),
            Err(_) => (None, Some("invalid_request")),
        };
        let back = Box::new(Back { address, state });
        match error.map_or_else(|| scope(form), Err) {
            Ok(scope) => Ok(Self {
                redirect_uri: redirect_uri.to_owned(),
                scope,
                back,
            }),
            Err(error) => Err(Refusal::Back(back, error)),
        }
    }
}

/// The scope that is asked for; an error where it is not, or not for a code.
fn scope(form: &Form) -> Result<String, &'static str> {
    match form.get("response_type") {
        Ok(Some("code")) => {}
        Ok(Some(_)) => return Err("unsupported_response_type"),
        Ok(None) | Err(_) => return Err("invalid_request"),
    }
    let scope = form.get("scope").map_err(|_| "invalid_request")?;
    let scope = scope.unwrap_or(DEFAULT_SCOPE);
    let is_word = |word: &str| !word.is_empty() && word.chars().all(is_scope_char);
    if scope.split(' ').all(is_word) {
        Ok(scope.to_owned())
    } else {
        Err("invalid_scope")
    }
}

fn is_scope_char(c: char) -> bool {
    c.is_ascii_graphic() && c != '"' && c != '\\'
}

impl Back {
    /// Sends the person back with one answer. What the address has in its query stays.
    fn with(self, name: &str, value: &str) -> Response {
        let mut address = self.address;
        let mut query = address.query_pairs_mut();
        query.append_pair(name, value);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        drop(query);
        let headers = [
            (header::LOCATION, address.as_str()),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (StatusCode::SEE_OTHER, headers).into_response()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Page(words) => consent::refused(words),
            Self::Back(back, error) => back.with("error", error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_an_address_stays_and_nothing_gets_out_of_its_place() {
        let back = Back {
            address: Url::parse("https://app.example/back?kept=1").expect("an address"),
            state: Some("s&error=x#\r\nSet-Cookie: é".to_owned()),
        };
        let response = back.with("code", "c=d");
        assert_eq!(
            response.headers()[header::LOCATION],
            "https://app.example/back?kept=1&code=c%3Dd\
             &state=s%26error%3Dx%23%0D%0ASet-Cookie%3A+%C3%A9"
        );
    }
}
