//! `GET` and `POST /contact`, `GET /custom/contact/search` and `GET /accountData`.
//!
//! Contacts with a number are told again for some minutes without asking the CRM. All else is
//! asked each time.

use daybook_adapters::AdapterError;
use daybook_core::error::RequestError;
use daybook_core::params::{
    AccountDataParams, ContactQuery, CreateContactParams, FindContactWithNameParams,
};
use daybook_core::user::UserKey;
use daybook_store::StoreError;

use super::{ClientCall, SignedIn};
use crate::handlers::contacts::{Answer, Question, ask_as, may_be_done};
use crate::reply::{ClientContact, Reply};
use crate::users::told::{Making, ToldContacts};

/// What the CRM told; else the reply that says why it did not.
type Asked = Result<Answer, Failed>;

/// A question without an answer.
struct Failed {
    reply: Reply,
    /// Whether the CRM has certainly not done what was asked.
    is_undone: bool,
}

/// The contacts with a phone number.
pub(super) async fn find(call: &ClientCall<'_>, signed_in: SignedIn) -> Result<Reply, StoreError> {
    let query = ContactQuery::parse(call.request.query, signed_in.user.user());
    let ContactQuery { find, refresh } = match query {
        Ok(query) => query,
        Err(error) => return Ok(Reply::from(&error)),
    };
    let key = signed_in.user.key();
    let told = told(call, &key);
    let question = Question::Phone(find.clone());
    if let Some(refusal) = question.without_crm(signed_in.adapter.as_ref()) {
        return Ok(refusal.without_contacts());
    }
    if !refresh && let Some(known) = told.matches(&find).await {
        return Ok(Reply::of_matches(known));
    }
    Ok(match ask(call, &signed_in, &question).await? {
        Ok(answer) => {
            let is_whole = answer.is_whole();
            let found = contacts(answer);
            match is_whole && !found.is_empty() {
                true => told.learn(&find, &found).await,
                false if refresh => told.forget(&find.phone).await,
                false => {}
            }
            Reply::of_matches(found)
        }
        Err(failed) => failed.reply.without_contacts(),
    })
}

/// Makes a contact. The extension reads `contact.id` of every success, and shows nothing of a
/// failure but bare text.
pub(super) async fn create(
    call: &ClientCall<'_>,
    signed_in: SignedIn,
) -> Result<Reply, StoreError> {
    let new = match CreateContactParams::of_body(call.request.body, signed_in.user.user()) {
        Ok(new) => new,
        Err(error) => return Ok(refusal(&error)),
    };
    let key = signed_in.user.key();
    let told = told(call, &key);
    match told.begin(&new).await? {
        Making::Ours => make(call, &signed_in, &told, new).await,
        Making::Made(contact) => Ok(Reply::of_made(contact)),
        Making::InDoubt => {
            let crm = signed_in.adapter.profile().display_name;
            Ok(Reply::contact_in_the_making(crm).said_plainly())
        }
    }
}

async fn make(
    call: &ClientCall<'_>,
    signed_in: &SignedIn,
    told: &ToldContacts<'_>,
    new: CreateContactParams,
) -> Result<Reply, StoreError> {
    let crm = signed_in.adapter.profile().display_name;
    let question = Question::New(Box::new(new.clone()));
    let asked = match ask(call, signed_in, &question).await {
        Ok(asked) => asked,
        Err(error) => {
            // The table is used before the CRM is asked, and after that only where the CRM has
            // refused the credentials.
            told.not_made(&new).await;
            return Err(error);
        }
    };
    match asked {
        Ok(Answer::Made(contact)) => {
            let contact = ClientContact::from(contact);
            told.made(&new, Some(&contact)).await;
            Ok(Reply::of_made(contact))
        }
        Ok(
            other
            @ (Answer::Contacts(_) | Answer::Users(_) | Answer::Data(_) | Answer::Unsupported),
        ) => Ok(other.reply(crm).said_plainly()),
        Err(failed) => {
            match failed.is_undone {
                true => told.not_made(&new).await,
                false => told.made(&new, None).await,
            }
            Ok(match failed.reply.status {
                200 => failed.reply.said_plainly(),
                _ => failed.reply,
            })
        }
    }
}

