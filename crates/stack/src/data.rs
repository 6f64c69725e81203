//! The data stores, and the secrets that go with them.

use std::collections::BTreeMap;

use sidekick_aws::rds::PasswordRef;
use sidekick_aws::secretsmanager::{Field, Secret, SecretVersion};
use sidekick_aws::{Aws, elasticache, rds};
use sidekick_engine::{Graph, Handle};

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
    pub(crate) redis: Handle<elasticache::ReplicationGroup>,
    pub(crate) redis_secret: Handle<Secret>,
    pub(crate) postgres_secret: Handle<Secret>,
    /// The secrets' contents, complete.
    pub(crate) credentials: Vec<Handle<SecretVersion>>,
}

pub(crate) fn data(graph: &mut Graph<Aws>, config: &Config, network: &Network, security: &Security) -> Data {
    let (postgres_secret, postgres_credentials) = postgres(graph, config, network, security);
    let (redis, redis_secret, redis_credentials) = redis(graph, config, network, security);
    Data { redis, redis_secret, postgres_secret, credentials: vec![postgres_credentials, redis_credentials] }
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
    });

    let subnets: Vec<_> = network.private.iter().map(Handle::accepted).collect();
    let (group_name, group_tags) = (own.subnet_group.clone(), tags(config, &own.subnet_group));
    let subnet_group = graph.add("data.postgres-subnet-group", subnets, move |subnets| rds::SubnetGroup {
        name: group_name.clone(),
        description: "Subnets of the database".to_owned(),
        subnets: subnets.into_iter().collect(),
        tags: group_tags.clone(),
    });

    let instance_tags = tags(config, &own.identifier);
    let database = own.clone();
    let needs = (subnet_group.ready(), security.postgres.accepted(), password.ready());
    let instance = graph.add("data.postgres", needs, move |(group, security, password)| rds::Instance {
        name: database.identifier.clone(),
        engine_version: database.engine_version.clone(),
        instance_class: database.instance_class.clone(),
        database: database.name.clone(),
        username: database.username.clone(),
        password: PasswordRef { secret: password.arn, key: PASSWORD.to_owned() },
        port: database.port,
        allocated_storage_gib: database.allocated_storage_gib,
        max_allocated_storage_gib: database.max_allocated_storage_gib,
        storage_type: database.storage_type.as_str().to_owned(),
        storage_encrypted: database.storage_encrypted,
        performance_insights: database.performance_insights,
        multi_az: database.multi_az,
        backup_retention_days: database.backup_retention_days,
        deletion_protection: database.deletion_protection,
        final_snapshot: database.final_snapshot,
        parameter_group: database.parameter_group.clone(),
        subnet_group: group.name,
        security_groups: [security].into(),
        tags: instance_tags.clone(),
    });

    let needs = (secret.accepted(), instance.ready());
    let credentials =
        graph.add("data.postgres-credentials", needs, move |(secret, database)| SecretVersion {
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
        });
    (secret, credentials)
}

fn redis(
    graph: &mut Graph<Aws>,
    config: &Config,
    network: &Network,
    security: &Security,
) -> (Handle<elasticache::ReplicationGroup>, Handle<Secret>, Handle<SecretVersion>) {
    let own = config.cache.clone();
    let words = ("data.redis-secret", config.secrets.redis.as_str(), "Credentials of the cache");
    let secret = secret(graph, config, words);
    let password = own.auth_token.then(|| {
        graph.add("data.redis-password", secret.accepted(), move |secret| SecretVersion {
            secret,
            fields: BTreeMap::from([(PASSWORD.to_owned(), Field::Generated { length: PASSWORD_LENGTH })]),
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

    let redis_tags = tags(config, &own.replication_group);
    let needs = (subnet_group.ready(), security.redis.accepted(), password.as_ref().map(Handle::ready));
    let redis =
        graph.add("data.redis", needs, move |(group, security, password)| elasticache::ReplicationGroup {
            name: own.replication_group.clone(),
            description: own.description.clone(),
            engine_version: own.engine_version.clone(),
            node_type: own.node_type.clone(),
            replicas: own.replicas,
            automatic_failover: own.automatic_failover,
            multi_az: own.multi_az,
            at_rest_encryption: own.at_rest_encryption,
            transit_encryption: own.transit_encryption,
            auth_token: password.map(|it| PasswordRef { secret: it.arn, key: PASSWORD.to_owned() }),
            parameter_group: own.parameter_group.clone(),
            port: own.port,
            subnet_group: group.name,
            security_groups: [security].into(),
            tags: redis_tags.clone(),
        });

    let needs = (secret.accepted(), redis.ready());
    let credentials = graph.add("data.redis-credentials", needs, |(secret, redis)| SecretVersion {
        secret,
        fields: BTreeMap::from([
            ("host".to_owned(), Field::Plain(redis.primary_endpoint)),
            ("port".to_owned(), Field::Plain(redis.port.to_string())),
        ]),
    });
    (redis, secret, credentials)
}
