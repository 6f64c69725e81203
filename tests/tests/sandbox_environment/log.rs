//! The log of `SIDEKICK_LOG`: whose events are in it, and where it goes.

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    the_log_has_one_line_for_each_call_and_nothing_of_anybody_else,
    without_the_variable_there_is_no_log,
    an_unknown_level_is_refused_with_those_that_there_are,
];

fn the_log_has_one_line_for_each_call_and_nothing_of_anybody_else() -> Shown {
    let desk = Desk::new()?;
    let plan = desk.run("plan --output json").with("SIDEKICK_LOG", "debug").ends_with(0)?;
    plan.json("plan")?;
    let calls: Vec<_> = plan.stderr.lines().filter(|line| line.contains("AWS call")).collect();
    let [caller] = calls.iter().filter(|line| line.contains("\"GetCallerIdentity\"")).collect::<Vec<_>>()[..]
    else {
        return Err(plan.unexpected("it asks once who is calling").into());
    };
    for part in ["DEBUG sidekick_aws::", "service=\"sts\"", "status=200", "request_id=\"", "took="] {
        assert!(caller.contains(part), "{part}: {caller}");
    }
    assert!(calls.iter().any(|line| line.contains("\"DescribeVpcs\"")), "{plan}");
    assert!(plan.stderr.contains("reading the configuration folder=config environment=\"dev\""), "{plan}");

    // The SDK has a lot to tell at this level, bodies of requests among it.
    let up = desk.run("up --yes").with("SIDEKICK_LOG", "trace").ends_with(0)?;
    let foreign =
        up.stderr.lines().find(|line| !line.contains(" sidekick::") && !line.contains(" sidekick_aws::"));
    assert_eq!(foreign, None, "every line is ours");
    let info = desk.run("plan").with("SIDEKICK_LOG", "info").ends_with(0)?;
    assert!(info.stderr.contains("connected") && !info.stderr.contains("AWS call"), "{info}");
    Ok(())
}

fn without_the_variable_there_is_no_log() -> Shown {
    let desk = Desk::new()?;
    for run in [desk.run("plan"), desk.run("plan").with("SIDEKICK_LOG", "")] {
        let run = run.with("RUST_LOG", "trace").ends_with(0)?;
        assert_eq!(run.stderr, "");
    }
    Ok(())
}

fn an_unknown_level_is_refused_with_those_that_there_are() -> Shown {
    let desk = Desk::new()?;
    for command in ["plan", "up --yes", "validate --output json"] {
        let refused = desk.run(command).with("SIDEKICK_LOG", "loud").ends_with(2)?;
        refused.says(&["SIDEKICK_LOG", "loud", "error, warn, info, debug, trace"])?;
    }
    assert!(!desk.beside_state("json").exists());
    Ok(())
}