/// The contacts with a name.
pub(super) async fn search(
    call: &ClientCall<'_>,
    signed_in: SignedIn,
) -> Result<Reply, StoreError> {
    let named = FindContactWithNameParams::of_query(call.request.query, signed_in.user.user());
    let question = match named {
        Ok(named) => Question::Name(named),
        Err(error) => return Ok(Reply::from(&error)),
    };
    if let Some(refusal) = question.without_crm(signed_in.adapter.as_ref()) {
        return Ok(refusal.without_contacts());
    }
    Ok(match ask(call, &signed_in, &question).await? {
        Ok(answer) => Reply::of_names(contacts(answer)),
        Err(failed) => failed.reply.without_contacts(),
    })
}

/// Lists that the company has in its CRM.
pub(super) async fn account_data(
    call: &ClientCall<'_>,
    signed_in: SignedIn,
) -> Result<Reply, StoreError> {
    let asked = AccountDataParams::of_query(call.request.query, signed_in.user.user());
    let question = match asked {
        Ok(asked) => Question::Data(asked),
        Err(error) => return Ok(Reply::from(&error)),
    };
    let adapter = signed_in.adapter.as_ref();
    if let Some(refusal) = question.without_crm(adapter) {
        return Ok(refusal);
    }
    let crm = adapter.profile().display_name;
    Ok(match ask(call, &signed_in, &question).await? {
        Ok(answer) => answer.reply(crm),
        Err(failed) => failed.reply,
    })
}

fn told<'a>(call: &'a ClientCall<'_>, user: &'a UserKey) -> ToldContacts<'a> {
    ToldContacts {
        users: &call.app.users,
        hashes: &call.app.hashes,
        user,
        deadline: call.deadline,
    }
}

fn contacts(answer: Answer) -> Vec<ClientContact> {
    let found = answer.into_contacts().into_iter();
    found.map(ClientContact::from).collect()
}

/// What is wrong with a request for a contact. The name is what a user has typed.
fn refusal(error: &RequestError) -> Reply {
    let reply = Reply::from(error);
    let reply = match reply.field() {
        Some("newContactName") => Reply::contact_without_name(),
        Some(_) | None => reply,
    };
    reply.said_plainly()
}

/// Asks the CRM on behalf of the user of the session.
async fn ask(
    call: &ClientCall<'_>,
    signed_in: &SignedIn,
    question: &Question,
) -> Result<Asked, StoreError> {
    let (app, adapter) = (call.app, signed_in.adapter.as_ref());
    let crm = adapter.profile().display_name;
    let asked = Box::pin(ask_as(
        app,
        adapter,
        &signed_in.user,
        question,
        call.deadline,
    ))
    .await?;
    let (reply, is_undone) = match asked {
        Some(Ok(answer)) => return Ok(Ok(answer)),
        Some(Err(AdapterError::Unauthorized)) if has_died(call, signed_in).await? => {
            (Reply::session_revoked(crm), true)
        }
        Some(Err(error)) => {
            let reply = question.unanswered(&error, crm);
            (reply, !may_be_done(&error))
        }
        None => (Reply::no_session(), true),
    };
    Ok(Err(Failed { reply, is_undone }))
}

/// Whether the CRM has ended the user's grant meanwhile.
async fn has_died(call: &ClientCall<'_>, signed_in: &SignedIn) -> Result<bool, StoreError> {
    let users = call.app.users.store(call.deadline);
    let user = users.get(&signed_in.user.key()).await?;
    Ok(user.is_none_or(|user| user.grant.is_none_or(|grant| grant.dead)))
}
