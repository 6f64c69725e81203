//! A delete, and which looks it can do without.

use serde_json::Value;

use super::{Drive, Step};
use crate::decide::Goal;
use crate::event::{Mutation, What};
use crate::job::{Ended, Failure};
use crate::kind::Seen;
use crate::ledger::Entry;
use crate::{Class, limits};

impl<C: Send + Sync> Drive<'_, C> {
    /// What was seen before this drive changed anything, as long as the identity cannot have come to stand for another
    /// one: a moment, or for ever.
    pub(super) fn still_holds(&mut self) -> Option<Seen> {
        let (at, seen) = self.sight.take()?;
        if !self.traits.unique_id && self.run.clock.since(at) > limits::SIGHT_HOLDS {
            return None;
        }
        self.looked_at = at;
        Some(seen)
    }

    /// Whether it is to go, and has no end of its own to look for.
    pub(super) fn goes_with_its_parent(&self) -> bool {
        self.job.goal == Goal::Absent && self.traits.parented
    }

    pub(super) async fn delete(&mut self, id: &Value, seen: Option<Seen>) -> Result<Step, Failure> {
        // A delete that was taken shows after a moment; until then the resource may look untouched.
        if self.acted == Some(Mutation::Delete) && self.looks == 0 {
            "there".clone_into(&mut self.note);
            return self.wait_for_change(self.pace()).await;
        }
        let content = (self.traits.name, self.job.spec.clone(), self.job.depends_on.clone());
        let intent = self.run.ledger.begin(&self.job.address, Mutation::Delete, content).await?;
        if self.acted.is_none() && self.failures == 0 {
            self.tell(What::Started { action: Mutation::Delete });
        }
        match self.job.kind.delete(&self.job.spec, self.run.cloud, id, &intent).await {
            Err(fault) if fault.class != Class::Gone => {
                // What AWS refused is as it was.
                let refused =
                    matches!(fault.class, Class::Blocked | Class::Throttled) && self.acted.is_none();
                self.sight = seen.filter(|_| refused).map(|seen| (self.looked_at, seen));
                self.retry(fault, self.traits.down.deadline).await
            }
            _ => {
                self.acted(Mutation::Delete);
                Ok(Step::Again)
            }
        }
    }

    pub(super) async fn gone(&mut self) -> Result<Step, Failure> {
        self.run.ledger.record(&self.job.address, Entry::Gone).await?;
        self.learn(Mutation::Delete);
        self.tell(What::Gone { took: self.run.clock.since(self.begun) });
        if self.job.goal == Goal::Absent {
            return Ok(Step::End(Ended::Done(None)));
        }
        // It went away under our hands; it is made anew like any other that is missing.
        self.acted = None;
        self.changed_at = None;
        self.looked = false;
        Ok(Step::Again)
    }
}
