//! The roles with their policies.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::{Inventory, Trouble, tags};
use crate::cloud::Cloud;

pub(super) async fn read(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for listed in cloud.iam.list_roles().send().await?.roles() {
        let name = listed.role_name();
        let found = cloud.iam.get_role().role_name(name).send().await?;
        let role = found.role().ok_or("a listed role cannot be read")?;
        let attached = cloud.iam.list_attached_role_policies().role_name(name).send().await?;
        let managed = attached.attached_policies().iter().filter_map(|it| it.policy_arn());
        let mut inline = Map::new();
        for policy in cloud.iam.list_role_policies().role_name(name).send().await?.policy_names() {
            let found = cloud.iam.get_role_policy().role_name(name).policy_name(policy).send().await?;
            inline.insert(policy.clone(), document(found.policy_document())?);
        }
        let attributes = json!({
            "path": role.path(),
            "description": role.description(),
            "trust": document(role.assume_role_policy_document().unwrap_or_default())?,
            "managed_policies": managed.collect::<Vec<_>>(),
            "inline_policies": inline,
            "tags": tags(role.tags().iter().map(|tag| (Some(tag.key()), Some(tag.value())))),
        });
        inventory.call(role.arn(), &format!("role {name}"));
        inventory.add("role", name, role.role_id(), attributes);
    }
    Ok(())
}

/// IAM answers documents percent-encoded.
fn document(encoded: &str) -> Result<Value, Trouble> {
    Ok(serde_json::from_str(&percent_decode_str(encoded).decode_utf8()?)?)
}
