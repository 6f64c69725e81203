//! The world in a file, shared by processes one after another and at the same time.

use std::error::Error;

use serde_json::json;
use sidekick_sandbox::Sandbox;

use crate::{call, new_subnet, new_vpc, seconds, text};

#[tokio::test(start_paused = true)]
async fn another_process_goes_on_where_the_first_one_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/world.json");
    let first = Sandbox::open(&path, 1.0).unwrap();
    let vpc = new_vpc(&first);
    seconds(1000).await;
    call(&first, "DescribeVpcs", json!({}));
    let (stopped, seen) = (first.now(), first.world().unwrap());
    drop(first);
    seconds(1000).await;
    let second = Sandbox::open(&path, 1.0).unwrap();
    assert_eq!(second.now(), stopped);
    assert_eq!(second.world().unwrap(), seen);
    let subnet = new_subnet(&second, &vpc, "10.0.1.0/24");
    let described = call(&second, "DescribeSubnets", json!({ "SubnetId": [subnet] }));
    assert_eq!(text(&described, "/subnetSet/0/vpcId"), vpc);
}

#[tokio::test(start_paused = true)]
async fn two_processes_at_the_same_time_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.json");
    let (one, other) = (Sandbox::open(&path, 1.0).unwrap(), Sandbox::open(&path, 60.0).unwrap());
    // A clock runs from the first look at it.
    let (vpc, _) = (new_vpc(&one), other.now());
    seconds(1).await;
    let subnet = new_subnet(&other, &vpc, "10.0.1.0/24");
    let described = call(&one, "DescribeSubnets", json!({}));
    assert_eq!(text(&described, "/subnetSet/0/subnetId"), subnet);
    assert_eq!(one.now(), other.now());
    let taken = one.call("ec2", "CreateSubnet", json!({ "VpcId": vpc, "CidrBlock": "10.0.1.0/24" }));
    assert_eq!(taken.unwrap_err().code, "InvalidSubnet.Conflict");
}

#[tokio::test(start_paused = true)]
async fn time_runs_at_its_speed() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::open(folder.path().join("world.json"), 60.0).unwrap();
    let start = sandbox.now();
    seconds(10).await;
    assert_eq!(sandbox.now().duration_since(start).unwrap().as_secs(), 600);
}

#[tokio::test(start_paused = true)]
async fn a_damaged_or_newer_file_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.json");
    std::fs::write(&path, "{").unwrap();
    let damaged = Sandbox::open(&path, 1.0).unwrap_err();
    assert!(damaged.to_string().contains("world.json is damaged") && damaged.source().is_some(), "{damaged}");
    std::fs::write(&path, r#"{ "format": 99 }"#).unwrap();
    let newer = Sandbox::open(&path, 1.0).unwrap_err();
    assert!(newer.to_string().contains("format 99"), "{newer}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_saved_has_not_happened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.json");
    let sandbox = Sandbox::open(&path, 1.0).unwrap();
    let good = std::fs::read(&path).unwrap();
    // A folder in the file's place makes the rename fail, whoever runs the test.
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let refusal = sandbox.call("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" })).unwrap_err();
    assert_eq!((refusal.code.as_ref(), refusal.status), ("InternalError", 500));
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, good).unwrap();
    assert_eq!(call(&sandbox, "DescribeVpcs", json!({}))["vpcSet"], json!([]));
}
