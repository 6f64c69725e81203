//! The service: roles, logs, cluster, task definition, and what its tasks need to live.

use std::collections::{BTreeMap, BTreeSet};

use sidekick_aws::ecr;
use sidekick_aws::ecs::{self, Cluster, Container, Service, TaskDefinition};
use sidekick_aws::iam::Role;
use sidekick_aws::logs::LogGroup;
use sidekick_aws::secretsmanager::{Field, Secret, SecretVersion};
use sidekick_aws::{Aws, SecretArn};
use sidekick_engine::{Graph, Handle};

use crate::autoscaling::autoscaling;
use crate::config::{CircuitBreaker, Config, Repository};
use crate::data::{DATABASE_URL, Data, secret, token_in_force, token_key};
use crate::edge::Edge;
use crate::facts::Facts;
use crate::names::tags;
use crate::network::Network;
use crate::policies;
use crate::security::Security;

/// Everything that the service is made from.
pub(crate) struct Rooms<'a> {
    pub(crate) network: &'a Network,
    pub(crate) security: &'a Security,
    pub(crate) data: &'a Data,
    pub(crate) edge: &'a Edge,
}

pub(crate) fn compute(graph: &mut Graph<Aws>, config: &Config, facts: &Facts, rooms: &Rooms<'_>) {
    let (app_secret, app_credentials) = app_secret(graph, config, facts);
    let log_group = log_group(graph, config);
    let repository = config.repository.as_ref().map(|own| repository(graph, config, own));
    let secrets = [&rooms.data.postgres_secret, &rooms.data.redis.secret, &app_secret];
    let execution_role = execution_role(graph, config, secrets, &log_group, repository.as_ref());
    let task_role = task_role(graph, config);
    let cluster = cluster(graph, config);
    let task = task_definition(graph, config, facts, rooms, (&execution_role, &task_role), &app_secret);
    let service = service(graph, config, rooms, (&cluster, &task), (&app_credentials, &log_group));
    token_in_force(graph, config, &rooms.data.redis, &service);
    if let Some(own) = &config.service.autoscaling {
        autoscaling(graph, config, own, rooms.edge, &service);
    }
}

/// The application's secrets come from the operator, or stay as they are in Secrets Manager.
fn app_secret(
    graph: &mut Graph<Aws>,
    config: &Config,
    facts: &Facts,
) -> (Handle<Secret>, Handle<SecretVersion>) {
    let words = ("compute.app-secret", config.secrets.app.as_str(), "Secrets of the application");
    let secret = secret(graph, config, words);
    let keys = config.app_secrets().into_iter().map(|secret| facts.key_of(&secret));
    let fields: BTreeMap<_, _> = keys.map(|key| (key.to_owned(), Field::Supplied)).collect();
    let credentials = graph.add("compute.app-credentials", secret.accepted(), move |secret| SecretVersion {
        secret,
        fields: fields.clone(),
        complete: true,
    });
    (secret, credentials)
}

fn log_group(graph: &mut Graph<Aws>, config: &Config) -> Handle<LogGroup> {
    let spec = LogGroup {
        name: config.logs.group.clone(),
        retention_days: config.logs.retention_days,
        kms_key: config.logs.kms_key_id.clone(),
        tags: tags(config, &config.logs.group),
    };
    graph.add("compute.log-group", (), move |()| spec.clone())
}

fn cluster(graph: &mut Graph<Aws>, config: &Config) -> Handle<Cluster> {
    let spec = Cluster {
        name: config.service.cluster.clone(),
        container_insights: config.service.container_insights.as_str().to_owned(),
        tags: tags(config, &config.service.cluster),
    };
    graph.add("compute.cluster", (), move |()| spec.clone())
}

