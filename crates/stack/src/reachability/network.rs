//! The network as traffic sees it: subnets with their routes, and security groups with their rules.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

/// A VPC. Everything in it is known by its id, and named by its address where it has one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// The addresses of what the environment consists of, by id.
    pub names: BTreeMap<String, String>,
    /// Its subnets.
    pub subnets: BTreeMap<String, Subnet>,
    /// Its route tables.
    pub tables: BTreeMap<String, Table>,
    /// The table of the subnets that have no other.
    pub main_table: Option<String>,
    /// The subnet of each NAT gateway that works.
    pub nat_gateways: BTreeMap<String, String>,
    /// Its security groups.
    pub groups: BTreeMap<String, Group>,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq)]
pub struct Subnet {
    /// Its addresses.
    pub range: IpNet,
    /// The table that is associated with it, if one is.
    pub table: Option<String>,
}

/// Where each destination lies.
pub type Table = BTreeMap<IpNet, Target>;

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// To the VPC itself.
    Local,
    /// To the internet and from there, for what has a public address.
    Internet(String),
    /// To the internet, and nothing comes back that was not asked for.
    Nat(String),
    /// To a peered network.
    Peering(String),
    /// To something that is none of the above.
    Other(String),
    /// To something that is not there.
    Nowhere(String),
}

/// A security group: what is in no rule of it is not let through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// What it lets in.
    pub ingress: Vec<Rule>,
    /// What it lets out.
    pub egress: Vec<Rule>,
}

/// One kind of traffic that a security group lets through.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its id, where it has one already.
    pub id: Option<String>,
    /// The protocol as AWS writes it.
    pub protocol: String,
    /// The first and the last port; all, if there are none.
    pub ports: Option<(u16, u16)>,
    /// Who is at the other end.
    pub peer: Peer,
}

/// The other end of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// A range of addresses.
    Range(IpNet),
    /// Whatever carries a security group.
    Group(String),
    /// A prefix list, of which it is not known what is in it.
    List(String),
}

/// The route that counts for a destination, and the table it is in.
#[derive(Clone, Copy)]
pub(super) struct Route<'a> {
    pub(super) table: &'a str,
    pub(super) destination: IpNet,
    pub(super) target: &'a Target,
}

impl Rule {
    /// Whether it is about TCP to a port.
    pub(super) fn is_about(&self, port: u16) -> bool {
        let is_tcp = matches!(self.protocol.as_str(), "tcp" | "6" | "-1");
        is_tcp && self.ports.is_none_or(|(first, last)| (first..=last).contains(&port))
    }
}

impl Target {
    /// What it leads to.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Local => "local",
            Self::Internet(id) | Self::Nat(id) | Self::Peering(id) | Self::Other(id) | Self::Nowhere(id) => {
                id
            }
        }
    }
}

impl Network {
    /// What people call the thing with this id: `security.postgres (sg-0123)`.
    pub fn name(&self, id: &str) -> String {
        match self.names.get(id) {
            Some(address) if address != id => format!("{address} ({id})"),
            _ => id.to_owned(),
        }
    }

    /// The networks that routes lead to through a peering connection, each with the connection.
    pub(crate) fn peered(&self) -> BTreeSet<(IpNet, &str)> {
        let routes = self.tables.values().flatten();
        let peered = routes.filter_map(|(range, target)| match target {
            Target::Peering(id) => Some((*range, id.as_str())),
            _ => None,
        });
        peered.collect()
    }

    pub(super) fn names<'a>(&self, ids: impl IntoIterator<Item = &'a String>) -> String {
        let names: Vec<_> = ids.into_iter().map(|id| self.name(id)).collect();
        if names.is_empty() { "no security group".to_owned() } else { names.join(" and ") }
    }

    /// The table by which a subnet's traffic goes.
    pub(super) fn table_of(&self, subnet: &str) -> Option<(&str, &Table)> {
        let subnet = self.subnets.get(subnet)?;
        let id = subnet.table.as_ref().or(self.main_table.as_ref())?;
        Some((id, self.tables.get(id)?))
    }

    /// The route by which traffic from a subnet goes to a range: the narrowest of those that the range lies in.
    pub(super) fn route(&self, subnet: &str, to: IpNet) -> Option<Route<'_>> {
        let (table, routes) = self.table_of(subnet)?;
        let fitting = routes.iter().filter(|(destination, _)| destination.contains(&to));
        let (destination, target) = fitting.max_by_key(|(destination, _)| destination.prefix_len())?;
        Some(Route { table, destination: *destination, target })
    }

    /// A rule as people read it: `security.postgres (sg-1) lets in tcp 5432 from 0.0.0.0/0 (sgr-1)`.
    pub(crate) fn rule(&self, group: &str, verb: &str, rule: &Rule) -> String {
        let protocol = if rule.protocol == "-1" { "everything" } else { rule.protocol.as_str() };
        let ports = match rule.ports {
            None => String::new(),
            Some((first, last)) if first == last => format!(" {first}"),
            Some((first, last)) => format!(" {first}-{last}"),
        };
        let id = rule.id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
        format!(
            "{} lets {verb} {protocol}{ports} {} {}{id}",
            self.name(group),
            by(verb),
            self.peer(&rule.peer)
        )
    }

    /// The other end as people read it.
    pub(crate) fn peer(&self, peer: &Peer) -> String {
        match peer {
            Peer::Range(range) => range.to_string(),
            Peer::Group(id) => self.name(id),
            Peer::List(id) => format!("the prefix list {id}"),
        }
    }

    /// A route as people read it: `network.public-routes (rtb-1) leads 0.0.0.0/0 to network.internet-gateway (igw-1)`.
    pub(super) fn shown(&self, route: Route<'_>) -> String {
        let Route { table, destination, target } = route;
        let (table, id) = (self.name(table), self.name(target.id()));
        match target {
            Target::Nowhere(_) => format!("{table} leads {destination} to {id}, which is not there"),
            _ => format!("{table} leads {destination} to {id}"),
        }
    }
}

fn by(verb: &str) -> &'static str {
    if verb == "in" { "from" } else { "to" }
}
