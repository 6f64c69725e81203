//! The application load balancer and its listeners.

use std::collections::BTreeSet;

use super::amazon_resource_name::Expected;
use super::listener_rule::{self, ListenerRule};
use super::names::{LOAD_BALANCER, Project};
use super::network::{NatGateways, Network};
use super::problem::Refusal;
use super::value::{Value, refuse_repeated};

/// The port of the HTTPS listener.
pub const HTTPS_PORT: u16 = 443;

/// The application load balancer and its listeners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alb {
    /// The load balancer's name.
    pub name: String,
    /// Whether it has private addresses only.
    pub internal: bool,
    /// Where the default route of its subnets leads.
    pub subnet_routing: SubnetRouting,
    /// Whether AWS refuses to delete it.
    pub deletion_protection: bool,
    /// After how many seconds without data a connection is closed.
    pub idle_timeout_seconds: u16,
    /// The port of the HTTP listener, which forwards to the service, or redirects if there is a certificate.
    pub listener_port: u16,
    /// The ports that the load balancer's security group admits.
    pub ingress_ports: BTreeSet<u16>,
    /// The certificate of an HTTPS listener on port 443, if there shall be one.
    pub certificate_arn: Option<String>,
    /// The TLS versions and ciphers of the HTTPS listener, by the name AWS gives to them.
    pub tls_policy: String,
    /// Rules of the listener that forwards to the service.
    pub rules: Vec<ListenerRule>,
}

/// Where the default route of the load balancer's subnets leads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SubnetRouting {
    /// To the internet gateway.
    #[default]
    Public,
    /// To the NAT gateway.
    Private,
}

pub(super) fn read(table: &Value<'_>, project: &Project<'_>, region: Option<&str>) -> Alb {
    let alb = Alb {
        name: table.at("name").name(project, &LOAD_BALANCER),
        internal: table.at("internal").flag(),
        subnet_routing: table
            .at("subnet_routing")
            .choice(&[("public", SubnetRouting::Public), ("private", SubnetRouting::Private)]),
        deletion_protection: table.at("deletion_protection").flag(),
        idle_timeout_seconds: idle_timeout(table),
        listener_port: table.at("listener_port").number(1..=65535),
        ingress_ports: ingress_ports(&table.at("ingress_ports")),
        certificate_arn: certificate(table, region),
        tls_policy: table.at("tls_policy").text(tls_policy),
        rules: listener_rule::read(&table.at("rules")),
    };
    check_ports(table, &alb);
    let routing = table.at("subnet_routing");
    let is_sound = routing.is_sound() && table.at("internal").is_sound();
    if is_sound && !alb.internal && alb.subnet_routing == SubnetRouting::Private {
        routing.refuse(Refusal::new(
            "a load balancer that faces the internet needs subnets with a route to the internet gateway",
            "set `alb.internal = true`, or `subnet_routing = \"public\"`",
        ));
    }
    alb
}

pub(super) fn idle_timeout(table: &Value<'_>) -> u16 {
    table.at("idle_timeout_seconds").number(1..=4000)
}

pub(super) fn certificate(table: &Value<'_>, region: Option<&str>) -> Option<String> {
    let value = table.at("certificate_arn");
    value.optional().map(|value| value.text(|text| certificate_arn(text, region)))
}

/// With one NAT gateway per zone, a private route out of a load balancer's subnet needs one in its zone.
pub(super) fn check_routing(alb: &Alb, routing: &Value<'_>, network: &Network, subnets: &Value<'_>) {
    let is_private = alb.subnet_routing == SubnetRouting::Private && routing.is_sound();
    if !is_private || !subnets.is_sound() || network.nat_gateways == NatGateways::Single {
        return;
    }
    for (item, subnet) in subnets.items().iter().zip(&network.alb_subnets) {
        if !network.nat_zones().contains(subnet.zone.as_str()) {
            item.at("zone").refuse(Refusal::new(
                format!("{} has no NAT subnet, and this subnet's route is to be private", subnet.zone),
                "add a subnet of this zone to `network.nat_subnets`, or set `alb.subnet_routing = \"public\"`",
            ));
        }
    }
}

fn ingress_ports(list: &Value<'_>) -> BTreeSet<u16> {
    let items = list.items();
    let ports: Vec<u16> = items.iter().map(|item| item.number(1..=65535)).collect();
    let numbered: Vec<_> = items.into_iter().zip(ports.iter().copied()).collect();
    refuse_repeated(&numbered, "port");
    ports.into_iter().collect()
}

/// Every listener reachable, and none on the port of the other.
fn check_ports(table: &Value<'_>, alb: &Alb) {
    let (listener, ingress) = (table.at("listener_port"), table.at("ingress_ports"));
    let certificate = table.at("certificate_arn");
    if listener.is_sound() && certificate.optional().is_some() && alb.listener_port == HTTPS_PORT {
        listener.refuse(Refusal::new(
            "port 443 is that of the HTTPS listener",
            "use another port, such as 80, whose requests are redirected to 443",
        ));
    }
    let https = certificate.optional().map(|_| (HTTPS_PORT, &certificate));
    for (port, key) in [(alb.listener_port, &listener)].into_iter().chain(https) {
        if key.is_sound() && ingress.is_sound() && !alb.ingress_ports.contains(&port) {
            key.refuse(Refusal::new(
                format!(
                    "nothing could reach the listener on port {port}: the security group does not admit it"
                ),
                format!("add {port} to `alb.ingress_ports`"),
            ));
        }
    }
}

fn certificate_arn(text: &str, region: Option<&str>) -> Result<String, Refusal> {
    Expected { service: "acm", region, resource: "certificate/" }.check(text).map(|()| text.to_owned())
}

fn tls_policy(text: &str) -> Result<String, Refusal> {
    let name = text.strip_prefix("ELBSecurityPolicy-").unwrap_or_default();
    if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not a security policy of load balancers"),
        "use one that AWS lists, like \"ELBSecurityPolicy-TLS13-1-2-2021-06\"",
    ))
}
