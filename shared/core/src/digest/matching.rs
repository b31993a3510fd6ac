//! Which messages stand as lines in a body.
//!
//! A message stands where its whole rendering stands: its lines, one after the other, from the
//! start of a line to the end of one. Each stretch of a body is used for one message and each
//! message for one stretch, the ledger's messages first.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::entry::{Entry, Fingerprint};
use super::lines::{Document, Line, is_header_key, key_of, scan};
use super::render::{Format, Frame, header, item, label, stamp};
use crate::message::Direction;

/// A message that may stand in a body, and how it would look.
pub(super) struct Known<'a> {
    pub(super) entry: &'a Entry,
    pub(super) print: Fingerprint,
    /// Its place in the ledger.
    pub(super) rank: Option<usize>,
    /// Its place among the messages of which the text is known.
    pub(super) place: usize,
    pub(super) removed: bool,
    header: String,
    /// The keys of all its lines, joined.
    pub(super) key: String,
    /// What its key does not tell.
    pub(super) untold: Vec<char>,
    /// The keys of what it says, as we write it and as App Connect's server does.
    said: Vec<String>,
    stamp: String,
    inbound: bool,
}

impl Known<'_> {
    /// The key of its first line.
    pub(super) fn header(&self) -> &str {
        &self.header
    }
}

/// A message found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// Index into the known messages.
    pub(super) known: usize,
    /// Its first line, as an index into the document.
    pub(super) line: usize,
    /// Whether sender, time and text are exactly as we write them.
    pub(super) exact: bool,
}

/// What a stretch of a body holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order in which they stand.
    pub(super) hits: Vec<Hit>,
    /// The lines that belong to no known message.
    pub(super) strange: Vec<usize>,
}

pub(super) fn joined_key(format: Format, raw: &str) -> String {
    scan(format, raw)
        .lines
        .into_iter()
        .map(|line| line.key)
        .collect()
}

/// The messages that may stand in the body, in the order of the digest.
pub(super) fn known<'a>(
    frame: &Frame<'_>,
    stored: &[&'a Entry],
    ledger: &[Fingerprint],
    removed: &[Fingerprint],
) -> Vec<Known<'a>> {
    let ranks: HashMap<_, _> = ledger
        .iter()
        .enumerate()
        .map(|(rank, print)| (print, rank))
        .collect();
    let removed: HashSet<_> = removed.iter().collect();
    let mut seen = HashSet::new();
    let mut known: Vec<_> = (stored.iter().enumerate())
        .map(|(place, entry)| (place, *entry, entry.fingerprint()))
        .filter(|(_, _, print)| seen.insert(*print))
        .map(|(place, entry, print)| Known {
            rank: ranks.get(&print).copied(),
            place,
            removed: removed.contains(&print),
            ..looks(frame, entry, print)
        })
        .collect();
    known.sort_by(|a, b| a.entry.order(b.entry));
    known
}

fn looks<'a>(frame: &Frame<'_>, entry: &'a Entry, print: Fingerprint) -> Known<'a> {
    let format = frame.format();
    let header = joined_key(format, &header(frame, entry));
    let whole = scan(format, &item(frame, entry)).lines;
    let key: String = whole.iter().map(|line| line.key.as_str()).collect();
    let ours = key.strip_prefix(&header).unwrap_or_default().to_owned();
    let mut said = vec![ours];
    if entry.media.is_empty() && entry.piece.is_none() {
        // App Connect's server writes texts as they are; HTML reads markup in them.
        let theirs = joined_key(format, &entry.text);
        if !said.contains(&theirs) {
            said.push(theirs);
        }
    }
    Known {
        entry,
        print,
        rank: None,
        place: 0,
        removed: false,
        header,
        key,
        untold: whole.iter().flat_map(Line::untold).collect(),
        said,
        stamp: key_of(format, stamp(frame, entry).chars()),
        inbound: entry.direction == Direction::Inbound,
    }
}

