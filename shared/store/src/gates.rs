//! Gates: holding back calls of a CRM that refuses or is silent.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use daybook_core::ids::{CrmUserId, TenantId};
use daybook_core::time::{Clock, Deadline};

use crate::dynamo::{Item, expired, failed, from_item, get_all, number, text, to_item};
use crate::items::{Gate, Reason};
use crate::{Result, Table, keys};

const GATE: &str = "Gate";

/// The gates of one user and of the user's tenant, within one request.
#[derive(Debug, Clone)]
pub struct Gates<'a> {
    table: &'a Table,
    clock: &'a dyn Clock,
    deadline: Deadline,
    user: String,
    tenant: String,
}

/// Whom a gate holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One user.
    User,
    /// Everybody of the user's company.
    Tenant,
}

impl<'a> Gates<'a> {
    /// The gates of `user` and `tenant`.
    pub fn new(
        table: &'a Table,
        clock: &'a dyn Clock,
        deadline: Deadline,
        platform: &str,
        tenant: &TenantId,
        user: &CrmUserId,
    ) -> Self {
        Self {
            table,
            clock,
            deadline,
            user: keys::gate(platform, tenant, Some(user)),
            tenant: keys::gate(platform, tenant, None),
        }
    }

    /// The gates that were closed and not opened since, in one trip. Those that DynamoDB gives back
    /// unread, without an error, are read again.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError), also where some stay unread: a gate that was not read
    /// may be closed.
    pub async fn read(&self) -> Result<Vec<(Scope, Gate)>> {
        let wanted = vec![key(&self.user), key(&self.tenant)];
        self.of_rows(get_all(self.table, &|| self.left(), wanted).await?)
    }

    fn of_rows(&self, rows: Vec<Item>) -> Result<Vec<(Scope, Gate)>> {
        let now = self.clock.now().timestamp();
        rows.into_iter()
            .filter(|row| !expired(row, now))
            .map(|row| {
                let is_tenants = row.get(keys::PK) == Some(&text(&self.tenant));
                let scope = if is_tenants {
                    Scope::Tenant
                } else {
                    Scope::User
                };
                Ok((scope, from_item(GATE, row)?))
            })
            .collect()
    }

    /// Closes a gate until `not_before` because of a `digest`, and gives it as it is then.
    ///
    /// Condition: it is not closed for longer. Where it is, that stays.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn close(
        &self,
        scope: Scope,
        not_before: i64,
        reason: Reason,
        digest: &str,
    ) -> Result<Gate> {
        // What everybody of a company shares names nobody's digest.
        let last = match scope {
            Scope::User => Some(digest),
            Scope::Tenant => None,
        };
        let gate = Gate::new(not_before, reason, last);
        let put = self
            .put_of(scope, &gate)?
            .condition_expression("attribute_not_exists(#until) OR #until < :new")
            .expression_attribute_names("#until", "notBefore")
            .expression_attribute_values(":new", number(not_before))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send();
        match self.table.within(self.left(), put).await? {
            Ok(_) => Ok(gate),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(old)) => old
                    .item()
                    .map_or(Ok(gate), |old| from_item(GATE, old.clone())),
                _ => Err(failed("PutItem", &error)),
            },
        }
    }

    /// Leaves the user's gate ajar because a `digest` failed at `now`, and gives it: from now on
    /// one worker tries before the others go.
    ///
    /// Condition: the gate is not closed, and no other digest has failed since a call was answered.
    /// `None` where that is not so.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn leave_ajar(&self, now: i64, reason: Reason, digest: &str) -> Result<Option<Gate>> {
        let gate = Gate::new(now, reason, Some(digest));
        let put = self
            .put_of(Scope::User, &gate)?
            .condition_expression(
                "attribute_not_exists(#pk) OR #expires < :seconds \
                 OR (#failed = :digest AND #until <= :now)",
            )
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#expires", keys::EXPIRES_AT)
            .expression_attribute_names("#failed", "failed")
            .expression_attribute_names("#until", "notBefore")
            .expression_attribute_values(":seconds", number(now / 1_000))
            .expression_attribute_values(":digest", text(digest))
            .expression_attribute_values(":now", number(now))
            .send();
        match self.table.within(self.left(), put).await? {
            Ok(_) => Ok(Some(gate)),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(None),
                _ => Err(failed("PutItem", &error)),
            },
        }
    }

    fn put_of(&self, scope: Scope, gate: &Gate) -> Result<PutItemFluentBuilder> {
        let item = to_item(GATE, self.pk(scope), keys::GATE.to_owned(), gate)?;
        let put = self.table.client.put_item();
        Ok(put.table_name(&self.table.name).set_item(Some(item)))
    }

    /// Becomes the one worker that tries, until `until`, whether the CRM is back.
    ///
    /// Condition: nobody else is trying at `now`. `false` where somebody is; a gate that is gone
    /// holds nobody back.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn probe(&self, scope: Scope, now: i64, until: i64) -> Result<bool> {
        let update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(self.pk(scope))))
            .update_expression("SET #probe = :until")
            .condition_expression(
                "attribute_exists(#pk) AND (attribute_not_exists(#probe) OR #probe < :now)",
            )
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_names("#probe", "probeUntil")
            .expression_attribute_values(":until", number(until))
            .expression_attribute_values(":now", number(now))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send();
        match self.table.within(self.left(), update).await? {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(old)) => {
                    Ok(old.item().is_none_or(Item::is_empty))
                }
                _ => Err(failed("UpdateItem", &error)),
            },
        }
    }

    /// Opens a gate after a call that went well.
    ///
    /// Condition: it is the one that was seen, closed until `not_before`. One that was closed
    /// anew meanwhile stays.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn open(&self, scope: Scope, not_before: i64) -> Result<()> {
        let delete = self
            .table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .set_key(Some(key(self.pk(scope))))
            .condition_expression("#until = :seen")
            .expression_attribute_names("#until", "notBefore")
            .expression_attribute_values(":seen", number(not_before))
            .send();
        match self.table.within(self.left(), delete).await? {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(failed("DeleteItem", &error)),
            },
        }
    }

    fn pk(&self, scope: Scope) -> &str {
        match scope {
            Scope::User => &self.user,
            Scope::Tenant => &self.tenant,
        }
    }

    fn left(&self) -> std::time::Duration {
        self.deadline.remaining(self.clock.now())
    }
}

fn key(pk: &str) -> Item {
    Item::from([
        (keys::PK.to_owned(), text(pk)),
        (keys::SK.to_owned(), text(keys::GATE)),
    ])
}
