//! The ECS cluster, task definition and service.

use std::ops::RangeInclusive;

use super::autoscaling::{self, Autoscaling};
use super::image;
use super::names::{ECS, Project};
use super::problem::Refusal;
use super::value::Value;

/// The ECS cluster, task definition and service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The service's name.
    pub name: String,
    /// The cluster's name.
    pub cluster: String,
    /// Whether and how CloudWatch collects metrics of the cluster.
    pub container_insights: ContainerInsights,
    /// The task definition's family.
    pub task_family: String,
    /// The container's name.
    pub container: String,
    /// The image, with a tag, a digest, or both.
    pub image: String,
    /// The port on which the application listens.
    pub port: u16,
    /// CPU units of a task; 1024 are one virtual CPU.
    pub cpu: u32,
    /// Memory of a task.
    pub memory_mib: u32,
    /// The processor that the image is built for.
    pub architecture: Architecture,
    /// How many tasks run; with autoscaling, how many at first.
    pub desired_count: u32,
    /// How the number of tasks follows the load, if it does.
    pub autoscaling: Option<Autoscaling>,
    /// What happens when a deployment does not come up.
    pub circuit_breaker: CircuitBreaker,
    /// For how many seconds after its start a task may fail the health check.
    pub health_check_grace_period_seconds: u32,
    /// Whether operators may open a shell in a task.
    pub enable_execute_command: bool,
}

impl Service {
    /// How many tasks the service is made with: what is configured, within the limits of autoscaling.
    pub fn first_count(&self) -> u32 {
        self.autoscaling.as_ref().map_or(self.desired_count, |it| self.desired_count.clamp(it.min, it.max))
    }
}

/// The processor that an image is built for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Architecture {
    /// Intel and AMD, 64 bits.
    #[default]
    X86_64,
    /// Graviton.
    Arm64,
}

impl Architecture {
    /// As ECS writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X86_64 => "X86_64",
            Self::Arm64 => "ARM64",
        }
    }
}

/// Whether and how CloudWatch collects metrics of a cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ContainerInsights {
    /// Not at all.
    #[default]
    Disabled,
    /// By cluster and service.
    Enabled,
    /// Also by task and container.
    Enhanced,
}

impl ContainerInsights {
    /// As ECS writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::Enhanced => "enhanced",
        }
    }
}

/// What happens when a deployment does not come up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CircuitBreaker {
    /// ECS goes on trying.
    #[default]
    Off,
    /// ECS gives up.
    Stop,
    /// ECS gives up and returns to the last deployment that came up.
    Rollback,
}

/// The task sizes of Fargate: for each CPU its memory, from, to, and in steps of.
const FARGATE_SIZES: &[(u32, RangeInclusive<u32>, u32)] = &[
    (256, 512..=512, 512),
    (256, 1024..=2048, 1024),
    (512, 1024..=4096, 1024),
    (1024, 2048..=8192, 1024),
    (2048, 4096..=16384, 1024),
    (4096, 8192..=30720, 1024),
    (8192, 16384..=61440, 4096),
    (16384, 32768..=122_880, 8192),
];

pub(super) fn read(table: &Value<'_>, project: &Project<'_>) -> Service {
    let name = |key| table.at(key).name(project, &ECS);
    let service = Service {
        name: name("name"),
        cluster: name("cluster"),
        container_insights: table.at("container_insights").choice(&[
            ("disabled", ContainerInsights::Disabled),
            ("enabled", ContainerInsights::Enabled),
            ("enhanced", ContainerInsights::Enhanced),
        ]),
        task_family: name("task_family"),
        container: name("container"),
        image: table.at("image").text(image::check),
        port: table.at("port").number(1..=65535),
        cpu: table.at("cpu").number_of(&[256, 512, 1024, 2048, 4096, 8192, 16384]),
        memory_mib: table.at("memory_mib").number(512..=122_880),
        architecture: table
            .at("architecture")
            .choice(&[("X86_64", Architecture::X86_64), ("ARM64", Architecture::Arm64)]),
        desired_count: table.at("desired_count").number(0..=5000),
        autoscaling: autoscaling::read(&table.at("autoscaling")),
        circuit_breaker: table.at("circuit_breaker").choice(&[
            ("off", CircuitBreaker::Off),
            ("stop", CircuitBreaker::Stop),
            ("rollback", CircuitBreaker::Rollback),
        ]),
        health_check_grace_period_seconds: table.at("health_check_grace_period_seconds").number(0..=86_400),
        enable_execute_command: table.at("enable_execute_command").flag(),
    };
    check_size(table, &service);
    service
}

fn check_size(table: &Value<'_>, service: &Service) {
    let memory = table.at("memory_mib");
    if !memory.is_sound() || !table.at("cpu").is_sound() {
        return;
    }
    let sizes = FARGATE_SIZES.iter().filter(|(cpu, _, _)| *cpu == service.cpu);
    let fits = |memory: &RangeInclusive<u32>, step: u32| {
        memory.contains(&service.memory_mib) && (service.memory_mib - memory.start()).is_multiple_of(step)
    };
    if sizes.clone().any(|(_, memory, step)| fits(memory, *step)) {
        return;
    }
    let possible: Vec<String> = sizes
        .map(|(_, memory, step)| match memory.end() - memory.start() {
            0 => memory.start().to_string(),
            _ => format!("{} to {} in steps of {step}", memory.start(), memory.end()),
        })
        .collect();
    memory.refuse(Refusal::new(
        format!("Fargate has no task with {} CPU units and {} MiB", service.cpu, service.memory_mib),
        format!("with {} CPU units use {}", service.cpu, possible.join(", or ")),
    ));
}
