//! What stops a run before it changes anything: each with a reason and a way out.

use std::time::Duration;

use sidekick_tests::audit::Inventory;
use sidekick_tests::binary::{Run, Workplace};
use sidekick_tests::reference;
use sidekick_tests::site::{Result, Site};

use crate::servers::{self, EXPIRED};

pub(crate) fn everything_that_is_missing_is_told_at_once_before_anything_is_made() -> Result {
    let site = Site::on_moto()?;
    let cidr = "cidr = \"10.102.0.0/16\"";
    site.workplace.edit("dev.toml", cidr, &format!("{cidr}\nconnection_id = \"pcx-0123456789abcdef0\""))?;
    let mark = site.mark()?;
    let all = [
        "the application's secret SEQUENCE_PROJECT_ACCESS_KEY has no value",
        "the application's secret BACKEND_WALLET_PV_KEY or EVM_PRIVATE_KEY has no value",
        "--secrets-file",
        "the peering connection pcx-0123456789abcdef0 of peer `pragma` does not exist",
    ];
    for command in [&["plan"][..], &["up", "--yes"]] {
        site.workplace.sidekick(command).on(&site.account).ends_with(2)?.says(&all)?;
    }
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    site.expect(&Inventory::default())?;

    // The alias will do, and the process environment is as good as a file.
    site.workplace.edit("dev.toml", "\nconnection_id = \"pcx-0123456789abcdef0\"", "")?;
    let run = site.workplace.sidekick(&["plan"]).on(&site.account);
    let [(name, value), (_, key)] = reference::SECRETS;
    run.with(name, value).with("EVM_PRIVATE_KEY", key).ends_with(0)?;
    Ok(())
}

pub(crate) fn a_run_in_the_wrong_account_stops() -> Result {
    let site = Site::on_moto()?;
    let (any, other) = ("allowed_account_ids = []", "allowed_account_ids = [\"999999999999\"]");
    site.workplace.edit("default.toml", any, other)?;
    let mark = site.mark()?;
    for command in [&["plan"][..], &["up", "--yes"]] {
        let outcome = site.sidekick(command).ends_with(2)?;
        outcome.says(&["123456789012", "999999999999", "allowed_account_ids"])?;
    }
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    site.workplace.edit("default.toml", other, "allowed_account_ids = [\"123456789012\"]")?;
    site.sidekick(&["plan"]).ends_with(0)?;
    Ok(())
}

pub(crate) fn without_a_terminal_nothing_is_changed_unless_agreed_to() -> Result {
    let site = Site::on_moto()?;
    let mark = site.mark()?;
    site.sidekick(&["up"]).ends_with(2)?.says(&["there is no terminal", "--yes"])?;
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    site.up()?;
    let mark = site.mark()?;
    site.sidekick(&["down"]).ends_with(2)?.says(&["there is no terminal", "--yes"])?;
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    site.expect(&reference::environment())?;
    Ok(())
}

/// A run that finds this endpoint for its AWS, and no credentials.
fn at(workplace: &Workplace, endpoint: &str) -> Run {
    // The instance metadata are off: a build machine's own credentials must not be found.
    let run = workplace.sidekick(&["up", "--yes"]).with("AWS_EC2_METADATA_DISABLED", "true");
    run.with("AWS_ENDPOINT_URL", endpoint).with("AWS_REGION", "us-west-2")
}

fn with_credentials(run: Run) -> Run {
    run.with("AWS_ACCESS_KEY_ID", "testing").with("AWS_SECRET_ACCESS_KEY", "testing")
}

pub(crate) fn missing_credentials_are_named() -> Result {
    let site = Site::on_moto()?;
    let mark = site.mark()?;
    let outcome = at(&site.workplace, site.account.url().unwrap_or_default()).ends_with(1)?;
    assert!(outcome.took < Duration::from_secs(30), "{outcome}");
    outcome.says(&["credentials", "AWS_PROFILE"])?;
    assert_eq!(site.mark()?, mark, "a call went out without credentials");
    Ok(())
}

pub(crate) fn expired_credentials_are_named() -> Result {
    let endpoint = servers::answering(EXPIRED)?;
    let outcome = with_credentials(at(&Workplace::new()?, &endpoint)).ends_with(1)?;
    assert!(outcome.took < Duration::from_secs(30), "{outcome}");
    outcome.says(&["ExpiredToken", "hint:"])?;
    Ok(())
}

pub(crate) fn an_endpoint_that_answers_nothing_ends_the_run_in_bounded_time() -> Result {
    let workplace = Workplace::new()?;
    let (closed, silent) = (servers::closed()?, servers::silent()?);
    let outcome = with_credentials(at(&workplace, &closed)).ends_with(1)?;
    assert!(outcome.took < Duration::from_secs(30), "{outcome}");
    outcome.says(&["sts GetCallerIdentity", "hint:"])?;
    let outcome = with_credentials(at(&workplace, &silent.endpoint)).ends_with(1)?;
    assert!(outcome.took < Duration::from_secs(90), "{outcome}");
    outcome.says(&["sts GetCallerIdentity", "hint:"])?;
    Ok(())
}