fn repository(graph: &mut Graph<Aws>, config: &Config, own: &Repository) -> Handle<ecr::Repository> {
    let spec = ecr::Repository {
        name: own.name.clone(),
        scan_on_push: own.scan_on_push,
        immutable_tags: own.immutable_tags,
        lifecycle_policy: policies::newest_images(own.keep_images),
        force_delete: own.force_delete,
        holds_images: false,
        tags: tags(config, &own.name),
    };
    graph.add("compute.repository", (), move |()| spec.clone())
}

/// What ECS itself may do to start a task: pull the image, read exactly the three secrets, write exactly the log group.
fn execution_role(
    graph: &mut Graph<Aws>,
    config: &Config,
    secrets: [&Handle<Secret>; 3],
    log_group: &Handle<LogGroup>,
    repository: Option<&Handle<ecr::Repository>>,
) -> Handle<Role> {
    let name = config.roles.execution.clone();
    let (tags, path) = (tags(config, &name), policies::path(config));
    let policies = (config.roles.secrets_policy.clone(), config.roles.logs_policy.clone());
    let (image, key) = (config.service.image.clone(), config.secrets.kms_key_id.clone());
    let secrets = Vec::from(secrets.map(Handle::accepted));
    let needs = (secrets, log_group.ready(), repository.map(Handle::ready));
    graph.add("compute.execution-role", needs, move |(secrets, log_group, repository)| {
        let mut inline_policies = BTreeMap::from([
            (policies.0.clone(), policies::read_secrets(&secrets, key.as_deref())),
            (policies.1.clone(), policies::write_logs(&log_group.arn)),
        ]);
        inline_policies.extend(policies::pull(&image, repository.map(|own| own.arn)));
        Role {
            name: name.clone(),
            path: path.clone(),
            description: "Lets ECS start the tasks of the service".to_owned(),
            trust: policies::trust_in_tasks(),
            managed_policies: [].into(),
            inline_policies,
            tags: tags.clone(),
        }
    })
}

/// What the application itself may do: sign with its KMS key, if it signs with one; else nothing.
fn task_role(graph: &mut Graph<Aws>, config: &Config) -> Handle<Role> {
    let spec = Role {
        name: config.roles.task.clone(),
        path: policies::path(config),
        description: "What the application of the service may do".to_owned(),
        trust: policies::trust_in_tasks(),
        managed_policies: [].into(),
        inline_policies: policies::of_the_application(config),
        tags: tags(config, &config.roles.task),
    };
    graph.add("compute.task-role", (), move |()| spec.clone())
}

fn task_definition(
    graph: &mut Graph<Aws>,
    config: &Config,
    facts: &Facts,
    rooms: &Rooms<'_>,
    (execution_role, task_role): (&Handle<Role>, &Handle<Role>),
    app_secret: &Handle<Secret>,
) -> Handle<TaskDefinition> {
    let own = config.service.clone();
    let tags = tags(config, &own.task_family);
    let environment = config.environment();
    let (logs, region) = (config.logs.clone(), config.region.clone());
    let app_keys: Vec<_> = config
        .app_secrets()
        .into_iter()
        .flat_map(|secret| secret.names().map(move |name| (name, secret)))
        .map(|(name, secret)| (name.to_owned(), facts.key_of(&secret).to_owned()))
        .collect();
    let token = config.cache.auth_token.then(|| token_key(config));
    let needs = (
        (execution_role.ready(), task_role.ready()),
        (rooms.data.postgres_secret.accepted(), rooms.data.redis.secret.accepted(), app_secret.accepted()),
        rooms.data.redis.group.ready(),
    );
    graph.add("compute.task-definition", needs, move |((execution, task), (postgres, redis, app), cache)| {
        let mut secrets = BTreeMap::from([(DATABASE_URL.to_owned(), value_from(&postgres, DATABASE_URL))]);
        secrets.extend(app_keys.iter().map(|(name, key)| (name.clone(), value_from(&app, key))));
        secrets.extend(token.iter().map(|key| ("REDIS_PASSWORD".to_owned(), value_from(&redis, key))));
        let mut environment = environment.clone();
        environment.insert("REDIS_HOST".to_owned(), cache.primary_endpoint);
        TaskDefinition {
            family: own.task_family.clone(),
            cpu: own.cpu,
            memory_mib: own.memory_mib,
            architecture: own.architecture.as_str().to_owned(),
            execution_role: execution.arn,
            task_role: Some(task.arn),
            container: Container {
                name: own.container.clone(),
                image: own.image.clone(),
                port: own.port,
                environment,
                secrets,
                log_group: logs.group.clone(),
                log_region: region.clone(),
                log_stream_prefix: logs.stream_prefix.clone(),
                log_datetime_format: logs.datetime_format.clone(),
                log_multiline_pattern: logs.multiline_pattern.clone(),
            },
            tags: tags.clone(),
            deregistered: false,
        }
    })
}

