//! The steps of a delivery, as the table sees them.

use serde_json::Value;

/// What a request to the table is for. docs/protocol.md has the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The heads of the days around the messages are read, or the links of a call.
    Read,
    /// A message is put, or a change of a call.
    Accept,
    /// The gates are read.
    ReadGates,
    /// A head is put with a lease, or a link.
    Lease,
    /// The messages of a conversation are read, or the changes of a call.
    Gather,
    /// The holder of a lease writes down what it is about to do.
    Trace,
    /// An activity is made a log's own, or a thread a user's.
    Adopt,
    /// The holder of a lease ends it with its ledger.
    Settle,
    /// The holder of a lease ends it without.
    Release,
    /// A head that nobody holds is given a date, or a link.
    Schedule,
    /// A message's guard is removed, or a change of a call with or without its guard.
    Clear,
    /// A single item is read, as by a request that waits.
    ReadItem,
    /// A gate is closed.
    CloseGate,
    /// A worker asks to be the one that tries.
    Probe,
    /// A gate is opened.
    OpenGate,
    /// The index `due` is read.
    FindDue,
    /// Anything else.
    Other,
}

impl Step {
    /// The step that a request of an operation with this body is.
    pub fn of(operation: &str, body: &Value) -> Self {
        let key = |name: &str| {
            let of = |item: &str| body[item][name]["S"].as_str();
            of("Item").or(of("Key")).unwrap_or_default()
        };
        let sk = key("sk");
        let is_change = sk.starts_with("U#") && key("pk").starts_with("C#");
        match operation {
            "Query" if body.get("IndexName").is_some() => Self::FindDue,
            "Query" if is_value(body, ":messages") || is_of_changes(body) => Self::Gather,
            "Query" => Self::Read,
            "BatchGetItem" => Self::ReadGates,
            "GetItem" => Self::ReadItem,
            "PutItem" if sk.starts_with("M#") || is_change => Self::Accept,
            "PutItem" if sk == "G" => Self::CloseGate,
            "PutItem" if sk == "X" || sk == "T" => Self::Adopt,
            "PutItem" if sk.starts_with("L#") => Self::of_head(body),
            "PutItem" if sk.starts_with("H#") && sk != "H#~" => Self::of_head(body),
            "UpdateItem" if sk.starts_with("M#") || is_change => Self::Clear,
            "DeleteItem" if is_change => Self::Clear,
            "UpdateItem" if sk == "G" => Self::Probe,
            "DeleteItem" if sk == "G" => Self::OpenGate,
            _ => Self::Other,
        }
    }

    /// A put of a head or a link: the holder of a lease puts it on the condition that it holds it.
    fn of_head(body: &Value) -> Self {
        let head = &body["Item"];
        let owner = &body["ExpressionAttributeValues"][":owner"];
        match (is_value(body, ":owner"), head.get("lease").is_some()) {
            (true, true) => Self::Trace,
            (true, false) if head["settledBy"] == *owner => Self::Settle,
            (true, false) => Self::Release,
            (false, true) => Self::Lease,
            (false, false) => Self::Schedule,
        }
    }
}

fn is_value(body: &Value, name: &str) -> bool {
    body["ExpressionAttributeValues"].get(name).is_some()
}

fn is_of_changes(body: &Value) -> bool {
    let begin = body["ExpressionAttributeValues"][":begin"]["S"].as_str();
    begin.is_some_and(|begin| begin.starts_with("U#"))
}
