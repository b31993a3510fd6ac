//! The pages of a sign-in. What an app sends is escaped wherever it stands.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::authorize::{Asked, PATH, form_value};
use super::client::{APP_NAME, OAUTH_CLIENT_ID};
use crate::page;
use crate::people::{USERS, User};

/// Asks a person whether the app may work with the CRM.
pub(super) fn page(asked: &Asked) -> Response {
    let body = html! {
        h1 { "Allow " (APP_NAME) "?" }
        p.soft { (APP_NAME) " wants to see and change the contacts and activities of your company." }
        form.card method="post" action=(PATH) {
            (parameters(asked))
            fieldset {
                legend { "Sign in as" }
                @for (number, user) in USERS.iter().enumerate() {
                    (choice(user, number == 0))
                }
            }
            div.buttons {
                button name="decision" value="allow" { "Allow" }
                button.plain name="decision" value="deny" { "Cancel" }
            }
        }
    };
    // A browser asks the policy about the address that the form's answer redirects to, too.
    let origin = asked.back.address.origin().ascii_serialization();
    let form_action = format!("'self' {origin}");
    page::with_forms(&form_action, &format!("Allow {APP_NAME}?"), &body)
}

/// What the app asked, to be sent along with the answer.
fn parameters(asked: &Asked) -> Markup {
    html! {
        input type="hidden" name="response_type" value="code";
        input type="hidden" name="client_id" value=(OAUTH_CLIENT_ID);
        input type="hidden" name="redirect_uri" value=(asked.redirect_uri);
        input type="hidden" name="scope" value=(asked.scope);
        @if let Some(state) = &asked.back.state {
            input type="hidden" name="state" value=(state);
        }
    }
}

fn choice(user: &User, checked: bool) -> Markup {
    html! {
        label {
            input type="radio" name="user" value=(form_value(user)) checked[checked];
            span { (user.name) }
            span.soft { (user.company.name) }
        }
    }
}

/// Says why the app is not sent an answer.
pub(super) fn refused(words: &str) -> Response {
    let body = html! {
        h1 { "This app cannot be connected" }
        p { (words) }
    };
    page::read_only(StatusCode::BAD_REQUEST, "Not connected", &body)
}
