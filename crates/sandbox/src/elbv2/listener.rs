//! Listeners, one per load balancer and port.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::action::{self, Action};
use super::{listing, load_balancer, rule};
use crate::acm;
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Listener {
    pub(crate) arn: String,
    pub(crate) load_balancer: String,
    pub(crate) tags: Tags,
    port: i64,
    security: Security,
    action: Action,
    created: f64,
}

/// Whether and how a listener speaks TLS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Security {
    Http,
    Https { certificate: String, policy: String },
}

impl Listener {
    /// Whether requests go to this target group.
    pub(crate) fn forwards_to(&self, wanted: &str) -> bool {
        self.action.forwards_to(wanted)
    }

    fn view(&self) -> Value {
        let (protocol, certificates, policy) = match &self.security {
            Security::Http => ("HTTP", Vec::new(), None),
            Security::Https { certificate, policy } => {
                ("HTTPS", vec![json!({ "CertificateArn": certificate })], Some(policy))
            }
        };
        json!({
            "ListenerArn": self.arn,
            "LoadBalancerArn": self.load_balancer,
            "Port": self.port,
            "Protocol": protocol,
            "Certificates": certificates,
            "SslPolicy": policy,
            "DefaultActions": [self.action.view()],
        })
    }

    /// The rule that AWS shows for the default action: it has no conditions, and lasts as long as the listener.
    pub(super) fn default_rule(&self) -> Value {
        json!({
            "RuleArn": format!("{}/default", rule::path(&self.arn)),
            "Priority": "default",
            "Conditions": [],
            "Actions": [self.action.view()],
            "IsDefault": true,
        })
    }
}

pub(super) fn absent(arn: &str) -> Refusal {
    Refusal::absent("ListenerNotFound", format!("One or more listeners not found: '{arn}'"))
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let balancer = load_balancer::find(world, params.text("LoadBalancerArn")?)?.arn.clone();
    let port = read_port(params)?.ok_or_else(|| params.missing("Port"))?;
    let protocol = params.text("Protocol")?;
    let security = read_security(world, params, protocol, None)?;
    let action = action::read(world, params, "DefaultActions")?;
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    if let Some(existing) = at(world, &balancer, port) {
        if (&existing.security, &existing.action, &existing.tags) == (&security, &action, &tags) {
            return Ok(json!({ "Listeners": [existing.view()] }));
        }
        return Err(duplicate());
    }
    refuse_second_balancer(world, &balancer, &action)?;
    let path = balancer.replacen(":loadbalancer/", ":listener/", 1);
    let arn = format!("{path}/{}", world.hex());
    let created = world.now;
    let listener = Listener { arn, load_balancer: balancer, tags, port, security, action, created };
    let view = listener.view();
    world.elbv2.listeners.insert(listener.arn.clone(), listener);
    Ok(json!({ "Listeners": [view] }))
}

fn at<'a>(world: &'a World, balancer: &str, port: i64) -> Option<&'a Listener> {
    let mut listeners = world.elbv2.listeners.values();
    listeners.find(|listener| listener.load_balancer == balancer && listener.port == port)
}

fn duplicate() -> Refusal {
    Refusal::illegal("DuplicateListener", "A listener already exists on this port for this load balancer")
}

fn read_port(params: &Params) -> Result<Option<i64>, Refusal> {
    match params.number("Port")? {
        Some(port) if !(1..=65_535).contains(&port) => {
            Err(params.invalid("Port", port, "It must be between 1 and 65535."))
        }
        port => Ok(port),
    }
}

