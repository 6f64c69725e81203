//! The layer around a client that answers by a script, in virtual time.

use std::sync::Mutex;
use std::time::Duration;

use aws_smithy_runtime_api::http::StatusCode;
use tokio::time::Instant;

use super::*;

/// Answers from a list, then "fine"; remembers when it was called.
#[derive(Debug, Default)]
struct Script {
    answers: Mutex<Vec<(u16, &'static str)>>,
    called: Mutex<Vec<Instant>>,
}

#[derive(Clone, Debug)]
struct Actor(Arc<Script>);

impl HttpConnector for Actor {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        self.0.called.lock().unwrap().push(Instant::now());
        let (status, body) = self.0.answers.lock().unwrap().pop().unwrap_or((200, "fine"));
        let status = StatusCode::try_from(status).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

fn gate(answers: &[(u16, &'static str)]) -> (Gate, Arc<Script>) {
    let answers = Mutex::new(answers.iter().rev().copied().collect());
    let script = Arc::new(Script { answers, ..Script::default() });
    let inner = SharedHttpConnector::new(Actor(Arc::clone(&script)));
    (Gate { inner, buckets: buckets(1.0), calls: Calls::default() }, script)
}

fn signed(service: &str, body: &str) -> HttpRequest {
    let mut request = HttpRequest::new(SdkBody::from(body));
    let scope = format!("AKIA/20260101/us-west-2/{service}/aws4_request");
    let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    request.headers_mut().insert("authorization", signature);
    request
}

fn json(service: &str, target: &'static str) -> HttpRequest {
    let mut request = signed(service, "{}");
    request.headers_mut().insert("x-amz-target", target);
    request
}

/// In which second of the test each call went out.
async fn seconds(gate: &Gate, script: &Script, request: impl Fn() -> HttpRequest, calls: u32) -> Vec<u64> {
    let begun = Instant::now();
    script.called.lock().unwrap().clear();
    for _ in 0..calls {
        gate.call(request()).await.unwrap();
    }
    script.called.lock().unwrap().iter().map(|at| (*at - begun).as_secs()).collect()
}

#[tokio::test(start_paused = true)]
async fn calls_are_counted_by_service_and_operation_in_both_protocols() {
    let (gate, script) = gate(&[]);
    let associate = || json("wafv2", "AWSWAF_20190729.AssociateWebACL");
    assert_eq!(seconds(&gate, &script, associate, 3).await, [0, 2, 4]);
    let lookup = || json("wafv2", "AWSWAF_20190729.GetWebACLForResource");
    assert_eq!(seconds(&gate, &script, lookup, 3).await, [0, 1, 2]);
    let modify = || signed("rds", "Version=2014-10-31&Action=ModifyDBInstance&DBInstanceIdentifier=a");
    assert_eq!(seconds(&gate, &script, modify, 12).await, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
    let describe = || signed("rds", "Action=DescribeDBInstances&Version=2014-10-31");
    assert_eq!(seconds(&gate, &script, describe, 10).await, [0; 10]);
}

#[tokio::test(start_paused = true)]
async fn a_throttling_answer_slows_its_group_and_passes_through_unchanged() {
    let busy = "<Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error>";
    for (status, body) in [(400, busy), (503, "<Code>RequestLimitExceeded</Code>"), (429, "")] {
        let (gate, script) = gate(&[(status, body)]);
        let create = || signed("elasticloadbalancing", "Action=CreateListener");
        let answer = gate.call(create()).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().bytes()), (status, Some(body.as_bytes())));
        // The burst is used up, and 3 calls a second became 1.5.
        assert_eq!(seconds(&gate, &script, create, 3).await, [0, 1, 2]);
        let describe = || signed("elasticloadbalancing", "Action=DescribeListeners");
        assert_eq!(seconds(&gate, &script, describe, 9).await, [0; 9]);
    }
}

#[tokio::test(start_paused = true)]
async fn other_refusals_slow_nothing() {
    let (gate, script) =
        gate(&[(400, "<Code>DependencyViolation</Code>"), (503, "down"), (403, "Throttling")]);
    let delete = || signed("elasticloadbalancing", "Action=DeleteTargetGroup");
    assert_eq!(seconds(&gate, &script, delete, 10).await, [0; 10]);
}

#[tokio::test(start_paused = true)]
async fn calls_wait_their_turn_even_when_they_start_together() {
    let (gate, script) = gate(&[]);
    let update = || gate.call(json("wafv2", "AWSWAF_20190729.UpdateWebACL"));
    let begun = Instant::now();
    futures::future::try_join_all((0..4).map(|_| update())).await.unwrap();
    assert_eq!(script.called.lock().unwrap().len(), 4);
    assert!(begun.elapsed() >= Duration::from_secs(3), "{:?}", begun.elapsed());
}
