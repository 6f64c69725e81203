//! VPC peering connections, within this account or as a request to another one.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Described, Kind, Listing, absent, describe as list, find, find_mut};
use super::done;
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::params::Params;
use crate::reference::Reference;
use crate::tags::{self, Tags};
use crate::timeline::Timeline;
use crate::world::{Caller, World, timestamp};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Peering {
    pub(crate) id: String,
    pub(crate) tags: Tags,
    requester: Side,
    accepter: Side,
    created: f64,
    timeline: Timeline,
}

/// One of the two VPCs. The block of another account's VPC is unknown.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Side {
    vpc: String,
    owner: String,
    region: String,
    block: Option<Ipv4Net>,
    /// Whether its host names are resolved to private addresses for the other side.
    #[serde(default)]
    dns_resolution: bool,
}

impl Peering {
    pub(super) fn state<'a>(&'a self, world: &World) -> &'a str {
        self.timeline.state(world.now)
    }

    /// Whether it is, or can still become, active.
    pub(super) fn is_alive(&self, world: &World) -> bool {
        matches!(self.state(world), "initiating-request" | "pending-acceptance" | "provisioning" | "active")
    }

    pub(super) fn joins(&self, vpc: &str) -> bool {
        self.requester.vpc == vpc || self.accepter.vpc == vpc
    }

    /// Whether the caller is on one of its sides.
    fn concerns(&self, caller: &Caller) -> bool {
        self.requester.is(caller) || self.accepter.is(caller)
    }
}

impl Side {
    fn is(&self, caller: &Caller) -> bool {
        self.owner == caller.account && self.region == caller.region
    }

    fn view(&self) -> Value {
        let blocks: Vec<Value> = self.block.iter().map(|block| json!({ "cidrBlock": block })).collect();
        json!({
            "vpcId": self.vpc,
            "ownerId": self.owner,
            "region": self.region,
            "cidrBlock": self.block,
            "cidrBlockSet": blocks,
            "peeringOptions": { "allowDnsResolutionFromRemoteVpc": self.dns_resolution },
        })
    }

    fn filter(&self, name: &str) -> Option<Vec<String>> {
        Some(match name {
            "vpc-id" => vec![self.vpc.clone()],
            "owner-id" => vec![self.owner.clone()],
            "cidr-block" => self.block.iter().map(Ipv4Net::to_string).collect(),
            _ => return None,
        })
    }
}

impl Described for Peering {
    const KIND: Kind = Kind {
        prefix: "pcx",
        words: "The vpcPeeringConnection ID '{id}' does not exist",
        absent: "InvalidVpcPeeringConnectionID.NotFound",
        malformed: "InvalidVpcPeeringConnectionId.Malformed",
    };

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn created(&self) -> f64 {
        self.created
    }

    fn filter(&self, name: &str, world: &World) -> Option<Vec<String>> {
        match (name.strip_prefix("requester-vpc-info."), name.strip_prefix("accepter-vpc-info.")) {
            (Some(name), _) => return self.requester.filter(name),
            (_, Some(name)) => return self.accepter.filter(name),
            (None, None) => (),
        }
        Some(vec![match name {
            "vpc-peering-connection-id" => self.id.clone(),
            "status-code" => self.state(world).to_owned(),
            "status-message" => message(self.state(world), &self.accepter.owner),
            _ => return None,
        }])
    }

    fn view(&self, world: &World) -> Value {
        let state = self.state(world);
        let waits = matches!(state, "initiating-request" | "pending-acceptance");
        json!({
            "vpcPeeringConnectionId": self.id,
            "requesterVpcInfo": self.requester.view(),
            "accepterVpcInfo": self.accepter.view(),
            "status": { "code": state, "message": message(state, &self.accepter.owner) },
            "expirationTime": waits.then(|| timestamp(self.created + duration::PEERING_EXPIRY)),
            "tagSet": tags::lower(&self.tags),
        })
    }
}

