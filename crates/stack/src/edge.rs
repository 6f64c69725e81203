//! The edge: load balancers, their target groups and listeners, and the web ACL.

use std::collections::BTreeSet;

use sidekick_aws::ec2::SecurityGroup;
use sidekick_aws::elbv2::{
    Action, Conditions, HealthCheck, Listener, ListenerRule, LoadBalancer, Protocol, TargetGroup,
};
use sidekick_aws::wafv2::{Association, IpSet, Statement, WebAcl, WebAclRule};
use sidekick_aws::{Aws, IpSetArn};
use sidekick_engine::{Graph, Handle};

use crate::config::{self, Config, HTTPS_PORT, RuleAction};
use crate::names::{tags, tags_of};
use crate::network::Network;
use crate::security::Security;

/// What the service needs of the edge.
pub(crate) struct Edge {
    pub(crate) ways_in: Vec<WayIn>,
}

/// One way to the service: a load balancer with its target group and listeners.
pub(crate) struct WayIn {
    pub(crate) alb: Handle<LoadBalancer>,
    pub(crate) target_group: Handle<TargetGroup>,
    /// The listener that forwards to the target group; ECS refuses a service whose target group has none.
    pub(crate) listener: Handle<Listener>,
}

/// How a way to the service is configured.
struct Way<'a> {
    /// What its addresses and names say beside those of the first.
    prefix: &'static str,
    alb: &'a config::Alb,
    target_group: &'a str,
    security_group: &'a Handle<SecurityGroup>,
}

pub(crate) fn edge(graph: &mut Graph<Aws>, config: &Config, network: &Network, security: &Security) -> Edge {
    let first = Way {
        prefix: "",
        alb: &config.alb,
        target_group: &config.target_group.name,
        security_group: &security.alb,
    };
    let public = config.public_alb.iter().zip(&security.public).map(|(own, groups)| Way {
        prefix: "public-",
        alb: &own.alb,
        target_group: &own.target_group,
        security_group: &groups.alb,
    });
    let ways: Vec<_> = std::iter::once(first).chain(public).collect();
    let ways_in: Vec<_> = ways.iter().map(|way| way_in(graph, config, network, way)).collect();
    if let Some(waf) = &config.waf {
        let acl = web_acl(graph, config, waf);
        for (way, way_in) in ways.iter().zip(&ways_in) {
            association(graph, way, &acl, &way_in.alb);
        }
    }
    Edge { ways_in }
}

fn way_in(graph: &mut Graph<Aws>, config: &Config, network: &Network, way: &Way<'_>) -> WayIn {
    let alb = load_balancer(graph, config, network, way);
    let target_group = target_group(graph, config, network, way);
    let listener = listeners(graph, config, way, (&alb, &target_group));
    rules_of(graph, config, way, (&alb, &listener, &target_group));
    WayIn { alb, target_group, listener }
}

impl Way<'_> {
    /// The address of one of its resources.
    fn address(&self, resource: &str) -> String {
        format!("edge.{}{resource}", self.prefix)
    }
}

fn load_balancer(
    graph: &mut Graph<Aws>,
    config: &Config,
    network: &Network,
    way: &Way<'_>,
) -> Handle<LoadBalancer> {
    let (own, tags) = (way.alb.clone(), tags(config, &way.alb.name));
    let subnets: Vec<_> = network.alb.iter().map(Handle::accepted).collect();
    // AWS refuses an internet-facing load balancer in a VPC without an attached internet gateway.
    let gateway = (!own.internal).then(|| network.gateway.ready());
    let needs = (subnets, way.security_group.accepted(), gateway);
    graph.add(way.address("alb"), needs, move |(subnets, group, _)| LoadBalancer {
        name: own.name.clone(),
        internal: own.internal,
        subnets: subnets.into_iter().collect(),
        security_groups: [group].into(),
        deletion_protection: own.deletion_protection,
        idle_timeout_seconds: own.idle_timeout_seconds,
        tags: tags.clone(),
    })
}

fn target_group(
    graph: &mut Graph<Aws>,
    config: &Config,
    network: &Network,
    way: &Way<'_>,
) -> Handle<TargetGroup> {
    let (own, port) = (config.target_group.clone(), config.service.port);
    let (name, tags) = (way.target_group.to_owned(), tags(config, way.target_group));
    graph.add(way.address("target-group"), network.vpc.accepted(), move |vpc| TargetGroup {
        name: name.clone(),
        vpc,
        port,
        health_check: HealthCheck {
            path: own.health_check.path.clone(),
            interval_seconds: own.health_check.interval_seconds,
            timeout_seconds: own.health_check.timeout_seconds,
            healthy_threshold: own.health_check.healthy_threshold,
            unhealthy_threshold: own.health_check.unhealthy_threshold,
            matcher: own.health_check.matcher.clone(),
        },
        deregistration_delay_seconds: own.deregistration_delay_seconds,
        tags: tags.clone(),
    })
}

