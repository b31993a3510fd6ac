//! What must hold of a merge, whatever was done to the body before.

use daybook_core::digest::{Fingerprint, Format, Frame, Merged, contains_mark, render};

use super::conversation::{EMOJI, Message, mark};
use super::person::Done;
use super::read::{First, counters, is_framed, lines, standing, tags, times};

/// A merge and what was before it.
pub(crate) struct Merge<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) before: &'a str,
    pub(crate) all: &'a [Message],
    pub(crate) ledger: &'a [Fingerprint],
    pub(crate) removed: &'a [Fingerprint],
    pub(crate) delivery: &'a [Fingerprint],
    /// What was done since the merge before.
    pub(crate) done: Done,
    /// What was ever done.
    pub(crate) ever: Done,
    /// Whether texts have expired.
    pub(crate) expired: bool,
}

type Judgement = Result<(), String>;

fn must(holds: bool, why: impl FnOnce() -> String) -> Judgement {
    match holds {
        true => Ok(()),
        false => Err(why()),
    }
}

/// Holds what a merge gave against what was before it.
pub(crate) fn compare(merge: &Merge<'_>, merged: &Merged) -> Judgement {
    must(merged.changed == (merged.body != merge.before), || {
        "what it says of a change is not so".to_owned()
    })?;
    must(
        merge
            .delivery
            .iter()
            .all(|print| merged.delivered.contains(print)),
        || "it does not say that all is delivered".to_owned(),
    )?;
    what_people_wrote(merge, merged)?;
    messages(merge, merged)?;
    removal(merge, merged)?;
    counted_out(merge, merged)?;
    count(merge, merged)?;
    order(merge, merged)?;
    markup(merge, merged)?;
    let format = merge.frame.context.format;
    must(
        merge.ever.unframed
            || !contains_mark(format, merge.before, &mark())
            || contains_mark(format, &merged.body, &mark()),
        || "the mark is gone".to_owned(),
    )?;
    if merge.before.is_empty() && merge.ledger.is_empty() {
        let entries: Vec<_> = merge
            .all
            .iter()
            .filter(|message| merge.delivery.contains(&message.print()))
            .map(|message| &message.entry)
            .collect();
        must(merged.body == render(merge.frame, &entries), || {
            "a new body is not a rendering".to_owned()
        })?;
    }
    Ok(())
}

/// Holds a merge that brings nothing against the body that is there.
pub(crate) fn is_settled(body: &str, again: &Merged, count: usize) -> Judgement {
    must(!again.changed, || {
        format!("a second merge writes:\n{body}\n->\n{}", again.body)
    })?;
    must(
        again.removed.is_empty() && again.delivered.is_empty(),
        || format!("a second merge finds something:\n{again:#?}"),
    )?;
    must(again.count == count, || {
        format!("a second merge counts {} for {count}", again.count)
    })
}

/// Each thing that a person wrote has a name, `Zp7x`, or is the sign of air. What is in place of
/// the number of messages is not theirs.
fn what_people_wrote(merge: &Merge<'_>, merged: &Merged) -> Judgement {
    let names = |body: &str| -> Vec<String> {
        let body = &without_numbers(merge.frame.context.format, body);
        let starts = body
            .match_indices("Zp")
            .filter_map(|(at, _)| body.get(at..));
        let name = |rest: &str| {
            rest.chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect()
        };
        let mut names: Vec<String> = starts.map(name).collect();
        names.sort_unstable();
        names
    };
    let (before, after) = (names(merge.before), names(&merged.body));
    must(before == after, || {
        format!("what a person wrote is not what it was: {before:?} -> {after:?}")
    })?;
    let air = |body: &str| body.matches('🜁').count();
    must(air(merge.before) == air(&merged.body), || {
        "a sign that a person put in is not what it was".to_owned()
    })
}