fn message(state: &str, accepter: &str) -> String {
    match state {
        "initiating-request" => format!("Initiating Request to {accepter}"),
        "pending-acceptance" => format!("Pending Acceptance by {accepter}"),
        "provisioning" => "Provisioning".to_owned(),
        "active" => "Active".to_owned(),
        "failed" => "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned(),
        "expired" => "Expired".to_owned(),
        other => format!("{other} by {accepter}"),
    }
}

pub(super) fn settle(world: &mut World) {
    let now = world.now;
    world.ec2.peerings.retain(|_, peering| !peering.timeline.is_gone(now));
}

pub(super) fn references(world: &World) -> Vec<Reference> {
    let alive = world.ec2.peerings.values().filter(|peering| peering.is_alive(world));
    let both = |peering: &Peering| {
        [&peering.requester, &peering.accepter].map(|side| Reference::new(&peering.id, &side.vpc))
    };
    alive.flat_map(both).collect()
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let vpc = find(&world.ec2.vpcs, params.text("VpcId")?)?;
    let owner = params.text_if("PeerOwnerId")?.unwrap_or(&world.account).to_owned();
    let region = params.text_if("PeerRegion")?.unwrap_or(&world.region).to_owned();
    let tags = tags::read_specification(params, "vpc-peering-connection")?;
    let peer = params.text("PeerVpcId")?;
    let is_ours = owner == world.account && region == world.region;
    let block = if is_ours { Some(find(&world.ec2.vpcs, peer)?.cidr) } else { None };
    let requester = Side {
        vpc: vpc.id.clone(),
        owner: world.account.clone(),
        region: world.region.clone(),
        block: Some(vpc.cidr),
        dns_resolution: false,
    };
    let accepter = Side { vpc: peer.to_owned(), owner, region, block, dns_resolution: false };
    let exists = |other: &Peering| other.is_alive(world) && other.joins(&requester.vpc) && other.joins(peer);
    if world.ec2.peerings.values().any(exists) {
        let words = format!("A VPC peering connection between {} and {peer} already exists.", requester.vpc);
        return Err(Refusal::illegal("VpcPeeringConnectionAlreadyExists", words));
    }
    let overlaps = block.is_some_and(|block| block.contains(&vpc.cidr) || vpc.cidr.contains(&block));
    let requested = Timeline::begin(world.now, "initiating-request");
    let seconds = world.takes(duration::PEERING_REQUEST);
    let timeline = if overlaps {
        requested.then(seconds, "failed")
    } else {
        let waiting = duration::PEERING_EXPIRY - seconds;
        requested.then(seconds, "pending-acceptance").then(waiting, "expired")
    };
    let timeline = timeline.then_gone(duration::PEERING_LISTED);
    let peering = Peering { id: world.id("pcx"), tags, requester, accepter, created: world.now, timeline };
    let view = peering.view(world);
    world.ec2.peerings.insert(peering.id.clone(), peering);
    Ok(json!({ "vpcPeeringConnection": view }))
}

pub(super) fn accept(world: &mut World, params: &Params) -> Answer {
    let id = params.text("VpcPeeringConnectionId")?;
    check_accepter(world, find_own(world, id)?, "accept")?;
    let timeline =
        Timeline::begin(world.now, "provisioning").then(world.takes(duration::PEERING_PROVISION), "active");
    let peering = find_mut(&mut world.ec2.peerings, id)?;
    peering.timeline = timeline;
    let view = peering.clone().view(world);
    Ok(json!({ "vpcPeeringConnection": view }))
}

pub(super) fn reject(world: &mut World, params: &Params) -> Answer {
    let id = params.text("VpcPeeringConnectionId")?;
    check_accepter(world, find_own(world, id)?, "reject")?;
    let timeline = Timeline::begin(world.now, "rejected").then_gone(duration::PEERING_LISTED);
    find_mut(&mut world.ec2.peerings, id)?.timeline = timeline;
    done()
}

