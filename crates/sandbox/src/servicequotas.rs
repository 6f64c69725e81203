//! Service Quotas: how many of its things the network lets an account have.

use serde_json::json;

use crate::call::{Answer, Refusal};
use crate::ec2::QUOTAS;
use crate::params::Params;
use crate::service::{Dialect, Operation, Protocol, Service, reads};
use crate::world::World;

/// What the network is called here.
const NETWORK: &str = "vpc";

/// Of some quotas AWS keeps no value for the account. Here it is that of internet gateways, which follows that of VPCs.
const DEFAULT_ONLY: &str = "L-A4707A72";

pub(crate) static SERVICE: Service = Service {
    name: "servicequotas",
    protocol: Protocol::AwsJson,
    dialect: &Dialect {
        missing: "IllegalArgumentException",
        invalid: "IllegalArgumentException",
        unknown_operation: "UnknownOperationException",
        throttled: "TooManyRequestsException",
        internal: "ServiceException",
        ..Dialect::QUERY
    },
    operations: OPERATIONS,
    settle: |_| (),
    references: |_| Vec::new(),
};

static OPERATIONS: &[Operation] = &[
    reads("GetServiceQuota", |world, params| quota(world, params, |code| code != DEFAULT_ONLY)),
    reads("GetAWSDefaultServiceQuota", |world, params| quota(world, params, |_| true)),
];

fn quota(world: &World, params: &Params, is_kept: fn(&str) -> bool) -> Answer {
    let (service, code) = (params.text("ServiceCode")?, params.text("QuotaCode")?);
    let known = QUOTAS.iter().find(|(own, ..)| service == NETWORK && *own == code && is_kept(code));
    let (_, name, most) = known.ok_or_else(|| {
        let words = "The request failed because the specified service quota does not exist.";
        Refusal::absent("NoSuchResourceException", words)
    })?;
    Ok(json!({
        "Quota": {
            "ServiceCode": NETWORK,
            "ServiceName": "Amazon Virtual Private Cloud (Amazon VPC)",
            "QuotaArn": world.arn("servicequotas", &format!("{NETWORK}/{code}")),
            "QuotaCode": code,
            "QuotaName": name,
            "Value": *most as f64,
            "Unit": "None",
            "Adjustable": true,
            "GlobalQuota": false,
        },
    }))
}
