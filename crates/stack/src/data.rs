//! The data stores, and the secrets that go with them.

use std::collections::BTreeMap;

use sidekick_aws::ec2::SecurityGroup;
use sidekick_aws::ecs::Service;
use sidekick_aws::rds::PasswordRef;
use sidekick_aws::secretsmanager::{Field, Secret, SecretVersion};
use sidekick_aws::{Aws, elasticache, rds};
use sidekick_engine::{Accepted, Graph, Handle, Ready};

use crate::config::Config;
use crate::names::tags;
use crate::network::Network;
use crate::security::Security;

/// The key of the generated password in the JSON value of a store's secret.
const PASSWORD: &str = "password";
/// The key of the database's URL in the JSON value of its secret, and the variable that the application reads.
pub(crate) const DATABASE_URL: &str = "DATABASE_URL";
/// The length of generated passwords: 40 letters and digits hold 238 bits, and need no escape in a URL.
const PASSWORD_LENGTH: u8 = 40;

/// What the other rooms need of the data stores.
pub(crate) struct Data {
    pub(crate) redis: Redis,
    pub(crate) postgres_secret: Handle<Secret>,
    /// The secrets' contents, complete.
    pub(crate) credentials: Vec<Handle<SecretVersion>>,
}

/// The cache, and what lets a client in.
pub(crate) struct Redis {
    pub(crate) group: Handle<elasticache::ReplicationGroup>,
    pub(crate) secret: Handle<Secret>,
    /// The token that clients must send, if they must.
    password: Option<Handle<SecretVersion>>,
}

pub(crate) fn data(graph: &mut Graph<Aws>, config: &Config, network: &Network, security: &Security) -> Data {
    let (postgres_secret, postgres_credentials) = postgres(graph, config, network, security);
    let (redis, redis_credentials) = redis(graph, config, network, security);
    Data { redis, postgres_secret, credentials: vec![postgres_credentials, redis_credentials] }
}

/// A secret without a value; the recovery window is the same for all of them.
pub(crate) fn secret(
    graph: &mut Graph<Aws>,
    config: &Config,
    (address, name, description): (&str, &str, &str),
) -> Handle<Secret> {
    let spec = Secret {
        name: name.to_owned(),
        description: description.to_owned(),
        kms_key: config.secrets.kms_key_id.clone(),
        recovery_window_days: config.secrets.recovery_window_days,
        tags: tags(config, name),
    };
    graph.add(address, (), move |()| spec.clone())
}

fn postgres(
    graph: &mut Graph<Aws>,
    config: &Config,
    network: &Network,
    security: &Security,
) -> (Handle<Secret>, Handle<SecretVersion>) {
    let own = config.database.clone();
    let words = ("data.postgres-secret", config.secrets.postgres.as_str(), "Credentials of the database");
    let secret = secret(graph, config, words);

    // The password is made and kept in Secrets Manager before the database exists, so that no crash can lose it.
    let username = own.username.clone();
    let password = graph.add("data.postgres-password", secret.accepted(), move |secret| SecretVersion {
        secret,
        fields: BTreeMap::from([
            ("username".to_owned(), Field::Plain(username.clone())),
            (PASSWORD.to_owned(), Field::Generated { length: PASSWORD_LENGTH }),
        ]),
        complete: false,
    });

    let subnets: Vec<_> = network.private.iter().map(Handle::accepted).collect();
    let (group_name, group_tags) = (own.subnet_group.clone(), tags(config, &own.subnet_group));
    let subnet_group = graph.add("data.postgres-subnet-group", subnets, move |subnets| rds::SubnetGroup {
        name: group_name.clone(),
        description: "Subnets of the database".to_owned(),
        subnets: subnets.into_iter().collect(),
        tags: group_tags.clone(),
    });

    let parameters = postgres_parameters(graph, config);
    let needs = (
        subnet_group.ready(),
        security.postgres.accepted(),
        password.ready(),
        parameters.as_ref().map(Handle::ready),
    );
    let instance = instance(graph, config, needs);

    // With another password the value has another version.
    let needs = (secret.accepted(), instance.ready(), password.ready());
    let credentials =
        graph.add("data.postgres-credentials", needs, move |(secret, database, _)| SecretVersion {
            secret,
            fields: BTreeMap::from([
                ("host".to_owned(), Field::Plain(database.endpoint)),
                // As configured: a plan made before a change of the port knows no other.
                ("port".to_owned(), Field::Plain(own.port.to_string())),
                ("dbname".to_owned(), Field::Plain(own.name.clone())),
                (
                    DATABASE_URL.to_owned(),
                    Field::Composed(
                        "postgresql://{username}:{password}@{host}:{port}/{dbname}?schema=public".to_owned(),
                    ),
                ),
            ]),
            complete: true,
        });
    (secret, credentials)
}

