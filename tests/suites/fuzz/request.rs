//! Parameter objects of the message interfaces, read by the parser that all doors use: valid ones
//! in which values are swapped, taken out and put in, and bytes that are not JSON.

mod draw;
mod judge;
mod values;

use daybook_core::error::RequestError;
use daybook_core::params::MessageLogParams;

use self::draw::{Body, body};
use crate::hunt::{Failure, caught};
use crate::tape::Tape;

/// The parser, or one with a defect in it.
pub(crate) type Parsing = fn(&[u8]) -> Result<MessageLogParams, RequestError>;

/// Draws a request and judges what becomes of it.
pub(crate) fn judge(parsing: Parsing, tape: &mut Tape) -> Result<(), Failure> {
    let body = body(tape);
    let judged = caught(|| read(parsing, &body)).and_then(|judged| judged);
    judged.map_err(|why| Failure {
        why,
        test: test(&body),
    })
}

fn read(parsing: Parsing, body: &Body) -> Result<(), String> {
    match parsing(&body.bytes) {
        Err(error) => judge::refused(body, &error),
        Ok(params) => {
            judge::accepted(body, &params)?;
            let told = judge::told(&params);
            let again = parsing(&body.bytes).map(|again| judge::told(&again));
            if again.as_ref() != Ok(&told) {
                return Err(format!("read again it is {again:#?}, and was {told}"));
            }
            let Some(rewritten) = judge::rewritten(&params) else {
                return Ok(());
            };
            let again = parsing(rewritten.to_string().as_bytes());
            match again.map(|again| judge::told(&again)) {
                Ok(again) if again == told => Ok(()),
                other => Err(format!("written anew it is {other:#?}, and was {told}")),
            }
        }
    }
}

/// What happened, as a test of the core.
fn test(body: &Body) -> String {
    let text = String::from_utf8_lossy(&body.bytes);
    format!(
        "#[test]\nfn found() {{\n    let body = {text:?};\n    \
         panic!(\"{{:?}}\", MessageLogParams::parse(body.as_bytes()));\n}}\n"
    )
}
