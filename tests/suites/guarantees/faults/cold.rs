//! Every fault at what a first text has to ask before its activity can be made: to which
//! organisation the person belongs, and which types of activity there are. All other cases begin
//! with both known.

use std::time::{Duration, Instant};

use daybook_fakes::Rule;
use daybook_tests::crm::{Kind, over};
use daybook_tests::params::{example, set};
use daybook_tests::runner::case;
use daybook_tests::stands::activities_of;
use daybook_tests::world::{Door, World};
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::rows::{REFUSED, REJECTED};
use super::scene::end_of;
use super::told::Told;
use super::trouble::{Call, Trouble};
use crate::expect::{assert_in_order, note, success};
use crate::later::pass;

/// What is asked before an activity is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Person,
    Types,
}

/// Somebody of whom nothing is known.
const PERSON: u64 = 1003;
/// When a reply must have come.
const IN_TIME: Duration = Duration::from_secs(13);
/// How often a call may be sent for one text: as long as a limit lasts, it may be tried again.
const MOST_CALLS: usize = 4;
/// After how long nobody is held back any more.
const LONG: Duration = Duration::from_secs(70 * 60);

pub(crate) fn cases() -> Vec<Trial> {
    over(Kind::Pipedrive, || {
        let mut trials = Vec::new();
        for (asked, name) in [(Asked::Person, "person"), (Asked::Types, "types")] {
            for (trouble, fault) in Trouble::ALL {
                let name = format!("faults::cold::{name}::{fault}");
                trials.push(case(name, move || run(asked, trouble)));
            }
        }
        trials
    })
}

impl Asked {
    fn path(self) -> &'static str {
        match self {
            Self::Person => "/api/v2/persons/",
            Self::Types => "/v1/activityTypes",
        }
    }

    async fn begin(self, world: &World, trouble: Trouble) {
        match trouble.fault(world.crm.kind(), Call::Create) {
            Some(fault) => world
                .crm
                .plan(Rule::new(fault).on(Method::GET, self.path())),
            None => world.crm.refuse_connections().await,
        }
    }

    /// What is told of a read that has met with the same, but for what was not there, and for what
    /// is refused: a create does not know which of its calls that was.
    fn told(self, trouble: Trouble) -> Told {
        if matches!(trouble, Trouble::Status413 | Trouble::Status422) {
            return REFUSED;
        }
        let (_, _, (told, _), _, _) = super::row(Call::Read, trouble);
        match (told, self) {
            (Told::Hidden(_), Self::Person) => Told::ContactGone,
            (Told::Hidden(_), Self::Types) => REJECTED,
            (told, Self::Person | Self::Types) => told,
        }
    }
}

fn text() -> Value {
    let mut params = example();
    set(&mut params, "contactInfo.id", json!(PERSON));
    params
}

async fn run(asked: Asked, trouble: Trouble) {
    let world = World::start_with(Door::HttpEvent, &[("PIPEDRIVE_SMS_TYPE", "")]).await;
    asked.begin(&world, trouble).await;
    let begun = Instant::now();
    let reply = world.call("createMessageLog", &text()).await;
    assert!(begun.elapsed() < IN_TIME, "{:?}", begun.elapsed());
    let told = asked.told(trouble);
    if matches!(told, Told::TooMany(_)) {
        // How long that is, and how often it is tried, is Pipedrive's to say.
        let words = reply.1["returnMessage"]["message"].as_str();
        let expected = "Pipedrive is receiving too many requests. The message is not logged.";
        let is_told = words.is_some_and(|words| words.starts_with(expected));
        assert!(is_told, "{reply:?}");
    } else {
        told.assert(&reply, None, false);
    }
    assert!(world.crm.unspent_rules().is_empty(), "it was asked");
    let calls = world.crm.count(|call| call.path.starts_with(asked.path()));
    assert!(calls <= MOST_CALLS, "{calls} calls");
    assert_eq!(world.crm.writes(), 0, "nothing is made of half of it");
    end_of(&world, trouble).await;
    pass(&world, LONG).await;
    for words in ["Message logged", "Already logged"] {
        let reply = world.call("createMessageLog", &text()).await;
        assert_eq!(reply, success("1", words));
    }
    let activities = activities_of(&world.crm, PERSON).await;
    assert_eq!(activities.len(), 1, "{activities:#?}");
    assert_eq!(activities[0]["type"], "text_sms");
    assert_in_order(note(&activities[0]), &["Flight information"]);
}
