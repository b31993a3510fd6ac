//! What a person does to the HTML note of an activity, in the CRM's own form.
//!
//! Whatever a CRM made of the tags, a person finds the place by the words that stand there.

/// The note with `words` as a paragraph above everything.
pub fn above(note: &str, words: &str) -> String {
    format!("<p class=\"remark\">{words}</p>{note}")
}

/// The note with `words` as a paragraph below everything.
pub fn below(note: &str, words: &str) -> String {
    format!("{note}<p class=\"remark\">{words}</p>")
}

/// The note with `words` as an entry of its own behind the one that says `text`.
///
/// # Panics
/// Where no entry says `text`.
pub fn inside(note: &str, text: &str, words: &str) -> String {
    let (_, end) = entry(note, text);
    let (before, after) = note.split_at(end);
    format!("{before}<li>{words}</li>{after}")
}

/// The note without the entry that says `text`.
///
/// # Panics
/// Where no entry says `text`.
pub fn without(note: &str, text: &str) -> String {
    let (start, end) = entry(note, text);
    format!("{}{}", &note[..start], &note[end..])
}

/// The note with `words` in place of `text`.
///
/// # Panics
/// Where `text` does not stand in it.
pub fn reworded(note: &str, text: &str, words: &str) -> String {
    assert!(note.contains(text), "{text} stands in {note}");
    note.replacen(text, words, 1)
}

/// The note with another number in the counter of the conversation.
///
/// # Panics
/// Where it has no counter.
pub fn recounted(note: &str, count: &str) -> String {
    let (before, after) = note.split_once("Conversation(").expect("a counter");
    let digits = after.find(|c: char| !c.is_ascii_digit());
    let after = &after[digits.expect("words behind the number")..];
    format!("{before}Conversation({count}{after}")
}

/// Where the `li` element that says `text` starts and ends.
fn entry(note: &str, text: &str) -> (usize, usize) {
    let lower = note.to_ascii_lowercase();
    let at = note
        .find(text)
        .unwrap_or_else(|| panic!("{text} stands in {note}"));
    let start = lower[..at].rfind("<li").expect("an entry begins before it");
    let end = lower[at..].find("</li>").expect("the entry ends");
    (start, at + end + "</li>".len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "Conversation(12 messages)<UL><LI>one</LI><LI style=\"x\">two</LI></UL>";

    #[test]
    fn each_edit_is_where_it_is_said_to_be() {
        assert!(above(NOTE, "a").starts_with("<p class=\"remark\">a</p>Conv"));
        assert!(below(NOTE, "a").ends_with("</UL><p class=\"remark\">a</p>"));
        assert!(inside(NOTE, "one", "a").contains("one</LI><li>a</li><LI"));
        assert!(without(NOTE, "two").ends_with("<LI>one</LI></UL>"));
        assert!(reworded(NOTE, "two", "2").ends_with(">2</LI></UL>"));
        assert!(recounted(NOTE, "7").starts_with("Conversation(7 messages)<UL>"));
    }
}
