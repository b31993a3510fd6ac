//! Brings messages into a body that exists, whoever changed it meanwhile.
//!
//! The body is read as lines of plain text. Where all lines of the conversation are ours, it is
//! rendered anew; where a person changed it, be it by a picture, only what is new is put in; where
//! there is no conversation, one is appended. What people wrote stays.

mod changed;
mod media;

use std::collections::HashSet;

use super::block::{self, Block};
use super::elements::shows_more;
use super::entry::{Entry, Fingerprint};
use super::insert::{Edit, apply, between, block_before, count_edits, replace_between};
use super::lines::{Document, Line, scan};
use super::matching::{self, Found, Hit, Known};
use super::render::{Format, Frame, block as render_block, inner, render};

/// What is to be merged.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The body as the CRM holds it; empty for a log that is to be made.
    pub existing: &'a str,
    /// Every message of the window of which the text is known, but those that stand in another
    /// part, in the order in which they were accepted. What is missing here and in the ledger has
    /// expired.
    pub stored: &'a [&'a Entry],
    /// The messages that stand in this part, in the order of their delivery.
    pub ledger: &'a [Fingerprint],
    /// Those of the ledger that a person took out.
    pub removed: &'a [Fingerprint],
    /// The messages that are to be brought in.
    pub delivery: &'a [Fingerprint],
    /// Whether an update of this digest may still land: then the body lacks what that one did not
    /// carry, whichever messages these are.
    pub may_land: bool,
}

/// What a merge makes of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The body to write; the existing one, byte for byte, where nothing changed.
    pub body: String,
    /// Whether there is anything to write.
    pub changed: bool,
    /// The number of messages that stand in the body.
    pub count: usize,
    /// What joins the ledger once this is settled: messages that were found in the body although
    /// the ledger did not name them, and the delivery, each in the order of their acceptance. So
    /// what an earlier write carried is mostly a beginning of the ledger.
    pub delivered: Vec<Fingerprint>,
    /// What joins the removed ones: a person took them out.
    pub removed: Vec<Fingerprint>,
}

/// Merges by the rules of the module's description.
///
/// # Shape
/// A second merge of the result, with the ledger and the removed ones brought up to date and
/// whatever a CRM's reformatting does to it, is `changed: false`.
pub fn merge(frame: &Frame<'_>, request: &Request<'_>) -> Merged {
    let mut merged = merge_once(frame, request);
    // What a person changed may read otherwise once something was put in, such as where its lines
    // are all ours again. What the next merge would write is written with this one.
    let mut looks = if merged.changed { LOOKS } else { 0 };
    while looks > 0 {
        let ledger = [request.ledger, &merged.delivered].concat();
        let removed = [request.removed, &merged.removed].concat();
        let again = Request {
            existing: &merged.body,
            ledger: &ledger,
            removed: &removed,
            delivery: &[],
            ..*request
        };
        let again = merge_once(frame, &again);
        looks = if again.changed { looks - 1 } else { 0 };
        merged.body = again.body;
        merged.count = again.count;
        merged.delivered.extend(again.delivered);
        merged.removed.extend(again.removed);
    }
    merged
}

/// How often what was merged is looked at again at the most.
const LOOKS: usize = 3;

fn merge_once(frame: &Frame<'_>, request: &Request<'_>) -> Merged {
    let known = matching::known(frame, request.stored, request.ledger, request.removed);
    let document = scan(frame.format(), request.existing);
    let mut used = vec![false; known.len()];
    let says = |line: &Line| line.visible().next().is_some();
    if !document.lines.iter().any(says)
        && !shows_more(&document, request.existing, 0..request.existing.len())
    {
        let merge = Merge {
            frame,
            request,
            known: &known,
            used,
            document: &document,
        };
        return merge.anew();
    }
    let block = block::find(&document);
    let region = block
        .as_ref()
        .map(|block| block.region.as_slice())
        .unwrap_or_default();
    let mut inside = matching::find(frame, &document, region, &known, &mut used);
    let mut outside = Found::default();
    for region in around(&document, block.as_ref()) {
        let found = matching::find(frame, &document, &region, &known, &mut used);
        outside.hits.extend(found.hits);
        outside.strange.extend(found.strange);
    }
    media::find(&document, &known, &mut outside, &mut used, frame.format());
    matching::put_equals_in_order(&known, [&mut inside, &mut outside]);
    let merge = Merge {
        frame,
        request,
        known: &known,
        used,
        document: &document,
    };
    match block {
        Some(block) if merge.is_ours(&block, &inside, &outside) => {
            merge.ours(&block, &inside, &outside)
        }
        Some(block) => merge.changed(&block, &inside, &outside),
        None => merge.no_block(),
    }
}

