//! The protocol is broken on purpose, and the campaigns of [`crate::crash`] must notice. A campaign that cannot fail
//! proves nothing.

use std::time::Duration;

use sidekick_engine::{AnyKind, Erased, Graph};

use crate::crash::campaign;
use crate::toy::{Bench, Cloud, Estate, Flaw, Key, Nature, Thing};

/// A kind whose create call carries no mark, and that believes whatever it observes to be its own.
#[derive(Clone, Debug, PartialEq)]
struct Unmarked;

impl Nature for Unmarked {
    const KIND: &'static str = "toy.unmarked";
    const KEY: Key = Key::Tags;
    const FLAWS: &'static [Flaw] = &[Flaw::LeavesTheMarkOut, Flaw::TrustsWhatItFinds];
}

/// A kind whose create call carries a random token, as an SDK sends if it is not told otherwise.
#[derive(Clone, Debug, PartialEq)]
struct RandomToken;

impl Nature for RandomToken {
    const KIND: &'static str = "toy.random-token";
    const KEY: Key = Key::Token;
    const FLAWS: &'static [Flaw] = &[Flaw::SendsItsOwnToken];
}

/// The same kind without a flaw.
#[derive(Clone, Debug, PartialEq)]
struct OurToken;

impl Nature for OurToken {
    const KIND: &'static str = "toy.our-token";
    const KEY: Key = Key::Token;
}

const KINDS: &[&dyn AnyKind<Cloud>] =
    &[Erased::<Thing<Unmarked>>::KIND, Erased::<Thing<RandomToken>>::KIND, Erased::<Thing<OurToken>>::KIND];

fn alone<N: Nature>() -> Graph<Cloud> {
    let mut graph = Graph::new();
    graph.add("alone", (), |()| Thing::<N>::named("alone"));
    graph
}

/// The campaign over one resource of a kind, in a world whose search takes longer than anybody looks.
async fn campaign_over<N: Nature>() -> Result<u32, String> {
    let mut bench = Bench::with_kinds(KINDS);
    bench.world().search_lag = Duration::from_secs(90);
    let nothing = bench.snapshot();
    campaign(&mut bench, &nothing, alone::<N>, &[]).await
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_leaves_the_mark_out_is_caught() {
    let finding = campaign_over::<Unmarked>().await.expect_err("it must be caught");
    assert!(finding.starts_with("crash at "), "{finding}");
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_sends_its_own_token_is_caught_as_a_duplicate() {
    assert!(campaign_over::<OurToken>().await.is_ok(), "the same kind without the flaw is sound");
    let finding = campaign_over::<RandomToken>().await.expect_err("it must be caught");
    assert!(finding.contains("duplicate"), "{finding}");
}

/// A disk that acknowledges before it is durable is an engine that calls before it records.
#[tokio::test(start_paused = true)]
async fn an_intent_that_is_recorded_after_the_call_is_caught() {
    let mut bench = Bench::new();
    bench.disk_lies = true;
    let nothing = bench.snapshot();
    let finding = campaign(&mut bench, &nothing, || Estate::FIRST.graph(), &[]).await;
    let finding = finding.expect_err("it must be caught");
    assert!(finding.contains("unrecorded call"), "{finding}");
}
