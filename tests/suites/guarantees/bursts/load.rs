//! What a burst is made of: digests, and requests that carry their texts.

use std::collections::BTreeSet;

use daybook_tests::params::{CONVERSATION, set, text, texts, with_messages};
use serde_json::{Value, json};

/// How the texts are spread over requests and digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A request for each text, the newest first.
    Texts,
    /// Twenty requests, each of which carries all texts up to its own, the newest first, as the
    /// extension does when it logs a day as it goes.
    WholeDay,
    /// The same request again and again.
    Identical,
    /// Texts by turns of two conversations with one contact.
    TwoConversations,
    /// Half as many texts, each for two contacts.
    TwoContacts,
}

impl Shape {
    pub(super) const ALL: [Self; 5] = [
        Self::Texts,
        Self::WholeDay,
        Self::Identical,
        Self::TwoConversations,
        Self::TwoContacts,
    ];

    /// What stands behind the number in a case's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Texts => "texts",
            Self::WholeDay => "texts_in_days_so_far",
            Self::Identical => "identical_requests",
            Self::TwoConversations => "texts_of_two_conversations",
            Self::TwoContacts => "requests_for_two_contacts",
        }
    }
}

/// Where texts of one conversation with one contact have to stand.
#[derive(Debug)]
pub(super) struct Digest {
    pub(super) contact: u64,
    conversation: u64,
    /// What stands in it in the end, in order.
    pub(super) texts: Vec<String>,
}

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    /// Of which digest.
    pub(super) digest: usize,
    /// What it carries.
    pub(super) texts: Vec<String>,
    pub(super) params: Value,
}

/// Digests and requests for them.
#[derive(Debug, Default)]
pub(super) struct Load {
    pub(super) digests: Vec<Digest>,
    /// What makes the activities before the burst.
    pub(super) openings: Vec<Request>,
    /// The burst.
    pub(super) requests: Vec<Request>,
    /// A request for each digest with all of its texts.
    pub(super) whole: Vec<Request>,
}

/// The number of the text that opens a digest. It is the oldest.
const OPENING: u64 = 0;

impl Shape {
    /// The digests that it is about: contact and conversation.
    fn digests(self) -> Vec<(u64, u64)> {
        let first = (1001, CONVERSATION);
        match self {
            Self::Texts | Self::WholeDay | Self::Identical => vec![first],
            Self::TwoConversations => vec![first, (1001, CONVERSATION + 1)],
            Self::TwoContacts => vec![first, (1002, CONVERSATION)],
        }
    }

    /// The texts of each request for the digest of an index, the newest first.
    fn requests(self, size: u64, index: u64) -> Vec<Vec<u64>> {
        let is_sent = |number: &u64| match self {
            Self::WholeDay => number.is_multiple_of(size / 20),
            Self::TwoConversations => number % 2 == index,
            Self::TwoContacts => number.is_multiple_of(2),
            Self::Texts | Self::Identical => true,
        };
        let numbers = (1..=size).rev().filter(is_sent);
        numbers.map(|number| self.carried(number)).collect()
    }

    /// The numbers of the texts that a request carries, the newest first.
    fn carried(self, number: u64) -> Vec<u64> {
        match self {
            Self::Texts | Self::TwoConversations | Self::TwoContacts => vec![number],
            Self::WholeDay => (1..=number).rev().collect(),
            Self::Identical => vec![3, 2, 1],
        }
    }
}

impl Load {
    /// A burst of `size` requests, twenty for whole days, into digests that exist where it `joins`.
    pub(super) fn of(shape: Shape, size: u64, joins: bool) -> Self {
        let mut load = Self::default();
        for (index, (contact, conversation)) in (0..).zip(shape.digests()) {
            let own = shape.requests(size, index);
            let mut digest = Digest {
                contact,
                conversation,
                texts: Vec::new(),
            };
            let place = load.digests.len();
            let mut all: BTreeSet<u64> = own.iter().flatten().copied().collect();
            if joins {
                load.openings.push(request(place, &digest, &[OPENING]));
                all.insert(OPENING);
            }
            let all: Vec<_> = all.into_iter().collect();
            digest.texts = all.iter().copied().map(text).collect();
            load.whole.push(request(place, &digest, &all));
            let sent = own.iter().map(|numbers| request(place, &digest, numbers));
            load.requests.extend(sent);
            load.digests.push(digest);
        }
        load
    }
}

fn request(index: usize, digest: &Digest, numbers: &[u64]) -> Request {
    let mut messages = texts(numbers.iter().copied());
    for message in &mut messages {
        message["conversationId"] = json!(digest.conversation);
    }
    let mut params = with_messages(messages);
    set(&mut params, "contactInfo.id", json!(digest.contact));
    Request {
        digest: index,
        texts: numbers.iter().copied().map(text).collect(),
        params,
    }
}
