//! STS: who am I.

use serde_json::json;

use crate::call::Answer;
use crate::params::Params;
use crate::service::{Dialect, Operation, Protocol, Service, reads};
use crate::world::World;

pub(crate) static SERVICE: Service = Service {
    name: "sts",
    protocol: Protocol::AwsQuery {
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        item: |_| "member",
    },
    dialect: &Dialect::QUERY,
    operations: OPERATIONS,
    settle: |_| (),
    references: |_| Vec::new(),
};

static OPERATIONS: &[Operation] = &[reads("GetCallerIdentity", get_caller_identity)];

fn get_caller_identity(world: &World, _: &Params) -> Answer {
    Ok(json!({ "Arn": world.user(), "UserId": "AIDASANDBOX0000000000", "Account": world.account }))
}