type InstanceNeeds = (
    Ready<rds::SubnetGroup>,
    Accepted<SecurityGroup>,
    Ready<SecretVersion>,
    Option<Ready<rds::ParameterGroup>>,
);

fn instance(graph: &mut Graph<Aws>, config: &Config, needs: InstanceNeeds) -> Handle<rds::Instance> {
    let (own, tags) = (config.database.clone(), tags(config, &config.database.identifier));
    graph.add("data.postgres", needs, move |(group, security, password, parameters)| rds::Instance {
        name: own.identifier.clone(),
        engine_version: own.engine_version.clone(),
        instance_class: own.instance_class.clone(),
        database: own.name.clone(),
        username: own.username.clone(),
        password: PasswordRef { secret: password.arn, key: PASSWORD.to_owned() },
        port: own.port,
        storage: rds::Storage {
            allocated_storage_gib: own.allocated_storage_gib,
            max_allocated_storage_gib: own.max_allocated_storage_gib,
            storage_type: own.storage_type.as_str().to_owned(),
            storage_encrypted: own.storage_encrypted,
            kms_key_id: own.kms_key_id.clone(),
            larger_gib: None,
        },
        upkeep: rds::Upkeep {
            backup_retention_days: own.backup_retention_days,
            backup_window: own.backup_window.clone(),
            maintenance_window: own.maintenance_window.clone(),
            auto_minor_version_upgrade: own.auto_minor_version_upgrade,
            copy_tags_to_snapshot: own.copy_tags_to_snapshot,
            performance_insights: own.performance_insights,
            performance_insights_retention_days: own.performance_insights_retention_days,
        },
        multi_az: own.multi_az,
        deletion_protection: own.deletion_protection,
        final_snapshot: own.final_snapshot,
        parameter_group: parameters
            .map_or_else(|| own.parameter_group.clone(), |parameters| parameters.name.to_string()),
        remarks: Vec::new(),
        subnet_group: group.name,
        security_groups: [security].into(),
        publicly_accessible: false,
        tags: tags.clone(),
    })
}

/// A group for the parameters that differ, if some do. Another major version has a group of its own, because the
/// database needs the old one until it has the new one.
fn postgres_parameters(graph: &mut Graph<Aws>, config: &Config) -> Option<Handle<rds::ParameterGroup>> {
    let own = &config.database;
    if own.parameters.is_empty() {
        return None;
    }
    let family = own.family();
    let name = config.resource_name(&family);
    let spec = rds::ParameterGroup {
        tags: tags(config, &name),
        name,
        description: "Parameters of the database".to_owned(),
        parameters: own.parameters.clone(),
        family,
    };
    let address = format!("data.postgres-parameters.{}", spec.family);
    Some(graph.add(address.as_str(), (), move |()| spec.clone()))
}

fn redis(
    graph: &mut Graph<Aws>,
    config: &Config,
    network: &Network,
    security: &Security,
) -> (Redis, Handle<SecretVersion>) {
    let own = &config.cache;
    let words = ("data.redis-secret", config.secrets.redis.as_str(), "Credentials of the cache");
    let secret = secret(graph, config, words);
    let password = own.auth_token.then(|| {
        let key = token_key(config);
        graph.add("data.redis-password", secret.accepted(), move |secret| SecretVersion {
            secret,
            fields: BTreeMap::from([(key.clone(), Field::Generated { length: PASSWORD_LENGTH })]),
            complete: false,
        })
    });

    let subnets: Vec<_> = network.private.iter().map(Handle::accepted).collect();
    let (group_name, group_tags) = (own.subnet_group.clone(), tags(config, &own.subnet_group));
    let subnet_group =
        graph.add("data.redis-subnet-group", subnets, move |subnets| elasticache::SubnetGroup {
            name: group_name.clone(),
            description: "Subnets of the cache".to_owned(),
            subnets: subnets.into_iter().collect(),
            tags: group_tags.clone(),
        });

    let parameters = redis_parameters(graph, config);
    let needs = (
        subnet_group.ready(),
        security.redis.accepted(),
        password.as_ref().map(Handle::ready),
        parameters.as_ref().map(Handle::ready),
    );
    let group = replication_group(graph, config, needs);

    let needs = (secret.accepted(), group.ready(), password.as_ref().map(Handle::ready));
    let credentials = graph.add("data.redis-credentials", needs, |(secret, redis, _)| SecretVersion {
        secret,
        fields: BTreeMap::from([
            ("host".to_owned(), Field::Plain(redis.primary_endpoint)),
            ("port".to_owned(), Field::Plain(redis.port.to_string())),
        ]),
        complete: true,
    });
    (Redis { group, secret, password }, credentials)
}

