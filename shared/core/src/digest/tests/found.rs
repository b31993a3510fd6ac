//! Bodies that were found by chance, and what was wrong with them.

use super::super::*;
use super::world::{Log, context, text, times};

#[allow(dead_code)]
fn probe() {
    let prints = |ids: &[u32]| -> Vec<_> {
        ids.iter()
            .map(|id| text(*id, 0, "").fingerprint())
            .collect()
    };
    let context = context(Format::PlainText);
    let mut log = Log::of(
        &context,
        "Conversation(1 messages)\r\r\nBEGIN\r\r\n------------\r\r\nCharles Babbage 05:24 AM\r\nw2e\r\n\r\n",
    );
    log.stored = vec![text(1, 0, "w1e"), text(2, 0, "w2e"), text(3, 0, "w3e")];
    log.ledger = prints(&[1, 2]);
    log.removed = prints(&[1]);
    let merged = log.merge(&prints(&[3]));
    panic!("{merged:#?} {}", times("", ""));
}
