//! The merge into a conversation that a person changed, or of which texts have expired.

use std::collections::{HashMap, HashSet};

use super::super::block::Block;
use super::super::entry::Fingerprint;
use super::super::insert::{Edit, apply, entries_before};
use super::super::lines::is_header_key;
use super::super::mark::contains_mark;
use super::super::matching::{Found, Known};
use super::{Merge, Merged};

impl Merge<'_> {
    /// A person changed the block, or texts have expired: only what is new is put in.
    pub(super) fn changed(&self, block: &Block, inside: &Found, outside: &Found) -> Merged {
        let foreign = self.foreign(inside);
        let expired = self.expired();
        let shift = foreign.len().saturating_sub(expired);
        let found_removed = (inside.hits.iter().chain(&outside.hits))
            .filter(|hit| self.known.get(hit.known).is_some_and(|known| known.removed))
            .count();
        let found = self.counted(&inside.hits) + self.counted(&outside.hits) + foreign.len();
        let standing = match block.number {
            // A write that lands late counts what it carried, and tells of nothing else.
            Some(number) if self.request.may_land && number == found => 0,
            Some(number) => number.saturating_sub(shift + found_removed),
            None => 0,
        };
        let removed = self.taken_out(standing);
        let missing: Vec<_> = self
            .due()
            .filter(|(index, known)| !self.stands(*index) && !removed.contains(&known.print))
            .map(|(_, known)| known)
            .collect();
        let count = found + missing.iter().filter(|known| known.entry.counts()).count();
        let mut edits = Vec::new();
        self.insert_into(&mut edits, block, inside, &foreign, &missing);
        self.count_into(&mut edits, block, count);
        let body = (!edits.is_empty()).then(|| apply(self.request.existing, edits));
        self.finish(body, count, removed)
    }

    fn expired(&self) -> usize {
        let texts: HashSet<_> = self.known.iter().map(|known| known.print).collect();
        let gone =
            |print: &&Fingerprint| !texts.contains(print) && !self.request.removed.contains(print);
        self.request.ledger.iter().filter(gone).count()
    }

    /// The first lines of messages that are not known here: expired ones, and those that
    /// App Connect's server wrote. In a body with our mark there are no others than expired ones.
    fn foreign(&self, inside: &Found) -> Vec<usize> {
        let mut rewritten: HashMap<_, usize> = HashMap::new();
        for (index, known) in self.known.iter().enumerate() {
            if !self.stands(index) && known.rank.is_some() {
                *rewritten.entry(known.header()).or_default() += 1;
            }
        }
        let mut foreign: Vec<_> = (inside.strange.iter().copied())
            .filter(|at| {
                let Some(line) = self.document.lines.get(*at) else {
                    return false;
                };
                let left = (rewritten.get_mut(line.key.as_str())).filter(|left| **left > 0);
                let rewrote = left.map(|left| *left -= 1).is_some();
                !line.guarded && is_header_key(&line.key) && !rewrote
            })
            .collect();
        let marked = self
            .frame
            .mark
            .is_some_and(|mark| contains_mark(self.frame.format(), self.request.existing, &mark));
        if marked {
            foreign.truncate(self.expired());
        }
        foreign
    }

    /// Those of the first `standing` messages of the ledger that are not in the body: a person
    /// took them out. A body in which a later one stands is not older than that one, whatever its
    /// number says, unless a write that landed late has made it; but where texts have expired, its
    /// line may be that of an equal one.
    pub(super) fn taken_out(&self, standing: usize) -> Vec<Fingerprint> {
        let removed: HashSet<_> = self.request.removed.iter().collect();
        // The later pieces of a text were never counted.
        let uncounted: HashSet<_> = (self.known.iter())
            .filter(|known| !known.entry.counts())
            .map(|known| known.print)
            .collect();
        let stand: HashSet<_> = (self.known.iter().enumerate())
            .filter(|(index, _)| self.stands(*index))
            .map(|(_, known)| known.print)
            .collect();
        let counted: Vec<_> = (self.request.ledger.iter())
            .filter(|print| !removed.contains(print) && !uncounted.contains(print))
            .collect();
        let reached = match self.request.may_land || self.has_expired() {
            true => None,
            false => counted.iter().rposition(|print| stand.contains(print)),
        };
        let first: HashSet<_> = (counted.into_iter())
            .take(standing.max(reached.map_or(0, |last| last + 1)))
            .collect();
        (self.known.iter())
            .filter(|known| !stand.contains(&known.print) && first.contains(&known.print))
            .map(|known| known.print)
            .collect()
    }

    /// Puts each missing message before the first line of the first later one.
    fn insert_into(
        &self,
        edits: &mut Vec<Edit>,
        block: &Block,
        inside: &Found,
        foreign: &[usize],
        missing: &[&Known<'_>],
    ) {
        let mut rest = missing;
        while let Some((first, _)) = rest.split_first() {
            let before = self.line_after(block, inside, foreign, first);
            let together = rest
                .iter()
                .take_while(|known| self.line_after(block, inside, foreign, known) == before)
                .count();
            let (now, later) = rest.split_at(together.max(1));
            let entries: Vec<_> = now.iter().map(|known| known.entry).collect();
            edits.extend(entries_before(self.frame, self.document, before, &entries));
            rest = later;
        }
    }

    /// The line before which `known` belongs.
    fn line_after(
        &self,
        block: &Block,
        inside: &Found,
        foreign: &[usize],
        known: &Known<'_>,
    ) -> usize {
        let later = inside
            .hits
            .iter()
            .filter(|hit| {
                self.known
                    .get(hit.known)
                    .is_some_and(|other| other.entry.order(known.entry).is_gt())
            })
            .map(|hit| hit.line);
        let is_dated = self.frame.window.date().is_none();
        let minute = minute_of(known.header(), is_dated);
        let foreign = foreign.iter().copied().filter(|at| {
            let line = self.document.lines.get(*at);
            line.and_then(|line| minute_of(&line.key, is_dated)) > minute && minute.is_some()
        });
        later.chain(foreign).min().unwrap_or(block.bottom)
    }
}

/// The day, as year, month and day where it `is_dated`, and its minute in which the key of a first
/// line ends.
fn minute_of(key: &str, is_dated: bool) -> Option<([u32; 3], u32)> {
    let (rest, time) = key.split_at_checked(key.len().checked_sub(7)?)?;
    let hours: u32 = time.get(..2)?.parse().ok()?;
    let minutes: u32 = time.get(3..5)?.parse().ok()?;
    let noon = if time.ends_with("PM") { 12 * 60 } else { 0 };
    let day = match is_dated {
        true => day_of(rest.get(rest.len().checked_sub(8)?..)?)?,
        false => [0; 3],
    };
    Some((day, hours % 12 * 60 + minutes + noon))
}

/// The year, month and day of `26/03/04`.
fn day_of(date: &str) -> Option<[u32; 3]> {
    let mut numbers = date.split('/').map(|number| number.parse().ok());
    let [year, month, day] = std::array::from_fn(|_| numbers.next().flatten());
    Some([year?, month?, day?])
}
