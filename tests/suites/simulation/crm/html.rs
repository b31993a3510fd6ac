//! How a CRM rewrites the HTML of a note.

/// A way of rewriting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Not at all.
    AsWritten,
    /// A line break after each tag.
    Airy,
    /// `<br/>`, and entities for quotes.
    Strict,
    /// Within a `div`, tags in capitals, and without characters beyond the first plane.
    Old,
}

impl Style {
    /// Every style.
    pub(crate) const ALL: [Self; 4] = [Self::AsWritten, Self::Airy, Self::Strict, Self::Old];

    pub(super) fn reformat(self, body: &str) -> String {
        match self {
            Self::AsWritten => body.to_owned(),
            Self::Airy => body
                .replace("><", ">\n<")
                .replace("<br>", "<br>\n")
                .replace("\n\n", "\n"),
            Self::Strict => body
                .replace("<br>", "<br/>")
                .replace('\'', "&#39;")
                .replace('\u{a0}', "&nbsp;"),
            Self::Old => {
                let plain: String = body.chars().filter(|c| u32::from(*c) <= 0xffff).collect();
                let plain = ["br", "b", "ul", "li"].iter().fold(plain, |body, name| {
                    let capitals = name.to_uppercase();
                    body.replace(&format!("<{name}>"), &format!("<{capitals}>"))
                        .replace(&format!("</{name}>"), &format!("</{capitals}>"))
                });
                match plain.starts_with("<DIV>") {
                    true => plain,
                    false => format!("<DIV>{plain}</DIV>"),
                }
            }
        }
    }
}

/// `body` as it would be without any escaping.
pub(super) fn unescape(body: &str) -> String {
    body.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}
