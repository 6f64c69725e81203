//! Deployments of a service: the way from one revision of it to the next.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::network::Network;
use super::registration::Registration;
use super::task::Task;
use crate::world::World;

/// What a deployment rolls out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Revision {
    /// The task definition's ARN.
    pub(super) task_definition: String,
    pub(super) network: Network,
    pub(super) registrations: Vec<Registration>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Deployment {
    pub(super) id: String,
    pub(super) revision: Revision,
    pub(super) rollout: Rollout,
    pub(super) reason: String,
    /// How many of its tasks failed.
    pub(super) failed: i64,
    /// Before then no further task is started.
    pub(super) next_launch: f64,
    /// When it will be called complete, if it stays as it is.
    pub(super) complete: Option<f64>,
    pub(super) updated: f64,
    /// Whether it goes back to what worked before; there is no going back from that.
    pub(super) is_rollback: bool,
    created: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Rollout {
    InProgress,
    Completed,
    Failed,
}

impl Deployment {
    pub(super) fn new(world: &mut World, revision: Revision) -> Self {
        // AWS writes nineteen digits.
        let id = format!("ecs-svc/{:019}", world.draw() % 10_u64.pow(19));
        Self {
            reason: format!("ECS deployment {id} in progress."),
            id,
            revision,
            rollout: Rollout::InProgress,
            failed: 0,
            next_launch: world.now,
            complete: None,
            updated: world.now,
            is_rollback: false,
            created: world.now,
        }
    }

    pub(super) fn view(&self, world: &World, is_primary: bool, desired: i64) -> Value {
        let tasks = || world.ecs.tasks.values().filter(|task| task.deployment == self.id);
        let rollout = match self.rollout {
            Rollout::InProgress => "IN_PROGRESS",
            Rollout::Completed => "COMPLETED",
            Rollout::Failed => "FAILED",
        };
        json!({
            "id": self.id,
            "status": if is_primary { "PRIMARY" } else { "ACTIVE" },
            "taskDefinition": self.revision.task_definition,
            "desiredCount": if is_primary { desired } else { 0 },
            "pendingCount": tasks().filter(|task| task.is_pending()).count(),
            "runningCount": tasks().filter(|task| task.is_running()).count(),
            "failedTasks": self.failed,
            "createdAt": self.created,
            "updatedAt": self.updated,
            "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "networkConfiguration": self.revision.network.view(),
            "rolloutState": rollout,
            "rolloutStateReason": self.reason,
        })
    }

    /// Whether a task belongs to it.
    pub(super) fn has(&self, task: &Task) -> bool {
        task.deployment == self.id
    }
}
