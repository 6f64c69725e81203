//! SIGINT and SIGTERM while AWS does not answer: the run leaves all the same, and the next one finishes its work.
//!
//! How fast it leaves is shown in virtual time by the engine's suite; here a run that does not leave hangs.

use sidekick_tests::moto::Call;
use sidekick_tests::proxy::{Others, Side, Trap};
use sidekick_tests::site::{Result, Site};

use crate::kills::{is_gone, nth, stands, started};

const UNCHANGED: &str = "interrupted before anything was changed";

/// The first call of this name is never answered, and all others are.
fn unanswered(service: &str, action: &str, side: Side) -> Trap {
    let call = Some(Call { service: service.to_owned(), action: action.to_owned() });
    Trap { call, ..nth(1, side, Others::Pass) }
}

pub(crate) fn a_signal_before_the_first_change_ends_every_command_at_once() -> Result {
    let site = Site::on_moto()?.with_environment()?;
    let mark = site.mark()?;
    let connecting = unanswered("sts", "GetCallerIdentity", Side::Before);
    let looking = unanswered("ec2", "DescribeVpcs", Side::Before);
    let commands: [&[&str]; 3] = [&["up", "--yes"], &["down", "--yes"], &["plan", "--detailed-exitcode"]];
    for (trap, (signal, code)) in [(connecting, ("INT", 130)), (looking, ("TERM", 143))] {
        for command in commands {
            let (_proxy, run) = started(&site, command, trap.clone())?;
            run.signal(signal)?;
            let ended = run.end()?;
            assert_eq!(ended.code, Some(code), "{ended}");
            ended.says(&[UNCHANGED])?;
        }
    }
    assert_eq!(site.mutations(mark)?, [""; 0]);
    stands(&site)
}

pub(crate) fn a_signal_ends_an_up_that_waits_for_an_answer_and_the_next_finishes_it() -> Result {
    for (side, signal, code) in [(Side::Before, "INT", 130), (Side::After, "TERM", 143)] {
        let site = Site::on_moto()?;
        let (_proxy, run) = started(&site, &["up", "--yes"], unanswered("ec2", "CreateVpc", side))?;
        run.signal(signal)?;
        let ended = run.end()?;
        assert_eq!(ended.code, Some(code), "{ended}");
        ended.says(&["Interrupted after", "has not answered yet about network.vpc", "sidekick up"])?;
        site.up()?;
        stands(&site)?;
    }
    Ok(())
}

pub(crate) fn a_signal_ends_a_down_that_waits_for_an_answer_and_the_next_finishes_it() -> Result {
    let site = Site::on_moto()?.with_environment()?;
    let trap = unanswered("rds", "DeleteDBInstance", Side::After);
    let (_proxy, run) = started(&site, &["down", "--yes"], trap)?;
    run.signal("TERM")?;
    let ended = run.end()?;
    assert_eq!(ended.code, Some(143), "{ended}");
    ended.says(&["Interrupted after", "has not answered yet about data.postgres", "sidekick down"])?;
    site.sidekick(&["down", "--yes"]).ends_with(0)?;
    is_gone(&site)
}

pub(crate) fn a_second_signal_ends_a_run_without_waiting_and_loses_nothing() -> Result {
    let site = Site::on_moto()?;
    let (_proxy, run) = started(&site, &["up", "--yes"], unanswered("ec2", "CreateVpc", Side::After))?;
    run.signal("TERM")?;
    run.signal("INT")?;
    let ended = run.end()?;
    assert!(matches!(ended.code, Some(130 | 143)), "{ended}");
    assert!(!ended.stdout.contains("Interrupted after"), "it did not wait until it could tell: {ended}");
    site.up()?;
    stands(&site)
}