/// Where ECS reads one key of a secret's JSON value; the empty parts mean its current version.
fn value_from(secret: &SecretArn, key: &str) -> String {
    format!("{secret}:{key}::")
}

/// The service itself needs little; its tasks need everything: a way out to pull the image and read the secrets,
/// the secrets' values, the log group, and both data stores. A task that starts too early dies, and three such
/// deaths fail the deployment.
fn service(
    graph: &mut Graph<Aws>,
    config: &Config,
    rooms: &Rooms<'_>,
    (cluster, task): (&Handle<Cluster>, &Handle<TaskDefinition>),
    (app_credentials, log_group): (&Handle<SecretVersion>, &Handle<LogGroup>),
) -> Handle<Service> {
    let own = config.service.clone();
    let tags = tags(config, &own.name);
    let Rooms { network, security, data, edge } = rooms;
    let to_live = (
        network.nat.iter().map(Handle::ready).collect::<Vec<_>>(),
        network.private_tables.iter().map(Handle::ready).collect::<Vec<_>>(),
        security.of_life().map(Handle::ready).collect::<Vec<_>>(),
        data.credentials.iter().chain([app_credentials]).map(Handle::ready).collect::<Vec<_>>(),
        log_group.ready(),
    );
    let subnets: Vec<_> = network.private.iter().map(Handle::accepted).collect();
    let needs = (
        (cluster.ready(), task.ready()),
        (subnets, security.of_tasks().map(Handle::accepted).collect::<Vec<_>>()),
        edge.ways_in
            .iter()
            .map(|way| (way.target_group.accepted(), way.listener.ready()))
            .collect::<Vec<_>>(),
        to_live,
    );
    graph.add("compute.service", needs, move |((cluster, task), (subnets, groups), ways_in, to_live)| {
        Service {
            name: own.name.clone(),
            cluster: cluster.name,
            task_definition: task.arn,
            desired_count: own.first_count(),
            autoscaled: own.autoscaling.is_some(),
            subnets: subnets.into_iter().collect(),
            security_groups: groups.into_iter().collect(),
            assign_public_ip: false,
            target_groups: ways_in.into_iter().map(|(target_group, _)| target_group).collect(),
            detached: BTreeSet::new(),
            container_name: own.container.clone(),
            container_port: own.port,
            health_check_grace_seconds: own.health_check_grace_period_seconds,
            circuit_breaker: circuit_breaker(own.circuit_breaker),
            enable_execute_command: own.enable_execute_command,
            secret_versions: to_live.3.into_iter().filter_map(|credentials| credentials.version).collect(),
            tags: tags.clone(),
        }
    })
}

const fn circuit_breaker(configured: CircuitBreaker) -> ecs::CircuitBreaker {
    match configured {
        CircuitBreaker::Off => ecs::CircuitBreaker::Off,
        CircuitBreaker::Stop => ecs::CircuitBreaker::Stop,
        CircuitBreaker::Rollback => ecs::CircuitBreaker::Rollback,
    }
}
