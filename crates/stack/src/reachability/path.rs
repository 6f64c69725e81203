//! From one end to the other: what allows a connection, or what blocks it.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::network::{Peer, Route, Rule};
use super::range::{ANYWHERE, common, is_public, is_within};
use super::{Endpoint, Exposure, Network, Target};

/// The port by which an image is pulled and AWS is called.
const HTTPS: u16 = 443;

/// Whether a connection is possible, and what decides that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is, because of these rules and routes.
    Open(Vec<String>),
    /// It is not, because of this.
    Blocked(String),
}

/// A way by which connections can come in from outside of the VPC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// Who can come.
    pub source: Peer,
    /// Through what.
    pub through: Target,
    /// The rule that lets them in.
    pub rule: String,
    /// The route that answers them.
    pub route: String,
}

impl Way {
    /// Whether it begins on the internet.
    pub const fn is_from_internet(&self) -> bool {
        matches!(self.through, Target::Internet(_))
    }

    /// The rule, and then the route, as people read them.
    pub fn because(&self) -> String {
        format!("{}; {}", self.rule, self.route)
    }
}

impl Network {
    /// All ways by which somebody from outside of the VPC can connect to a port.
    pub fn ways_in(&self, to: &Endpoint, port: u16) -> Vec<Way> {
        let mut ways: Vec<Way> = Vec::new();
        for route in self.leading_out(to) {
            for (group, rule) in self.rules(to, Direction::In, port) {
                let Some(source) = self.source(route, rule) else { continue };
                let through = route.target.clone();
                // The same way by another subnet is the same way.
                if ways.iter().any(|way| (&way.source, &way.through) == (&source, &through)) {
                    continue;
                }
                let (rule, route) = (self.rule(group, "in", rule), self.shown(route));
                ways.push(Way { source, through, rule, route });
            }
        }
        ways
    }

    /// Why nobody can connect from the internet, when nobody can.
    pub fn closed_to_internet(&self, to: &Endpoint, port: u16) -> String {
        if let Exposure::Private(why) = to.exposure {
            return format!("{} {why}", to.name);
        }
        let leads_there = |route: &Route<'_>| matches!(route.target, Target::Internet(_));
        if !self.leading_out(to).iter().any(leads_there) {
            return format!("no route to an internet gateway in {}", self.tables_of(to));
        }
        format!("nobody from the internet is let in on {port}/tcp by {}", self.names(&to.groups))
    }

    /// Whether a peered network can connect to a port through this connection.
    pub fn peer_to(&self, peer: IpNet, connection: &str, to: &Endpoint, port: u16) -> Answer {
        let mut because = BTreeSet::new();
        for subnet in &to.subnets {
            match self.route(subnet, peer) {
                Some(route) if *route.target == Target::Peering(connection.to_owned()) => {
                    because.insert(self.shown(route));
                }
                Some(route @ Route { target: Target::Nowhere(_), .. }) => {
                    return Answer::Blocked(self.shown(route));
                }
                Some(route) => {
                    return Answer::Blocked(format!("{}, and not to {connection}", self.shown(route)));
                }
                None => {
                    return Answer::Blocked(format!("{} has no route to {peer}", self.table_named(subnet)));
                }
            }
        }
        let mut rules: Vec<_> = Vec::new();
        for (group, rule) in self.rules(to, Direction::In, port) {
            let Peer::Range(range) = rule.peer else { continue };
            let Some(part) = common(range, peer) else { continue };
            let words = self.rule(group, "in", rule);
            if part == peer {
                rules = vec![words];
                break;
            }
            rules.push(format!("{words}, and that is only a part of {peer}"));
        }
        if rules.is_empty() {
            let groups = self.names(&to.groups);
            return Answer::Blocked(format!("nobody from {peer} is let in on {port}/tcp by {groups}"));
        }
        rules.extend(because);
        Answer::Open(rules)
    }

