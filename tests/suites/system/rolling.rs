//! `DIGEST_WINDOW=rolling24h`: a digest covers the 24 hours after its first text.

use daybook_tests::params::{inbound, text, with_message, with_messages};
use daybook_tests::world::World;
use futures_util::future::join_all;

use crate::expect::{assert_in_order, note, success};

crate::through_every_door![with [("DIGEST_WINDOW", "rolling24h")];
    texts_of_24_hours_share_a_digest_over_midnight,
    texts_at_once_open_one_rolling_digest,
    texts_older_than_all_windows_that_are_kept_share_digests,
];

async fn texts_of_24_hours_share_a_digest_over_midnight(world: &World) {
    // In Los Angeles the second is of the next day, and the third of the same.
    for (id, time, log_id) in [
        (1, "2015-02-19T06:00:00.000Z", "1"),
        (2, "2015-02-19T20:00:00.000Z", "1"),
        (3, "2015-02-20T06:00:01.000Z", "2"),
        (4, "2015-02-19T05:30:00.000Z", "1"),
    ] {
        let params = with_message(inbound(id, time, &text(id)));
        let reply = world.call("updateMessageLog", &params).await;
        assert_eq!(reply, success(log_id, "Message logged"), "{time}");
    }
    let activities = world.activities().await;
    assert_eq!(activities.len(), 2);
    let first = note(&activities[0]);
    assert_in_order(first, &[text(4), text(1), text(2)]);
    assert!(
        first.contains("15/02/19 12:00 PM"),
        "each with its date: {first}"
    );
    assert_in_order(note(&activities[1]), &[text(3)]);
    world.crm.clear_journal();
    let again = [1, 2, 3].map(|id| {
        let time = ["06:00", "20:00", "06:00"][id - 1];
        let day = 19 + id / 3;
        let id = u64::try_from(id).expect("small");
        inbound(id, &format!("2015-02-{day}T{time}:00.000Z"), &text(id))
    });
    let reply = world
        .call("createMessageLog", &with_messages(again.into()))
        .await;
    assert_eq!(reply, success("2", "Already logged"));
    assert!(world.crm.journal().is_empty());
}

async fn texts_at_once_open_one_rolling_digest(world: &World) {
    let requests: Vec<_> = (0..6)
        .map(|id| {
            let time = format!("2015-02-19T0{id}:00:00.000Z");
            with_message(inbound(id, &time, &text(id)))
        })
        .collect();
    let calls = requests.iter().enumerate().map(|(index, params)| {
        let interface = ["createMessageLog", "updateMessageLog"][index % 2];
        world.call(interface, params)
    });
    for (status, reply) in join_all(calls).await {
        assert_eq!(
            (status, &reply["successful"]),
            (200, &true.into()),
            "{reply}"
        );
    }
    // Whichever came first has opened its window; earlier texts may stand in one before it.
    let activities = world.activities().await;
    let notes: Vec<_> = activities.iter().map(note).collect();
    for id in 0..6 {
        let found: usize = notes
            .iter()
            .map(|note| note.matches(&text(id)).count())
            .sum();
        assert_eq!(found, 1, "{}", text(id));
    }
    let counted: usize = notes.iter().map(|note| crate::expect::count(note)).sum();
    assert_eq!(counted, 6);
}

async fn texts_older_than_all_windows_that_are_kept_share_digests(world: &World) {
    // A window for each of 18 days, of which the newest 16 are kept.
    let newer = (10..28).map(|day| inbound(day, &format!("2015-03-{day}T12:00:00.000Z"), "new"));
    let reply = world
        .call("createMessageLog", &with_messages(newer.collect()))
        .await;
    assert_eq!(reply.1["successful"], true, "{}", reply.1);
    let before = world.activities().await.len();
    assert_eq!(before, 18);
    let at =
        |id: u64, hour: u64| inbound(id, &format!("2015-02-10T{hour:02}:00:00.000Z"), &text(id));
    let first = with_messages(vec![at(100, 8), at(101, 9), at(102, 22)]);
    let second = with_messages(vec![at(103, 10), at(104, 7)]);
    for params in [first, second] {
        let reply = world.call("updateMessageLog", &params).await;
        assert_eq!(reply.1["successful"], true, "{}", reply.1);
    }
    let activities = world.activities().await;
    assert_eq!(activities.len(), before + 1);
    let all = [104, 100, 101, 103, 102].map(text);
    assert_in_order(note(&activities[before]), &all);
}
