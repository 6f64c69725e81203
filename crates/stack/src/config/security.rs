//! The security groups and how narrowly they admit.

use super::names::{Project, SECURITY_GROUP};
use super::problem::Refusal;
use super::value::{Value, refuse_repeated};

/// The security groups and how narrowly they admit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Security {
    /// How narrowly the groups admit.
    pub posture: Posture,
    /// Whether database and cache admit the peers too.
    pub data_admits_peers: bool,
    /// Name of the cache's group.
    pub redis_group: String,
    /// Name of the database's group.
    pub postgres_group: String,
    /// Name of the service's group.
    pub service_group: String,
    /// Name of the load balancer's group.
    pub alb_group: String,
    /// Name of the public load balancer's group.
    pub public_alb_group: String,
    /// Name of the group that lets the public load balancer in to the tasks of the service.
    pub public_service_group: String,
}

/// How narrowly the security groups admit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Posture {
    /// As in the reference: database and cache admit the whole VPC, the load balancer everybody.
    #[default]
    Reference,
    /// Database and cache admit the service only, the load balancer the VPC and the peers only.
    Strict,
}

pub(super) fn read(table: &Value<'_>, project: &Project<'_>) -> Security {
    let group = |key| table.at(key).name(project, &SECURITY_GROUP);
    let security = Security {
        posture: table
            .at("posture")
            .choice(&[("reference", Posture::Reference), ("strict", Posture::Strict)]),
        data_admits_peers: table.at("data_admits_peers").flag(),
        redis_group: group("redis_group"),
        postgres_group: group("postgres_group"),
        service_group: group("service_group"),
        alb_group: group("alb_group"),
        public_alb_group: group("public_alb_group"),
        public_service_group: group("public_service_group"),
    };
    if security.data_admits_peers && security.posture == Posture::Strict {
        table.at("data_admits_peers").refuse(Refusal::new(
            "database and cache cannot admit the peers under the strict posture, which admits the service only",
            "set it to false, or `posture` to \"reference\"",
        ));
    }
    let names = [
        (table.at("redis_group"), &security.redis_group),
        (table.at("postgres_group"), &security.postgres_group),
        (table.at("service_group"), &security.service_group),
        (table.at("alb_group"), &security.alb_group),
        (table.at("public_alb_group"), &security.public_alb_group),
        (table.at("public_service_group"), &security.public_service_group),
    ];
    refuse_repeated(&names, "name");
    security
}
