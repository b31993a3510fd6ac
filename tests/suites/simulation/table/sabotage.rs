//! Protections switched off, by tampering with what the engine sends to the table.

use serde_json::Value;

/// A protection that is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// Heads are written whatever stands there.
    Lease,
    /// A lease says nothing of what its holder is about to do.
    Trace,
    /// A create in doubt does not keep anybody from another.
    Quarantine,
    /// A digest is not read again after an update in doubt.
    Recheck,
    /// Second activities are not looked for.
    Fold,
}

impl Sabotage {
    /// The request that arrives in place of `body`.
    pub(super) fn tamper(self, operation: &str, body: &str) -> String {
        let mut request: Value = serde_json::from_str(body).unwrap_or_default();
        let is_head = [&request["Item"], &request["Key"]].into_iter().any(|item| {
            item["sk"]["S"]
                .as_str()
                .is_some_and(|sk| sk.starts_with("H#"))
        });
        if !is_head || !matches!(operation, "PutItem") {
            return body.to_owned();
        }
        let item = &mut request["Item"];
        match self {
            Self::Lease => {
                if let Some(request) = request.as_object_mut() {
                    for name in [
                        "ConditionExpression",
                        "ExpressionAttributeNames",
                        "ExpressionAttributeValues",
                        "ReturnValuesOnConditionCheckFailure",
                    ] {
                        request.remove(name);
                    }
                }
            }
            Self::Trace => {
                if let Some(Value::Object(lease)) = item.pointer_mut("/lease/M") {
                    lease.remove("trace");
                }
            }
            Self::Quarantine => remove(item, "doubtUntil"),
            Self::Recheck => remove(item, "recheckAt"),
            Self::Fold => remove(item, "foldAt"),
        }
        request.to_string()
    }
}

fn remove(item: &mut Value, name: &str) {
    if let Some(item) = item.as_object_mut() {
        item.remove(name);
    }
}
