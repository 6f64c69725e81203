//! A create, and the search for the result of one whose answer was lost.

use serde_json::Value;

use super::{Drive, Step};
use crate::decide::{Goal, Refusal, Sight};
use crate::event::{Mutation, What};
use crate::job::{Ended, Failure};
use crate::kind::Seen;
use crate::ledger::{Entry, LedgerError};
use crate::{Class, limits};

impl<C: Send + Sync> Drive<'_, C> {
    /// Looks for the resource by name or mark; what is found and ours is recorded.
    pub(super) async fn find(&mut self) -> Result<Step, Failure> {
        let mark = self.run.ledger.mark(&self.job.address);
        let row = self.run.ledger.row(&self.job.address);
        // What an unanswered create may have made is as its call said, whatever is desired by now.
        let spec = row.as_ref().map_or(&self.job.spec, |row| &row.spec);
        let found = match self.job.kind.find(spec, self.run.cloud, &mark).await {
            Ok(Some(id)) => {
                self.job.kind.observe(spec, self.run.cloud, &id).await.map(|seen| Some((id, seen)))
            }
            Ok(None) => Ok(None),
            Err(fault) => Err(fault),
        };
        match found {
            Ok(Some((_, seen))) if matches!(seen, Seen::Deleting) => self.settle(Some(&seen)).await,
            Ok(Some((id, seen))) if !matches!(seen, Seen::Absent | Seen::Dead { .. }) => {
                if self.sight(Some(&seen))? == Sight::Foreign {
                    self.refuse_create().await?;
                    if self.job.goal == Goal::Absent {
                        return Ok(Step::End(Ended::Done(None)));
                    }
                    return Err(self.refuse(Refusal::Foreign, Some(&seen)).into());
                }
                self.found(id, seen).await
            }
            Ok(_) => self.not_found().await,
            Err(fault) => self.look_again(fault).await,
        }
    }

    async fn found(&mut self, id: Value, seen: Seen) -> Result<Step, Failure> {
        let at = self.run.clock.now();
        let entry = match self.run.ledger.row(&self.job.address) {
            Some(_) => Entry::Created { id: id.clone(), at },
            None => {
                // What was there before is recorded as it is, so that a later difference shows as ours to make.
                let spec = if let Seen::Live { actual, .. } = seen { actual } else { self.job.spec.clone() };
                let (kind, depends_on) = (self.traits.name.to_owned(), self.job.depends_on.clone());
                Entry::Adopted { kind, id: id.clone(), spec, depends_on, at }
            }
        };
        self.run.ledger.record(&self.job.address, entry).await?;
        self.identified = Some(false);
        self.tell(What::Adopted { id: self.job.kind.show_id(&id) });
        self.calm();
        Ok(Step::Again)
    }

    /// A create with an unknown outcome is looked for a while before it counts as never having happened.
    async fn not_found(&mut self) -> Result<Step, Failure> {
        self.looked = true;
        let row = self.run.ledger.row(&self.job.address);
        // The same create, sent again, finds the first one's result by itself.
        let repeats = self.traits.creates_once && self.job.goal == Goal::Present && !self.taken;
        let is_found_anyway = repeats && row.as_ref().is_some_and(|row| row.spec == self.job.spec);
        // A call that was given up after a silence may have taken effect at its very end.
        let tried_at = row.and_then(|row| row.intent).map(|it| self.unanswered_at.unwrap_or(it.begun_at));
        match tried_at {
            Some(at) if !is_found_anyway && self.run.clock.since(at) < limits::FOUND_WITHIN => {
                self.pause(limits::FIND_STEP).await
            }
            _ => {
                self.certain = true;
                Ok(Step::Again)
            }
        }
    }

    pub(super) async fn create(&mut self) -> Result<Step, Failure> {
        if self.takes_no_place().await? {
            return Ok(Step::Again);
        }
        let content = (self.traits.name, self.job.spec.clone(), self.job.depends_on.clone());
        let intent = self.run.ledger.begin(&self.job.address, Mutation::Create, content).await?;
        self.tell(What::Started { action: Mutation::Create });
        match self.job.kind.create(&self.job.spec, self.run.cloud, &intent).await {
            Ok(id) => {
                let at = self.run.clock.now();
                self.run.ledger.record(&self.job.address, Entry::Created { id: id.clone(), at }).await?;
                self.identified = Some(true);
                self.as_created = self.job.kind.as_created(&self.job.spec)?;
                self.tell(What::Accepted { id: self.job.kind.show_id(&id) });
                self.acted(Mutation::Create);
                Ok(Step::Again)
            }
            Err(fault) => {
                self.certain = !matches!(fault.class, Class::Transient | Class::Conflict);
                self.taken = fault.class == Class::Conflict;
                self.unanswered_at = (!self.certain).then(|| self.run.clock.now());
                let patience = self.patience(&fault);
                let retried = self.retry(fault, patience).await;
                if retried.is_err() && self.certain {
                    self.refuse_create().await?;
                }
                retried
            }
        }
    }

    /// Takes back what was announced to take the place of something and did not happen, if something else is wanted by
    /// now: that may well be what still stands there.
    async fn takes_no_place(&mut self) -> Result<bool, LedgerError> {
        let (ledger, address) = (self.run.ledger, &self.job.address);
        let is_other = ledger.row(address).is_some_and(|row| row.spec != self.job.spec);
        if !is_other || ledger.row(&address.superseded()).is_none() {
            return Ok(false);
        }
        self.refuse_create().await?;
        ledger.reinstate().await?;
        (self.looked, self.certain) = (false, false);
        Ok(true)
    }

    /// Takes back the announcement of a create that certainly did not happen.
    async fn refuse_create(&self) -> Result<(), LedgerError> {
        match self.run.ledger.row(&self.job.address) {
            Some(row) if row.id.is_none() => self.run.ledger.record(&self.job.address, Entry::Refused).await,
            _ => Ok(()),
        }
    }
}
