//! The whole configuration of one environment.

use std::collections::{BTreeMap, BTreeSet};

use super::alb::{self, Alb};
use super::app::{self, App, AppSecret};
use super::cache::{self, Cache};
use super::database::{self, Database};
use super::logs::{self, Logs};
use super::names::Project;
use super::network::{self, Network};
use super::peers::{self, Peer};
use super::problem::Refusal;
use super::profile::{self, Profile};
use super::repository::{self, Repository};
use super::roles::{self, Roles};
use super::secrets::{self, Secrets};
use super::security::{self, Security};
use super::service::{self, Service};
use super::tags;
use super::target_group::{self, TargetGroup};
use super::value::{Value, refuse_repeated};
use super::waf::{self, Waf};

/// The whole configuration of one environment. Whoever holds one need not check its values again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The environment's name, such as `dev`.
    pub environment_name: String,
    /// The project's name, with which the names of resources begin.
    pub name: String,
    /// What the environment is for.
    pub profile: Profile,
    /// The region that everything is in.
    pub region: String,
    /// The accounts in which the environment may live; empty for any.
    pub allowed_account_ids: BTreeSet<String>,
    /// Tags of every resource, beside `Name`, `AZ` and those of ownership.
    pub tags: BTreeMap<String, String>,
    /// The VPC and its subnets.
    pub network: Network,
    /// Networks that may reach the service.
    pub peers: Vec<Peer>,
    /// The security groups.
    pub security: Security,
    /// The PostgreSQL database.
    pub database: Database,
    /// The Redis replication group.
    pub cache: Cache,
    /// The names of the secrets.
    pub secrets: Secrets,
    /// The names of the IAM roles.
    pub roles: Roles,
    /// The log group.
    pub logs: Logs,
    /// The load balancer.
    pub alb: Alb,
    /// The target group.
    pub target_group: TargetGroup,
    /// The web ACL, if it is switched on.
    pub waf: Option<Waf>,
    /// The ECS cluster, task definition and service.
    pub service: Service,
    /// The ECR repository for the application's image, if it is switched on.
    pub repository: Option<Repository>,
    /// What the application's container is told.
    pub app: App,
}

impl Config {
    /// The name of a resource that has no key of its own, such as `sidekick-vpc`.
    pub fn resource_name(&self, suffix: &str) -> String {
        format!("{}-{suffix}", self.name)
    }

    /// The plain variables of the container, all but `REDIS_HOST`, which only AWS knows.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let mut environment = self.app.environment.clone();
        let ports = [("PORT", self.service.port.to_string()), ("REDIS_PORT", self.cache.port.to_string())];
        let derived = self.app.signer.environment(&self.region).into_iter().chain(ports);
        environment.extend(derived.map(|(name, value)| (name.to_owned(), value)));
        environment
    }

    /// The secrets of the application that are injected into its container.
    pub fn app_secrets(&self) -> Vec<AppSecret> {
        self.app.secrets()
    }
}

pub(super) fn read(root: &Value<'_>, environment_name: &str) -> Config {
    let project = Project::read(root.at("name"));
    let region_key = root.at("region");
    let region_name = region_key.text(check_region);
    let region = region_key.is_sound().then_some(region_name.as_str());
    let network_table = root.at("network");
    let network = network::read(&network_table, region);
    let alb_table = root.at("alb");
    let alb = alb::read(&alb_table, &project, region);
    alb::check_routing(&alb, &alb_table.at("subnet_routing"), &network, &network_table.at("alb_subnets"));
    Config {
        environment_name: environment_name.to_owned(),
        name: project.name().to_owned(),
        profile: profile::read(root),
        allowed_account_ids: account_ids(&root.at("allowed_account_ids")),
        tags: tags::read(&root.at("tags"), region),
        peers: peers::read(&root.at("peers"), &network_table.at("vpc_cidr"), &network),
        network,
        security: security::read(&root.at("security"), &project),
        database: database::read(&root.at("database"), &project),
        cache: cache::read(&root.at("cache"), &project),
        secrets: secrets::read(&root.at("secrets"), &project, region),
        roles: roles::read(&root.at("roles"), &project),
        logs: logs::read(&root.at("logs"), &project, region),
        alb,
        target_group: target_group::read(&root.at("target_group"), &project),
        waf: waf::read(&root.at("waf"), &project),
        service: service::read(&root.at("service"), &project),
        repository: repository::read(&root.at("repository"), &project),
        app: app::read(&root.at("app"), region),
        region: region_name,
    }
}

/// The directions of which AWS makes the names of regions. The names themselves are not listed: AWS adds some
/// every year.
#[rustfmt::skip]
const DIRECTIONS: &[&str] =
    &["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"];

fn check_region(text: &str) -> Result<String, Refusal> {
    let parts: Vec<&str> = text.split('-').collect();
    let is_part = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
    let is_number = |part: &str| part.len() == 1 && part.chars().all(|c| c.is_ascii_digit());
    if let [area @ .., direction, number] = &parts[..]
        && area.first().is_some_and(|first| first.len() == 2)
        && area.iter().all(is_part)
        && area.len() <= 2
        && DIRECTIONS.contains(direction)
        && is_number(number)
    {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(format!("{text:?} is not a region of AWS"), "write its code, like \"us-west-2\""))
}

fn account_ids(list: &Value<'_>) -> BTreeSet<String> {
    let items = list.items();
    let ids: Vec<String> = items.iter().map(|item| item.text(account_id)).collect();
    refuse_repeated(&items.into_iter().zip(&ids).collect::<Vec<_>>(), "account");
    ids.into_iter().collect()
}

fn account_id(text: &str) -> Result<String, Refusal> {
    if text.len() == 12 && text.chars().all(|c| c.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not the id of an account"),
        "write its twelve digits as a string, like \"123456789012\"",
    ))
}
