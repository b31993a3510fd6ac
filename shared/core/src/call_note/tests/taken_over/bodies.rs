//! Notes as App Connect's server writes them, of the call in `world`.

/// Every field, in HTML.
pub(crate) const HTML: &str = "<b>Agent notes</b><br>Wants a quote.\nCall back on Friday.<br><br>\
<b>Call details</b><br><li><b>Session Id</b>: 2846329107050</li>\
<li><b>RingCentral user name</b>: Bob Ray</li>\
<li><b>RingCentral number and extension</b>: +16505550199 </li>\
<li><b>Summary</b>: Inbound Call from Ann Lee</li>\
<li><b>Caller phone number</b>: +14155550100</li>\
<li><b>Date/time</b>: 2026-03-04 02:05:09 PM</li>\
<li><b>Duration</b>: 1 hour, 2 minutes, 5 seconds</li>\
<li><b>Result</b>: Call connected</li>\
<li><b>Call recording link</b>: \
<a target=\"_blank\" href=\"https://media.example/rec?id=1\">open</a></li>\
<li><b>Voicemail recording link</b>: \
<a target=\"_blank\" href=\"https://media.example/vm?id=2\">open</a></li>\
<div><b>AI Note</b><br>Ann asked for a quote.<br>- Send price list</div><br>\
<div><b>Transcript</b><br>Ann: Hello<br>Bob: Hi</div><br>\
<div><b>ACE transcript</b><br>A: x<br>B: y</div><div><b>ACE summary</b><br>One.<br>Two.</div>\
<li><b>Call score</b>: 82</li><div><b>ACE bulleted summary</b><br>- One<br>- Two</div>\
<li><b>ACE recording link</b>: <a target=\"_blank\" href=\"https://ace.example/i/3\">open</a></li>\
<div><b>Call journey</b><br>Received call at Main IVR, +16505550000<br>\
Transferred to Bob Ray, +16505550199, ext 101, duration: 1 second<br>\
Transferred to Cara, ext 102, duration: 55 seconds</div>";

/// Every field, in plain text.
pub(crate) const PLAIN: &str = "- Note: Wants a quote.
Call back on Friday.
- Session Id: 2846329107050
- RingCentral user name: Bob Ray
- RingCentral number and extension: +16505550199\x20
- Summary: Inbound Call from Ann Lee
- Contact Number: +14155550100
- Date/Time: 2026-03-04 02:05:09 PM
- Duration: 1 hour, 2 minutes, 5 seconds
- Result: Call connected
- Call recording link: https://media.example/rec?id=1
- Voicemail recording link: https://media.example/vm?id=2

- AI Note:
Ann asked for a quote.
- Send price list
--- END

- Transcript:
Ann: Hello
Bob: Hi
--- END

- ACE transcript:
A: x
B: y
--- END

- ACE summary:
One.
Two.

--- END
- Call score: 82

- ACE bulleted summary:
- One
- Two

--- END
- ACE recording link: https://ace.example/i/3
- Call journey:
Received call at Main IVR, +16505550000
Transferred to Bob Ray, +16505550199, ext 101, duration: 1 second
Transferred to Cara, ext 102, duration: 55 seconds
--- JOURNEY END
";

/// Every field, in Markdown.
pub(crate) const MARKDOWN: &str = "## Agent notes
Wants a quote.
Call back on Friday.

## Call details
**Session Id**: 2846329107050
**RingCentral user name**: Bob Ray
**RingCentral number and extension**: +16505550199\x20
**Summary**: Inbound Call from Ann Lee
**Contact Number**: +14155550100
**Date/Time**: 2026-03-04 02:05:09 PM
**Duration**: 1 hour, 2 minutes, 5 seconds
**Result**: Call connected
**Call recording link**: https://media.example/rec?id=1
**Voicemail recording link**: https://media.example/vm?id=2
### AI Note
Ann asked for a quote.
- Send price list
### Transcript
Ann: Hello
Bob: Hi
### ACE transcript
A: x
B: y
### ACE summary
One.
Two.

**Call score**: 82
### ACE bulleted summary
- One
- Two

**ACE recording link**: https://ace.example/i/3
### Call journey
Received call at Main IVR, +16505550000
Transferred to Bob Ray, +16505550199, ext 101, duration: 1 second
Transferred to Cara, ext 102, duration: 55 seconds
";

/// The layout in HTML until July 2025: a list of which the items are not closed.
pub(crate) const OLD_HTML: &str = "<b>Agent notes</b><br>old note<br><br><b>Call details</b><ul>\
<li><b>Session Id</b>: 2846329107050<li><li><b>Date/time</b>: 2026-03-04 02:05:09 PM<li>\
<li><b>Duration</b>: 5 seconds<li><li><b>Result</b>: Missed<li>\
<li><b>Call recording link</b>: <a target=\"_blank\" href=https://media.example/rec?id=1>open</a>\
<li></ul><div><b>AI note</b><br>old AI</div><div><b>Transcript</b><br>old transcript</div>";

/// A plain note of July 2025: the agent's note comes last, sections have no blank line above.
pub(crate) const OLD_PLAIN: &str = "- Summary: s
- Duration: 5 seconds
- AI Note:
old AI
--- END
- RingSense transcript:
old words
--- END
- RingSense recording link: https://ace.example/i/3
- Note: old note
";
