//! The binary is killed at every request that may change something, on either side of it, and run again.
//!
//! A chain covers all such requests of a direction, those of recovery among them: a run is killed at its first one,
//! which is not forwarded; the next run at the same one, which is answered; and so on until nothing is left to do. What
//! was met passes when it is repeated, and no other request that changes anything does, so every pair of runs makes
//! exactly one step.
//!
//! In a chain little is under way at once. The other trials kill a run in full flight at a spread of its requests, and
//! the next one follows at once. `SIDEKICK_KILLS=all` takes each request instead, which lasts for half an hour.

use std::collections::BTreeSet;
use std::env;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use sidekick_tests::audit::Inventory;
use sidekick_tests::binary::Running;
use sidekick_tests::proxy::{Others, Proxy, Request, Side, Trap};
use sidekick_tests::reference;
use sidekick_tests::site::{Result, Site};

/// How far the kills in full flight are apart.
const STRIDE: usize = 20;
/// Each direction has more requests that change something than this.
const FEWEST_REQUESTS: usize = 35;
/// And fewer than this.
const MOST_REQUESTS: usize = 200;
/// No run of these takes this long.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) fn an_up_that_is_killed_at_every_request_loses_nothing() -> Result {
    let site = Site::on_moto()?;
    let met = chain(&site, "up")?;
    assert!(met > FEWEST_REQUESTS, "only {met} requests were met");
    stands(&site)
}

pub(crate) fn a_down_that_is_killed_at_every_request_loses_nothing() -> Result {
    let site = Site::on_moto()?.with_environment()?;
    let met = chain(&site, "down")?;
    assert!(met > FEWEST_REQUESTS, "only {met} requests were met");
    is_gone(&site)
}

pub(crate) fn a_run_that_is_killed_in_full_flight_before_a_request_loses_nothing() -> Result {
    in_full_flight(Side::Before)
}

pub(crate) fn a_run_that_is_killed_in_full_flight_after_an_answer_loses_nothing() -> Result {
    in_full_flight(Side::After)
}

/// Kills run after run at its first request that may change something and was not met yet, until one has none.
fn chain(site: &Site, direction: &str) -> Result<usize> {
    let mut met = BTreeSet::new();
    while met.len() < MOST_REQUESTS {
        let first = Trap { known: met.clone(), ..nth(1, Side::Before, Others::Wait) };
        let Some(request) = killed(site, direction, first.clone())? else { return Ok(met.len()) };
        // An hour later nothing is waited for that might only not be visible yet.
        site.let_an_hour_pass()?;
        let again = Trap { call: Some(request.call), side: Side::After, ..first };
        let told = format!("{:?} does not come again", again.call);
        met.insert(killed(site, direction, again)?.ok_or(told)?);
        site.let_an_hour_pass()?;
    }
    let calls: Vec<_> = met.into_iter().map(|request| request.call).collect();
    Err(format!("`{direction}` comes to no end: {calls:#?}").into())
}

/// The n-th request of a run that may change something, whatever it is.
pub(crate) fn nth(nth: usize, side: Side, others: Others) -> Trap {
    Trap { call: None, known: BTreeSet::new(), nth, side, others }
}

/// Kills an `up` and a `down` of a new site at one request each, for a spread of requests.
fn in_full_flight(side: Side) -> Result {
    let stride = if env::var("SIDEKICK_KILLS").is_ok_and(|kills| kills == "all") { 1 } else { STRIDE };
    for request in (1..).step_by(stride) {
        let (site, trap) = (Site::on_moto()?, nth(request, side, Others::PassUntilThen));
        if killed(&site, "up", trap.clone())?.is_none() {
            assert!(request > FEWEST_REQUESTS, "`up` has {request} requests that change something");
            return Ok(());
        }
        site.up()?;
        stands(&site)?;
        site.let_an_hour_pass()?;
        killed(&site, "down", trap)?;
        site.sidekick(&["down", "--yes"]).ends_with(0)?;
        is_gone(&site)?;
    }
    Ok(())
}

/// Kills a run where the trap catches it, and says where that was; nowhere if the run came to its good end before.
fn killed(site: &Site, direction: &str, trap: Trap) -> Result<Option<Request>> {
    let (proxy, run) = started(site, &[direction, "--yes"], trap)?;
    let Some(request) = proxy.caught() else {
        let outcome = run.end()?;
        return if outcome.code == Some(0) { Ok(None) } else { Err(outcome.unexpected("it failed").into()) };
    };
    let outcome = run.kill()?;
    assert_eq!(outcome.code, None, "it was under way when it was killed:\n{outcome}");
    proxy.close()?;
    Ok(Some(request))
}

/// A run behind a proxy, as far as the trap lets it.
pub(crate) fn started(site: &Site, arguments: &[&str], trap: Trap) -> Result<(Proxy, Running)> {
    let proxy = Proxy::start(site.account.address()?, trap)?;
    let mut run = site.sidekick(arguments).with("AWS_ENDPOINT_URL", &proxy.endpoint()).start()?;
    let begun = Instant::now();
    while proxy.caught().is_none() && !run.has_ended()? {
        assert!(begun.elapsed() < LIMIT, "the run makes no progress");
        thread::sleep(Duration::from_millis(1));
    }
    Ok((proxy, run))
}

/// Everything is there, once and as the reference says, and there is nothing left to do.
pub(crate) fn stands(site: &Site) -> Result {
    site.expect(&reference::environment())?;
    assert_eq!(site.plan()?, json!({}));
    Ok(())
}

/// Nothing is there, and nothing is on record.
pub(crate) fn is_gone(site: &Site) -> Result {
    site.expect(&Inventory::default())?;
    assert_eq!(site.state()?["rows"], json!({}));
    Ok(())
}
