//! What a user was told of contacts, believed for a few minutes, and the contact that is being made.
//!
//! It is kept for each user, as a CRM may show another user something else, and sealed for that
//! user; its key is a hash. What cannot be read is not there, and what cannot be written is asked
//! again.

use std::time::Duration;

use chrono::TimeDelta;
use daybook_core::ids::HashedId;
use daybook_core::params::{CreateContactParams, FindContactParams};
use daybook_core::phone::PhoneNumber;
use daybook_core::time::Deadline;
use daybook_core::user::UserKey;
use daybook_store::items::Told;
use daybook_store::sealing::Sealed;
use daybook_store::told::ToldStore;
use daybook_store::{StoreError, Write, keys};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Users;
use super::credentials::purpose;
use crate::hashes::Hashes;
use crate::reply::ClientContact;

/// For how long contacts are believed. The extension itself believes them for 7 days.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(10);
/// For how long the same contact is not made again.
const MADE_FOR: TimeDelta = TimeDelta::minutes(1);
/// How often it is looked whether another request has made the contact.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What is left of a request's time when it does not wait for another one any more.
const ANSWER_IN: Duration = Duration::from_secs(4);

/// What one user was told.
pub(crate) struct ToldContacts<'a> {
    pub(crate) users: &'a Users,
    pub(crate) hashes: &'a Hashes,
    pub(crate) user: &'a UserKey,
    pub(crate) deadline: Deadline,
}

/// Whose turn it is to make a contact.
pub(crate) enum Making {
    /// Ours.
    Ours,
    /// It is made.
    Made(ClientContact),
    /// Another request makes it, or did not hear whether it has.
    InDoubt,
}

/// Contacts, and in which formats they were looked for.
#[derive(Serialize, Deserialize)]
struct Matches {
    formats: Vec<String>,
    contacts: Vec<ClientContact>,
}

impl ToldContacts<'_> {
    /// The contacts with a number; `None` where they are not known.
    pub(crate) async fn matches(&self, find: &FindContactParams) -> Option<Vec<ClientContact>> {
        let hash = self.number(&find.phone);
        let told = self.store().get(&keys::found(&hash)).await.ok()??;
        let known: Matches = self.opened(&hash, &told).await?;
        (known.formats == find.formats).then_some(known.contacts)
    }

    /// Remembers the contacts with a number, unless one was made with it a moment ago: they may be
    /// of before that.
    pub(crate) async fn learn(&self, find: &FindContactParams, contacts: &[ClientContact]) {
        let hash = self.number(&find.phone);
        let known = Matches {
            formats: find.formats.clone(),
            contacts: contacts.to_vec(),
        };
        if let Some(told) = self.sealed(&hash, &known, GOOD_FOR).await {
            // What is not remembered is asked again.
            let _ = self.store().learn(&keys::found(&hash), &told).await;
        }
    }

    /// Forgets the contacts with a number.
    pub(crate) async fn forget(&self, phone: &PhoneNumber) {
        let sk = keys::found(&self.number(phone));
        // What stays runs out within minutes.
        let _ = self.store().remove(&sk).await;
    }

    /// Begins to make a contact. The same request a moment later, or at once, makes no other: it
    /// waits for this one.
    ///
    /// Where that one has made none, it is the turn of this one.
    pub(crate) async fn begin(&self, new: &CreateContactParams) -> Result<Making, StoreError> {
        let hash = self.new_contact(new);
        let sk = keys::made(&hash);
        loop {
            let other = match self.store().claim(&sk, &self.told(None, MADE_FOR)).await? {
                Write::Done => return Ok(Making::Ours),
                Write::Lost(other) => other,
            };
            if let Some(made) = other.filter(|other| other.answer.is_some()) {
                let made: Option<Option<ClientContact>> = self.opened(&hash, &made).await;
                return Ok(made.flatten().map_or(Making::InDoubt, Making::Made));
            }
            if self.left() < ANSWER_IN {
                return Ok(Making::InDoubt);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Writes down the contact that was made; `None` where the CRM did not say whether it was.
    pub(crate) async fn made(&self, new: &CreateContactParams, contact: Option<&ClientContact>) {
        let hash = self.new_contact(new);
        if let Some(told) = self.sealed(&hash, &contact, MADE_FOR).await {
            // The claim stays, and says for a minute that the contact may be there.
            let _ = self.store().put(&keys::made(&hash), &told).await;
        }
        // Whoever asked the CRM before that has long been answered when the mark runs out.
        let found = keys::found(&self.number(&new.phone));
        let _ = self.store().put(&found, &self.told(None, MADE_FOR)).await;
    }

    /// Writes down that no contact was made.
    pub(crate) async fn not_made(&self, new: &CreateContactParams) {
        let sk = keys::made(&self.new_contact(new));
        // As above.
        let _ = self.store().remove(&sk).await;
    }

    fn number(&self, phone: &PhoneNumber) -> HashedId {
        self.hashes.contacts(&phone.normal())
    }

    fn new_contact(&self, new: &CreateContactParams) -> HashedId {
        let kind = new.kind.as_deref().unwrap_or_default();
        let of = [&new.phone.normal(), new.name.as_str(), kind];
        self.hashes.contacts(&of.join("\n"))
    }

    fn told(&self, answer: Option<Sealed>, good_for: TimeDelta) -> Told {
        Told {
            schema: Told::SCHEMA,
            answer,
            expires_at: (self.users.clock.now() + good_for).timestamp(),
        }
    }

    async fn sealed<T: Serialize + Sync>(
        &self,
        hash: &HashedId,
        content: &T,
        good_for: TimeDelta,
    ) -> Option<Told> {
        let text = SecretString::from(serde_json::to_string(content).ok()?);
        let (left, now) = (self.left(), self.users.millis());
        let sealer = &self.users.sealer;
        let sealed = sealer.seal(left, now, &self.purpose(hash), &text).await;
        Some(self.told(Some(sealed.ok()?), good_for))
    }

    async fn opened<T: DeserializeOwned>(&self, hash: &HashedId, told: &Told) -> Option<T> {
        let sealed = told.answer.as_ref()?;
        let purpose = self.purpose(hash);
        let opened = self.users.sealer.open(self.left(), &purpose, sealed).await;
        serde_json::from_str(opened.ok()?.expose_secret()).ok()
    }

    fn purpose(&self, hash: &HashedId) -> String {
        purpose(self.user, &format!("contacts {hash}"))
    }

    fn store(&self) -> ToldStore<'_> {
        ToldStore {
            table: &self.users.table,
            clock: self.users.clock.as_ref(),
            deadline: self.deadline,
            user: self.user,
        }
    }

    fn left(&self) -> Duration {
        self.deadline.remaining(self.users.clock.now())
    }
}
