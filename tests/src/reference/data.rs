//! Database, cache, their subnet groups, and the three secrets.

use serde_json::{Map, Value, json};

use super::{SECRETS, tags};
use crate::audit::Inventory;

const PRIVATE: [&str; 2] = ["subnet sidekick-private-us-west-2a", "subnet sidekick-private-us-west-2b"];

pub(super) fn expect(inventory: &mut Inventory) {
    subnet_groups(inventory);
    inventory.put("db-instance sidekick-postgres", database());
    inventory.put("replication-group sidekick-redis", cache());
    secrets(inventory);
}

fn subnet_groups(inventory: &mut Inventory) {
    for (kind, store, description) in [
        ("db-subnet-group", "postgres", "Subnets of the database"),
        ("cache-subnet-group", "redis", "Subnets of the cache"),
    ] {
        let name = format!("sidekick-{store}-subnet-group");
        let attributes = json!({
            "vpc": "vpc sidekick-vpc",
            "description": description,
            "subnets": PRIVATE,
            "tags": tags(&name, &format!("data.{store}-subnet-group")),
        });
        inventory.put(&format!("{kind} {name}"), attributes);
    }
}

fn database() -> Value {
    json!({
        "status": "available",
        "engine": ["17", "postgres"],
        "class": "db.t4g.micro",
        "database": "sequence_sidekick",
        "username": "sidekick",
        "port": 5432,
        "storage": { "type": "gp3", "gib": 20, "most_gib": 100, "encrypted": true },
        "performance_insights": true,
        "public": false,
        "multi_az": false,
        "deletion_protection": false,
        "backup_retention_days": 1,
        "lifecycle_support": "open-source-rds-extended-support-disabled",
        "parameter_groups": ["default.postgres17"],
        "subnet_group": "sidekick-postgres-subnet-group",
        "security_groups": ["security-group sidekick-postgres-sg"],
        "tags": tags("sidekick-postgres", "data.postgres"),
    })
}

fn cache() -> Value {
    let member = json!({
        "engine": ["7.1.0", "redis"],
        "node_type": "cache.t4g.micro",
        "parameter_group": "default.redis7",
        "subnet_group": "sidekick-redis-subnet-group",
        "security_groups": ["security-group sidekick-redis-sg"],
    });
    json!({
        "status": "available",
        "description": "Redis cluster for Sequence Sidekick",
        "shards": 1,
        "node_type": "cache.t4g.micro",
        "automatic_failover": "enabled",
        "multi_az": "disabled",
        "at_rest_encryption": true,
        "transit_encryption": false,
        "auth_token": false,
        "port": 6379,
        // A primary and a replica.
        "members": [member, member],
        "tags": tags("sidekick-redis", "data.redis"),
    })
}

fn secrets(inventory: &mut Inventory) {
    let database = json!({
        "username": "sidekick",
        "password": "password of sidekick/postgres/credentials",
        "host": "endpoint of sidekick-postgres",
        "port": "5432",
        "dbname": "sequence_sidekick",
        "DATABASE_URL": "postgresql://sidekick:password of sidekick/postgres/credentials@\
                         endpoint of sidekick-postgres:5432/sequence_sidekick?schema=public",
    });
    let cache = json!({ "host": "endpoint of sidekick-redis", "port": "6379" });
    let application: Map<_, _> =
        SECRETS.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    for (name, address, description, value) in [
        ("sidekick/postgres/credentials", "data.postgres-secret", "Credentials of the database", database),
        ("sidekick/redis/credentials", "data.redis-secret", "Credentials of the cache", cache),
        ("sidekick/app/credentials", "compute.app-secret", "Secrets of the application", application.into()),
    ] {
        let attributes = json!({
            "description": description, "leaving": false, "value": value, "tags": tags(name, address),
        });
        inventory.put(&format!("secret {name}"), attributes);
    }
}
