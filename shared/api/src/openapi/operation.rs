//! What is said of one route.

use std::collections::BTreeMap;

use daybook_core::describe::Shape;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::Types;
use crate::doors::MAX_BODY_BYTES;
use crate::reply::Envelope;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// Everybody.
    Anybody,
    /// A user with a session.
    User,
    /// A program that signs with IAM credentials.
    Program,
    /// The CRM, with our own credentials.
    Crm,
}

/// One route: what it takes, and what it answers.
#[derive(Debug)]
pub(super) struct Operation {
    summary: &'static str,
    caller: Caller,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: BTreeMap<String, Value>,
    renews: bool,
}

impl Operation {
    /// A route that everybody may call.
    pub(super) fn new(summary: &'static str) -> Self {
        let operation = Self {
            summary,
            caller: Caller::Anybody,
            parameters: Vec::new(),
            body: None,
            answers: BTreeMap::new(),
            renews: false,
        };
        operation
            .common(413, "TooLargeInWords")
            .common(414, "LongQueryInWords")
            .common(500, "FaultInWords")
    }

    /// An interface that programs call with an object.
    pub(super) fn of_interface<T: JsonSchema>(summary: &'static str, types: &mut Types) -> Self {
        let mut operation = Self::new(summary)
            .body::<T>(types)
            .refusing()
            .common(413, "TooLarge")
            .common(500, "Fault");
        operation.caller = Caller::Program;
        operation.answers.remove("414");
        operation.parameters.push(json!({
            "name": "platform",
            "in": "path",
            "required": true,
            "description": "The CRM, such as `exampleCRM`.",
            "schema": {"type": "string"},
        }));
        operation.common(403, "NotSigned")
    }

    /// For users with a session alone.
    pub(super) fn with_session(mut self) -> Self {
        self.caller = Caller::User;
        self.common(400, "BadRequestOrNoSession")
    }

    /// For users with a session alone, whose sign-in at the CRM still holds.
    pub(super) fn for_users(self) -> Self {
        let operation = self.with_session().common(401, "SessionRevoked");
        operation.renewing()
    }

    /// May answer with a newer token of the session.
    pub(super) fn renewing(mut self) -> Self {
        self.renews = true;
        self
    }

    /// For the CRM alone, which knows our own credentials.
    pub(super) fn for_the_crm(mut self) -> Self {
        self.caller = Caller::Crm;
        self
    }

    /// Refuses what it cannot read.
    pub(super) fn refusing(self) -> Self {
        self.common(400, "BadRequest")
    }

    /// Refuses what it cannot read, and who is not who they say.
    pub(super) fn refusing_strangers(self) -> Self {
        self.common(400, "BadRequestOrNotSignedIn")
    }

    /// Takes a parameter of the query.
    pub(super) fn query(self, name: &'static str, words: &'static str) -> Self {
        self.parameter(name, "query", false, words)
    }

    /// Needs a parameter of the query.
    pub(super) fn needed_query(self, name: &'static str, words: &'static str) -> Self {
        self.parameter(name, "query", true, words)
    }

    fn parameter(mut self, name: &str, place: &str, required: bool, words: &str) -> Self {
        self.parameters.push(json!({
            "name": name,
            "in": place,
            "required": required,
            "description": words,
            "schema": {"type": "string"},
        }));
        self
    }

    /// Takes a body that is read as a `T`.
    pub(super) fn body<T: JsonSchema>(mut self, types: &mut Types) -> Self {
        self.body = Some(types.read.subschema_for::<T>().into());
        self
    }

    /// Takes a body that is an object.
    pub(super) fn object(mut self) -> Self {
        self.body = Some(json!({"type": "object"}));
        self
    }

    /// Answers with the envelope and those of its fields that are named.
    pub(super) fn envelope(self, fields: &[&str], types: &mut Types) -> Self {
        let schema = envelope(fields, types);
        self.json(
            200,
            "Whether it was done, and words for the user",
            schema.into(),
        )
    }

    /// Answers with JSON that is written from a `T`.
    pub(super) fn reply<T: JsonSchema>(self, words: &str, types: &mut Types) -> Self {
        let schema = types.written.subschema_for::<T>();
        self.json(200, words, schema.into())
    }

    /// Answers with JSON of this form.
    pub(super) fn json(self, status: u16, words: &str, schema: Value) -> Self {
        self.answer(status, words, "application/json", schema)
    }

    /// Answers with the envelope of what was refused.
    pub(super) fn failing(self, status: u16, words: &str) -> Self {
        self.json(status, words, failure_schema())
    }

    /// Answers with bare text.
    pub(super) fn text(self, words: &str) -> Self {
        self.answer(200, words, "text/plain", json!({"type": "string"}))
    }

    /// Answers with a page.
    pub(super) fn html(self, words: &str) -> Self {
        self.answer(200, words, "text/html", json!({"type": "string"}))
    }

