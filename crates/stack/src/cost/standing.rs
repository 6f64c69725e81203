//! What stands now, as far as prices go by it: the configuration with what was observed in the place of what a plan changes.

use serde_json::Value;
use sidekick_engine::{Plan, Preview};

use crate::config::{Architecture, Config, StorageType};

/// The configuration that what stands now would come from.
pub(super) fn standing(config: &Config, plan: &Plan, previews: &[Preview]) -> Config {
    let mut standing = config.clone();
    for step in plan.changes() {
        for change in &step.changes {
            put_back(&mut standing, (step.address.as_str(), &change.field), &change.old);
        }
    }
    // What follows something else tells its fields in its preview.
    for Preview { address, fields } in previews {
        for (field, old) in fields.iter().filter_map(|it| Some((&it.field, it.old.as_ref()?))) {
            put_back(&mut standing, (address.as_str(), field), old);
        }
    }
    standing
}

fn put_back(config: &mut Config, (address, field): (&str, &str), old: &Value) {
    let Config { database, cache, service, alb, .. } = config;
    match (address, field) {
        ("data.postgres", "instance_class") => set(&mut database.instance_class, word(old)),
        ("data.postgres", "storage_type") => set(&mut database.storage_type, storage_type(old)),
        ("data.postgres", "allocated_storage_gib") => set(&mut database.allocated_storage_gib, number(old)),
        ("data.postgres", "multi_az") => set(&mut database.multi_az, old.as_bool()),
        ("data.redis", "node_type") => set(&mut cache.node_type, word(old)),
        ("data.redis", "replicas") => set(&mut cache.replicas, number(old)),
        ("edge.alb", "internal") => set(&mut alb.internal, old.as_bool()),
        ("compute.task-definition", "cpu") => set(&mut service.cpu, number(old)),
        ("compute.task-definition", "memory_mib") => set(&mut service.memory_mib, number(old)),
        ("compute.task-definition", "architecture") => set(&mut service.architecture, architecture(old)),
        ("compute.service", "desired_count") => set(&mut service.desired_count, number(old)),
        ("compute.scalable-target", "min") => {
            if let Some(autoscaling) = &mut service.autoscaling {
                set(&mut autoscaling.min, number(old));
            }
        }
        _ => {}
    }
}

/// What was not observed stays as configured.
fn set<T>(place: &mut T, observed: Option<T>) {
    if let Some(observed) = observed {
        *place = observed;
    }
}

fn word(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn number<T: TryFrom<u64>>(value: &Value) -> Option<T> {
    T::try_from(value.as_u64()?).ok()
}

fn storage_type(value: &Value) -> Option<StorageType> {
    [StorageType::Gp2, StorageType::Gp3].into_iter().find(|it| value.as_str() == Some(it.as_str()))
}

fn architecture(value: &Value) -> Option<Architecture> {
    [Architecture::X86_64, Architecture::Arm64].into_iter().find(|it| value.as_str() == Some(it.as_str()))
}
