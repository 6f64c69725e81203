//! What AWS lets wait for what in the shipped environment, as fine as it can be told: by hand from AWS's rules, not
//! from the program, so that an edge too many there shows as time lost.

use super::critical_path::Node;
use super::critical_path::Phase::{self, Done, Named};
use super::recording::CALL;
use super::spans::Spans;

/// A row: which addresses (a `*` stands for the rest), what they wait for, and how many calls one after the other they
/// need between the one that names them and their being done.
type Row = (&'static str, &'static [(&'static str, Phase)], u32);

/// Up. A store needs its subnet group and security group, not the way out; a listener the load balancer's name;
/// the tasks of the service need everything.
const UP: &[Row] = &[
    ("network.vpc", &[], 1),
    ("network.alb-subnet.*", &[("network.vpc", Named)], 0),
    ("network.nat-subnet.*", &[("network.vpc", Named)], 0),
    ("network.private-subnet.*", &[("network.vpc", Named)], 0),
    // The call that counts is that which attaches it.
    ("network.internet-gateway", &[("network.vpc", Named)], 0),
    ("network.elastic-ip.*", &[], 0),
    (
        "network.nat-gateway.*",
        &[
            ("network.nat-subnet.*", Named),
            ("network.elastic-ip.*", Named),
            ("network.internet-gateway", Done),
        ],
        0,
    ),
    ("network.public-routes", &[("network.internet-gateway", Done), ("network.alb-subnet.*", Named)], 1),
    ("network.private-routes.*", &[("network.nat-gateway.*", Named), ("network.private-subnet.*", Named)], 1),
    ("security.*", &[("network.vpc", Named)], 1),
    ("data.postgres-secret", &[], 0),
    ("data.redis-secret", &[], 0),
    ("compute.app-secret", &[], 0),
    ("compute.app-credentials", &[("compute.app-secret", Named)], 0),
    ("data.postgres-password", &[("data.postgres-secret", Named)], 0),
    ("data.postgres-subnet-group", &[("network.private-subnet.*", Named)], 0),
    ("data.redis-subnet-group", &[("network.private-subnet.*", Named)], 0),
    (
        "data.postgres",
        &[
            ("data.postgres-subnet-group", Done),
            ("security.postgres", Named),
            ("data.postgres-password", Done),
        ],
        0,
    ),
    ("data.redis", &[("data.redis-subnet-group", Done), ("security.redis", Named)], 0),
    ("data.postgres-credentials", &[("data.postgres", Done)], 0),
    ("data.redis-credentials", &[("data.redis", Done), ("data.redis-secret", Named)], 0),
    ("edge.alb", &[("network.alb-subnet.*", Named), ("security.alb", Named)], 0),
    ("edge.target-group", &[("network.vpc", Named)], 1),
    ("edge.http-listener", &[("edge.alb", Named), ("edge.target-group", Named)], 0),
    ("edge.waf", &[], 0),
    ("edge.waf-association", &[("edge.waf", Done), ("edge.alb", Done)], 0),
    ("compute.cluster", &[], 0),
    ("compute.log-group", &[], 1),
    ("compute.task-role", &[], 0),
    (
        "compute.execution-role",
        &[("data.postgres-secret", Named), ("data.redis-secret", Named), ("compute.app-secret", Named)],
        1,
    ),
    (
        "compute.task-definition",
        &[("compute.execution-role", Named), ("compute.task-role", Named), ("data.redis", Done)],
        0,
    ),
    (
        "compute.service",
        &[
            ("compute.cluster", Named),
            ("compute.task-definition", Named),
            ("compute.execution-role", Done),
            ("compute.log-group", Named),
            ("compute.app-credentials", Done),
            ("data.postgres-credentials", Done),
            ("data.redis-credentials", Done),
            ("edge.http-listener", Named),
            ("network.nat-gateway.*", Done),
            ("network.private-routes.*", Done),
            ("security.*", Done),
        ],
        0,
    ),
];

/// Down. The slow ones all go at once; subnets and groups wait for the interfaces in them.
const DOWN: &[Row] = &[
    ("data.postgres", &[], 0),
    ("data.redis", &[], 0),
    ("network.nat-gateway.*", &[], 0),
    ("edge.http-listener", &[], 0),
    ("compute.service", &[("edge.http-listener", Done)], 0),
    ("edge.alb", &[], 0),
    ("edge.waf-association", &[], 0),
    ("edge.waf", &[("edge.waf-association", Done)], 1),
    ("edge.target-group", &[("edge.http-listener", Done), ("compute.service", Named)], 0),
    ("data.postgres-subnet-group", &[("data.postgres", Done)], 0),
    ("data.redis-subnet-group", &[("data.redis", Done)], 0),
    ("data.*-credentials", &[], 0),
    ("data.postgres-password", &[], 0),
    ("data.*-secret", &[], 0),
    ("compute.app-credentials", &[], 0),
    ("compute.app-secret", &[], 0),
    ("compute.task-definition", &[], 1),
    ("compute.cluster", &[("compute.service", Done)], 0),
    ("compute.execution-role", &[("compute.service", Done)], 2),
    ("compute.task-role", &[("compute.service", Done)], 1),
    ("compute.log-group", &[("compute.service", Done)], 0),
    ("network.elastic-ip.*", &[("network.nat-gateway.*", Done)], 0),
    ("network.internet-gateway", &[("network.nat-gateway.*", Done)], 1),
    (
        "network.private-subnet.*",
        &[("compute.service", Done), ("data.postgres-subnet-group", Done), ("data.redis-subnet-group", Done)],
        0,
    ),
    ("network.alb-subnet.*", &[("edge.alb", Done)], 0),
    ("network.nat-subnet.*", &[("network.nat-gateway.*", Done)], 0),
    ("network.private-routes.*", &[("network.private-subnet.*", Done)], 0),
    ("network.public-routes", &[("network.alb-subnet.*", Done), ("network.nat-subnet.*", Done)], 0),
    ("security.postgres", &[("data.postgres", Done)], 0),
    ("security.redis", &[("data.redis", Done)], 0),
    ("security.service", &[("compute.service", Done)], 0),
    ("security.alb", &[("edge.alb", Done), ("security.service", Done)], 0),
    (
        "network.vpc",
        &[
            ("network.internet-gateway", Done),
            ("network.private-routes.*", Done),
            ("network.public-routes", Done),
            ("security.*", Done),
        ],
        0,
    ),
];

/// What an `up` of these addresses has to wait for, with the time that AWS took.
pub fn up(addresses: &[String], spans: &Spans) -> Vec<Node> {
    nodes(UP, addresses, spans)
}

/// The same of a `down`.
pub fn down(addresses: &[String], spans: &Spans) -> Vec<Node> {
    nodes(DOWN, addresses, spans)
}

fn nodes(rows: &[Row], addresses: &[String], spans: &Spans) -> Vec<Node> {
    let among = |pattern: &str| addresses.iter().filter(|own| matches(pattern, own)).cloned().collect();
    let mut nodes: Vec<Node> = Vec::new();
    for (pattern, needs, calls) in rows {
        let of_pattern: Vec<String> = among(pattern);
        for address in of_pattern {
            let needs = needs.iter().flat_map(|(pattern, phase)| {
                let needed: Vec<String> = among(pattern);
                needed.into_iter().map(|needed| (needed, *phase))
            });
            let done = match spans.get(&address) {
                // A call takes effect half way.
                Some(span) => CALL / 2.0 + span.length(),
                None => CALL,
            };
            let done = done.max(CALL) + f64::from(*calls) * CALL;
            nodes.push(Node { needs: needs.collect(), named: CALL, done, address });
        }
    }
    let told: std::collections::BTreeSet<_> = nodes.iter().map(|node| &node.address).collect();
    let missing: Vec<_> = addresses.iter().filter(|address| !told.contains(address)).collect();
    assert!(missing.is_empty(), "no row tells of {missing:?}");
    nodes
}

/// Whether an address is of a pattern with at most one `*`.
pub(super) fn matches(pattern: &str, address: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == address,
        Some((start, end)) => {
            let rest = address.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
            rest.is_some_and(|rest| !rest.is_empty())
        }
    }
}
