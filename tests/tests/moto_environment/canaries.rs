//! Canary secrets over real HTTP: they pass through the SDK's own client, whose events know every byte, and stay
//! nowhere but in Secrets Manager.

use std::fs;

use serde_json::Value;
use sidekick_tests::binary::Run;
use sidekick_tests::canary::Searcher;
use sidekick_tests::site::{Result, Site};
use sidekick_tests::{process, reference};

use crate::servers;

const DATABASE: &str = "sidekick/postgres/credentials";
/// What signs the calls, and what is sent with each of them.
const CREDENTIALS: [(&str, &str); 2] =
    [("AWS_SECRET_ACCESS_KEY", "canary/credential+8f31"), ("AWS_SESSION_TOKEN", "canary/session+e6c2==")];
/// Taken from the environment, because the file has it not.
const API_KEY: &str = "canary \"api\" key # 9c41\\ü";
/// What somebody else makes of the database's password.
const PASSWORD: &str = "rotated%canary:4e7a#?\\'&+";
const FORMS: [&str; 3] = ["human", "plain", "json"];

pub(crate) fn no_secret_value_is_in_anything_that_is_written_or_printed() -> Result {
    let site = Site::on_moto()?;
    let optional = "optional_secrets = [\"SIDEKICK_API_SECRET_KEY\"]";
    site.workplace.edit("default.toml", "optional_secrets = []", optional)?;
    let mut searcher = planted();
    run(&site, "json plan --out first.plan").ends_with(0)?;
    let mut killed = run(&site, "json up --yes").start()?;
    killed.wait_until(|printed| printed.lines().filter(|line| line.contains("\"started\"")).count() > 3)?;
    killed.kill()?;
    let up = run(&site, "json up --yes").start()?;
    let up = up.watched(|run| {
        let look = process::look(run.id())?.unwrap_or_default();
        assert_eq!((look.children, searcher.search(&look.arguments)), (Vec::new(), [].into()));
        Ok(())
    })?;
    assert_eq!(up.code, Some(0), "{up}");
    let (_, generated) = site.database_secret()?;
    searcher.add("the generated password", text(&generated, "password")?);
    searcher.add("the database's URL", text(&generated, "DATABASE_URL")?);
    is_looked_at(&site)?;
    site.let_an_hour_pass()?;

    // Another password is a change of the URL that is made of it.
    let mut rotated = generated;
    rotated["password"] = PASSWORD.into();
    let call = site.cloud.secretsmanager.put_secret_value().secret_id(DATABASE);
    site.cloud.wait(call.secret_string(rotated.to_string()).send())?;
    site.workplace.append("dev.toml", "[service]\ndesired_count = 2")?;
    run(&site, "human plan --out second.plan").ends_with(0)?;
    run(&site, "human up --plan second.plan").ends_with(0)?;
    let (_, made) = site.database_secret()?;
    assert_ne!(made["DATABASE_URL"], rotated["DATABASE_URL"], "it is made of the new password");
    searcher.add("the database's new URL", text(&made, "DATABASE_URL")?);
    fails(&site)?;
    run(&site, "plain down --yes").ends_with(0)?;

    let found = searcher.search_files(site.workplace.folder())?;
    let (written, leaked): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|finding| finding.path == site.workplace.path("secrets.env"));
    let leaked: Vec<_> = leaked.iter().map(ToString::to_string).collect();
    assert_eq!(leaked, [""; 0], "{leaked:#?}");
    // Where the operator keeps them, they are found, so the search finds things.
    for (name, _) in reference::SECRETS {
        assert!(written.iter().any(|finding| finding.trace.secret == name), "{name} is found in its file");
    }
    Ok(())
}

/// All that is known before anything is done.
fn planted() -> Searcher {
    let mut searcher = Searcher::default();
    for (name, value) in reference::SECRETS.into_iter().chain(CREDENTIALS) {
        searcher.add(name, value);
    }
    searcher.add("the API's key", API_KEY);
    searcher.add("the rotated password", PASSWORD);
    searcher
}

/// A run with every secret and the finest log; the first word is the form of its output.
fn run(site: &Site, command: &str) -> Run {
    let words: Vec<_> = ["--output"].into_iter().chain(command.split_whitespace()).collect();
    let run = site.sidekick(&words).with("SIDEKICK_LOG", "trace").with("SIDEKICK_API_SECRET_KEY", API_KEY);
    CREDENTIALS.into_iter().fold(run, |run, (name, value)| run.with(name, value))
}

fn is_looked_at(site: &Site) -> Result {
    for form in FORMS {
        for command in ["validate", "plan", "up --yes", "status", "outputs", "state list"] {
            run(site, &format!("{form} {command}")).ends_with(0)?;
        }
    }
    let state: Value = serde_json::from_slice(&fs::read(site.workplace.state())?)?;
    for address in state["rows"].as_object().into_iter().flatten().map(|(address, _)| address) {
        run(site, &format!("plain state show {address}")).ends_with(0)?;
    }
    Ok(())
}

/// Endpoints that are not there, and that answer every call with the call itself.
fn fails(site: &Site) -> Result {
    for endpoint in [servers::closed()?, servers::echoing()?] {
        for form in FORMS {
            let failed = run(site, &format!("{form} up --yes")).with("AWS_ENDPOINT_URL", &endpoint);
            failed.ends_with(1)?.says(&["sts GetCallerIdentity"])?;
        }
    }
    Ok(())
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    Ok(value[key].as_str().ok_or("the secret has no such key")?)
}
