//! One digest fails whatever is done: the others of its user are logged as ever.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::params::{set, text, texts, with_message};
use daybook_tests::runner::{case, figure};
use daybook_tests::sign_in::rely;
use daybook_tests::stands::{note, wrong_with};
use daybook_tests::world::{Door, World};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::later::pass;

/// How many texts the other digest gets meanwhile.
const OTHERS: u64 = 10;

pub(super) fn cases() -> Vec<Trial> {
    vec![case(
        "outage::a_digest_that_fails_holds_back_no_other_of_its_user",
        one_fails,
    )]
}

/// A text of a conversation, without credentials.
fn of_conversation(conversation: u64, number: u64) -> Value {
    let mut params = with_message(texts([number]).remove(0));
    params["authHeader"] = Value::Null;
    set(&mut params, "message.conversationId", json!(conversation));
    params
}

async fn one_fails() {
    let world = World::start(Door::HttpEvent).await;
    rely(&world).await;
    let send = async |conversation, number| {
        let params = of_conversation(conversation, number);
        let (_, reply) = world.call("createMessageLog", &params).await;
        let said = reply["returnMessage"]["message"].as_str();
        said.expect("words").to_owned()
    };
    assert_eq!(send(1, 1).await, "Message logged");
    let first = format!("{}/1", world.crm.kind().activities());
    let fails = Rule::new(Fault::status(500)).path_prefix(&first);
    world.crm.plan(fails.forever());
    let said = send(1, 2).await;
    assert!(said.contains("kept and will be logged"), "{said}");
    for number in 1..=OTHERS {
        assert_eq!(send(2, number).await, "Message logged");
        pass(&world, Duration::from_secs(60)).await;
        world.deliver_pending().await;
    }
    let calls = world.crm.journal();
    let in_vain = calls
        .iter()
        .filter(|call| call.path.ends_with("/activities/1"));
    let in_vain = in_vain.count();
    figure(&format!(
        "{OTHERS} minutes: {in_vain} calls for the digest that fails"
    ));
    assert!((3..=10).contains(&in_vain), "{in_vain} calls");
    world.crm.clear_plan();
    pass(&world, Duration::from_secs(400)).await;
    world.deliver_pending().await;
    let activities = world.activities().await;
    assert_eq!(activities.len(), 2, "{activities:#?}");
    for (activity, count) in activities.iter().zip([2, OTHERS]) {
        let texts: Vec<_> = (1..=count).map(text).collect();
        assert_eq!(wrong_with(note(activity), &texts), [""; 0]);
    }
}
