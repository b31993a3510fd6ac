//! The CRM refuses connections, texts pile up with replies that say so, the CRM returns: the next
//! text of each digest brings all that waited.

use std::time::{Duration, Instant};

use daybook_tests::crm::{Crm, said as named};
use daybook_tests::params::{set, text, texts, with_message};
use daybook_tests::runner::{case, figure};
use daybook_tests::stands::{activities_of, note_of, wrong_with};
use daybook_tests::workers::Workers;
use daybook_tests::world::{Answered, Door, World};
use futures_util::future::join_all;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case("outage::a_local_server_brings_all_that_waited", || async {
            let world = World::start(Door::LocalHttp).await;
            outage(&Asked::World(Box::new(world))).await;
        }),
        case("outage::workers_bring_all_that_waited", || async {
            let workers = Workers::start(4).await;
            outage(&Asked::Workers(Box::new(workers))).await;
        }),
    ]
}

/// Who is asked.
enum Asked {
    World(Box<World>),
    Workers(Box<Workers>),
}

impl Asked {
    fn crm(&self) -> &Crm {
        match self {
            Self::World(world) => &world.crm,
            Self::Workers(workers) => &workers.crm,
        }
    }

    async fn call(&self, number: usize, params: &Value) -> Answered {
        match self {
            Self::World(world) => world.call("createMessageLog", params).await,
            Self::Workers(workers) => workers.call(number % workers.count(), params).await,
        }
    }
}

/// How many texts pile up in each digest.
const PILED_UP: u64 = 20;
/// The longest that is waited for, in seconds: a minute, and a tenth of it more.
const LONGEST_WAIT: u64 = 67;

async fn outage(asked: &Asked) {
    let crm = asked.crm();
    // One digest is there, the other is to be made.
    let (_, reply) = asked.call(0, &of_conversation(1, 0)).await;
    assert_eq!(reply["successful"], true, "{reply}");
    crm.refuse_connections().await;
    let back = pile_up(asked).await;
    crm.accept_connections().await;
    crm.clear_journal();
    let (_, reply) = asked.call(1, &of_conversation(1, PILED_UP)).await;
    says_to_wait(&reply);
    assert_eq!(crm.journal().len(), 0, "nobody asks before it is time");
    tokio::time::sleep_until(back.into()).await;
    for (conversation, first) in [(1, 0), (2, 1)] {
        next_brings_all(asked, conversation, first).await;
    }
    assert_eq!(activities_of(crm, 1001).await.len(), 2);
}

/// Texts come in for both digests. Says when the CRM may be asked again, as the replies do.
async fn pile_up(asked: &Asked) -> Instant {
    let begun = Instant::now();
    let mut back = begun;
    for number in 1..=PILED_UP {
        let pair = [1, 2].map(|conversation| of_conversation(conversation, number));
        for (_, reply) in join_all(pair.iter().map(|params| asked.call(0, params))).await {
            back = back.max(Instant::now() + says_to_wait(&reply));
        }
    }
    figure(&format!(
        "{} texts piled up in {:.1?}, to be sent again in {:.1?}",
        2 * PILED_UP,
        begun.elapsed(),
        back - Instant::now()
    ));
    back
}

/// The next text of a conversation brings all that waited since the `first`.
async fn next_brings_all(asked: &Asked, conversation: u64, first: u64) {
    let crm = asked.crm();
    crm.clear_journal();
    let next = of_conversation(conversation, PILED_UP + 1);
    let (_, reply) = asked.call(2, &next).await;
    assert_eq!(
        reply["returnMessage"]["message"], "Message logged",
        "{reply}"
    );
    let note = note_of(crm, reply["logId"].as_str().expect("an id")).await;
    let expected: Vec<_> = (first..=PILED_UP + 1).map(text).collect();
    let wrong = wrong_with(&note, &expected);
    assert!(wrong.is_empty(), "{wrong:#?}\n{note}");
    let calls = crm.journal().len();
    assert!(calls <= 2, "{calls} calls for all that waited");
}

/// A text of a conversation. Both say the same.
fn of_conversation(conversation: u64, number: u64) -> Value {
    let mut params = with_message(texts([number]).remove(0));
    set(&mut params, "message.conversationId", json!(conversation));
    params
}

/// How long a reply says to wait, which has to say what is.
fn says_to_wait(reply: &Value) -> Duration {
    let said = reply["returnMessage"]["message"].as_str().expect("words");
    let before =
        named("Example CRM cannot be reached. The message is not logged. Send it again in ");
    let rest = said
        .strip_prefix(&before)
        .and_then(|rest| rest.split_once(' '));
    let (number, unit) = rest.unwrap_or_else(|| panic!("{reply}"));
    assert_eq!(
        (unit, &reply["successful"]),
        ("seconds.", &json!(false)),
        "{reply}"
    );
    let seconds = number.parse().expect("a number");
    assert!((1..=LONGEST_WAIT).contains(&seconds), "{reply}");
    Duration::from_secs(seconds)
}
