//! A small environment to test load balancing, WAF and ECS in: a network with a way out, and calls to all services.

use serde_json::{Value, json};
use sidekick_sandbox::{Reason, Sandbox};

use crate::{call, new_internet_gateway, new_route_table, new_security_group, new_vpc, text};

pub(crate) const CLUSTER: &str = "sidekick-cluster";
pub(crate) const LOG_GROUP: &str = "/ecs/sidekick-task";
pub(crate) const SERVICE: &str = "sidekick-service";

pub(crate) struct Site {
    pub(crate) sandbox: Sandbox,
    pub(crate) vpc: String,
    /// Two private ones, two for the load balancer, a public one.
    pub(crate) subnets: Vec<String>,
    pub(crate) balancer_group: String,
    pub(crate) task_group: String,
}

impl Site {
    /// A VPC with subnets and groups. The task group does not let the load balancer in yet.
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::in_memory(1);
        let vpc = new_vpc(&sandbox);
        let subnet = |n: usize| {
            let zone = if n.is_multiple_of(2) { "us-west-2b" } else { "us-west-2a" };
            let block = format!("10.0.{n}.0/24");
            let params = json!({ "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone });
            text(&call(&sandbox, "CreateSubnet", params), "/subnet/subnetId")
        };
        let subnets = (1..=5).map(subnet).collect();
        let balancer_group = new_security_group(&sandbox, &vpc, "alb");
        let task_group = new_security_group(&sandbox, &vpc, "ecs");
        Self { sandbox, vpc, subnets, balancer_group, task_group }
    }

    /// A call that must succeed.
    pub(crate) fn call(&self, service: &str, operation: &str, params: Value) -> Value {
        self.sandbox
            .call(service, operation, params)
            .unwrap_or_else(|why| panic!("{operation}: {} {}", why.code, why.message))
    }

    /// A call that must be refused: its code and why.
    pub(crate) fn refused(&self, service: &str, operation: &str, params: Value) -> (String, Reason) {
        let refusal = self.sandbox.call(service, operation, params).expect_err(operation);
        (refusal.code.into_owned(), refusal.reason)
    }

    pub(crate) fn elb(&self, operation: &str, params: Value) -> Value {
        self.call("elasticloadbalancing", operation, params)
    }

    pub(crate) fn ecs(&self, operation: &str, params: Value) -> Value {
        self.call("ecs", operation, params)
    }

    /// Lets a group in on a port.
    pub(crate) fn open(&self, group: &str, port: u16, from: &str) {
        let pair = json!({ "GroupId": from });
        let permission = json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "Groups": [pair] });
        let params = json!({ "GroupId": group, "IpPermissions": [permission] });
        call(&self.sandbox, "AuthorizeSecurityGroupIngress", params);
    }

    /// Builds NAT gateway and routes. Gives the id of the NAT gateway, which is pending.
    pub(crate) async fn build_way_out(&self) -> String {
        let sandbox = &self.sandbox;
        let gateway = new_internet_gateway(sandbox, &self.vpc);
        let (public, private) = (new_route_table(sandbox, &self.vpc), new_route_table(sandbox, &self.vpc));
        for (table, subnet) in [(&public, 4), (&private, 0), (&private, 1)] {
            let params = json!({ "RouteTableId": table, "SubnetId": self.subnets[subnet] });
            call(sandbox, "AssociateRouteTable", params);
        }
        let anywhere = "0.0.0.0/0";
        let route = json!({ "RouteTableId": public, "DestinationCidrBlock": anywhere, "GatewayId": gateway });
        call(sandbox, "CreateRoute", route);
        let address = text(&call(sandbox, "AllocateAddress", json!({ "Domain": "vpc" })), "/allocationId");
        let params = json!({ "SubnetId": self.subnets[4], "AllocationId": address });
        let nat = text(&call(sandbox, "CreateNatGateway", params), "/natGateway/natGatewayId");
        crate::seconds(5).await;
        let route = json!({ "RouteTableId": private, "DestinationCidrBlock": anywhere, "NatGatewayId": nat });
        call(sandbox, "CreateRoute", route);
        nat
    }

    pub(crate) fn balancer_params(&self) -> Value {
        json!({
            "Name": "sidekick-alb",
            "Scheme": "internal",
            "Subnets": [self.subnets[2], self.subnets[3]],
            "SecurityGroups": [self.balancer_group],
        })
    }

    pub(crate) fn new_balancer(&self) -> String {
        text(&self.elb("CreateLoadBalancer", self.balancer_params()), "/LoadBalancers/0/LoadBalancerArn")
    }

    pub(crate) fn target_group_params(&self) -> Value {
        json!({
            "Name": "sidekick-tg",
            "Protocol": "HTTP",
            "Port": 7500,
            "VpcId": self.vpc,
            "TargetType": "ip",
            "HealthCheckIntervalSeconds": 10,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 2,
        })
    }

    pub(crate) fn new_target_group(&self) -> String {
        text(&self.elb("CreateTargetGroup", self.target_group_params()), "/TargetGroups/0/TargetGroupArn")
    }

    pub(crate) fn new_listener(&self, balancer: &str, target_group: &str) -> String {
        let action = json!({ "Type": "forward", "TargetGroupArn": target_group });
        let params = json!({
            "LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP", "DefaultActions": [action],
        });
        text(&self.elb("CreateListener", params), "/Listeners/0/ListenerArn")
    }

    /// The states of a target group's targets.
    pub(crate) fn target_states(&self, target_group: &str) -> Vec<String> {
        let health = self.elb("DescribeTargetHealth", json!({ "TargetGroupArn": target_group }));
        let rows = health["TargetHealthDescriptions"].as_array().unwrap();
        rows.iter().map(|row| text(row, "/TargetHealth/State")).collect()
    }
}