fn without_numbers(format: Format, body: &str) -> String {
    let mut parts = body.split("Conversation(");
    let mut without = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let number = part.find("messages");
        let number = number.filter(|end| {
            !part[..*end].contains(match format {
                Format::Html => '<',
                Format::PlainText | Format::Markdown => '\n',
            })
        });
        without.push_str(part.get(number.unwrap_or_default()..).unwrap_or_default());
    }
    without
}

/// Each message stands once, unless a person took it out or put it in twice.
fn messages(merge: &Merge<'_>, merged: &Merged) -> Judgement {
    let stand = standing(
        merge.frame.context.format,
        merge.before,
        merge.all,
        First::Whole,
    );
    let numbers = counters(merge.frame.context.format, merge.before);
    let numbered = numbers
        .first()
        .is_some_and(|number| number.parse::<usize>().is_ok());
    let back_again = (stand.iter()).any(|(_, id)| {
        let mut messages = merge.all.iter();
        messages.any(|message| message.id == *id && merge.removed.contains(&message.print()))
    });
    for message in merge.all {
        let Some(word) = &message.word else {
            continue;
        };
        let format = merge.frame.context.format;
        let times = |body: &str| lines(format, body).concat().matches(word.as_str()).count();
        let (before, after) = (times(merge.before), times(&merged.body));
        let print = message.print();
        let is_out = merge.removed.contains(&print) || merged.removed.contains(&print);
        let is_due = merge.ledger.contains(&print) || merge.delivery.contains(&print);
        let right = match (is_out, is_due) {
            // A new first line may read as the end of an entry that was cut off.
            (true, true) if merge.ever.moved && merge.delivery.contains(&print) => after <= 1,
            (true, _) => after <= before,
            (false, true) => {
                // Where the frame or the number is damaged too, or what was taken out is there
                // again, one that was rewritten may be written again.
                let stands = stand.iter().any(|(_, id)| *id == message.id);
                let damaged = merge.ever.unframed
                    || merge.done.renumbered
                    || merge.expired
                    || back_again
                    || !numbered;
                let again = usize::from(damaged && !stands);
                (1..=before.max(1) + again).contains(&after)
            }
            (false, false) => after == before,
        };
        // A text that has expired can only stay.
        let right = right || (merge.expired && after == before);
        must(right, || {
            format!("{word} stood {before} times and stands {after} times")
        })?;
    }
    Ok(())
}

/// Nothing is taken for removed that nobody touched.
fn removal(merge: &Merge<'_>, merged: &Merged) -> Judgement {
    // An old form without its frame, in which lines of ours stand twice, tells too little.
    let unknown = merge.done.edited || merge.ever.unframed;
    must(unknown || merged.removed.is_empty(), || {
        "it says that a person took something out".to_owned()
    })?;
    let stand = standing(
        merge.frame.context.format,
        merge.before,
        merge.all,
        First::Whole,
    );
    let wrong = merged.removed.iter().find(|print| {
        let message = merge.all.iter().find(|message| message.print() == **print);
        let torn = merge.ever.moved && merge.delivery.contains(print);
        let stands = message.is_some_and(|message| {
            message.word.is_some() && !torn && stand.iter().any(|(_, id)| *id == message.id)
        });
        stands || !(torn || merge.ledger.contains(print)) || merge.removed.contains(print)
    });
    must(wrong.is_none(), || {
        "it says of a message that it was taken out, and it stands there".to_owned()
    })
}

/// What a person took out, and put the number right, counts as taken out, if something stands that
/// joined later.
fn counted_out(merge: &Merge<'_>, merged: &Merged) -> Judgement {
    let unknown = merge.ever.moved || merge.ever.unframed || merge.expired;
    if !merge.done.counted_out || unknown {
        return Ok(());
    }
    let format = merge.frame.context.format;
    // Some may stand under another name. Equal ones cannot be told apart.
    let [whole, timed] =
        [First::Whole, First::Time].map(|first| standing(format, merge.before, merge.all, first));
    let stands = |stand: &[(usize, u32)], message: &Message| {
        message.word.is_none() || stand.iter().any(|(_, id)| *id == message.id)
    };
    let left = merge
        .ledger
        .iter()
        .filter(|print| !merge.removed.contains(print));
    let left: Vec<_> = left
        .filter_map(|print| merge.all.iter().find(|message| message.print() == *print))
        .collect();
    let last = left
        .iter()
        .rposition(|message| message.word.is_some() && stands(&whole, message));
    let before = left.get(..last.unwrap_or_default()).unwrap_or_default();
    let back = before
        .iter()
        .find(|message| !stands(&timed, message) && !merged.removed.contains(&message.print()));
    must(back.is_none(), || {
        let id = back.map(|message| message.id);
        format!("message {id:?} was taken out and comes back")
    })
}