    /// Whether one endpoint can connect to a port of another.
    pub fn within(&self, from: &Endpoint, to: &Endpoint, port: u16) -> Answer {
        let out = self.lets(from, to, Direction::Out, port);
        let into = self.lets(to, from, Direction::In, port);
        let (out, into) = match (out, into) {
            (Some(out), Some(into)) => (out, into),
            (None, _) => {
                let groups = self.names(&from.groups);
                return Answer::Blocked(format!(
                    "nobody is let out to {} on {port}/tcp by {groups}",
                    to.name
                ));
            }
            (_, None) => {
                let groups = self.names(&to.groups);
                return Answer::Blocked(format!("{} is not let in on {port}/tcp by {groups}", from.name));
            }
        };
        for (subnet, other) in from.subnets.iter().flat_map(|it| to.subnets.iter().map(move |to| (it, to))) {
            let Some(range) = self.subnets.get(other).map(|subnet| subnet.range) else { continue };
            match self.route(subnet, range) {
                Some(Route { target: Target::Local, .. }) | None => {}
                Some(route) => return Answer::Blocked(self.shown(route)),
            }
        }
        Answer::Open(into.into_iter().chain(out).collect())
    }

    /// Whether an endpoint can connect to the internet, which is always a matter of HTTPS.
    pub fn outbound(&self, from: &Endpoint) -> Answer {
        let mut rules = self.rules(from, Direction::Out, HTTPS);
        let Some((group, rule)) = rules.find(|(_, rule)| rule.peer == Peer::Range(ANYWHERE)) else {
            let groups = self.names(&from.groups);
            return Answer::Blocked(format!("{HTTPS}/tcp to {ANYWHERE} is not let out by {groups}"));
        };
        let mut because = vec![self.rule(group, "out", rule)];
        for subnet in &from.subnets {
            match self.way_out(subnet, matches!(from.exposure, Exposure::Public(_))) {
                Ok(hops) => because.extend(hops),
                Err(why) => return Answer::Blocked(why),
            }
        }
        // Several subnets may have one way.
        let mut told = BTreeSet::new();
        because.retain(|reason| told.insert(reason.clone()));
        Answer::Open(because)
    }

    /// The routes from a subnet to the internet, for what has a public address or not; or why there is none.
    fn way_out(&self, subnet: &str, is_public: bool) -> Result<Vec<String>, String> {
        let Some(route) = self.route(subnet, ANYWHERE) else {
            return Err(format!("{} has no route to the internet", self.table_named(subnet)));
        };
        let shown = self.shown(route);
        match route.target {
            Target::Internet(_) if is_public => Ok(vec![shown]),
            Target::Internet(_) => Err(format!("{shown}, which serves public addresses only")),
            Target::Nat(id) => {
                let Some(stands) = self.nat_gateways.get(id) else {
                    return Err(format!("{shown}, which does not work"));
                };
                match self.route(stands, ANYWHERE) {
                    Some(next @ Route { target: Target::Internet(_), .. }) => {
                        Ok(vec![shown, self.shown(next)])
                    }
                    _ => {
                        let table = self.table_named(stands);
                        Err(format!("{shown}, and {table} does not lead to an internet gateway from there"))
                    }
                }
            }
            Target::Other(_) => Ok(vec![shown]),
            Target::Local | Target::Peering(_) | Target::Nowhere(_) => Err(shown),
        }
    }

