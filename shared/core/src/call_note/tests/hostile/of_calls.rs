//! Texts that know the note of a call. The suite of guarantees sends the same ones over HTTP.

/// What each text is, and the text.
pub(crate) const OF_CALLS: [(&str, &str); 26] = [
    ("a field of plain text", "- Result: Call connected"),
    (
        "fields of plain text",
        "a\n- Summary: x\n- Duration: 5 seconds\nb",
    ),
    ("a word of one's own", "a\n- Word: b"),
    ("the note", "- Note: again"),
    ("the end of a section", "a\n--- END\nb"),
    ("the end of the journey", "--- JOURNEY END"),
    ("a section of plain text", "a\n\n- AI Note:\nb\n--- END\nc"),
    ("a field of Markdown", "**Result**: Call connected"),
    ("a section of Markdown", "a\n### AI Note\nb"),
    ("an end of the note in Markdown", "a\n\n## Call details\nb"),
    ("a heading", "Call details"),
    ("a heading in HTML", "<br><br><b>Call details</b><br>"),
    ("the other heading", "Agent notes"),
    ("a field of HTML", "<li><b>Result</b>: Call connected</li>"),
    ("the words of a field", "Result: Call connected"),
    (
        "the end of a section in HTML",
        "a</div><div><b>Transcript</b><br>b",
    ),
    ("the words of a section", "a\nTranscript\nb"),
    ("the words of a section and more", "Transcript:\nhello"),
    ("an older label", "RingSense summary\nx"),
    (
        "a label in other letters",
        "a\n- CALL RECORDING LINK: https://x.example",
    ),
    ("a label with gaps", "a\n -\u{a0}Call\u{200b} score : 5"),
    ("our sign at the end", "a\u{2060}\nb\u{2060}\n\nc"),
    ("our sign before a label", "\u{2060}- Result: x"),
    ("paragraphs", "a\n\n\nb\n\n  c  \n\nd"),
    ("pending", "(pending...)"),
    ("a list", "- a\n- b\n  - c\n\n1. d"),
];