/// One listener that forwards; with a certificate it is the HTTPS one, and the HTTP listener redirects to it once it
/// listens.
fn listeners(
    graph: &mut Graph<Aws>,
    config: &Config,
    way: &Way<'_>,
    (alb, target_group): (&Handle<LoadBalancer>, &Handle<TargetGroup>),
) -> Handle<Listener> {
    let port = way.alb.listener_port;
    let (http, http_tags) = (way.address("http-listener"), tags_of(config, &format!("{}http", way.prefix)));
    let forward = (alb.accepted(), target_group.accepted());
    let Some(certificate) = way.alb.certificate_arn.clone() else {
        return graph.add(http, forward, move |(load_balancer, target_group)| Listener {
            load_balancer,
            port,
            protocol: Protocol::Http,
            action: Action::Forward(target_group),
            tags: http_tags.clone(),
        });
    };
    let (https, https_tags) =
        (way.address("https-listener"), tags_of(config, &format!("{}https", way.prefix)));
    let ssl_policy = way.alb.tls_policy.clone();
    let https = graph.add(https, forward, move |(load_balancer, target_group)| Listener {
        load_balancer,
        port: HTTPS_PORT,
        protocol: Protocol::Https { certificate: certificate.clone(), ssl_policy: ssl_policy.clone() },
        action: Action::Forward(target_group),
        tags: https_tags.clone(),
    });
    graph.add(http, (alb.accepted(), https.accepted()), move |(load_balancer, _)| Listener {
        load_balancer,
        port,
        protocol: Protocol::Http,
        action: Action::RedirectToHttps { port: HTTPS_PORT },
        tags: http_tags.clone(),
    });
    https
}

/// A rule's address names its listener: with another one, the rules are made there before they go here. A listener dies
/// with its load balancer, and its rules with it, so that they follow a new load balancer as well.
fn rules_of(
    graph: &mut Graph<Aws>,
    config: &Config,
    way: &Way<'_>,
    (alb, listener, target_group): (&Handle<LoadBalancer>, &Handle<Listener>, &Handle<TargetGroup>),
) {
    let protocol = if way.alb.certificate_arn.is_some() { "https" } else { "http" };
    for own in way.alb.rules.iter().cloned() {
        let tags = tags_of(config, &format!("{}{protocol}-rule-{}", way.prefix, own.priority));
        let needs = (alb.accepted(), listener.ready(), target_group.accepted());
        let address = way.address(&format!("{protocol}-rule.{}", own.priority));
        graph.add(address, needs, move |(_, listener, target_group)| ListenerRule {
            listener: listener.arn,
            priority: own.priority,
            conditions: Conditions {
                path_patterns: own.path_patterns.clone(),
                host_headers: own.host_headers.clone(),
                others: BTreeSet::new(),
            },
            action: match own.action.clone() {
                RuleAction::Forward => Action::Forward(target_group),
                RuleAction::FixedResponse { status, content_type, body } => {
                    Action::FixedResponse { status, content_type, body }
                }
                RuleAction::Redirect { host, path, permanent } => {
                    Action::RedirectTo { host, path, permanent }
                }
            },
            tags: tags.clone(),
        });
    }
}

/// The web ACL is made at once, so that it has spread by the time a load balancer takes it; nothing waits for it.
fn web_acl(graph: &mut Graph<Aws>, config: &Config, waf: &config::Waf) -> Handle<WebAcl> {
    let allow_list = (!waf.allow_list.is_empty()).then(|| allow_list(graph, config, waf));
    let spec = WebAcl {
        name: waf.name.clone(),
        description: waf.description.clone(),
        rules: rules(waf),
        blocks_others: false,
        tags: tags(config, &waf.name),
    };
    graph.add("edge.waf", allow_list.as_ref().map(Handle::accepted), move |allow_list| {
        let mut acl = spec.clone();
        // It comes before all others, so that they see only requests of those who are listed.
        acl.rules.splice(0..0, allow_list.map(outsiders_blocked));
        acl
    })
}

/// AWS refuses to protect what is not active yet, and nothing waits for this.
fn association(graph: &mut Graph<Aws>, way: &Way<'_>, acl: &Handle<WebAcl>, alb: &Handle<LoadBalancer>) {
    let needs = (acl.accepted(), alb.ready());
    graph.add(way.address("waf-association"), needs, |(web_acl, alb)| Association {
        web_acl,
        load_balancer: alb.arn,
    });
}

fn allow_list(graph: &mut Graph<Aws>, config: &Config, waf: &config::Waf) -> Handle<IpSet> {
    let name = config.resource_name("allow-list");
    let spec = IpSet {
        addresses: waf.allow_list.iter().map(ToString::to_string).collect(),
        tags: tags(config, &name),
        name,
    };
    graph.add("edge.allow-list", (), move |()| spec.clone())
}

/// The rule that blocks who is not on the allow-list.
fn outsiders_blocked(allow_list: IpSetArn) -> WebAclRule {
    WebAclRule {
        name: "allow-list".to_owned(),
        priority: config::Waf::ALLOW_LIST_PRIORITY.cast_signed(),
        statement: Statement::NotInIpSet(allow_list),
    }
}

/// The rules in the order of their priorities, as AWS answers them.
fn rules(waf: &config::Waf) -> Vec<WebAclRule> {
    let managed = waf.managed_rule_groups.iter().map(|group| WebAclRule {
        name: group.name.clone(),
        priority: group.priority.cast_signed(),
        statement: Statement::ManagedGroup {
            vendor: group.vendor.clone(),
            name: group.name.clone(),
            count: group.override_to_count,
            count_rules: group.count_rules.clone(),
        },
    });
    let rate = waf.rate_limit.iter().map(|limit| WebAclRule {
        name: "rate-limit".to_owned(),
        priority: limit.priority.cast_signed(),
        statement: Statement::RateLimit {
            limit: i64::from(limit.requests),
            window_seconds: i64::from(limit.window_seconds),
        },
    });
    let mut rules: Vec<_> = managed.chain(rate).collect();
    rules.sort_by_key(|rule| rule.priority);
    rules
}
