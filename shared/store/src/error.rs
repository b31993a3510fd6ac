//! What can go wrong with the table.

/// A call to the table that did not give what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The request's time was up before the table answered.
    #[error("the table did not answer in time")]
    OutOfTime,
    /// The table, or the service that has the master key, refused or was not reached.
    #[error("AWS failed at {operation}: {code}")]
    Failed {
        /// The operation of DynamoDB, or of KMS with `kms:` before it.
        operation: &'static str,
        /// DynamoDB's error code, or how the call failed.
        code: String,
    },
    /// Something could not be sealed or opened.
    #[error("a secret could not be {operation}: {cause}")]
    Sealing {
        /// `sealed` or `opened`.
        operation: &'static str,
        /// Why, in words that hold no secret.
        cause: String,
    },
    /// An item is not in a form that this version understands.
    #[error("an item of type {item} is not readable")]
    Unreadable {
        /// The kind of item.
        item: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_dynamo::Error,
    },
}

impl StoreError {
    /// A secret that could not be `sealed` or `opened`.
    pub(crate) fn sealing(operation: &'static str, cause: impl Into<String>) -> Self {
        Self::Sealing {
            operation,
            cause: cause.into(),
        }
    }
}