/// The candidates that stand as lines in `existing`, in the order in which they stand.
///
/// For a log whose create was not answered and that was found by its mark: they join the ledger.
pub fn entries_found(frame: &Frame<'_>, existing: &str, candidates: &[&Entry]) -> Vec<Fingerprint> {
    let known = matching::known(frame, candidates, &[], &[]);
    let document = scan(frame.format(), existing);
    let block = block::find(&document);
    let mut used = vec![false; known.len()];
    let mut regions = vec![
        block
            .as_ref()
            .map(|block| block.region.clone())
            .unwrap_or_default(),
    ];
    regions.extend(around(&document, block.as_ref()));
    regions
        .iter()
        .flat_map(|region| matching::find(frame, &document, region, &known, &mut used).hits)
        .filter_map(|hit| known.get(hit.known))
        .map(|known| known.print)
        .collect()
}

/// Whether `existing` says nothing but what we write: the frame around the conversation as it
/// was rendered, and in it nothing but lines of the candidates.
///
/// For a second log of the same digest: one in which a person wrote is left alone.
pub fn holds_only_ours(frame: &Frame<'_>, existing: &str, candidates: &[&Entry]) -> bool {
    let known = matching::known(frame, candidates, &[], &[]);
    let document = scan(frame.format(), existing);
    let Some(block) = block::find(&document) else {
        return false;
    };
    let mut used = vec![false; known.len()];
    let found = matching::find(frame, &document, &block.region, &known, &mut used);
    let pristine = scan(frame.format(), &render(frame, &[]));
    let spelled = |document: &Document, block: Option<&Block>| {
        around(document, block).map(|lines| {
            let keys = lines.iter().filter_map(|at| document.lines.get(*at));
            keys.map(|line| line.key.as_str()).collect::<String>()
        })
    };
    let mut ours = untold(&pristine.lines);
    ours.extend(untold_of(&known, &found.hits));
    ours.sort_unstable();
    found.strange.is_empty()
        && found.hits.iter().all(|hit| hit.exact)
        && !shows_more(&document, existing, 0..existing.len())
        && is_part_of(&untold(&document.lines), &ours)
        && spelled(&document, Some(&block)) == spelled(&pristine, block::find(&pristine).as_ref())
}

/// What the keys of `lines` do not tell, in the order of its characters.
fn untold(lines: &[Line]) -> Vec<char> {
    let mut untold: Vec<_> = lines.iter().flat_map(Line::untold).collect();
    untold.sort_unstable();
    untold
}

fn untold_of(known: &[Known<'_>], hits: &[Hit]) -> Vec<char> {
    let found = hits.iter().filter_map(|hit| known.get(hit.known));
    let mut untold: Vec<_> = found
        .flat_map(|known| known.untold.iter().copied())
        .collect();
    untold.sort_unstable();
    untold
}

/// Whether all of `some` is in `all`, as often. A CRM may drop characters; a person adds them.
fn is_part_of(some: &[char], all: &[char]) -> bool {
    let mut all = all.iter();
    some.iter().all(|c| all.any(|other| other == c))
}

/// The lines above and below the conversation; all of them where there is none.
fn around(document: &Document, block: Option<&Block>) -> [Vec<usize>; 2] {
    let counter = block.and_then(|block| block.counter);
    let says = |at: &usize| {
        let line = document.lines.get(*at);
        Some(*at) != counter && line.is_some_and(|line| !line.key.is_empty())
    };
    let all = document.lines.len();
    let (above, below) = block.map_or((all, all), |block| (block.begin, block.below));
    [
        (0..above).filter(says).collect(),
        (below..all).filter(says).collect(),
    ]
}

struct Merge<'a> {
    frame: &'a Frame<'a>,
    request: &'a Request<'a>,
    known: &'a [Known<'a>],
    /// Which of the known ones stand in the body.
    used: Vec<bool>,
    document: &'a Document,
}

impl<'a> Merge<'a> {
    /// The known messages of the ledger and the delivery that no person took out.
    fn due(&self) -> impl Iterator<Item = (usize, &'a Known<'a>)> {
        let delivery: HashSet<_> = self.request.delivery.iter().collect();
        self.known.iter().enumerate().filter(move |(_, known)| {
            !known.removed && (known.rank.is_some() || delivery.contains(&known.print))
        })
    }

    fn stands(&self, index: usize) -> bool {
        self.used.get(index).copied().unwrap_or_default()
    }

    fn has_expired(&self) -> bool {
        let texts: HashSet<_> = self.known.iter().map(|known| known.print).collect();
        self.request
            .ledger
            .iter()
            .any(|print| !texts.contains(print))
    }

    fn counted(&self, hits: &[Hit]) -> usize {
        hits.iter()
            .filter(|hit| {
                self.known
                    .get(hit.known)
                    .is_some_and(|known| known.entry.counts())
            })
            .count()
    }

