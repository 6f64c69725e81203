//! The second load balancer, for clients on the internet.

use ipnet::Ipv4Net;

use super::alb::{self, Alb, SubnetRouting};
use super::cidr;
use super::listener_rule;
use super::names::{LOAD_BALANCER, NameRule, Project, TARGET_GROUP};
use super::problem::Refusal;
use super::target_group::TargetGroup;
use super::value::{Value, refuse_repeated};

/// The port of its HTTP listener.
const HTTP_PORT: u16 = 80;

/// The second load balancer, for clients on the internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAlb {
    /// The load balancer and its listeners.
    pub alb: Alb,
    /// The name of its target group; no target group has two load balancers.
    pub target_group: String,
    /// The networks that may reach it; never empty.
    pub allowed_cidrs: Vec<Ipv4Net>,
}

/// Every key is checked, also while the load balancer is switched off; but names that are made of the project's only
/// if they are used, because they are longer than those of the first load balancer.
pub(super) fn read(
    table: &Value<'_>,
    project: &Project<'_>,
    region: Option<&str>,
    tls_policy: &str,
) -> Option<PublicAlb> {
    let switch = table.at("enabled");
    let enabled = switch.flag();
    let name = |key: &str, rule: &NameRule| {
        let value = table.at(key);
        if enabled { value.name(project, rule) } else { String::new() }
    };
    let certificate_arn = alb::certificate(table, region);
    let public = PublicAlb {
        target_group: name("target_group", &TARGET_GROUP),
        allowed_cidrs: allowed_cidrs(table),
        alb: Alb {
            name: name("name", &LOAD_BALANCER),
            internal: false,
            subnet_routing: SubnetRouting::Public,
            deletion_protection: table.at("deletion_protection").flag(),
            idle_timeout_seconds: alb::idle_timeout(table),
            listener_port: HTTP_PORT,
            ingress_ports: [HTTP_PORT]
                .into_iter()
                .chain(certificate_arn.as_ref().map(|_| alb::HTTPS_PORT))
                .collect(),
            certificate_arn,
            tls_policy: tls_policy.to_owned(),
            rules: listener_rule::read(&table.at("rules")),
        },
    };
    if enabled && public.allowed_cidrs.is_empty() && table.at("allowed_cidrs").is_sound() {
        switch.refuse(Refusal::new(
            "nobody could reach the public load balancer: `public_alb.allowed_cidrs` is empty",
            "list the networks that may reach it",
        ));
    }
    enabled.then_some(public)
}

/// The whole internet is let in only by those who say so twice.
fn allowed_cidrs(table: &Value<'_>) -> Vec<Ipv4Net> {
    let list = table.at("allowed_cidrs");
    let (cidrs, anywhere) = (cidr::list(&list, 0..=32), table.at("allow_anywhere").flag());
    for (item, cidr) in list.items().iter().zip(&cidrs) {
        if item.is_sound() && cidr.prefix_len() == 0 && !anywhere {
            item.refuse(Refusal::new(
                format!("`{cidr}` is the whole internet"),
                "list the networks that are meant, or set `public_alb.allow_anywhere = true` as well",
            ));
        }
    }
    cidrs
}

/// It stands beside the first load balancer: in its subnets, which must lead to the internet then, and under other names.
pub(super) fn check_beside(
    public: Option<&PublicAlb>,
    (alb, target_group): (&Alb, &TargetGroup),
    root: &Value<'_>,
) {
    let Some(public) = public else { return };
    let (table, first) = (root.at("public_alb"), root.at("alb"));
    if first.at("subnet_routing").is_sound() && alb.subnet_routing == SubnetRouting::Private {
        table.at("enabled").refuse(Refusal::new(
            "the public load balancer would stand in the load balancer's subnets, which have no route to the internet \
             gateway with `alb.subnet_routing = \"private\"`",
            "set `alb.subnet_routing = \"public\"`, or switch `public_alb` off",
        ));
    }
    let names = [(first.at("name"), &alb.name), (table.at("name"), &public.alb.name)];
    refuse_repeated(&names, "name");
    let group = root.at("target_group").at("name");
    refuse_repeated(&[(group, &target_group.name), (table.at("target_group"), &public.target_group)], "name");
}