/// The protocol with certificate and policy; a change may leave out the latter two.
fn read_security(
    world: &World,
    params: &Params,
    protocol: &str,
    before: Option<&Security>,
) -> Result<Security, Refusal> {
    let certificates = params.objects("Certificates")?;
    let certificates: Vec<&str> =
        certificates.iter().map(|one| one.text("CertificateArn")).collect::<Result<_, _>>()?;
    let policy = params.text_if("SslPolicy")?;
    let (kept, kept_policy) = match before {
        Some(Security::Https { certificate, policy }) => (Some(certificate.as_str()), Some(policy.as_str())),
        _ => (None, None),
    };
    let refuse = |code, words: &str| Err(Refusal::illegal(code, words));
    match (protocol, certificates.as_slice()) {
        ("HTTP", []) if policy.is_none() => Ok(Security::Http),
        ("HTTP", _) => {
            refuse("ValidationError", "Certificates and policies cannot be specified for HTTP listeners")
        }
        ("HTTPS", given) => {
            let Some(certificate) = given.first().copied().or(kept) else {
                return refuse("CertificateNotFound", "A certificate must be specified for HTTPS listeners");
            };
            if given.len() > 1 {
                return refuse("TooManyCertificates", "A listener has exactly one default certificate");
            }
            acm::refuse_unless_issued(world, certificate)?;
            let policy = policy.or(kept_policy).unwrap_or("ELBSecurityPolicy-2016-08");
            if !policy.starts_with("ELBSecurityPolicy-") {
                return Err(Refusal::illegal(
                    "SSLPolicyNotFound",
                    format!("SSL policy '{policy}' not found"),
                ));
            }
            Ok(Security::Https { certificate: certificate.to_owned(), policy: policy.to_owned() })
        }
        _ => Err(params.invalid("Protocol", protocol, "An application load balancer has HTTP and HTTPS.")),
    }
}

pub(super) fn refuse_second_balancer(world: &World, balancer: &str, action: &Action) -> Result<(), Refusal> {
    let of_another = |group: &&str| super::balancer_of(world, group).is_some_and(|it| it.arn != balancer);
    match action.target_groups().into_iter().find(of_another) {
        Some(group) => {
            let words = format!(
                "The following target groups cannot be associated with more than one load balancer: {group}"
            );
            Err(Refusal::illegal("TargetGroupAssociationLimit", words))
        }
        None => Ok(()),
    }
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let (balancer, arns) = (params.text_if("LoadBalancerArn")?, params.texts("ListenerArns")?);
    if let Some(arn) = balancer {
        load_balancer::find(world, arn)?;
    } else if arns.is_empty() {
        let words = "You must specify either listener ARNs or a load balancer ARN";
        return Err(Refusal::illegal("ValidationError", words));
    }
    let visible = world.elbv2.listeners.values().filter(|listener| !world.hides(listener.created));
    let visible: Vec<&Listener> = visible.collect();
    for arn in &arns {
        if !visible.iter().any(|listener| listener.arn == *arn) {
            return Err(absent(arn));
        }
    }
    let chosen = visible.into_iter().filter(|listener| {
        (arns.is_empty() || arns.contains(&listener.arn))
            && balancer.is_none_or(|balancer| listener.load_balancer == balancer)
    });
    let items = chosen.map(|listener| (listener.arn.clone(), listener.view())).collect();
    listing::answer(params, "Listeners", items)
}

pub(super) fn modify(world: &mut World, params: &Params) -> Answer {
    let arn = params.text("ListenerArn")?;
    let mut listener = world.elbv2.listeners.get(arn).ok_or_else(|| absent(arn))?.clone();
    if let Some(port) = read_port(params)? {
        if at(world, &listener.load_balancer, port).is_some_and(|other| other.arn != arn) {
            return Err(duplicate());
        }
        listener.port = port;
    }
    let before = if listener.security == Security::Http { "HTTP" } else { "HTTPS" };
    let protocol = params.text_if("Protocol")?.unwrap_or(before);
    listener.security = read_security(world, params, protocol, Some(&listener.security))?;
    if params.has("DefaultActions") {
        listener.action = action::read(world, params, "DefaultActions")?;
        refuse_second_balancer(world, &listener.load_balancer, &listener.action)?;
    }
    let view = listener.view();
    world.elbv2.listeners.insert(arn.to_owned(), listener);
    Ok(json!({ "Listeners": [view] }))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let arn = params.text("ListenerArn")?;
    world.elbv2.listeners.remove(arn).ok_or_else(|| absent(arn))?;
    rule::forget_orphans(world);
    Ok(Value::Null)
}
