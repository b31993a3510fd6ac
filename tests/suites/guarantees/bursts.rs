//! Many requests at the same moment: one activity a digest, every text in it once and in order,
//! replies that are true when they are given, and few calls of the CRM.
//!
//! What is sent is in `load`, to whom in `place`.

mod load;
mod place;

use std::time::{Duration, Instant};

use daybook_tests::runner::{case, figure};
use daybook_tests::stands::{activities_of, note_of, wrong_with};
use daybook_tests::world::Answered;
use futures_util::future::join_all;
use http::Method;
use libtest_mimic::Trial;

use self::load::{Digest, Load, Shape};
use self::place::{Place, Running};

/// One burst.
#[derive(Debug, Clone, Copy)]
struct Burst {
    place: Place,
    shape: Shape,
    /// How many requests there are, or texts in whole days.
    size: u64,
    /// How long the CRM takes for a call, beside what it needs.
    crm_ms: u64,
    /// Whether each digest has an activity before.
    joins: bool,
}

/// How long the CRM takes, and whether the digests exist.
type Row = (u64, bool);

/// What twenty texts meet with, and a hundred that are sent one by one.
const ALL: [Row; 6] = [
    (0, false),
    (0, true),
    (20, false),
    (20, true),
    (200, false),
    (200, true),
];
/// What a hundred texts meet with in other shapes.
const LARGE: [Row; 2] = [(0, false), (200, true)];
/// The same for four workers, which take a while in a slow CRM.
const LARGE_AND_QUICK: [Row; 2] = [(0, false), (20, true)];

/// How often a request of a large burst may be sent until it is done: a machine that is busy with
/// other things does not answer hundreds of requests in the time of a reply.
const MOST_TRIES: usize = 8;
/// How long it is left alone before.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) fn cases() -> Vec<Trial> {
    let mut bursts = Vec::new();
    for place in Place::ALL {
        for shape in Shape::ALL {
            bursts.extend(Burst::all(place, shape));
        }
    }
    // Those that wait for long come first, so that the others run meanwhile.
    bursts.sort_by_key(|burst| std::cmp::Reverse(burst.size * burst.crm_ms));
    let trials = bursts.into_iter();
    trials
        .map(|burst| case(burst.name(), move || burst.run()))
        .collect()
}

impl Burst {
    /// What a place meets with, in one shape.
    fn all(place: Place, shape: Shape) -> Vec<Self> {
        let is_one_by_one = matches!(shape, Shape::Texts | Shape::TwoConversations);
        let (small, large) = match place {
            Place::Local | Place::FourWorkers if shape == Shape::Texts => (&ALL[..], &ALL[..]),
            Place::Local => (&ALL[..], &LARGE[..]),
            Place::FourWorkers => (&ALL[..], &LARGE_AND_QUICK[..]),
            Place::TwentyWorkers if is_one_by_one => (&ALL[2..], &[][..]),
            Place::TwentyWorkers => (&[][..], &[][..]),
        };
        let of_size = |size| {
            move |(crm_ms, joins): &Row| Self {
                place,
                shape,
                size,
                crm_ms: *crm_ms,
                joins: *joins,
            }
        };
        let small = small.iter().map(of_size(20));
        small.chain(large.iter().map(of_size(100))).collect()
    }

    fn name(&self) -> String {
        let digest = if self.joins { "joining" } else { "new" };
        let (place, shape) = (self.place.name(), self.shape.name());
        let (size, crm_ms) = (self.size, self.crm_ms);
        format!("bursts::{place}::{size}_{shape}_{digest}_with_a_crm_at_{crm_ms}_ms")
    }