/// Finds the messages that stand in `region` and are not used yet.
pub(super) fn find(
    frame: &Frame<'_>,
    document: &Document,
    region: &[usize],
    known: &[Known<'_>],
    used: &mut [bool],
) -> Found {
    let search = Search::new(frame, document, region, known);
    let mut taken = vec![false; region.len()];
    let mut hits = Vec::new();
    let mut at = 0;
    while at < region.len() {
        match search.exact_at(at, used) {
            Some((index, end)) => {
                search.take(&mut hits, used, &mut taken, (index, at, end, true));
                at = end;
            }
            None => at += 1,
        }
    }
    for at in 0..region.len() {
        if let Some((index, end)) = search.alike_at(at, used, &taken) {
            search.take(&mut hits, used, &mut taken, (index, at, end, false));
        }
    }
    hits.sort_by_key(|hit| hit.line);
    let strange = region
        .iter()
        .zip(&taken)
        .filter(|(_, taken)| !**taken)
        .map(|(line, _)| *line)
        .collect();
    Found { hits, strange }
}

/// Has equal messages, which cannot be told apart, stand in their order: else those of one part
/// of the body would be taken for those of another.
pub(super) fn put_equals_in_order(known: &[Known<'_>], found: [&mut Found; 2]) {
    let mut places: HashMap<&str, Vec<&mut Hit>> = HashMap::new();
    let hits = found.into_iter().flat_map(|found| &mut found.hits);
    for hit in hits.filter(|hit| hit.exact) {
        if let Some(known) = known.get(hit.known) {
            places.entry(&known.key).or_default().push(hit);
        }
    }
    for mut hits in places.into_values() {
        let mut order: Vec<_> = hits.iter().map(|hit| hit.known).collect();
        order.sort_unstable();
        hits.sort_by_key(|hit| hit.line);
        for (hit, known) in hits.into_iter().zip(order) {
            hit.known = known;
        }
    }
}

struct Search<'a> {
    frame: &'a Frame<'a>,
    document: &'a Document,
    region: &'a [usize],
    known: &'a [Known<'a>],
    by_header: HashMap<&'a str, Vec<usize>>,
    /// The lengths of the first lines, which are few.
    lengths: BTreeSet<usize>,
    by_stamp: HashMap<&'a str, Vec<usize>>,
    contact: (String, String),
    outbound: HashSet<String>,
    /// Whether the CRM keeps our sign before typed lines, as far as is to be seen.
    keeps_guards: bool,
}

