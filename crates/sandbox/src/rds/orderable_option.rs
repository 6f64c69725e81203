//! Which combinations of class, version and storage can be ordered: all that can be created here.

use serde_json::{Value, json};

use super::engine;
use crate::call::Answer;
use crate::ec2::zones;
use crate::page::Paging;
use crate::params::Params;
use crate::world::World;

const PAGING: Paging = Paging { limit: "MaxRecords", smallest: 20, largest: 1000, token: "Marker" };
const STORAGE_TYPES: &[&str] = &["gp2", "gp3", "io1", "io2"];

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let name = params.text("Engine")?;
    if name != engine::NAME {
        return Err(params.invalid("Engine", name, "The sandbox models postgres only."));
    }
    // There are VPCs only.
    params.ignore(&["Vpc"]);
    let class = params.text_if("DBInstanceClass")?;
    let version = params.text_if("EngineVersion")?;
    let classes: Vec<String> = match class {
        Some(class) => engine::check_class(class).ok().map(|()| class.to_owned()).into_iter().collect(),
        None => engine::classes().collect(),
    };
    let zones: Vec<Value> = zones(&world.region).into_iter().map(|zone| json!({ "Name": zone })).collect();
    let mut options = Vec::new();
    for class in &classes {
        for version in engine::versions().filter(|own| version.is_none_or(|wanted| wanted == own)) {
            for storage in STORAGE_TYPES {
                let option = json!({
                    "Engine": engine::NAME,
                    "EngineVersion": version,
                    "DBInstanceClass": class,
                    "LicenseModel": "postgresql-license",
                    "AvailabilityZones": zones,
                    "MultiAZCapable": true,
                    "ReadReplicaCapable": true,
                    "Vpc": true,
                    "SupportsStorageEncryption": true,
                    "StorageType": storage,
                    "SupportsPerformanceInsights": true,
                });
                options.push((format!("{class} {version} {storage}"), option));
            }
        }
    }
    PAGING.answer(params, "OrderableDBInstanceOptions", options)
}
