//! The sandbox as a server, looked at and tried with boto3.

use std::process::Command;

use serde_json::Value;
use sidekick_tests::python;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![boto3_sees_what_up_made_and_is_refused_what_aws_refuses];

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python/test_sandbox.py");

fn boto3_sees_what_up_made_and_is_refused_what_aws_refuses() -> Shown {
    let python = python::interpreter()?.ok_or(python::MISSING)?;
    let desk = Desk::up()?;
    desk.lets_the_first_backup_end()?;
    let census = desk.world()?.census();
    let mut server = desk.run("--output json sandbox serve --port 0").start()?;
    let printed = server.wait_until(|printed| printed.ends_with('\n'))?;
    let endpoint =
        serde_json::from_str::<Value>(&printed)?["endpoint"].as_str().ok_or("an endpoint")?.to_owned();

    let mut tests = Command::new(python);
    tests.args([TESTS, "--verbose"]).env_clear().env("PYTHONDONTWRITEBYTECODE", "1");
    tests.env("AWS_ENDPOINT_URL", endpoint).env("AWS_DEFAULT_REGION", "us-west-2");
    tests.env("AWS_ACCESS_KEY_ID", "sandbox").env("AWS_SECRET_ACCESS_KEY", "sandbox");
    let outcome = tests.output()?;
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));

    server.signal("INT")?;
    let ended = server.end()?;
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_eq!(desk.world()?.census(), census, "what was refused has not happened");
    desk.is_settled()?;
    Ok(())
}
