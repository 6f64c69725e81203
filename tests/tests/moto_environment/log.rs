//! The log of `SIDEKICK_LOG`, by which other suites know what a run did, against what the server saw of it.

use sidekick_tests::moto::Call;
use sidekick_tests::site::{Result, Site};

pub(crate) fn the_log_of_a_run_names_the_calls_that_reach_the_server() -> Result {
    let site = Site::on_moto()?;
    for command in ["up", "down"] {
        let mark = site.mark()?;
        let run = site.sidekick(&[command, "--yes"]).with("SIDEKICK_LOG", "debug").ends_with(0)?;
        let mut logged: Vec<_> = run.stderr.lines().filter_map(Call::logged).collect();
        let mut seen = site.calls()?.split_off(mark);
        logged.sort();
        seen.sort();
        assert!(seen.len() > 50, "{seen:?}");
        assert_eq!(logged, seen);
    }
    Ok(())
}