    fn finish(&self, body: Option<String>, count: usize, removed: Vec<Fingerprint>) -> Merged {
        let ledger: HashSet<_> = self.request.ledger.iter().collect();
        let delivery: HashSet<_> = self.request.delivery.iter().collect();
        let mut delivered: Vec<_> = (self.known.iter().enumerate())
            .map(|(index, known)| (!self.stands(index), known.place, known.print))
            .filter(|(missing, _, print)| {
                !ledger.contains(print) && (delivery.contains(print) || !missing)
            })
            .collect();
        delivered.sort_unstable();
        let delivered = delivered.into_iter().map(|(_, _, print)| print).collect();
        Merged {
            changed: body.is_some(),
            body: body.unwrap_or_else(|| self.request.existing.to_owned()),
            count,
            delivered,
            removed,
        }
    }

    /// The body is empty: all of it.
    fn anew(&self) -> Merged {
        let entries: Vec<_> = self.due().map(|(_, known)| known.entry).collect();
        let count = entries.iter().filter(|entry| entry.counts()).count();
        // A person who empties a note in which nothing is left to stand is left alone.
        let body = (!entries.is_empty()).then(|| render(self.frame, &entries));
        self.finish(body, count, Vec::new())
    }

    fn is_ours(&self, block: &Block, inside: &Found, outside: &Found) -> bool {
        let lines = self.document.lines.get(block.begin + 1..block.end);
        inside.strange.is_empty()
            && !self.has_expired()
            && inside.hits.iter().all(|hit| hit.exact)
            && block.number == Some(self.counted(&inside.hits) + self.counted(&outside.hits))
            && is_part_of(
                &untold(lines.unwrap_or_default()),
                &untold_of(self.known, &inside.hits),
            )
            && between(self.document, (block.begin, block.end))
                .is_some_and(|range| !shows_more(self.document, self.request.existing, range))
    }

    /// Every line is ours: the block becomes a rendering of all that is to stand. The number is
    /// right, so that only the lines tell what a person took out.
    fn ours(&self, block: &Block, inside: &Found, outside: &Found) -> Merged {
        let removed = self.taken_out(0);
        let elsewhere: HashSet<_> = outside.hits.iter().map(|hit| hit.known).collect();
        let mut wanted: HashSet<_> = self
            .due()
            .filter(|(_, known)| !removed.contains(&known.print))
            .map(|(index, _)| index)
            .collect();
        wanted.extend(
            (inside.hits.iter())
                .map(|hit| hit.known)
                .filter(|index| self.known.get(*index).is_some_and(|known| !known.removed)),
        );
        let wanted: Vec<_> = (self.known.iter().enumerate())
            .filter(|(index, _)| wanted.contains(index) && !elsewhere.contains(index))
            .map(|(_, known)| known)
            .collect();
        let entries: Vec<_> = wanted.iter().map(|known| known.entry).collect();
        let count =
            entries.iter().filter(|entry| entry.counts()).count() + self.counted(&outside.hits);
        let stands = inside
            .hits
            .iter()
            .filter_map(|hit| self.known.get(hit.known));
        if stands
            .map(|known| &known.key)
            .eq(wanted.iter().map(|known| &known.key))
        {
            return self.finish(None, count, removed);
        }
        let mut edits = Vec::new();
        edits.extend(replace_between(
            self.document,
            (block.begin, block.end),
            &inner(self.frame, &entries),
        ));
        self.count_into(&mut edits, block, count);
        self.finish(Some(apply(self.request.existing, edits)), count, removed)
    }

    fn count_into(&self, edits: &mut Vec<Edit>, block: &Block, count: usize) {
        if let Some(line) = block.counter.filter(|_| block.number != Some(count)) {
            edits.extend(count_edits(self.document, line, count));
        }
    }

    /// There is no conversation: what is not there as a line makes a new one.
    fn no_block(&self) -> Merged {
        let found = (self.known.iter().enumerate())
            .filter(|(index, known)| self.stands(*index) && known.entry.counts())
            .count();
        let rest: Vec<_> = self
            .due()
            .filter(|(index, _)| !self.stands(*index))
            .map(|(_, known)| known.entry)
            .collect();
        let count = found + rest.iter().filter(|entry| entry.counts()).count();
        if rest.is_empty() {
            return self.finish(None, count, Vec::new());
        }
        let block = render_block(self.frame, &rest, count);
        let existing = self.request.existing;
        let body = match block::footer(self.document) {
            Some(footer) => block_before(self.frame, self.document, footer, &block)
                .map(|edit| apply(existing, vec![edit])),
            None => None,
        };
        let line_break = match self.frame.format() {
            Format::Html => "<br>",
            Format::PlainText | Format::Markdown => "\n",
        };
        let body = body.unwrap_or_else(|| {
            let gap = line_break.repeat(2);
            format!("{existing}{gap}{block}{gap}{}", self.frame.footer())
        });
        self.finish(Some(body), count, Vec::new())
    }
}