    async fn run(self) {
        let running = self.place.start().await;
        let load = Load::of(self.shape, self.size, self.joins);
        for (number, opening) in load.openings.iter().enumerate() {
            let (_, reply) = running.call(number, &opening.params).await;
            assert_eq!(reply["successful"], true, "{reply}");
        }
        running.crm().clear_journal();
        running.crm().set_delay(Duration::from_millis(self.crm_ms));
        let begun = Instant::now();
        let sent = (0..load.requests.len()).map(|number| told(&running, &load, number));
        let told = join_all(sent).await;
        let repeats = told.iter().map(|told| told.tries - 1).sum();
        self.assert_few_calls(&running, &load, repeats, begun.elapsed());
        for (index, digest) in load.digests.iter().enumerate() {
            let own = load.requests.iter().zip(&told);
            let own = own.filter(|(request, _)| request.digest == index);
            let ids: Vec<_> = own.map(|(_, told)| told.log_id.as_str()).collect();
            assert!(ids.windows(2).all(|two| two[0] == two[1]), "{ids:?}");
            assert_whole(&running, digest, ids[0]).await;
        }
        assert_alone(&running, &load).await;
        again(&running, &load).await;
    }

    /// Prints what it took of the CRM, and fails where that is too much.
    fn assert_few_calls(&self, running: &Running, load: &Load, repeats: usize, took: Duration) {
        let (calls, writes) = (running.crm().journal().len(), running.crm().writes());
        figure(&format!(
            "{}: {calls} calls, {writes} writes, {repeats} repeats, {took:.1?}",
            self.name()
        ));
        // On a busy machine some of many are asked to come again.
        assert!(repeats <= 5 || self.size > 20, "{repeats} repeats");
        let digests = load.digests.len();
        let most = digests * self.place.most_calls(load.requests.len() / digests);
        assert!(calls <= most, "{calls} calls of the CRM, more than {most}");
        let posts = running
            .crm()
            .requests(&Method::POST, running.crm().kind().activities());
        let new = if self.joins { 0 } else { digests };
        assert_eq!(posts, new, "activities that were made");
    }
}

/// What a request came to.
struct Told {
    /// The activity that its reply names.
    log_id: String,
    /// How often it was sent.
    tries: usize,
}

/// Sends a request, as often as its reply asks for it and it may be, and takes each reply at its
/// word at the moment when it comes.
async fn told(running: &Running, load: &Load, number: usize) -> Told {
    let request = &load.requests[number];
    let mut refusals = Vec::new();
    for tries in 1..=MOST_TRIES {
        let begun = Instant::now();
        let (status, reply) = running.call(number, &request.params).await;
        let said = reply["returnMessage"]["message"].as_str();
        let said = said.expect("words");
        if reply["successful"] != true {
            assert!(said.contains("Send it again") || status == 500, "{reply}");
            refusals.push((said.to_owned(), begun.elapsed()));
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        assert!(said.ends_with("logged"), "{reply}");
        let log_id = reply["logId"].as_str().expect("an id").to_owned();
        let note = note_of(running.crm(), &log_id).await;
        for text in &request.texts {
            let times = note.matches(text).count();
            assert_eq!(times, 1, "{text} is not there after {said:?}:\n{note}");
        }
        return Told { log_id, tries };
    }
    panic!("request {number} is not done: {refusals:#?}")
}

/// That the activity of a digest holds all its texts.
async fn assert_whole(running: &Running, digest: &Digest, log_id: &str) {
    let note = note_of(running.crm(), log_id).await;
    let wrong = wrong_with(&note, &digest.texts);
    assert!(wrong.is_empty(), "{wrong:#?}\n{note}");
}

/// That there is one activity for each digest, and no other.
async fn assert_alone(running: &Running, load: &Load) {
    for digest in &load.digests {
        let of_contact = load.digests.iter();
        let of_contact = of_contact.filter(|other| other.contact == digest.contact);
        let activities = activities_of(running.crm(), digest.contact).await;
        assert_eq!(activities.len(), of_contact.count(), "{activities:#?}");
    }
}

/// Everything once more, whole and in part: it stands there, and nobody asks the CRM.
async fn again(running: &Running, load: &Load) {
    running.crm().clear_journal();
    let some = load.requests.iter().take(2);
    for (number, request) in some.chain(&load.whole).enumerate() {
        let (_, reply): Answered = running.call(number, &request.params).await;
        let said = &reply["returnMessage"]["message"];
        assert_eq!(said, "Already logged", "{reply}");
    }
    assert_eq!(running.crm().journal().len(), 0, "the same again");
}
