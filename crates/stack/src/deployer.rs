//! The IAM policy of whoever runs sidekick: the actions that the kinds declare, on no more resources than need be.
//!
//! An action is limited where AWS lets it be by something that is certain: by a name, by the environment's path, by its
//! tag. All else is limited to its regions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sidekick_aws::STACK;
use sidekick_aws::permissions::{LINKED_SERVICES, Purpose};

use crate::config::Config;
use crate::{policies, stack_name};

/// What starts the name of an action that only looks.
const READS: &[&str] = &["Describe", "Get", "List"];

/// Deletes that EC2 lets be limited by a tag of what is deleted. All that sidekick makes carries it from the first.
const DELETES_BY_TAG: &[&str] = &[
    "ec2:DeleteInternetGateway",
    "ec2:DeleteNatGateway",
    "ec2:DeleteRouteTable",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteSubnet",
    "ec2:DeleteVpc",
    "ec2:DeleteVpcPeeringConnection",
    "ec2:ReleaseAddress",
];

/// What ECS lets be limited to a cluster or a service. Task definitions are not among it.
const ECS_BY_NAME: &[&str] = &[
    "ecs:CreateService",
    "ecs:DeleteCluster",
    "ecs:DeleteService",
    "ecs:UpdateClusterSettings",
    "ecs:UpdateService",
];

/// The policy, as a JSON document that stands the same for the same configuration. With no account given, that of
/// whoever it is attached to counts.
pub fn policy(config: &Config, purpose: Purpose) -> Value {
    let places = Places::of(config);
    let mut statements: BTreeMap<&'static str, (Scope, BTreeSet<&'static str>)> = BTreeMap::new();
    for action in purpose.actions() {
        let scope = places.scope(action);
        statements.entry(scope.name).or_insert_with(|| (scope, BTreeSet::new())).1.insert(action);
    }
    let statements = statements.into_values().map(|(scope, actions)| scope.allow(&actions));
    let statements: Vec<_> = statements.chain(places.keys(config, purpose)).collect();
    json!({ "Version": policies::VERSION, "Statement": statements })
}

/// Which resources some actions may be used on, and when.
struct Scope {
    /// The statement's id.
    name: &'static str,
    resources: Vec<String>,
    condition: Option<Value>,
}

impl Scope {
    fn allow(self, actions: &BTreeSet<&'static str>) -> Value {
        let Self { name, resources, condition } = self;
        let mut statement =
            json!({ "Sid": name, "Effect": "Allow", "Action": actions, "Resource": resources });
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        statement
    }
}

/// Where the environment is, in the words of ARNs.
struct Places<'a> {
    config: &'a Config,
    partition: &'static str,
    accounts: Vec<&'a str>,
    regions: BTreeSet<&'a str>,
}

impl<'a> Places<'a> {
    fn of(config: &'a Config) -> Self {
        let partition = match config.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        let accounts: Vec<_> = config.allowed_account_ids.iter().map(String::as_str).collect();
        let accounts = if accounts.is_empty() { vec!["*"] } else { accounts };
        // Only the region of the other VPC takes the acceptance of a peering connection.
        let peers = config.peers.iter().filter_map(|peer| peer.requested()?.region.as_deref());
        let regions = peers.chain([config.region.as_str()]).collect();
        Self { config, partition, accounts, regions }
    }

    fn scope(&self, action: &str) -> Scope {
        let (service, call) = action.split_once(':').unwrap_or((action, ""));
        let is_read = READS.iter().any(|start| call.starts_with(start));
        let own = self.config;
        let scope = |name, resources| Scope { name, resources, condition: None };
        match (service, call) {
            ("iam", "PassRole") => Scope {
                name: "PassRoles",
                resources: self.roles(),
                condition: equals("iam:PassedToService", ["ecs-tasks.amazonaws.com"]),
            },
            ("iam", "CreateServiceLinkedRole") => Scope {
                name: "ServiceLinkedRoles",
                resources: self.global("iam", &["role/aws-service-role/*".to_owned()]),
                condition: equals("iam:AWSServiceName", LINKED_SERVICES),
            },
            ("iam", "GetAccountSummary" | "SimulatePrincipalPolicy") => {
                scope("Account", vec!["*".to_owned()])
            }
            ("iam", _) => scope("Roles", self.roles()),
            ("secretsmanager", _) => {
                let secrets = [&own.secrets.redis, &own.secrets.postgres, &own.secrets.app];
                scope("Secrets", self.named("secretsmanager", &["secret:"], &secrets))
            }
            _ if DELETES_BY_TAG.contains(&action) => Scope {
                name: "OwnNetwork",
                resources: vec!["*".to_owned()],
                condition: equals(&format!("aws:ResourceTag/{STACK}"), [stack_name(own)]),
            },
            // Most of what only looks can be limited to nothing but its region.
            _ if is_read => self.anywhere("Read"),
            ("logs", _) => scope("LogGroups", self.named("logs", &["log-group:"], &[&own.logs.group])),
            ("ecr", _) => {
                let own = own.repository.iter().map(|own| &own.name).collect::<Vec<_>>();
                scope("Repositories", self.named("ecr", &["repository/"], &own))
            }
            ("rds", _) => scope("Databases", self.databases()),
            ("elasticache", _) => scope("Caches", self.caches()),
            ("elasticloadbalancing", _) => scope("LoadBalancers", self.load_balancers()),
            ("cloudwatch", _) => {
                scope("Alarms", self.regional("cloudwatch", &["alarm:TargetTracking-service/*".to_owned()]))
            }
            _ if ECS_BY_NAME.contains(&action) => {
                let names = [&own.service.cluster, &own.service.name];
                scope("Services", self.named("ecs", &["cluster/", "service/"], &names))
            }
            _ => self.anywhere("Change"),
        }
    }

