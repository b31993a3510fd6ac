//! The reads and writes that a digest is made with beside those of [`Claims`], by which workers
//! take turns at it. Here are the heads; `messages`, `threads` and `windows` have the rest.

mod messages;
mod threads;
mod windows;

use chrono::NaiveDate;
use daybook_core::digest::Window;
use daybook_core::time::{Clock, Deadline};

use crate::claims::Claims;
use crate::items::{Claimed, Head};
use crate::keys::{self, DigestKey};
use crate::{Result, Table};

/// The digests of one conversation with one contact, within one request.
#[derive(Debug, Clone, Copy)]
pub struct DigestStore<'a> {
    /// The table.
    pub table: &'a Table,
    /// Which digests.
    pub key: &'a DigestKey,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// When the request must have been answered.
    pub deadline: Deadline,
}

impl<'a> DigestStore<'a> {
    /// What workers take turns at the heads with.
    pub fn claims(&self) -> Claims<'a> {
        Claims {
            table: self.table,
            pk: self.key.pk(),
            clock: self.clock,
            deadline: self.deadline,
        }
    }

    /// The heads of the days from `first` to `last`, oldest first.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn heads(&self, first: NaiveDate, last: NaiveDate) -> Result<Vec<Head>> {
        let (from, to) = keys::heads_between(first, last);
        let condition = "#pk = :pk AND #sk BETWEEN :from AND :to";
        let values = [(":from", from), (":to", to)];
        self.claims().query(Head::NAME, condition, &values).await
    }

    /// The heads of the window without an end, and those of the days from `first` on: a
    /// conversation may have become one of a shared inbox.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn heads_of_thread(&self, first: NaiveDate) -> Result<Vec<Head>> {
        let (from, to) = keys::heads_of_thread(first);
        let condition = "#pk = :pk AND #sk BETWEEN :from AND :to";
        let values = [(":from", from), (":to", to)];
        self.claims().query(Head::NAME, condition, &values).await
    }

    /// The head of a window, if there is one.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn head(&self, window: &Window) -> Result<Option<Head>> {
        self.claims().read(keys::head(window)).await
    }
}