type ReplicationGroupNeeds = (
    Ready<elasticache::SubnetGroup>,
    Accepted<SecurityGroup>,
    Option<Ready<SecretVersion>>,
    Option<Ready<elasticache::ParameterGroup>>,
);

fn replication_group(
    graph: &mut Graph<Aws>,
    config: &Config,
    needs: ReplicationGroupNeeds,
) -> Handle<elasticache::ReplicationGroup> {
    let (own, tags) = (config.cache.clone(), tags(config, &config.cache.replication_group));
    let key = token_key(config);
    graph.add("data.redis", needs, move |(group, security, password, parameters)| {
        elasticache::ReplicationGroup {
            name: own.replication_group.clone(),
            description: own.description.clone(),
            engine_version: own.engine_version.clone(),
            node_type: own.node_type.clone(),
            replicas: own.replicas,
            automatic_failover: own.automatic_failover,
            multi_az: own.multi_az,
            encryption: elasticache::Encryption {
                at_rest_encryption: own.at_rest_encryption,
                kms_key_id: own.kms_key_id.clone(),
                transit_encryption: own.transit_encryption,
                transit_optional: false,
                auth_token: password.map(|it| PasswordRef { secret: it.arn, key: key.clone() }),
            },
            upkeep: elasticache::Upkeep {
                snapshot_retention_days: own.snapshot_retention_days,
                snapshot_window: own.snapshot_window.clone(),
                maintenance_window: own.maintenance_window.clone(),
                auto_minor_version_upgrade: own.auto_minor_version_upgrade,
            },
            parameter_group: parameters
                .map_or_else(|| own.parameter_group.clone(), |parameters| parameters.name.to_string()),
            remarks: Vec::new(),
            port: own.port,
            subnet_group: group.name,
            security_groups: [security].into(),
            tags: tags.clone(),
        }
    })
}

/// A group for the parameters that differ, if some do; one for each family, as those of the database.
fn redis_parameters(graph: &mut Graph<Aws>, config: &Config) -> Option<Handle<elasticache::ParameterGroup>> {
    let own = &config.cache;
    if own.parameters.is_empty() {
        return None;
    }
    let family = own.family();
    // Names of parameter groups have no full stops.
    let name = config.resource_name(&family.replace('.', "-"));
    let spec = elasticache::ParameterGroup {
        tags: tags(config, &name),
        name,
        description: "Parameters of the cache".to_owned(),
        parameters: own.parameters.clone(),
        family,
    };
    let address = format!("data.redis-parameters.{}", spec.family);
    Some(graph.add(address.as_str(), (), move |()| spec.clone()))
}

/// The key of the present token in the JSON value of the cache's secret. Each rotation has its own, so that tasks which
/// start meanwhile read the token that their definition is about.
pub(crate) fn token_key(config: &Config) -> String {
    match config.cache.auth_token_rotation {
        0 => PASSWORD.to_owned(),
        rotation => format!("{PASSWORD}_{rotation}"),
    }
}

/// The old token counts until the service runs with the new one.
pub(crate) fn token_in_force(
    graph: &mut Graph<Aws>,
    config: &Config,
    redis: &Redis,
    service: &Handle<Service>,
) {
    let Some(password) = &redis.password else { return };
    let key = token_key(config);
    let needs = (redis.group.accepted(), password.ready(), service.ready());
    graph.add("data.redis-auth-token", needs, move |(group, password, _)| elasticache::AuthToken {
        group,
        token: PasswordRef { secret: password.arn, key: key.clone() },
    });
}