impl<'a> Search<'a> {
    fn new(
        frame: &'a Frame<'a>,
        document: &'a Document,
        region: &'a [usize],
        known: &'a [Known<'a>],
    ) -> Self {
        let mut by_header: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut by_stamp: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, known) in known.iter().enumerate() {
            by_header.entry(&known.header).or_default().push(index);
            by_stamp.entry(&known.stamp).or_default().push(index);
        }
        let key = |text: &str| key_of(frame.format(), text.chars());
        let contact = &frame.context.contact;
        Self {
            frame,
            document,
            region,
            known,
            lengths: by_header.keys().map(|header| header.len()).collect(),
            by_header,
            by_stamp,
            contact: (
                contact.name.as_deref().map(key).unwrap_or_default(),
                contact
                    .phone
                    .as_ref()
                    .map(|phone| key(phone.as_str()))
                    .unwrap_or_default(),
            ),
            outbound: known
                .iter()
                .filter(|known| !known.inbound)
                .map(|known| key(&label(frame.context, known.entry)))
                .collect(),
            keeps_guards: document.lines.iter().any(Line::holds_guard),
        }
    }

    fn line(&self, at: usize) -> Option<&'a Line> {
        self.document.lines.get(*self.region.get(at)?)
    }

    fn take(
        &self,
        hits: &mut Vec<Hit>,
        used: &mut [bool],
        taken: &mut [bool],
        (known, at, end, exact): (usize, usize, usize, bool),
    ) {
        if let Some(used) = used.get_mut(known) {
            *used = true;
        }
        taken
            .get_mut(at..end)
            .into_iter()
            .flatten()
            .for_each(|taken| *taken = true);
        hits.extend(self.region.get(at).map(|line| Hit {
            known,
            line: *line,
            exact,
        }));
    }

    /// Where the lines from `at` on end, if joined they are `key`. A typed line that looks like the
    /// first line of a message has our sign before it, so that one without is another message's,
    /// unless the CRM drops the signs.
    fn spells(&self, mut at: usize, key: &str) -> Option<usize> {
        let start = at;
        let mut rest = key;
        while !rest.is_empty() {
            let line = self.line(at)?;
            let begins = || is_header_key(&line.key) && !line.holds_guard();
            if at > start && self.keeps_guards && begins() {
                return None;
            }
            rest = rest.strip_prefix(line.key.as_str())?;
            at += 1;
        }
        Some(at)
    }

    /// The messages with whose first line `key` begins, those of one line at a time.
    fn begun_by(&self, key: &str) -> impl Iterator<Item = &Vec<usize>> {
        self.lengths
            .iter()
            .filter_map(|end| self.by_header.get(key.get(..*end)?))
    }

    /// Whether an entry may end before `at`.
    fn is_boundary(&self, at: usize) -> bool {
        match self.line(at) {
            None => true,
            Some(line) => {
                !line.guarded
                    && (is_header_key(&line.key) || self.begun_by(&line.key).next().is_some())
            }
        }
    }

    /// Whether something is to be seen after the line at `at` that its key does not tell.
    fn shows_more(&self, at: usize) -> bool {
        let from = self.region.get(at).copied().unwrap_or_default();
        let to = self
            .region
            .get(at + 1)
            .copied()
            .unwrap_or(self.document.lines.len());
        let lines = self.document.lines.get(from..to).unwrap_or_default();
        lines.iter().any(|line| line.untold().next().is_some())
    }

    fn is_free(&self, index: usize, used: &[bool]) -> bool {
        used.get(index).is_some_and(|used| !used)
    }

    /// The best message that stands at `at` exactly: one that is followed by another, then one
    /// of the ledger, then the longest, then one that nobody took out, then the ledger's first.
    fn exact_at(&self, at: usize, used: &[bool]) -> Option<(usize, usize)> {
        let line = self.line(at)?;
        let first = Some(&line.key).filter(|_| !line.guarded)?;
        self.begun_by(first)
            .flatten()
            .filter(|index| self.is_free(**index, used))
            .filter_map(|index| {
                let known = self.known.get(*index)?;
                let end = self.spells(at, &known.key)?;
                let ends = self.is_boundary(end);
                // One whose text has no key must not take the first line of another.
                if !ends && known.key == known.header && !self.shows_more(at) {
                    return None;
                }
                let rank = known.rank.map_or(usize::MAX, |rank| rank);
                Some((
                    (
                        !ends,
                        known.rank.is_none(),
                        std::cmp::Reverse(known.key.len()),
                        known.removed,
                        rank,
                        *index,
                    ),
                    (*index, end),
                ))
            })
            .min_by_key(|(order, _)| *order)
            .map(|(_, found)| found)
    }

    /// A message that stands at `at` by text, minute and direction, whatever its sender is called.
    fn alike_at(&self, at: usize, used: &[bool], taken: &[bool]) -> Option<(usize, usize)> {
        let free = |at: usize| taken.get(at).is_some_and(|taken| !taken);
        let line = self.line(at)?;
        if !free(at) || line.guarded || !is_header_key(&line.key) {
            return None;
        }
        // A day's stamp is a time; any other's has a date of 8 characters before it.
        let length = if self.frame.window.date().is_some() {
            7
        } else {
            15
        };
        let split = line.key.len().checked_sub(length)?;
        let (label, stamp) = line.key.split_at_checked(split)?;
        let inbound = self.is_inbound(label);
        self.by_stamp
            .get(stamp)?
            .iter()
            .filter(|index| self.is_free(**index, used))
            .filter_map(|index| Some((*index, self.known.get(*index)?)))
            .filter(|(_, known)| known.inbound == inbound)
            .flat_map(|(index, known)| known.said.iter().map(move |said| (index, known, said)))
            .filter_map(|(index, known, said)| {
                let end = self.spells(at + 1, said)?;
                let whole = (at..end).all(free) && (!said.is_empty() || self.is_boundary(end));
                whole.then_some((
                    (known.rank.is_none(), known.removed, known.rank, index),
                    (index, end),
                ))
            })
            .min_by_key(|(order, _)| *order)
            .map(|(_, found)| found)
    }

    fn is_inbound(&self, label: &str) -> bool {
        let (name, phone) = &self.contact;
        if self.outbound.contains(label) {
            return false;
        }
        (!phone.is_empty() && label.contains(phone.as_str()))
            || (!name.is_empty() && label.starts_with(name.as_str()))
            || label.ends_with(')')
    }
}
