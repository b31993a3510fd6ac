//! How CRMs rewrite what they are given.

use daybook_core::digest::Format;

/// A way of rewriting a body.
pub(crate) type Rewrite = fn(&str) -> String;

const HTML: [Rewrite; 12] = [
    str::to_owned,
    |body| body.replace("<br>", "<br/>"),
    |body| body.replace("<br>", "<br />\n"),
    |body| body.replace("><", ">\r\n  <"),
    |body| {
        let capitals = ["br", "b", "ul", "li"]
            .iter()
            .fold(body.to_owned(), |body, name| {
                let capitals = name.to_uppercase();
                body.replace(&format!("<{name}>"), &format!("<{capitals} class=\"x y\">"))
                    .replace(&format!("</{name}>"), &format!("</{capitals}>"))
            });
        format!("<DIV>{capitals}</DIV>")
    },
    |body| body.replace("<b>", "").replace("</b>", ""),
    |body| {
        body.replace("<b>", "<strong><span style=\"color: red\">")
            .replace("</b>", "</span></strong>")
    },
    |body| {
        body.replace("Ada Lovelace", "Ada&nbsp;Lovelace")
            .replace(" AM", "&#160;AM")
    },
    |body| {
        body.replace('\'', "&#39;")
            .replace('é', "&eacute;")
            .replace("&lt;", "&#60;")
    },
    first_plane,
    unguarded,
    |body| format!("<div>{}</div>", body.replace("<br>", "</div><div>")),
];

const TEXT: [Rewrite; 6] = [
    str::to_owned,
    |body| body.replace('\n', "\r\n"),
    |body| {
        let lines: Vec<_> = body.lines().map(str::trim_end).collect();
        lines.join("\n").trim().to_owned()
    },
    |body| {
        let lines: Vec<_> = body
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        lines.join("\n")
    },
    first_plane,
    unguarded,
];

/// Without the characters that some CRMs cannot store.
fn first_plane(body: &str) -> String {
    body.chars().filter(|c| u32::from(*c) <= 0xffff).collect()
}

/// Without the sign that tells a typed line from one of ours. Then only the frame does.
fn unguarded(body: &str) -> String {
    body.replace('\u{2060}', "")
}

/// Whether lines are still to be told from each other once a person has edited them.
pub(crate) fn tells(rewrite: Rewrite) -> bool {
    !rewrite("\u{2060}").is_empty() && !rewrite("😀").is_empty()
}

/// The ways in which bodies of `format` are rewritten; the first changes nothing.
pub(crate) fn rewrites(format: Format) -> &'static [Rewrite] {
    match format {
        Format::Html => &HTML,
        Format::PlainText | Format::Markdown => &TEXT,
    }
}
