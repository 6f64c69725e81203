//! Certificates: what is told of them, and which of them a listener may have.

use serde_json::{Value, json};

use crate::data::Service;
use crate::site::Site;
use crate::{absent, illegal};

const ELB: &str = "elasticloadbalancing";

fn arn(start: &str) -> String {
    format!("arn:aws:acm:us-west-2:123456789012:certificate/{start}-1234-1234-1234-123456789012")
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_issued_unless_its_name_says_otherwise() {
    let acm = Service::new("acm");
    let certificate = |start: &str| {
        let told = acm.call("DescribeCertificate", json!({ "CertificateArn": arn(start) }));
        told["Certificate"].clone()
    };
    assert_eq!(certificate("12345678")["Status"], "ISSUED");
    assert_eq!(certificate("00000003")["FailureReason"], "CAA_ERROR");
    let pending = certificate("00000001");
    assert_eq!(pending["Status"], "PENDING_VALIDATION");
    let records: Vec<_> =
        (0..2).map(|at| &pending["DomainValidationOptions"][at]["ResourceRecord"]).collect();
    assert_eq!(records[0], records[1], "one record stands for a domain and for what is below it");
    let elsewhere = arn("12345678").replace("us-west-2", "us-east-1");
    for missing in [arn("00000000"), elsewhere] {
        let refused = acm.refused("DescribeCertificate", json!({ "CertificateArn": missing }));
        assert_eq!(refused, absent("ResourceNotFoundException"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_listener_has_an_issued_certificate_only() {
    let site = Site::new();
    let (balancer, group) = (site.new_balancer(), site.new_target_group());
    let with = |certificate: &str| {
        json!({
            "LoadBalancerArn": balancer, "Port": 443, "Protocol": "HTTPS",
            "Certificates": [{ "CertificateArn": certificate }],
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }],
        })
    };
    let refused = |certificate: &str| site.refused(ELB, "CreateListener", with(certificate));
    assert_eq!(refused(&arn("00000000")), illegal("CertificateNotFound"));
    for not_issued in ["00000001", "00000002", "00000003", "00000004", "00000005"] {
        assert_eq!(refused(&arn(not_issued)), illegal("UnsupportedCertificate"), "{not_issued}");
    }
    let made: Value = site.elb("CreateListener", with(&arn("12345678")));
    let listener = made["Listeners"][0]["ListenerArn"].clone();
    let other = json!({ "ListenerArn": listener, "Certificates": [{ "CertificateArn": arn("00000002") }] });
    assert_eq!(site.refused(ELB, "ModifyListener", other), illegal("UnsupportedCertificate"));
}
