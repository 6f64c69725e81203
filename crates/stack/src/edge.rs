//! The edge: load balancer, target group, listeners and web ACL.

use sidekick_aws::Aws;
use sidekick_aws::elbv2::{Action, HealthCheck, Listener, LoadBalancer, Protocol, TargetGroup};
use sidekick_aws::wafv2::{Association, Statement, WebAcl, WebAclRule};
use sidekick_engine::{Graph, Handle};

use crate::config::{self, Config};
use crate::names::{tags, tags_of};
use crate::network::Network;
use crate::security::Security;

/// The port of the HTTPS listener.
const HTTPS: u16 = 443;

/// What the service needs of the edge.
pub(crate) struct Edge {
    pub(crate) alb: Handle<LoadBalancer>,
    pub(crate) target_group: Handle<TargetGroup>,
    /// The listener that forwards to the target group; ECS refuses a service whose target group has none.
    pub(crate) listener: Handle<Listener>,
}

pub(crate) fn edge(graph: &mut Graph<Aws>, config: &Config, network: &Network, security: &Security) -> Edge {
    let alb = load_balancer(graph, config, network, security);
    let target_group = target_group(graph, config, network);
    let listener = listeners(graph, config, &alb, &target_group);
    if let Some(waf) = &config.waf {
        web_acl(graph, config, waf, &alb);
    }
    Edge { alb, target_group, listener }
}

fn load_balancer(
    graph: &mut Graph<Aws>,
    config: &Config,
    network: &Network,
    security: &Security,
) -> Handle<LoadBalancer> {
    let (own, tags) = (config.alb.clone(), tags(config, &config.alb.name));
    let subnets: Vec<_> = network.alb.iter().map(Handle::accepted).collect();
    // AWS refuses an internet-facing load balancer in a VPC without an attached internet gateway.
    let gateway = (!own.internal).then(|| network.gateway.ready());
    let needs = (subnets, security.alb.accepted(), gateway);
    graph.add("edge.alb", needs, move |(subnets, group, _)| LoadBalancer {
        name: own.name.clone(),
        internal: own.internal,
        subnets: subnets.into_iter().collect(),
        security_groups: [group].into(),
        deletion_protection: own.deletion_protection,
        idle_timeout_seconds: own.idle_timeout_seconds,
        tags: tags.clone(),
    })
}

fn target_group(graph: &mut Graph<Aws>, config: &Config, network: &Network) -> Handle<TargetGroup> {
    let (own, port) = (config.target_group.clone(), config.service.port);
    let tags = tags(config, &own.name);
    graph.add("edge.target-group", network.vpc.accepted(), move |vpc| TargetGroup {
        name: own.name.clone(),
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

/// One listener that forwards; with a certificate it is the HTTPS one, and the HTTP listener redirects to it.
fn listeners(
    graph: &mut Graph<Aws>,
    config: &Config,
    alb: &Handle<LoadBalancer>,
    target_group: &Handle<TargetGroup>,
) -> Handle<Listener> {
    let port = config.alb.listener_port;
    let http_tags = tags_of(config, "http");
    let forward = (alb.accepted(), target_group.accepted());
    let Some(certificate) = config.alb.certificate_arn.clone() else {
        return graph.add("edge.http-listener", forward, move |(load_balancer, target_group)| Listener {
            load_balancer,
            port,
            protocol: Protocol::Http,
            action: Action::Forward(target_group),
            tags: http_tags.clone(),
        });
    };
    graph.add("edge.http-listener", alb.accepted(), move |load_balancer| Listener {
        load_balancer,
        port,
        protocol: Protocol::Http,
        action: Action::RedirectToHttps { port: HTTPS },
        tags: http_tags.clone(),
    });
    let (https_tags, ssl_policy) = (tags_of(config, "https"), config.alb.tls_policy.clone());
    graph.add("edge.https-listener", forward, move |(load_balancer, target_group)| Listener {
        load_balancer,
        port: HTTPS,
        protocol: Protocol::Https { certificate: certificate.clone(), ssl_policy: ssl_policy.clone() },
        action: Action::Forward(target_group),
        tags: https_tags.clone(),
    })
}

/// The web ACL is made at once, so that it has spread by the time the load balancer takes it; nothing waits for it.
fn web_acl(graph: &mut Graph<Aws>, config: &Config, waf: &config::Waf, alb: &Handle<LoadBalancer>) {
    let spec = WebAcl {
        name: waf.name.clone(),
        description: waf.description.clone(),
        rules: rules(waf),
        tags: tags(config, &waf.name),
    };
    let acl = graph.add("edge.waf", (), move |()| spec.clone());
    // AWS refuses to protect what is not active yet, and nothing waits for this.
    graph.add("edge.waf-association", (acl.accepted(), alb.ready()), |(web_acl, alb)| Association {
        web_acl,
        load_balancer: alb.arn,
    });
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