/// Each side sets its own options, and both of them if they are of one account.
pub(super) fn modify_options(world: &mut World, params: &Params) -> Answer {
    let id = params.text("VpcPeeringConnectionId")?;
    let peering = find_own(world, id)?;
    if peering.state(world) != "active" {
        return Err(transition(Refusal::illegal, id, peering.state(world)));
    }
    let mut changed = peering.clone();
    let sides = [
        ("RequesterPeeringConnectionOptions", &mut changed.requester),
        ("AccepterPeeringConnectionOptions", &mut changed.accepter),
    ];
    for (name, side) in sides {
        let Some(options) = params.object(name)? else { continue };
        if side.owner != world.caller.account {
            let words = format!("User {} cannot modify these options of peering {id}", world.caller.account);
            return Err(Refusal::illegal("OperationNotPermitted", words));
        }
        let resolves = options.flag("AllowDnsResolutionFromRemoteVpc")?.unwrap_or(side.dns_resolution);
        if resolves && world.ec2.vpcs.get(&side.vpc).is_some_and(|vpc| !vpc.resolves_host_names()) {
            let words = format!("DNS support and DNS hostnames must be enabled for {}", side.vpc);
            return Err(Refusal::illegal("InvalidParameterValue", words));
        }
        side.dns_resolution = resolves;
    }
    world.ec2.peerings.insert(changed.id.clone(), changed);
    done()
}

/// Only the side that was asked may answer, in its own region, and only while it is asked.
fn check_accepter(world: &World, peering: &Peering, answer: &str) -> Result<(), Refusal> {
    let (id, Side { owner, region, .. }) = (&peering.id, &peering.accepter);
    if *owner != world.caller.account {
        let words = format!("User {} cannot {answer} peering {id}", world.caller.account);
        return Err(Refusal::illegal("OperationNotPermitted", words));
    }
    if *region != world.caller.region {
        let words = format!(
            "Incorrect region ({}) specified for this request. VPC peering connection {id} must be {answer}ed in \
             region {region}",
            world.caller.region
        );
        return Err(Refusal::illegal("OperationNotPermitted", words));
    }
    match peering.state(world) {
        "pending-acceptance" => Ok(()),
        // It is on its way there; a caller who accepts right after the request learns that by trying.
        state @ "initiating-request" => Err(transition(Refusal::blocked, id, state)),
        state => Err(transition(Refusal::illegal, id, state)),
    }
}

/// The connection with this id, if it is one of the caller's.
fn find_own<'a>(world: &'a World, id: &str) -> Result<&'a Peering, Refusal> {
    let peering = find(&world.ec2.peerings, id)?;
    if peering.accepter.owner == world.caller.account || peering.concerns(&world.caller) {
        return Ok(peering);
    }
    Err(absent(&Peering::KIND, id))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let listing = Listing::new("VpcPeeringConnectionId", "vpcPeeringConnectionSet");
    let own = world.ec2.peerings.iter().filter(|(_, peering)| peering.concerns(&world.caller));
    let own = own.map(|(id, peering)| (id.clone(), peering.clone())).collect();
    list(world, &own, params, &listing)
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let id = params.text("VpcPeeringConnectionId")?;
    let peering = find_own(world, id)?;
    match peering.state(world) {
        "active" => (),
        // Before it is active, only who asked for it takes it back.
        _ if peering.is_alive(world) && peering.requester.is(&world.caller) => (),
        state @ ("initiating-request" | "pending-acceptance" | "provisioning") => {
            return Err(transition(Refusal::illegal, id, state));
        }
        // Whoever deletes what died a moment ago could not know it.
        state => return Err(transition(Refusal::absent, id, state)),
    }
    let seconds = world.takes(duration::PEERING_DELETE);
    let timeline = Timeline::begin(world.now, "deleting").then(seconds, "deleted");
    find_mut(&mut world.ec2.peerings, id)?.timeline = timeline.then_gone(duration::PEERING_LISTED);
    done()
}

fn transition(reason: fn(&'static str, String) -> Refusal, id: &str, state: &str) -> Refusal {
    reason(
        "InvalidStateTransition",
        format!("Invalid state transition for {id}, attempted to transition from {state}"),
    )
}