    /// Everything that has the environment's path.
    fn roles(&self) -> Vec<String> {
        self.global("iam", &[format!("role{}*", policies::path(self.config))])
    }

    fn databases(&self) -> Vec<String> {
        let own = &self.config.database;
        let kinds = ["db:", "pg:", "snapshot:", "subgrp:"];
        let mut resources = self.named("rds", &kinds, &[&own.identifier, &own.subnet_group]);
        // A create names the groups that it uses, of which AWS keeps some in every account.
        let used =
            [format!("pg:{}", own.parameter_group), "pg:default.*".to_owned(), "og:default:*".to_owned()];
        resources.extend(self.regional("rds", &used));
        sorted(resources)
    }

    fn caches(&self) -> Vec<String> {
        let own = &self.config.cache;
        let kinds = ["cluster:", "parametergroup:", "replicationgroup:", "snapshot:", "subnetgroup:"];
        let mut resources = self.named("elasticache", &kinds, &[&own.replication_group, &own.subnet_group]);
        let used = [format!("parametergroup:{}", own.parameter_group), "parametergroup:default.*".to_owned()];
        resources.extend(self.regional("elasticache", &used));
        sorted(resources)
    }

    fn load_balancers(&self) -> Vec<String> {
        let own = self.config;
        let public = own.public_alb.as_ref();
        let names = [Some(&own.alb.name), public.map(|public| &public.alb.name)];
        let balancers = ["listener-rule/app/", "listener/app/", "loadbalancer/app/"];
        let mut resources =
            self.named("elasticloadbalancing", &balancers, &names.into_iter().flatten().collect::<Vec<_>>());
        let names = [Some(&own.target_group.name), public.map(|public| &public.target_group)];
        let groups: Vec<_> = names.into_iter().flatten().collect();
        resources.extend(self.named("elasticloadbalancing", &["targetgroup/"], &groups));
        sorted(resources)
    }

    /// The keys of KMS that are the operator's own, with which AWS seals in the caller's name.
    fn keys(&self, config: &Config, purpose: Purpose) -> Vec<Value> {
        let stores = [&config.database.kms_key_id, &config.cache.kms_key_id].into_iter().flatten();
        let stores: BTreeSet<_> = stores.collect();
        let mut statements = Vec::new();
        if purpose == Purpose::Up && !stores.is_empty() {
            statements.push(json!({
                "Sid": "KeysOfStores", "Effect": "Allow", "Resource": stores,
                "Action": ["kms:CreateGrant", "kms:DescribeKey"],
            }));
        }
        if let Some(key) = config.secrets.kms_key_id.as_ref().filter(|_| purpose != Purpose::Down) {
            let services = self.regions.iter().map(|region| format!("secretsmanager.{region}.amazonaws.com"));
            statements.push(json!({
                "Sid": "KeyOfSecrets", "Effect": "Allow", "Resource": [key],
                "Action": if purpose == Purpose::Plan { json!(["kms:Decrypt"]) } else { json!(["kms:Decrypt", "kms:GenerateDataKey"]) },
                "Condition": equals("kms:ViaService", services),
            }));
        }
        statements
    }

    /// Anything in the environment's regions.
    fn anywhere(&self, name: &'static str) -> Scope {
        let condition = equals("aws:RequestedRegion", &self.regions);
        Scope { name, resources: vec!["*".to_owned()], condition }
    }

    /// What is called like the project or like these. A name is cut behind the project's, so that what is renamed within
    /// it, and what stands until then, is of the same policy.
    fn named(&self, service: &str, kinds: &[&str], names: &[&String]) -> Vec<String> {
        let project = &self.config.name;
        let stem = |name: &&String| match name.find(project.as_str()) {
            Some(at) => name[..at + project.len()].to_owned(),
            None => (*name).clone(),
        };
        let stems: BTreeSet<_> = names.iter().map(stem).chain([project.clone()]).collect();
        let parts = kinds.iter().flat_map(|kind| stems.iter().map(move |stem| format!("{kind}{stem}*")));
        self.regional(service, &parts.collect::<Vec<_>>())
    }

    fn regional(&self, service: &str, parts: &[String]) -> Vec<String> {
        self.arns(service, &self.config.region, parts)
    }

    fn global(&self, service: &str, parts: &[String]) -> Vec<String> {
        self.arns(service, "", parts)
    }

    fn arns(&self, service: &str, region: &str, parts: &[String]) -> Vec<String> {
        let partition = self.partition;
        let arn =
            |account: &&str, part: &String| format!("arn:{partition}:{service}:{region}:{account}:{part}");
        sorted(
            self.accounts
                .iter()
                .flat_map(|account| parts.iter().map(move |part| arn(account, part)))
                .collect(),
        )
    }
}

fn equals<Values>(key: &str, values: Values) -> Option<Value>
where
    Values: IntoIterator,
    Values::Item: serde::Serialize,
{
    let values: Vec<_> = values.into_iter().map(|value| json!(value)).collect();
    Some(json!({ "StringEquals": { key: values } }))
}

fn sorted(mut arns: Vec<String>) -> Vec<String> {
    arns.sort_unstable();
    arns.dedup();
    arns
}