/// The count is the number of the messages that stand, and is what the note says.
fn count(merge: &Merge<'_>, merged: &Merged) -> Judgement {
    if merge.expired && merge.ever.touched() {
        return Ok(());
    }
    let format = merge.frame.context.format;
    let delivered = |message: &&Message| {
        let print = message.print();
        merge.ledger.contains(&print) || merged.delivered.contains(&print)
    };
    let delivered: Vec<_> = merge.all.iter().filter(delivered).cloned().collect();
    let stand = |first| standing(format, &merged.body, &delivered, first);
    let whole = stand(First::Whole);
    // Once somebody has written into it, a message may stand under another name, and an emoji is
    // not told from its sender's line.
    let (least, most) = match merge.ever.edited {
        false => (whole.len(), whole.len()),
        true => {
            let told = |id: u32| {
                merge
                    .all
                    .iter()
                    .any(|message| message.id == id && message.text != EMOJI)
            };
            let least = whole.iter().filter(|(_, id)| told(*id)).count();
            // Without its frame it may be a digest of another server, whose lines count as well.
            match merge.ever.unframed {
                false => (least, stand(First::Time).len()),
                true => (
                    least,
                    stand(First::Time).len() + times(format, &merged.body),
                ),
            }
        }
    };
    must((least..=most).contains(&merged.count), || {
        format!(
            "it counts {}, and {least} to {most} stand there",
            merged.count
        )
    })?;
    let framed = is_framed(format, &merged.body);
    must(
        framed || merge.ever.edited || merged.body.is_empty(),
        || "the conversation has lost its frame".to_owned(),
    )?;
    let counters = counters(format, &merged.body);
    must(
        !framed || counters.first() == Some(&merged.count.to_string()),
        || format!("the note says {counters:?} for {}", merged.count),
    )
}

/// Messages that were in order are in order.
fn order(merge: &Merge<'_>, merged: &Merged) -> Judgement {
    let is_sorted = |body: &str| {
        let stand = standing(merge.frame.context.format, body, merge.all, First::Whole);
        let messages = stand
            .iter()
            .filter_map(|(_, id)| merge.all.iter().find(|message| message.id == *id));
        // Equal ones cannot be told apart.
        let told: Vec<_> = messages.filter(|message| message.word.is_some()).collect();
        // Of a text that has expired only the minute is known.
        match merge.expired {
            true => told.is_sorted_by_key(|message| message.minute),
            false => told.is_sorted_by(|a, b| a.entry.order(&b.entry).is_le()),
        }
    };
    // A person's line may end in a time too, and behind a damaged frame a new one begins.
    let unknown =
        merge.ever.moved || merge.ever.unframed || (merge.expired && merge.ever.touched());
    let holds = unknown || !is_sorted(merge.before) || is_sorted(&merged.body);
    must(holds, || "the messages are not in order".to_owned())
}

/// There are no tags but those of before and our own.
fn markup(merge: &Merge<'_>, merged: &Merged) -> Judgement {
    if merge.frame.context.format != Format::Html {
        return Ok(());
    }
    let before = tags(merge.before);
    let strange: Vec<_> = tags(&merged.body)
        .into_iter()
        .filter(|name| !["b", "br", "ul", "li"].contains(&name.as_str()) && !before.contains(name))
        .collect();
    must(strange.is_empty(), || format!("tags appear: {strange:?}"))
}
