//! The data stores and the secrets.

use aws_sdk_elasticache::types::{CacheCluster, ReplicationGroup};
use aws_sdk_rds::types::DbInstance;
use serde_json::{Value, json};

use super::{Inventory, Trouble, tags};
use crate::cloud::Cloud;

pub(super) async fn read(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    databases(cloud, inventory).await?;
    caches(cloud, inventory).await?;
    secrets(cloud, inventory).await
}

async fn databases(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for group in cloud.rds.describe_db_subnet_groups().send().await?.db_subnet_groups() {
        let (name, arn) = (
            group.db_subnet_group_name().unwrap_or_default(),
            group.db_subnet_group_arn().unwrap_or_default(),
        );
        let listed = cloud.rds.list_tags_for_resource().resource_name(arn).send().await?;
        let subnets: Vec<_> = group.subnets().iter().filter_map(|it| it.subnet_identifier()).collect();
        let attributes = json!({
            "vpc": group.vpc_id(),
            "description": group.db_subnet_group_description(),
            "subnets": subnets,
            "tags": tags(listed.tag_list().iter().map(|tag| (tag.key(), tag.value()))),
        });
        inventory.add("db-subnet-group", name, arn, attributes);
    }
    for instance in cloud.rds.describe_db_instances().send().await?.db_instances() {
        let name = instance.db_instance_identifier().unwrap_or_default();
        if let Some(address) = instance.endpoint().and_then(|endpoint| endpoint.address()) {
            inventory.call(address, &format!("endpoint of {name}"));
        }
        // A database that was made anew has the same name and another birthday.
        let identity = format!("{name} of {:?}", instance.instance_create_time());
        inventory.add("db-instance", name, &identity, database(instance));
    }
    for snapshot in cloud.rds.describe_db_snapshots().snapshot_type("manual").send().await?.db_snapshots() {
        let name = snapshot.db_snapshot_identifier().unwrap_or_default();
        inventory.add("db-snapshot", name, snapshot.db_snapshot_arn().unwrap_or_default(), json!({}));
    }
    Ok(())
}

fn database(instance: &DbInstance) -> Value {
    let groups = instance.vpc_security_groups().iter();
    let parameters = instance.db_parameter_groups().iter();
    json!({
        "status": instance.db_instance_status(),
        "engine": [instance.engine(), instance.engine_version()],
        "class": instance.db_instance_class(),
        "database": instance.db_name(),
        "username": instance.master_username(),
        "port": instance.endpoint().and_then(|endpoint| endpoint.port()),
        "storage": {
            "type": instance.storage_type(),
            "gib": instance.allocated_storage(),
            "most_gib": instance.max_allocated_storage(),
            "encrypted": instance.storage_encrypted(),
        },
        "performance_insights": instance.performance_insights_enabled(),
        "public": instance.publicly_accessible(),
        "multi_az": instance.multi_az(),
        "deletion_protection": instance.deletion_protection(),
        "backup_retention_days": instance.backup_retention_period(),
        "lifecycle_support": instance.engine_lifecycle_support(),
        "parameter_groups": parameters.filter_map(|it| it.db_parameter_group_name()).collect::<Vec<_>>(),
        "subnet_group": instance.db_subnet_group().and_then(|group| group.db_subnet_group_name()),
        "security_groups": groups.filter_map(|it| it.vpc_security_group_id()).collect::<Vec<_>>(),
        "tags": tags(instance.tag_list().iter().map(|tag| (tag.key(), tag.value()))),
    })
}

