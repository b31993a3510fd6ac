//! Whether two bodies say the same to a reader.

use crate::digest::Format;
use crate::digest::elements::shown;
use crate::digest::lines::scan;

/// Whether two bodies say the same to a reader.
///
/// Their lines are compared without white space, tags, entities, invisible characters and emoji,
/// which not every CRM keeps; empty lines do not count. So are, in HTML, the pictures and frames,
/// and the addresses of links that do not stand there as text.
pub fn same_text(format: Format, a: &str, b: &str) -> bool {
    said(format, a) == said(format, b)
}

/// The lines of a body, and what it shows beside them.
fn said(format: Format, body: &str) -> (Vec<String>, Vec<String>) {
    let document = scan(format, body);
    let shown = shown(&document, body, 0..body.len());
    let keys = document.lines.into_iter().map(|line| line.key);
    (keys.filter(|key| !key.is_empty()).collect(), shown)
}
