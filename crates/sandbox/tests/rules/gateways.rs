//! Internet gateways, Elastic IP addresses and NAT gateways.

use serde_json::json;
use sidekick_sandbox::{Faults, Sandbox};

use crate::{
    absent, blocked, call, illegal, new_internet_gateway, new_subnet, new_vpc, refused, seconds, text,
};

struct Public {
    sandbox: Sandbox,
    vpc: String,
    subnet: String,
    address: String,
}

fn public() -> Public {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let subnet = new_subnet(&sandbox, &vpc, "10.0.5.0/24");
    let address = text(&call(&sandbox, "AllocateAddress", json!({ "Domain": "vpc" })), "/allocationId");
    Public { sandbox, vpc, subnet, address }
}

impl Public {
    fn new_nat_gateway(&self) -> String {
        let params = json!({ "SubnetId": self.subnet, "AllocationId": self.address });
        text(&call(&self.sandbox, "CreateNatGateway", params), "/natGateway/natGatewayId")
    }

    fn nat_gateway(&self, id: &str) -> serde_json::Value {
        call(&self.sandbox, "DescribeNatGateways", json!({ "NatGatewayId": [id] }))["natGatewaySet"][0]
            .clone()
    }
}

#[tokio::test(start_paused = true)]
async fn an_internet_gateway_attaches_once() {
    let Public { sandbox, vpc, .. } = public();
    let gateway = new_internet_gateway(&sandbox, &vpc);
    let other_vpc = new_vpc(&sandbox);
    let spare =
        text(&call(&sandbox, "CreateInternetGateway", json!({})), "/internetGateway/internetGatewayId");
    let attach = |gateway: &str, vpc: &str| {
        refused(&sandbox, "AttachInternetGateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }))
    };
    assert_eq!(attach(&gateway, &vpc), illegal("Resource.AlreadyAssociated"));
    assert_eq!(attach(&gateway, &other_vpc), illegal("Resource.AlreadyAssociated"));
    assert_eq!(attach(&spare, &vpc), illegal("InvalidParameterValue"));
    let delete = json!({ "InternetGatewayId": gateway });
    assert_eq!(refused(&sandbox, "DeleteInternetGateway", delete.clone()), blocked("DependencyViolation"));
    let detach = json!({ "InternetGatewayId": gateway, "VpcId": vpc });
    call(&sandbox, "DetachInternetGateway", detach.clone());
    assert_eq!(refused(&sandbox, "DetachInternetGateway", detach), absent("Gateway.NotAttached"));
    call(&sandbox, "DeleteInternetGateway", delete);
}

#[tokio::test(start_paused = true)]
async fn a_nat_gateway_takes_minutes_and_holds_subnet_address_and_internet_gateway() {
    let public = public();
    let Public { sandbox, vpc, subnet, address } = &public;
    let internet = new_internet_gateway(sandbox, vpc);
    let nat = public.new_nat_gateway();
    assert_eq!(public.nat_gateway(&nat)["state"], "pending");
    seconds(80).await;
    assert_eq!(public.nat_gateway(&nat)["state"], "pending");
    seconds(60).await;
    assert_eq!(public.nat_gateway(&nat)["state"], "available");

    let held = [
        ("DeleteSubnet", json!({ "SubnetId": subnet }), "DependencyViolation"),
        ("ReleaseAddress", json!({ "AllocationId": address }), "InvalidIPAddress.InUse"),
        (
            "DetachInternetGateway",
            json!({ "InternetGatewayId": internet, "VpcId": vpc }),
            "DependencyViolation",
        ),
    ];
    let delete = json!({ "NatGatewayId": nat });
    call(sandbox, "DeleteNatGateway", delete.clone());
    call(sandbox, "DeleteNatGateway", delete);
    seconds(30).await;
    assert_eq!(public.nat_gateway(&nat)["state"], "deleting");
    for (operation, params, code) in &held {
        assert_eq!(refused(sandbox, operation, params.clone()), blocked(code), "{operation}");
    }
    seconds(30).await;
    assert_eq!(public.nat_gateway(&nat)["state"], "deleted");
    for (operation, params, _) in held {
        call(sandbox, operation, params);
    }
    seconds(3600).await;
    let gone = refused(sandbox, "DescribeNatGateways", json!({ "NatGatewayId": [nat] }));
    assert_eq!(gone, absent("NatGatewayNotFound"));
}

#[tokio::test(start_paused = true)]
async fn a_nat_gateway_without_an_attached_internet_gateway_is_accepted_and_fails_later() {
    let public = public();
    let nat = public.new_nat_gateway();
    assert_eq!(public.nat_gateway(&nat)["failureCode"], serde_json::Value::Null);
    seconds(75).await;
    let failed = public.nat_gateway(&nat);
    assert_eq!((&failed["state"], &failed["failureCode"]), (&json!("failed"), &json!("Gateway.NotAttached")));
    call(&public.sandbox, "ReleaseAddress", json!({ "AllocationId": public.address }));
}

#[tokio::test(start_paused = true)]
async fn a_nat_gateway_fails_when_its_address_is_taken_or_a_fault_says_so() {
    let public = public();
    new_internet_gateway(&public.sandbox, &public.vpc);
    let first = public.new_nat_gateway();
    let second = public.new_nat_gateway();
    let faults = Faults { failing: ["nat-gateway".to_owned()].into(), ..Faults::default() };
    call(&public.sandbox, "DeleteNatGateway", json!({ "NatGatewayId": first }));
    seconds(200).await;
    public.sandbox.set_faults(faults).unwrap();
    let third = public.new_nat_gateway();
    seconds(200).await;
    assert_eq!(public.nat_gateway(&second)["failureCode"], "Resource.AlreadyAssociated");
    assert_eq!(public.nat_gateway(&third)["failureCode"], "InternalError");
}

#[tokio::test(start_paused = true)]
async fn the_quota_of_addresses_is_five() {
    let Public { sandbox, .. } = public();
    (0..4).for_each(|_| drop(call(&sandbox, "AllocateAddress", json!({}))));
    assert_eq!(refused(&sandbox, "AllocateAddress", json!({})), illegal("AddressLimitExceeded"));
}
