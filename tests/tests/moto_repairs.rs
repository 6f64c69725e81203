//! The emulator that other suites lean on: it starts, answers as its repairs promise, notes its calls, and ends.

use std::error::Error;
use std::net::TcpStream;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use sidekick_tests::moto::Moto;
use sidekick_tests::python;
use sidekick_tests::suite::{self, Test};

const CHECKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../localstack/plugin/check_repairs.py");

fn main() -> ExitCode {
    let tests: [Test; 3] = [
        ("every_repair_does_what_its_reason_says", every_repair_does_what_its_reason_says),
        (
            "the_server_ends_with_the_value_that_stands_for_it",
            the_server_ends_with_the_value_that_stands_for_it,
        ),
        ("calls_are_noted_in_order_and_only_changes_count", calls_are_noted_in_order_and_only_changes_count),
    ];
    suite::run_with_python(tests.map(|(name, test)| suite::trial(name, test)))
}

/// A Python program that finds the server as its AWS.
fn program(moto: &Moto, arguments: &[&str]) -> Result<Command, Box<dyn Error>> {
    let mut command = Command::new(python::interpreter()?.ok_or(python::MISSING)?);
    command.args(arguments).env("PYTHONDONTWRITEBYTECODE", "1");
    moto.account().serve(&mut command);
    Ok(command)
}

fn every_repair_does_what_its_reason_says() -> Result<(), Box<dyn Error>> {
    let moto = Moto::start()?.ok_or(python::MISSING)?;
    let checks = program(&moto, &[CHECKS])?.output()?;
    assert!(checks.status.success(), "{}", String::from_utf8_lossy(&checks.stderr));
    Ok(())
}

fn the_server_ends_with_the_value_that_stands_for_it() -> Result<(), Box<dyn Error>> {
    let moto = Moto::start()?.ok_or(python::MISSING)?;
    let address = moto.endpoint().replace("http://", "");
    TcpStream::connect(&address)?;
    drop(moto);
    let deadline = Instant::now() + Duration::from_secs(5);
    while TcpStream::connect(&address).is_ok() {
        assert!(Instant::now() < deadline, "the server outlives its value");
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn calls_are_noted_in_order_and_only_changes_count() -> Result<(), Box<dyn Error>> {
    let moto = Moto::start()?.ok_or(python::MISSING)?;
    let script = "import boto3; ec2, ecs = map(boto3.client, ('ec2', 'ecs')); \
                  ec2.describe_vpcs(); ecs.create_cluster(clusterName='c'); ec2.create_internet_gateway()";
    assert!(program(&moto, &["-c", script])?.status()?.success());
    let calls = moto.calls()?;
    let seen: Vec<_> = calls.iter().map(|call| (call.service.as_str(), call.action.as_str())).collect();
    assert_eq!(seen, [("ec2", "DescribeVpcs"), ("ecs", "CreateCluster"), ("ec2", "CreateInternetGateway")]);
    assert_eq!(calls.iter().filter(|call| call.is_mutating()).count(), 2);
    Ok(())
}
