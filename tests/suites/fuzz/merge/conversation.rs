//! The conversation that a case is about, in the words of the core's own tests.

use std::fmt::Write;

use chrono::TimeDelta;
use daybook_core::contact::Contact;
use daybook_core::digest::{Context, Entry, Fingerprint, Format, Frame, Mark, Topic, Window};
use daybook_core::ids::{ContactId, MessageId};
use daybook_core::message::{Direction, MessageKind};
use daybook_core::phone::PhoneNumber;
use daybook_core::time::{Zone, parse_instant};

use crate::tape::Tape;

/// A text that says nothing in letters.
pub(crate) const EMOJI: &str = "😀";

/// How many messages a conversation has at the most.
const MOST: usize = 8;

pub(crate) fn context(format: Format) -> Context {
    Context {
        contact: Contact {
            id: ContactId::parse("7").expect("an id"),
            phone: PhoneNumber::parse("+16505553204"),
            kind: None,
            name: Some("Ada Lovelace".to_owned()),
        },
        user_name: Some("Charles Babbage".to_owned()),
        zone: Zone::from_name("America/Los_Angeles").expect("a zone"),
        format,
        participants: Vec::new(),
        group: false,
        inbox: None,
        topic: Topic::Texts,
        started_at: parse_instant("2015-02-18T13:24:50Z").expect("a time"),
    }
}

pub(crate) fn mark() -> Mark {
    Mark::parse("k7m2-9xqd-4tfa").expect("a mark")
}

pub(crate) fn frame(context: &Context) -> Frame<'_> {
    Frame {
        context,
        window: Window::day(context.zone, context.started_at),
        part: 1,
        mark: Some(mark()),
    }
}

/// A message, and what the case has to know of it.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: u32,
    pub(crate) minute: usize,
    pub(crate) text: String,
    /// The word that no other message has.
    pub(crate) word: Option<String>,
    pub(crate) entry: Entry,
}

impl Message {
    fn new(id: u32, minute: usize, text: String, word: Option<String>) -> Self {
        let start = parse_instant("2015-02-18T13:24:50Z").expect("a time");
        let minutes = i64::try_from(minute).expect("a small number");
        let entry = Entry {
            id: MessageId::parse(&id.to_string()).expect("an id"),
            at: start + TimeDelta::minutes(minutes),
            direction: match id % 2 {
                1 => Direction::Inbound,
                _ => Direction::Outbound,
            },
            kind: MessageKind::Sms,
            sender_name: None,
            sender_number: None,
            text: text.clone(),
            media: Vec::new(),
            in_group: false,
            piece: None,
        };
        Self {
            id,
            minute,
            text,
            word,
            entry,
        }
    }

    pub(crate) fn print(&self) -> Fingerprint {
        self.entry.fingerprint()
    }

    /// Its first line, as it is to be read.
    pub(crate) fn header(&self) -> String {
        let name = match self.entry.direction {
            Direction::Inbound => "Ada Lovelace (+16505553204)",
            Direction::Outbound => "Charles Babbage",
        };
        let minutes = 5 * 60 + 24 + self.minute;
        format!("{name} {:02}:{:02} AM", minutes / 60, minutes % 60)
    }
}

/// What a text is made of, beside its word.
const TEXTS: [&str; 24] = [
    "",
    " and more",
    "\nand more",
    "\n\nand more\n",
    " <b>bold</b>",
    "\n<li>x</li></ul>",
    " &amp; &lt;b&gt;",
    "\nEND",
    "\nBEGIN\n------------\nand more",
    "\n------------\nEND\n\n--- Created via RingCentral App Connect",
    "\nConversation(2 messages)",
    " 99 messages)",
    "\nAda Lovelace (+16505553204) 05:24 AM",
    "\nCharles Babbage 05:31 AM\nnobody",
    " <!-- comment",
    " $& {{x}} %s",
    " 😀",
    "\n😀",
    "\n- item\n# head",
    " **x** `y` _z_ [a](b)",
    "\n\u{200b}END",
    " \u{202e}evil",
    " é \u{a0} ü",
    "\n> quote\n    code",
];

/// The messages of a case, in the order of their ids.
pub(crate) fn messages(tape: &mut Tape) -> Vec<Message> {
    let count = 1 + tape.below(MOST);
    (1..)
        .take(count)
        .map(|id| {
            let minute = 7 * tape.below(5);
            match tape.below(16) {
                14 => Message::new(id, minute, "ok".to_owned(), None),
                15 => Message::new(id, minute, EMOJI.to_owned(), None),
                _ => {
                    let word = format!("w{id}e");
                    let (more, last) = (tape.pick(&TEXTS), tape.pick(&TEXTS));
                    Message::new(id, minute, format!("{word}{more}{last}"), Some(word))
                }
            }
        })
        .collect()
}

/// A state before a merge, as a test of the core.
pub(crate) struct State<'a> {
    pub(crate) format: Format,
    pub(crate) body: &'a str,
    pub(crate) stored: &'a [&'a Message],
    pub(crate) ledger: &'a [Fingerprint],
    pub(crate) removed: &'a [Fingerprint],
    pub(crate) delivery: &'a [Fingerprint],
    pub(crate) all: &'a [Message],
}

impl State<'_> {
    pub(crate) fn test(&self) -> String {
        let ids = |prints: &[Fingerprint]| {
            let id =
                |print: &Fingerprint| self.all.iter().find(|message| message.print() == *print);
            let ids = prints.iter().filter_map(id).map(|message| message.id);
            ids.collect::<Vec<_>>()
        };
        let mut test = String::from("#[test]\nfn found() {\n");
        let mut line = |text: String| writeln!(test, "    {text}").expect("a string takes it");
        line("let prints = |ids: &[u32]| -> Vec<_> { ids.iter().map(|id| text(*id, 0, \"\").fingerprint()).collect() };".to_owned());
        line(format!("let context = context(Format::{:?});", self.format));
        line(format!("let mut log = Log::of(&context, {:?});", self.body));
        line("log.stored = vec![".to_owned());
        for message in self.stored {
            let Message {
                id, minute, text, ..
            } = message;
            line(format!("    text({id}, {minute}, {text:?}),"));
        }
        line("];".to_owned());
        line(format!("log.ledger = prints(&{:?});", ids(self.ledger)));
        line(format!("log.removed = prints(&{:?});", ids(self.removed)));
        line(format!(
            "let merged = log.merge(&prints(&{:?}));",
            ids(self.delivery)
        ));
        line("panic!(\"{merged:#?}\");".to_owned());
        test + "}\n"
    }
}
