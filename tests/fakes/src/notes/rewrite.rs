//! The ways in which a CRM rewrites the HTML of a note.

/// One way to rewrite the HTML of a note. None changes what a person sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// A line break after each tag that begins a line.
    Newlines,
    /// `<br/>` for `<br>`.
    ClosedBreaks,
    /// Entities for quotes and for everything beyond ASCII.
    Entities,
    /// Tags without their attributes.
    NoAttributes,
    /// A `span` around every text.
    Spans,
    /// Tags in capitals.
    Capitals,
    /// No comments, and of the attributes only `href`.
    Sanitised,
    /// `<br />` for `<br>` and `<br/>`.
    SpacedBreaks,
    /// Characters for all entities but those that a text needs.
    Decoded,
    /// One space for much white space, and none between tags.
    Collapsed,
    /// A `div` around each list.
    WrappedLists,
}

impl Rewrite {
    /// Every way, with its name.
    pub const ALL: [(Self, &str); 6] = [
        (Self::Newlines, "newlines"),
        (Self::ClosedBreaks, "closed_breaks"),
        (Self::Entities, "entities"),
        (Self::NoAttributes, "no_attributes"),
        (Self::Spans, "spans"),
        (Self::Capitals, "capitals"),
    ];

    /// The ways of those that clean the HTML which they are given, with their names.
    pub const SANITISERS: [(Self, &str); 5] = [
        (Self::Sanitised, "sanitised"),
        (Self::SpacedBreaks, "spaced_breaks"),
        (Self::Decoded, "decoded"),
        (Self::Collapsed, "collapsed"),
        (Self::WrappedLists, "wrapped_lists"),
    ];

    /// The note, rewritten. A second time changes nothing.
    pub fn apply(self, note: &str) -> String {
        let mut rewritten = String::with_capacity(note.len());
        let mut rest = note;
        while let Some(token) = first_token(rest) {
            let (now, later) = rest.split_at(token);
            let place = Place {
                before: &rewritten,
                after: later,
            };
            let piece = match now.starts_with('<') {
                true => self.tag(now, &place),
                false => self.text(now, &place),
            };
            rewritten.push_str(&piece);
            rest = later;
        }
        rewritten
    }

    fn tag(self, tag: &str, place: &Place<'_>) -> String {
        match self {
            Self::Newlines if begins_line(tag) && !place.after.starts_with('\n') => {
                format!("{tag}\n")
            }
            Self::ClosedBreaks if tag == "<br>" => "<br/>".to_owned(),
            Self::NoAttributes => match tag.split_once(char::is_whitespace) {
                Some((name, _)) => format!("{name}>"),
                None => tag.to_owned(),
            },
            Self::Capitals => match tag.split_once(char::is_whitespace) {
                Some((name, attributes)) => format!("{} {attributes}", name.to_uppercase()),
                None => tag.to_uppercase(),
            },
            Self::Sanitised if tag.starts_with("<!--") => String::new(),
            Self::Sanitised => sanitised(tag),
            Self::SpacedBreaks if ["<br>", "<br/>"].contains(&tag) => "<br />".to_owned(),
            Self::WrappedLists => wrapped(tag, place),
            Self::Newlines
            | Self::ClosedBreaks
            | Self::Entities
            | Self::Spans
            | Self::SpacedBreaks
            | Self::Decoded
            | Self::Collapsed => tag.to_owned(),
        }
    }

    fn text(self, text: &str, place: &Place<'_>) -> String {
        match self {
            Self::Entities => text.chars().map(entity).collect(),
            Self::Spans if !text.trim().is_empty() && !place.before.ends_with(SPAN) => {
                format!("{SPAN}{text}</span>")
            }
            Self::Decoded => decoded(text),
            Self::Collapsed if text.trim().is_empty() => String::new(),
            Self::Collapsed => collapsed(text),
            Self::Newlines
            | Self::ClosedBreaks
            | Self::NoAttributes
            | Self::Spans
            | Self::Capitals
            | Self::Sanitised
            | Self::SpacedBreaks
            | Self::WrappedLists => text.to_owned(),
        }
    }
}

const SPAN: &str = "<span style=\"font-size: 10pt\">";

/// What stands around a piece of a note: before it already rewritten, after it not yet.
struct Place<'a> {
    before: &'a str,
    after: &'a str,
}

/// The length of the tag or the text that `html` begins with.
fn first_token(html: &str) -> Option<usize> {
    if html.is_empty() {
        return None;
    }
    let end = match html.starts_with('<') {
        true if html.starts_with("<!--") => html.find("-->").map(|end| end + 3),
        true => html.find('>').map(|end| end + 1),
        false => html.find('<'),
    };
    Some(end.unwrap_or(html.len()))
}

fn begins_line(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']);
    let name: String = name
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    ["br", "ul", "ol", "li", "p", "div"].contains(&name.to_ascii_lowercase().as_str())
}

fn entity(c: char) -> String {
    match c {
        '"' => "&quot;".to_owned(),
        '\'' => "&#39;".to_owned(),
        '\u{a0}' => "&nbsp;".to_owned(),
        _ if c.is_ascii() => c.to_string(),
        _ => format!("&#x{:x};", u32::from(c)),
    }
}

