//! One resource to its goal: observe, decide, act, and again. All waiting, retrying and recording is here.

mod create;
mod delete;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::decide::{Action, Goal, Record, Refusal, Sight, decide};
use crate::event::{Event, Mutation, What};
use crate::job::{Ended, Failure, Job, Surroundings};
use crate::kind::{Seen, Traits};
use crate::ledger::Entry;
use crate::{Class, Fault, Pace, Row, limits};

/// Brings one resource to its goal. `accepted` is told its identity, as soon as that is durable if it was made or found
/// here, else once it stands: what was there before may be on its way out. It is also told whether it was made here.
pub(crate) async fn drive<C: Send + Sync>(
    run: &Surroundings<'_, C>,
    job: &Job<C>,
    accepted: impl Fn(&Value, bool) + Send,
) -> Result<Ended, Failure> {
    let drive = Drive {
        run,
        job,
        traits: job.kind.traits(),
        begun: run.clock.now(),
        looked: job.looked,
        identified: None,
        as_created: None,
        looked_at: Timestamp::UNIX_EPOCH,
        sight: job.seen.clone(),
        certain: false,
        unanswered_at: None,
        taken: false,
        acted: None,
        changed_at: None,
        failing_since: None,
        failures: 0,
        unheard: 0,
        failed_looks: 0,
        updates: 0,
        looks: 0,
        waits: 0,
        note: String::new(),
    };
    drive.go(accepted).await
}

struct Drive<'a, C: 'static> {
    run: &'a Surroundings<'a, C>,
    job: &'a Job<C>,
    traits: Traits,
    begun: Timestamp,
    /// Whether a look came back empty.
    looked: bool,
    /// If an identity was made or found a moment ago, whether it was made.
    identified: Option<bool>,
    /// What stands since a create was answered, until it is updated or looked at.
    as_created: Option<Value>,
    /// When the last look at its identity was taken.
    looked_at: Timestamp,
    /// What a look showed that a delete may still go by, and when.
    sight: Option<(Timestamp, Seen)>,
    /// Whether an announced create certainly did not happen.
    certain: bool,
    /// When the last create with an unknown outcome was given up.
    unanswered_at: Option<Timestamp>,
    /// Whether AWS said that the name is taken, which may be by an earlier create of ours.
    taken: bool,
    acted: Option<Mutation>,
    changed_at: Option<Timestamp>,
    failing_since: Option<Timestamp>,
    failures: u32,
    /// Failures in a row of the classes that are bounded by their number, and not by the time that they last.
    unheard: u32,
    failed_looks: u32,
    updates: u32,
    /// Looks since the last change, and since the beginning.
    looks: u32,
    waits: u32,
    note: String,
}

/// Whether to go on with the loop.
enum Step {
    Again,
    End(Ended),
}