    fn answer(mut self, status: u16, words: &str, kind: &str, schema: Value) -> Self {
        let answer = json!({"description": words, "content": {kind: {"schema": schema}}});
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// Sends the visitor on.
    pub(super) fn moved(mut self, words: &str) -> Self {
        let text = json!({"schema": {"type": "string"}});
        let answer = json!({
            "description": words,
            "headers": {"location": text},
            "content": {"text/plain": text},
        });
        self.answers.insert("302".to_owned(), answer);
        self
    }

    /// Answers as others do: with a response among the components.
    pub(super) fn common(mut self, status: u16, response: &str) -> Self {
        let answer = json!({"$ref": format!("#/components/responses/{response}")});
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// The route as OpenAPI describes it.
    pub(super) fn describe(mut self) -> Value {
        if let Some(done) = self.answers.get_mut("200").filter(|_| self.renews) {
            done["headers"] = json!({
                "x-refreshed-jwt-token": {"$ref": "#/components/headers/RefreshedToken"},
            });
        }
        let (tag, security) = match self.caller {
            Caller::Anybody => ("extension", json!([])),
            Caller::User => (
                "extension",
                json!([{"session": []}, {"sessionInQuery": []}]),
            ),
            Caller::Program => ("interfaces", json!([{"iam": []}])),
            Caller::Crm => ("extension", json!([{"app": []}])),
        };
        let mut said = json!({
            "tags": [tag],
            "summary": self.summary,
            "security": security,
            "responses": self.answers,
        });
        if !self.parameters.is_empty() {
            said["parameters"] = json!(self.parameters);
        }
        if let Some(schema) = self.body {
            said["requestBody"] = json!({
                "required": true,
                "content": {"application/json": {"schema": schema}},
            });
        }
        said
    }
}

/// The fields that every envelope has or may have.
const ALWAYS: [&str; 4] = ["successful", "returnMessage", "field", "errorCode"];

/// The envelope with the fields that are named, and no other.
fn envelope(fields: &[&str], types: &mut Types) -> Schema {
    let mut shape = Shape::default();
    shape.add::<Envelope>(&mut types.written);
    let all: Vec<_> = ALWAYS.iter().chain(fields).copied().collect();
    let mut schema = shape.only(&all).needing(&ALWAYS[..2]);
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema
}

fn failure_schema() -> Value {
    json!({"$ref": "#/components/schemas/Failure"})
}

/// The envelope of what was refused.
pub(super) fn failure(types: &mut Types) -> Schema {
    envelope(&[], types)
}

/// The answers that many routes have.
pub(super) fn responses() -> Value {
    let failure = json!({"schema": failure_schema()});
    let json =
        |words: &str| json!({"description": words, "content": {"application/json": failure}});
    let text = json!({"schema": {"type": "string"}});
    let no_session = "The request cannot be read, and `field` says what is wrong; \
                      or, as bare text, there is no valid session";
    let not_signed_in = "The request cannot be read, and `field` says what is wrong; \
                         or, as bare text, why nobody is signed in";
    let words = |words: &str| json!({"description": words, "content": {"text/plain": text}});
    let too_large = format!("The body is larger than {} MiB", MAX_BODY_BYTES >> 20);
    let fault = "A fault of this server, with an id that finds it in the logs";
    json!({
        "BadRequest": json("The request cannot be read; `field` says what is wrong"),
        "BadRequestOrNoSession": {
            "description": no_session,
            "content": {"application/json": failure, "text/plain": text},
        },
        "BadRequestOrNotSignedIn": {
            "description": not_signed_in,
            "content": {"application/json": failure, "text/plain": text},
        },
        "SessionRevoked": json("The CRM has ended the user's sign-in for good"),
        "NotSigned": {
            "description": "API Gateway: the request is not signed with IAM credentials",
            "content": {"application/json": {"schema": {
                "type": "object",
                "properties": {"message": {"type": "string"}},
            }}},
        },
        "NotHere": json("No CRM on offer has such a page"),
        "TooLarge": json(&too_large),
        "TooLargeInWords": words(&too_large),
        "LongQueryInWords": words("The address is too long"),
        "Fault": json(fault),
        "FaultInWords": words(fault),
    })
}

/// The headers that many answers may have.
pub(super) fn headers() -> Value {
    json!({
        "RefreshedToken": {
            "description": "A newer token of the session, where its own is about to run out",
            "schema": {"type": "string"},
        },
    })
}

/// The ways to say who calls.
pub(super) fn security_schemes() -> Value {
    json!({
        "session": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The `jwtToken` of a sign-in. A newer one comes in the header \
                            `x-refreshed-jwt-token` of a reply.",
        },
        "sessionInQuery": {"type": "apiKey", "in": "query", "name": "jwtToken"},
        "iam": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "AWS Signature Version 4; nothing on a machine of one's own.",
            "x-amazon-apigateway-authtype": "awsSigv4",
        },
        "app": {
            "type": "http",
            "scheme": "basic",
            "description": "The id and the secret of this server's registration at the CRM.",
        },
    })
}
