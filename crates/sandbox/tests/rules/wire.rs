//! The seam under the SDK and the wire protocols, in virtual time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use serde_json::json;
use sidekick_sandbox::{Faults, Phase, Sandbox, Verdict};

use crate::{call, new_vpc};

fn request(region: &str, service: &str, form: &str) -> HttpRequest {
    let scope =
        format!("AWS4-HMAC-SHA256 Credential=AKIA/20260101/{region}/{service}/aws4_request, Signature=0");
    let request = http::Request::post("https://example.amazonaws.com/").header("authorization", scope);
    HttpRequest::try_from(request.body(SdkBody::from(form)).unwrap()).unwrap()
}

async fn send(sandbox: &Sandbox, service: &str, form: &str) -> Result<HttpResponse, ConnectorError> {
    HttpConnector::call(sandbox, request("us-west-2", service, form)).await
}

#[tokio::test(start_paused = true)]
async fn an_access_key_of_twelve_digits_is_the_account_that_calls() {
    let sandbox = Sandbox::in_memory(1);
    let scope = |key: &str| {
        format!("AWS4-HMAC-SHA256 Credential={key}/20260101/us-west-2/ec2/aws4_request, Signature=0")
    };
    for (key, status) in [("123456789012", 200), ("sandbox", 200), ("210987654321", 403)] {
        let request =
            http::Request::post("https://example.amazonaws.com/").header("authorization", scope(key));
        let request = request.body(SdkBody::from("Action=DescribeVpcs")).unwrap();
        let answer = HttpConnector::call(&sandbox, HttpRequest::try_from(request).unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{key}: {}", body(&answer));
    }
}

fn body(response: &HttpResponse) -> &str {
    std::str::from_utf8(response.body().bytes().unwrap()).unwrap()
}

fn vpcs(sandbox: &Sandbox) -> usize {
    sandbox.world().unwrap()["ec2"]["vpcs"].as_object().unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn ec2_answers_and_errors_have_their_own_form() {
    let sandbox = Sandbox::in_memory(1);
    let tag = "TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=a+%26+b";
    let form = format!("Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16&{tag}");
    let created = send(&sandbox, "ec2", &form).await.unwrap();
    assert_eq!(created.status().as_u16(), 200);
    let xml = body(&created);
    assert!(
        xml.contains("<CreateVpcResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>"),
        "{xml}"
    );
    assert!(xml.contains("<tagSet><item><key>Name</key><value>a &amp; b</value></item></tagSet>"), "{xml}");
    let refused = send(&sandbox, "ec2", "Action=DeleteVpc&VpcId=vpc-0").await.unwrap();
    assert_eq!(refused.status().as_u16(), 400);
    let xml = body(&refused);
    let error = "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>The vpc ID 'vpc-0' does not exist</Message></Error></Errors><RequestID>";
    assert!(xml.contains(error), "{xml}");
}

#[tokio::test(start_paused = true)]
async fn query_answers_are_wrapped_and_errors_name_their_sender() {
    let sandbox = Sandbox::in_memory(1);
    let answer = send(&sandbox, "sts", "Action=GetCallerIdentity&Version=2011-06-15").await.unwrap();
    assert!(
        body(&answer).contains("<GetCallerIdentityResult><Account>123456789012</Account>"),
        "{}",
        body(&answer)
    );
    let refused = send(&sandbox, "sts", "Action=AssumeRole&Version=2011-06-15").await.unwrap();
    let error = "<Error><Type>Sender</Type><Code>InvalidAction</Code>";
    assert!(body(&refused).contains(error), "{}", body(&refused));
}

#[tokio::test(start_paused = true)]
async fn nonsense_is_answered_and_never_panics() {
    let sandbox = Sandbox::in_memory(1);
    for (service, form) in [
        ("ec2", ""),
        ("ec2", "Action"),
        ("ec2", "Action=DescribeVpcs&VpcId.1=vpc-0&VpcId.1.Name=x"),
        ("ec2", "Action=DescribeVpcs&Filter=x"),
        ("ec2", "Action=CreateVpc&CidrBlock.1=x"),
        ("ec2", "Action=DescribeVpcs&NextToken=%zz%ff"),
        ("ec2", "Action=DescribeVpcs&NextToken=ff"),
        ("mars", "Action=DescribeVpcs"),
    ] {
        let answer = send(&sandbox, service, form).await.unwrap();
        assert!((400..404).contains(&answer.status().as_u16()), "{form}: {}", body(&answer));
    }
    let unsigned =
        http::Request::post("https://example.amazonaws.com/").body(SdkBody::from("Action=DescribeVpcs"));
    let request = HttpRequest::try_from(unsigned.unwrap()).unwrap();
    let answer = HttpConnector::call(&sandbox, request).await.unwrap();
    assert!(body(&answer).contains("MissingAuthenticationToken"));
}

#[tokio::test(start_paused = true)]
async fn the_first_change_in_a_region_decides_it() {
    let sandbox = Sandbox::in_memory(1);
    let statement = json!({ "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" });
    let trust = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let role = json!({ "RoleName": "r", "AssumeRolePolicyDocument": trust });
    sandbox.call("iam", "CreateRole", role).unwrap();
    let form = "Action=CreateVpc&CidrBlock=10.0.0.0/16";
    let created = HttpConnector::call(&sandbox, request("eu-central-1", "ec2", form)).await.unwrap();
    assert_eq!(created.status().as_u16(), 200);
    let zones = call(&sandbox, "DescribeAvailabilityZones", json!({}));
    assert_eq!(zones["availabilityZoneInfo"][0]["zoneId"], "euc1-az1");
    let elsewhere = send(&sandbox, "ec2", "Action=DescribeVpcs").await.unwrap();
    assert_eq!(elsewhere.status().as_u16(), 403);
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_a_fraction_of_a_second_and_many_run_at_once() {
    let sandbox = Sandbox::in_memory(1);
    let start = tokio::time::Instant::now();
    send(&sandbox, "ec2", "Action=DescribeVpcs").await.unwrap();
    let one = start.elapsed();
    assert!(one >= Duration::from_millis(80) && one <= Duration::from_millis(310), "{one:?}");
    let start = tokio::time::Instant::now();
    let many = (0..100).map(|_| {
        let sandbox = sandbox.clone();
        tokio::spawn(async move { send(&sandbox, "ec2", "Action=DescribeVpcs").await.map(drop) })
    });
    for task in many.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    assert!(start.elapsed() <= Duration::from_millis(310), "{:?}", start.elapsed());
}

/// How many of sixty calls that come together are not too many.
async fn pass_of_sixty(sandbox: &Sandbox) -> usize {
    let calls: Vec<_> = (0..60)
        .map(|_| {
            let sandbox = sandbox.clone();
            tokio::spawn(async move { send(&sandbox, "ec2", "Action=DeleteVpc&VpcId=vpc-0").await })
        })
        .collect();
    let mut passed = 0;
    for call in calls {
        let answer = call.await.unwrap().unwrap();
        let too_fast = body(&answer).contains("<Code>RequestLimitExceeded</Code>");
        assert_eq!(answer.status().as_u16(), if too_fast { 503 } else { 400 });
        passed += usize::from(!too_fast);
    }
    passed
}

#[tokio::test(start_paused = true)]
async fn calls_that_come_too_fast_are_refused() {
    let sandbox = Sandbox::in_memory(1);
    sandbox.set_call_seconds(0.1);
    assert_eq!(pass_of_sixty(&sandbox).await, 50, "the burst");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(pass_of_sixty(&sandbox).await, 10, "five a second");
    sandbox.set_faults(Faults { rates_cut: 0.5, ..Faults::default() }).unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(pass_of_sixty(&sandbox).await, 25, "half of the burst");
}

#[tokio::test(start_paused = true)]
async fn a_lost_response_has_taken_effect() {
    let sandbox = Sandbox::in_memory(1);
    sandbox.set_faults(Faults { lose_response: 1.0, ..Faults::default() }).unwrap();
    let lost = send(&sandbox, "ec2", "Action=CreateVpc&CidrBlock=10.0.0.0/16").await;
    assert!(lost.unwrap_err().is_io());
    assert_eq!(vpcs(&sandbox), 1);
}

#[tokio::test(start_paused = true)]
async fn of_calls_that_time_out_some_have_taken_effect_and_all_fail_late() {
    let sandbox = Sandbox::in_memory(1);
    sandbox.set_faults(Faults { time_out: 1.0, ..Faults::default() }).unwrap();
    for _ in 0..4 {
        let begun = tokio::time::Instant::now();
        let lost = send(&sandbox, "ec2", "Action=CreateVpc&CidrBlock=10.0.0.0/16").await;
        assert!(lost.unwrap_err().is_io());
        assert!(begun.elapsed() >= Duration::from_secs(30));
    }
    assert!((1..4).contains(&vpcs(&sandbox)), "{}", vpcs(&sandbox));
}

#[tokio::test(start_paused = true)]
async fn a_call_can_be_changed_on_its_arrival() {
    let sandbox = Sandbox::in_memory(1);
    sandbox.on_arrival(|call| {
        call.params.insert("CidrBlock".to_owned(), "10.1.0.0/16".into());
    });
    send(&sandbox, "ec2", "Action=CreateVpc&CidrBlock=10.0.0.0/16").await.unwrap();
    let world = sandbox.world().unwrap().to_string();
    assert!(world.contains("10.1.0.0/16") && !world.contains("10.0.0.0/16"), "{world}");
}

#[tokio::test(start_paused = true)]
async fn a_hook_can_stop_a_caller_at_any_boundary() {
    for (stop_at, phase, verdict, made) in [
        (0, Phase::BeforeEffect, Verdict::Lose, 0),
        (1, Phase::AfterEffect, Verdict::Lose, 1),
        (1, Phase::AfterEffect, Verdict::Hang, 1),
    ] {
        let sandbox = Sandbox::in_memory(1);
        let boundaries = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&boundaries);
        sandbox.on_call(move |call, at| {
            assert_eq!(call.operation, "CreateVpc");
            if counter.fetch_add(1, Ordering::Relaxed) == stop_at {
                assert_eq!(at, phase);
                return verdict;
            }
            Verdict::Proceed
        });
        let sent = send(&sandbox, "ec2", "Action=CreateVpc&CidrBlock=10.0.0.0/16");
        let answered = tokio::time::timeout(Duration::from_secs(3600), sent).await;
        assert_eq!(answered.is_err(), verdict == Verdict::Hang);
        assert_eq!(vpcs(&sandbox), made);
        assert_eq!(boundaries.load(Ordering::Relaxed), stop_at + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn serving_is_the_same_as_plugging_in() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    tokio::time::resume();
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = sandbox.clone();
    let serving = tokio::spawn(async move { server.serve(listener).await });
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let form = "Action=DescribeVpcs";
    let scope = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-west-2/ec2/aws4_request";
    let head = format!(
        "POST / HTTP/1.1\r\nhost: x\r\nauthorization: {scope}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        form.len()
    );
    stream.write_all(format!("{head}{form}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(&vpc), "{answer}");
    serving.abort();
}