/// The tag with no attribute but `href`.
fn sanitised(tag: &str) -> String {
    let Some((name, attributes)) = tag.split_once(char::is_whitespace) else {
        return tag.to_owned();
    };
    let link = attributes.find("href=\"").and_then(|start| {
        let length = attributes[start + 6..].find('"')?;
        Some(&attributes[start..start + 6 + length + 1])
    });
    match link {
        Some(link) => format!("{name} {link}>"),
        None => format!("{name}>"),
    }
}

fn wrapped(tag: &str, place: &Place<'_>) -> String {
    let is = |names: [&str; 2]| names.iter().any(|name| tag.eq_ignore_ascii_case(name));
    match tag.split_whitespace().next().unwrap_or(tag) {
        "<ul" | "<ul>" | "<ol" | "<ol>" if !place.before.ends_with("<div>") => {
            format!("<div>{tag}")
        }
        _ if is(["</ul>", "</ol>"]) && !place.after.starts_with("</div>") => format!("{tag}</div>"),
        _ => tag.to_owned(),
    }
}

/// The text with characters for entities, except for those of `&`, `<` and `>`.
fn decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let found = after
            .split_once(';')
            .and_then(|(name, behind)| Some((character(name)?, behind)));
        match found {
            Some((c, behind)) => {
                decoded.push(c);
                rest = behind;
            }
            None => {
                decoded.push('&');
                rest = after;
            }
        }
    }
    decoded + rest
}

fn character(entity: &str) -> Option<char> {
    let c = match entity.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
        None => match entity {
            "quot" => '"',
            "apos" => '\'',
            "nbsp" => '\u{a0}',
            _ => return None,
        },
    };
    (!['&', '<', '>'].contains(&c)).then_some(c)
}

fn collapsed(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_ascii_whitespace() {
            true if collapsed.ends_with(' ') => {}
            true => collapsed.push(' '),
            false => collapsed.push(c),
        }
    }
    collapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "<br><b>Ann's \u{fc}</b><ul><li><a href=\"x\">y</a></li></ul>";

    #[test]
    fn each_way_of_rewriting_changes_the_tags_and_not_the_words() {
        for (rewrite, expected) in [
            (
                Rewrite::Newlines,
                "<br>\n<b>Ann's \u{fc}</b><ul>\n<li>\n<a href=\"x\">y</a></li>\n</ul>\n",
            ),
            (
                Rewrite::ClosedBreaks,
                "<br/><b>Ann's \u{fc}</b><ul><li><a href=\"x\">y</a></li></ul>",
            ),
            (
                Rewrite::Entities,
                "<br><b>Ann&#39;s &#xfc;</b><ul><li><a href=\"x\">y</a></li></ul>",
            ),
            (
                Rewrite::NoAttributes,
                "<br><b>Ann's \u{fc}</b><ul><li><a>y</a></li></ul>",
            ),
            (
                Rewrite::Capitals,
                "<BR><B>Ann's \u{fc}</B><UL><LI><A href=\"x\">y</A></LI></UL>",
            ),
        ] {
            assert_eq!(rewrite.apply(NOTE), expected);
        }
        let spans = Rewrite::Spans.apply("a<b>c</b>");
        assert_eq!(spans, format!("{SPAN}a</span><b>{SPAN}c</span></b>"));
    }

    #[test]
    fn what_was_rewritten_once_stays_as_it_is() {
        for (rewrite, name) in Rewrite::ALL.into_iter().chain(Rewrite::SANITISERS) {
            let once = rewrite.apply(NOTE);
            assert_eq!(rewrite.apply(&once), once, "{name}");
        }
    }

    #[test]
    fn what_is_cleaned_says_the_same() {
        let given = "<!-- a > b --><a class=\"k\" href=\"x\" rel=\"y\">a</a>\n<br>&#39;&amp;&#x3c;  b<ul><li>";
        for (rewrite, expected) in [
            (
                Rewrite::Sanitised,
                "<a href=\"x\">a</a>\n<br>&#39;&amp;&#x3c;  b<ul><li>",
            ),
            (
                Rewrite::SpacedBreaks,
                "<!-- a > b --><a class=\"k\" href=\"x\" rel=\"y\">a</a>\n<br />&#39;&amp;&#x3c;  b<ul><li>",
            ),
            (
                Rewrite::Decoded,
                "<!-- a > b --><a class=\"k\" href=\"x\" rel=\"y\">a</a>\n<br>'&amp;&#x3c;  b<ul><li>",
            ),
            (
                Rewrite::Collapsed,
                "<!-- a > b --><a class=\"k\" href=\"x\" rel=\"y\">a</a><br>&#39;&amp;&#x3c; b<ul><li>",
            ),
            (
                Rewrite::WrappedLists,
                "<!-- a > b --><a class=\"k\" href=\"x\" rel=\"y\">a</a>\n<br>&#39;&amp;&#x3c;  b<div><ul><li>",
            ),
        ] {
            assert_eq!(rewrite.apply(given), expected, "{rewrite:?}");
        }
    }
}