    /// The routes of an endpoint's subnets by which the outside is reached, and by which it is answered. Through a NAT
    /// gateway nobody comes in, and what has no public address is not met on the internet.
    fn leading_out(&self, endpoint: &Endpoint) -> Vec<Route<'_>> {
        let is_public = matches!(endpoint.exposure, Exposure::Public(_));
        let tables: BTreeSet<_> =
            endpoint.subnets.iter().filter_map(|id| Some(self.table_of(id)?.0)).collect();
        let routes = tables.into_iter().flat_map(|table| {
            self.tables[table].iter().map(move |(to, target)| Route { table, destination: *to, target })
        });
        let leads_out = |route: &Route<'_>| match route.target {
            Target::Internet(_) => is_public,
            Target::Peering(_) => true,
            // Through an egress-only gateway nobody comes in either.
            Target::Other(id) => !id.starts_with("eigw-"),
            Target::Local | Target::Nat(_) | Target::Nowhere(_) => false,
        };
        routes.filter(leads_out).collect()
    }

    /// Who can come by a route that a rule lets in.
    fn source(&self, route: Route<'_>, rule: &Rule) -> Option<Peer> {
        let range = match &rule.peer {
            Peer::Range(range) => *range,
            // A group of a peered network, whose members do not come over the internet.
            Peer::Group(id) => {
                let is_far = !self.groups.contains_key(id) && !matches!(route.target, Target::Internet(_));
                return is_far.then(|| rule.peer.clone());
            }
            Peer::List(_) => return Some(rule.peer.clone()),
        };
        let part = common(range, route.destination)?;
        // A narrower route of the same table leads this part elsewhere.
        let (_, table) = self.tables.get_key_value(route.table)?;
        let narrower = |(other, _): &(&IpNet, &Target)| **other != route.destination && other.contains(&part);
        let elsewhere = table.iter().filter(narrower).any(|(it, _)| route.destination.contains(it));
        let is_there = match route.target {
            Target::Internet(_) => is_public(part),
            _ => true,
        };
        let is_local = is_within(part, &self.own_ranges().collect::<Vec<_>>());
        (is_there && !elsewhere && !is_local).then_some(Peer::Range(part))
    }

    /// The addresses of the VPC itself, as its tables know them.
    pub(crate) fn own_ranges(&self) -> impl Iterator<Item = IpNet> {
        let routes = self.tables.values().flatten();
        routes.filter(|(_, target)| **target == Target::Local).map(|(range, _)| *range)
    }

    /// The rules by which one endpoint's groups let through all of the other one, or nothing if they do not.
    fn lets(
        &self,
        endpoint: &Endpoint,
        other: &Endpoint,
        direction: Direction,
        port: u16,
    ) -> Option<BTreeSet<String>> {
        let word = direction.word();
        let mut because = BTreeSet::new();
        for subnet in &other.subnets {
            let range = self.subnets.get(subnet).map(|subnet| subnet.range)?;
            let (group, rule) = self.rules(endpoint, direction, port).find(|(_, rule)| match &rule.peer {
                Peer::Range(allowed) => allowed.contains(&range),
                Peer::Group(id) => other.groups.contains(id),
                Peer::List(_) => false,
            })?;
            because.insert(self.rule(group, word, rule));
        }
        Some(because)
    }

    /// The rules of an endpoint's groups that are about TCP to a port, each with its group.
    pub(crate) fn rules<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        direction: Direction,
        port: u16,
    ) -> impl Iterator<Item = (&'a str, &'a Rule)> {
        let groups = endpoint.groups.iter().filter_map(|id| self.groups.get_key_value(id));
        let rules = groups.flat_map(move |(id, group)| {
            let rules = match direction {
                Direction::In => &group.ingress,
                Direction::Out => &group.egress,
            };
            rules.iter().map(move |rule| (id.as_str(), rule))
        });
        rules.filter(move |(_, rule)| rule.is_about(port))
    }

    fn table_named(&self, subnet: &str) -> String {
        self.table_of(subnet)
            .map_or_else(|| format!("{} without a table", self.name(subnet)), |(id, _)| self.name(id))
    }

    fn tables_of(&self, endpoint: &Endpoint) -> String {
        let tables: BTreeSet<_> = endpoint.subnets.iter().map(|subnet| self.table_named(subnet)).collect();
        tables.into_iter().collect::<Vec<_>>().join(" and ")
    }
}

/// Which rules of a security group count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    In,
    Out,
}

impl Direction {
    const fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}