impl<C: Send + Sync> Drive<'_, C> {
    async fn go(mut self, accepted: impl Fn(&Value, bool) + Send) -> Result<Ended, Failure> {
        for _ in 0..limits::ROUNDS_MOST {
            if self.run.stop.is_asked() {
                return Ok(Ended::Interrupted);
            }
            let row = self.run.ledger.row(&self.job.address);
            let id = row.as_ref().and_then(|row| row.id.clone());
            if let Some((id, made)) = id.as_ref().zip(self.identified.take()) {
                accepted(id, made);
            }
            if self.goes_with_its_parent() {
                self.gone().await?;
                return Ok(Ended::Done(None));
            }
            if let Step::End(ended) = self.step(row.as_ref(), id.as_ref()).await? {
                if let (Some(id), Ended::Done(Some(_)) | Ended::Keeping(_)) = (&id, &ended) {
                    accepted(id, false);
                }
                return Ok(ended);
            }
        }
        Err(self.give_up("its state did not settle within the engine's limit of rounds").into())
    }

    /// Completes what was just made, or looks and does what follows from that.
    async fn step(&mut self, row: Option<&Row>, id: Option<&Value>) -> Result<Step, Failure> {
        if let Some((id, actual)) = id.zip(self.as_created.take()) {
            let diff = self.job.kind.diff(&self.wanted(&actual)?, &actual)?;
            if !diff.is_empty() && !diff.replaces() {
                return self.update(id, &actual).await;
            }
        }
        match self.look(row, id).await {
            Ok(seen) => {
                self.failed_looks = 0;
                let action = decide(self.job.goal, self.record(row), self.sight(seen.as_ref())?);
                self.act(action, id, seen).await
            }
            Err(fault) => self.look_again(fault).await,
        }
    }

    /// One look at the cloud, if there is an identity to look at.
    async fn look(&mut self, row: Option<&Row>, id: Option<&Value>) -> Result<Option<Seen>, Fault> {
        let Some(id) = id else { return Ok(None) };
        if let Some(seen) = self.still_holds() {
            return Ok(Some(seen));
        }
        self.looked_at = self.run.clock.now();
        // What this run's own change brought about cannot be seen, and is recorded with all else at the end.
        let before = row.filter(|_| self.acted.is_none());
        let unveiled = before.map(|row| row.unveil(self.traits.hidden, self.job.spec.clone()));
        let spec = unveiled.as_ref().unwrap_or(&self.job.spec);
        self.job.kind.observe(spec, self.run.cloud, id).await.map(Some)
    }

    /// A look changes nothing, so one that failed is repeated, unless no look can succeed.
    async fn look_again(&mut self, fault: Fault) -> Result<Step, Failure> {
        self.failed_looks += 1;
        if !fault.is_retryable() || self.failed_looks > limits::RETRIES_MOST {
            return Err(fault.into());
        }
        let after = limits::backoff(self.failed_looks);
        self.tell(What::Retrying { fault, after });
        self.pause(after).await
    }

    fn record(&self, row: Option<&Row>) -> Record {
        match row {
            None => Record::Nothing { looked: self.looked },
            Some(row) if row.id.is_none() => Record::Unanswered { certain: self.certain },
            Some(row) => {
                let new = row.created_at.is_some_and(|at| self.run.clock.since(at) < limits::VISIBLE_WITHIN);
                // Once we deleted it, that it is not there is what we wait for.
                let fresh = new && self.acted != Some(Mutation::Delete);
                let leaving = row.intent.as_ref().is_some_and(|it| it.action == Mutation::Delete);
                Record::Object { fresh, acted: self.acted.is_some(), leaving }
            }
        }
    }

    fn sight(&self, seen: Option<&Seen>) -> Result<Sight, Fault> {
        let Some(seen) = seen else { return Ok(Sight::Absent) };
        if seen.owner().is_some_and(|owner| !owner.is(&self.run.ledger.mark(&self.job.address))) {
            return Ok(Sight::Foreign);
        }
        Ok(match seen {
            Seen::Absent => Sight::Absent,
            Seen::Settling { .. } => Sight::Settling,
            Seen::Deleting => Sight::Deleting,
            Seen::Failed { .. } => Sight::Failed,
            Seen::Dead { .. } => Sight::Dead,
            Seen::Live { .. } if self.job.goal == Goal::Absent => Sight::Same,
            Seen::Live { actual, degraded, .. } => match self.job.kind.diff(&self.job.spec, actual)? {
                diff if diff.replaces() => Sight::MustReplace,
                _ if degraded.is_some() => Sight::Degraded,
                diff if diff.is_empty() => Sight::Same,
                _ if self.job.kind.diff(&self.wanted(actual)?, actual)?.is_empty() => Sight::Same,
                _ => Sight::Differs,
            },
        })
    }

    /// The spec as it counts by now.
    fn wanted(&self, actual: &Value) -> Result<Value, Fault> {
        match self.job.meanwhile {
            true => self.job.kind.meanwhile(&self.job.spec, actual),
            false => Ok(self.job.spec.clone()),
        }
    }

    async fn act(&mut self, action: Action, id: Option<&Value>, seen: Option<Seen>) -> Result<Step, Failure> {
        // A stop may have been asked for during the look, and starts nothing new.
        if self.run.stop.is_asked() && matches!(action, Action::Create | Action::Update | Action::Delete) {
            return Ok(Step::End(Ended::Interrupted));
        }
        match (action, id, seen) {
            (Action::Find, ..) => self.find().await,
            (Action::Create, ..) => self.create().await,
            (Action::Update, Some(id), Some(Seen::Live { actual, .. })) => self.update(id, &actual).await,
            (Action::Delete, Some(id), seen) => self.delete(id, seen).await,
            (Action::Await, _, seen) => self.settle(seen.as_ref()).await,
            (Action::Forget, ..) => self.gone().await,
            (Action::Keep, Some(_), Some(Seen::Live { actual, outputs, notice, .. })) => {
                match self.job.kind.diff(&self.job.spec, &actual)?.is_empty() {
                    true => self.ready(outputs, notice).await,
                    false => self.keeping(&actual, outputs).await,
                }
            }
            (Action::Keep, ..) => Ok(Step::End(Ended::Done(None))),
            (Action::Refuse(refusal), _, seen) => Err(self.refuse(refusal, seen.as_ref()).into()),
            (action, ..) => unreachable!("BUG: {action:?} decided without an identity to act on"),
        }
    }

    async fn update(&mut self, id: &Value, actual: &Value) -> Result<Step, Failure> {
        // AWS may show the old state for a moment after it took an update, so it is not sent again at once.
        if self.updates > 0 && self.looks == 0 {
            self.looks += 1;
            return self.pause(limits::backoff(self.updates)).await;
        }
        self.updates += 1;
        let wanted = self.wanted(actual)?;
        if self.updates > limits::UPDATES_MOST {
            let fields = self.job.kind.diff(&wanted, actual)?.into_changes();
            let fields: Vec<_> = fields.into_iter().map(|change| change.field).collect();
            return Err(self
                .give_up(&format!("AWS took the update, but still shows the old {}", fields.join(", ")))
                .into());
        }
        let content = (self.traits.name, wanted.clone(), self.job.depends_on.clone());
        let intent = self.run.ledger.begin(&self.job.address, Mutation::Update, content).await?;
        if self.acted != Some(Mutation::Create) {
            self.tell(What::Started { action: Mutation::Update });
        }
        match self.job.kind.update((&wanted, actual), self.run.cloud, id, &intent).await {
            Ok(()) => {
                self.acted(self.acted.unwrap_or(Mutation::Update));
                Ok(Step::Again)
            }
            Err(fault) => {
                self.updates -= 1;
                let patience = self.patience(&fault);
                self.retry(fault, patience).await
            }
        }
    }

    async fn ready(&mut self, outputs: Value, notice: Option<String>) -> Result<Step, Failure> {
        let (spec, depends_on) = (self.job.spec.clone(), self.job.depends_on.clone());
        let entry = Entry::Ready { spec, outputs: outputs.clone(), depends_on };
        self.run.ledger.record(&self.job.address, entry).await?;
        self.learn(Mutation::Create);
        if let Some(words) = notice {
            self.tell(What::Notice { words });
        }
        self.tell(What::Ready { action: self.acted, took: self.run.clock.since(self.begun) });
        Ok(Step::End(Ended::Done(Some(outputs))))
    }

    /// Records a resource that still has what others may use, and holds on to what it depended on for that.
    async fn keeping(&mut self, actual: &Value, outputs: Value) -> Result<Step, Failure> {
        let spec = self.wanted(actual)?;
        let before = self.run.ledger.row(&self.job.address).map(|row| row.depends_on).unwrap_or_default();
        let depends_on = self.job.depends_on.union(&before).cloned().collect();
        let entry = Entry::Ready { spec, outputs: outputs.clone(), depends_on };
        self.run.ledger.record(&self.job.address, entry).await?;
        self.tell(What::Settling { note: "keeps what is still in use until all else is done".to_owned() });
        Ok(Step::End(Ended::Keeping(outputs)))
    }

    /// Waits for AWS to go on.
    async fn settle(&mut self, seen: Option<&Seen>) -> Result<Step, Failure> {
        let (note, pace) = match seen {
            Some(Seen::Settling { note, .. }) => (note.clone(), self.pace()),
            Some(Seen::Deleting) => ("deleting".to_owned(), self.leaving()),
            _ => ("not visible yet".to_owned(), Pace::PROMPT),
        };
        if note != self.note {
            self.note.clone_from(&note);
            self.tell(What::Settling { note });
        }
        self.wait_for_change(pace).await
    }

    /// Pauses until the next look.
    async fn wait_for_change(&mut self, pace: Pace) -> Result<Step, Failure> {
        let created_at = || self.run.ledger.row(&self.job.address).and_then(|row| row.created_at);
        let changed_at = self.changed_at.or_else(created_at).unwrap_or(self.begun);
        let passed = self.run.clock.since(changed_at);
        if self.waits > limits::LOOKS_LEAST && passed.min(self.run.clock.since(self.begun)) > pace.deadline {
            return Err(self
                .give_up(&format!("it is still {} after {}", self.note, in_words(pace.deadline)))
                .into());
        }
        (self.looks, self.waits) = (self.looks + 1, self.waits + 1);
        // What is typical of a create says nothing about an update.
        let is_update = self.acted == Some(Mutation::Update);
        self.pause(if is_update { pace.unknown(passed) } else { pace.pause(passed) }).await
    }

    /// Pauses after a failure, or gives up: at once when trying again cannot help, else after `patience`.
    async fn retry(&mut self, fault: Fault, patience: Duration) -> Result<Step, Failure> {
        let now = self.run.clock.now();
        let failing_since = *self.failing_since.get_or_insert(now);
        self.failures += 1;
        let unheard = matches!(fault.class, Class::Throttled | Class::Transient | Class::Conflict);
        self.unheard = if unheard { self.unheard + 1 } else { 0 };
        let hopeless = match fault.class {
            Class::Denied | Class::Invalid => true,
            Class::Throttled | Class::Transient | Class::Conflict => self.unheard > limits::RETRIES_MOST,
            Class::NotYetVisible | Class::Blocked | Class::Gone => {
                self.failures > limits::LOOKS_LEAST && self.run.clock.since(failing_since) > patience
            }
        };
        if hopeless {
            return Err(fault.into());
        }
        let after = limits::backoff(self.failures);
        self.tell(What::Retrying { fault, after });
        self.pause(after).await
    }

    async fn pause(&self, duration: Duration) -> Result<Step, Failure> {
        tokio::select! {
            () = self.run.clock.sleep(duration) => Ok(Step::Again),
            () = self.run.stop.asked() => Ok(Step::End(Ended::Interrupted)),
        }
    }

    fn acted(&mut self, mutation: Mutation) {
        // A delete that had to be sent again is waited for from its first time on.
        if self.acted != Some(Mutation::Delete) {
            self.changed_at = Some(self.run.clock.now());
        }
        self.acted = Some(mutation);
        self.looks = 0;
        self.calm();
    }

    /// A call that went through ends a series of failures.
    fn calm(&mut self) {
        self.failing_since = None;
        self.failures = 0;
        self.unheard = 0;
    }

    fn pace(&self) -> Pace {
        match self.job.goal {
            Goal::Present => self.run.experience.pace(self.traits.name, Mutation::Create, self.traits.up),
            Goal::Absent => self.leaving(),
        }
    }

    fn leaving(&self) -> Pace {
        self.run.experience.pace(self.traits.name, Mutation::Delete, self.traits.down)
    }

    /// Remembers how long a change took that this run began and waited for.
    fn learn(&self, mutation: Mutation) {
        if let (true, Some(since)) = (self.acted == Some(mutation) && self.waits > 0, self.changed_at) {
            self.run.experience.note(self.traits.name, mutation, self.run.clock.since(since));
        }
    }

    /// For how long a create or update may go on failing in this way.
    const fn patience(&self, fault: &Fault) -> Duration {
        match fault.class {
            Class::NotYetVisible | Class::Gone => self.traits.propagation,
            _ => self.traits.up.deadline,
        }
    }

    fn refuse(&self, refusal: Refusal, seen: Option<&Seen>) -> Fault {
        let why = match seen {
            Some(Seen::Failed { why, .. } | Seen::Dead { why } | Seen::Live { degraded: Some(why), .. }) => {
                why.as_str()
            }
            _ => "",
        };
        refusal.fault(&self.job.address, self.traits.name, why)
    }

    fn give_up(&self, message: &str) -> Fault {
        Fault::new(Class::Transient, self.traits.name, message)
            .with_hint("run the command again; it goes on from here")
    }

    fn tell(&self, what: What) {
        let (address, kind) = (self.job.address.clone(), self.traits.name.to_owned());
        (self.run.observer)(&Event { at: self.run.clock.now(), address, kind, what });
    }
}

/// A duration in the largest unit that tells it: `20 min`, `45 s`.
fn in_words(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds >= 120 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
