//! Voicemails and faxes of which another server wrote no more than the link.

use std::collections::HashMap;

use super::super::lines::{Document, key_of};
use super::super::matching::{Found, Hit, Known};
use super::super::render::Format;
use crate::media::Media;

/// App Connect's server writes a voicemail or a fax as one line without a block.
pub(super) fn find(
    document: &Document,
    known: &[Known<'_>],
    outside: &mut Found,
    used: &mut [bool],
    format: Format,
) {
    const WORDS: [&str; 2] = ["Voicemailrecordinglink:", "Faxdocumentlink:"];
    let links: HashMap<_, _> = (outside.strange.iter())
        .filter_map(|at| Some((*at, document.lines.get(*at)?)))
        .filter_map(|(at, line)| {
            let link = WORDS
                .iter()
                .find_map(|words| line.key.strip_prefix(words))?;
            Some((link, at))
        })
        .collect();
    let shown = |media: &Media| {
        let link = media.link.as_ref()?;
        links.get(key_of(format, link.as_str().chars()).as_str())
    };
    for (index, (used, known)) in used.iter_mut().zip(known).enumerate() {
        if let Some(line) = known.entry.media.iter().find_map(shown).filter(|_| !*used) {
            *used = true;
            outside.hits.push(Hit {
                known: index,
                line: *line,
                exact: false,
            });
        }
    }
}
