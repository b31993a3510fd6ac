//! Why a request could not be read.

/// A request that cannot be read, told so that its sender can mend it.
///
/// Neither form carries a value of the request, so both may be shown and logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The body is not JSON text of the form that is asked for.
    #[error("the body is not readable JSON: {reason}")]
    NotJson {
        /// What the parser found, with line and column.
        reason: String,
    },
    /// One field is missing, empty, or holds what it cannot hold.
    #[error("`{field}` {problem}")]
    Field {
        /// Dotted path from the root of the parameter object, such as `message.creationTime`.
        field: String,
        /// What is wrong and what would be right, to be read after the field's name.
        problem: String,
    },
}

impl RequestError {
    /// An error about one field.
    pub fn field(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Field {
            field: field.into(),
            problem: problem.into(),
        }
    }

    /// A required field that is absent, null or empty.
    pub fn missing(field: impl Into<String>) -> Self {
        Self::field(field, "is required and was missing or empty")
    }

    /// The same error, with its field below `parent`.
    pub fn below(self, parent: &str) -> Self {
        match self {
            Self::Field { field, problem } => Self::Field {
                field: format!("{parent}.{field}"),
                problem,
            },
            Self::NotJson { reason } => Self::NotJson { reason },
        }
    }
}
