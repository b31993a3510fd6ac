//! Notes with a right counter of which nobody can tell whether a person or a late write made them.

use std::time::Duration;

use daybook_fakes::{Fault, Rule, person};
use daybook_tests::runner::case;
use daybook_tests::world::{Door, World};
use http::Method;
use libtest_mimic::Trial;

use super::Digest;
use super::edits::{Edit, word};
use crate::later::pass;

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "people::doubt::while_a_write_may_land_a_text_that_is_missing_comes_back",
            || async { comes_back().await },
        ),
        case(
            "people::doubt::a_form_of_a_write_that_landed_late_takes_no_text_out",
            || async { form_of_a_late_write().await },
        ),
    ]
}

async fn comes_back() {
    let world = World::start(Door::Direct).await;
    let mut digest = Digest::start(&world, 1);
    digest.log(0).await;
    digest.log(1).await;
    digest.doubt(2).await;
    digest.edit(Edit::FirstTakenOutAndCounted).await;
    digest.model.take_back();
    digest.log(2).await;
    // Once nothing can land any more, the same says that it was taken out.
    pass(&world, Duration::from_secs(180)).await;
    digest.log(3).await;
    digest.edit(Edit::FirstTakenOutAndCounted).await;
    digest.log(4).await;
    digest.assert_quiet().await;
}

/// The first write carried a text that was accepted before one that belongs further up. A person
/// who opened what it had made saves that form when all is settled.
async fn form_of_a_late_write() {
    let world = World::start(Door::Direct).await;
    let mut digest = Digest::start(&world, 1);
    digest.log(0).await;
    let lost = Rule::new(Fault::DropBefore).method(Method::PATCH).once();
    world.crm.plan(lost);
    let (_, reply) = digest.send(3).await;
    assert_eq!(reply["successful"], false, "{reply}");
    digest.model.join(3);
    digest.log(1).await;
    pass(&world, Duration::from_secs(180)).await;
    digest.log(2).await;
    let note = world.crm.open_note(1).await;
    let carried = person::without(&person::without(&note, word(1)), word(2));
    world
        .crm
        .save_note(1, &person::recounted(&carried, "2"))
        .await;
    digest.log(4).await;
    digest.assert_quiet().await;
}