async fn caches(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for group in cloud.elasticache.describe_cache_subnet_groups().send().await?.cache_subnet_groups() {
        let (name, arn) =
            (group.cache_subnet_group_name().unwrap_or_default(), group.arn().unwrap_or_default());
        let subnets: Vec<_> = group.subnets().iter().filter_map(|it| it.subnet_identifier()).collect();
        let attributes = json!({
            "vpc": group.vpc_id(),
            "description": group.cache_subnet_group_description(),
            "subnets": subnets,
            "tags": cache_tags(cloud, arn).await?,
        });
        inventory.add("cache-subnet-group", name, arn, attributes);
    }
    let groups = cloud.elasticache.describe_replication_groups().send().await?;
    for group in groups.replication_groups() {
        let (name, arn) = (group.replication_group_id().unwrap_or_default(), group.arn().unwrap_or_default());
        let mut members = Vec::new();
        for id in group.member_clusters() {
            let found = cloud.elasticache.describe_cache_clusters().cache_cluster_id(id).send().await?;
            members.extend(found.cache_clusters().iter().map(member));
        }
        let attributes = cache(group, members, cache_tags(cloud, arn).await?);
        let endpoint = group.node_groups().first().and_then(|nodes| nodes.primary_endpoint());
        if let Some(address) = endpoint.and_then(|endpoint| endpoint.address()) {
            inventory.call(address, &format!("endpoint of {name}"));
        }
        inventory.add("replication-group", name, arn, attributes);
    }
    Ok(())
}

async fn cache_tags(cloud: &Cloud, arn: &str) -> Result<Value, Trouble> {
    let listed = cloud.elasticache.list_tags_for_resource().resource_name(arn).send().await?;
    Ok(tags(listed.tag_list().iter().map(|tag| (tag.key(), tag.value()))))
}

fn cache(group: &ReplicationGroup, members: Vec<Value>, tags: Value) -> Value {
    let primary = group.node_groups().first().and_then(|nodes| nodes.primary_endpoint());
    json!({
        "status": group.status(),
        "description": group.description(),
        "shards": group.node_groups().len(),
        "node_type": group.cache_node_type(),
        "automatic_failover": group.automatic_failover().map(|it| it.as_str()),
        "multi_az": group.multi_az().map(|it| it.as_str()),
        "at_rest_encryption": group.at_rest_encryption_enabled(),
        "transit_encryption": group.transit_encryption_enabled(),
        "auth_token": group.auth_token_enabled(),
        "port": primary.and_then(|endpoint| endpoint.port()),
        "members": members,
        "tags": tags,
    })
}

fn member(member: &CacheCluster) -> Value {
    let groups = member.security_groups().iter();
    json!({
        "engine": [member.engine(), member.engine_version()],
        "node_type": member.cache_node_type(),
        "parameter_group": member.cache_parameter_group().and_then(|it| it.cache_parameter_group_name()),
        "subnet_group": member.cache_subnet_group_name(),
        "security_groups": groups.filter_map(|it| it.security_group_id()).collect::<Vec<_>>(),
    })
}

/// Values are read, too, where the name is like ours: a generated password is told as such, all else word for word.
async fn secrets(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    let listed = cloud.secretsmanager.list_secrets().include_planned_deletion(true).send().await?;
    for secret in listed.secret_list() {
        let (name, arn) = (secret.name().unwrap_or_default(), secret.arn().unwrap_or_default());
        let leaving = secret.deleted_date().is_some();
        let reads = name.starts_with(&cloud.name) && !leaving;
        let value = if reads { secret_value(cloud, arn).await? } else { Value::Null };
        if let Some(password) = value["password"].as_str() {
            inventory.call(password, &format!("password of {name}"));
        }
        let attributes = json!({
            "description": secret.description(),
            "leaving": leaving,
            "value": value,
            "tags": tags(secret.tags().iter().map(|tag| (tag.key(), tag.value()))),
        });
        inventory.add("secret", name, arn, attributes);
    }
    Ok(())
}

async fn secret_value(cloud: &Cloud, arn: &str) -> Result<Value, Trouble> {
    match cloud.secretsmanager.get_secret_value().secret_id(arn).send().await {
        Ok(found) => Ok(serde_json::from_str(found.secret_string().unwrap_or("null"))?),
        Err(error) if error.as_service_error().is_some_and(|it| it.is_resource_not_found_exception()) => {
            Ok(Value::Null)
        }
        Err(error) => Err(error.into()),
    }
}
