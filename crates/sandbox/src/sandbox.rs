//! The sandbox: one simulated AWS account with its clock, shared by all who hold a clone.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use crate::applicationautoscaling::demand;
use crate::call::{Answer, Call, Refusal};
use crate::clock::Clock;
use crate::dispatch::dispatch;
use crate::duration;
use crate::fault::{Change, Fate, Faults, Hook, Phase, Verdict};
use crate::file::{FileError, WorldFile};
use crate::log::{CallLog, LoggedCall};
use crate::seed::{fraction, mix, uuid};
use crate::service::Service;
use crate::wire;
use crate::world::World;

/// Where an in-memory world's time begins: 2026-01-01T00:00:00Z.
const EPOCH: f64 = 1_767_225_600.0;

/// A simulated AWS account. Clones share it.
#[derive(Clone, Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    file: Option<WorldFile>,
}

#[derive(Debug)]
struct State {
    world: World,
    clock: Clock,
    /// The revision of the file that `world` equals; nothing if `world` must not be trusted.
    revision: Option<u64>,
    /// Counts the requests that arrived here; each draws its travel time from it.
    arrived: u64,
    log: CallLog,
    /// The shortest and the longest time that a call takes.
    travel: (f64, f64),
    hook: Option<Hook>,
    change: Option<Change>,
}

/// The answer to a call, before it has a wire form.
struct Outcome {
    answer: Answer,
    request_id: String,
    /// If the answer is lost, after how many seconds that shows.
    lost_after: Option<f64>,
}

/// The connection broke before the answer was out.
#[derive(Debug, thiserror::Error)]
#[error("connection reset by peer")]
pub(crate) struct Lost;

impl Sandbox {
    /// The world in a file, made if there is none; simulated time runs `speed` times as fast as tokio's.
    pub fn open(path: impl AsRef<Path>, speed: f64) -> Result<Self, FileError> {
        let file = WorldFile::new(path.as_ref());
        let mut locked = file.lock()?;
        let world = match locked.read()? {
            Some(world) => world,
            None => {
                let now = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .map_or(EPOCH, |since| since.as_secs() as f64);
                let mut world = World::new(1, now);
                world.sealing_key = locked.sealing_key()?;
                locked.write(&world)?;
                world
            }
        };
        drop(locked);
        Ok(Self::new(world, Some(file), speed))
    }

    /// A world that lives as long as this process, in tokio's own time.
    pub fn in_memory(seed: u64) -> Self {
        Self::new(World::new(seed, EPOCH), None, 1.0)
    }

    /// A copy in memory of what the last call of this process left, which goes its own way from now on in tokio's own
    /// time. Hooks and the log stay behind.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self::new(self.state().world.clone(), None, 1.0)
    }

    fn new(world: World, file: Option<WorldFile>, speed: f64) -> Self {
        let clock = Clock::new(world.now, speed);
        let state = State {
            world,
            clock,
            revision: None,
            arrived: 0,
            log: CallLog::default(),
            travel: duration::CALL,
            hook: None,
            change: None,
        };
        Self { shared: Arc::new(Shared { state: Mutex::new(state), file }) }
    }

    /// The simulated time.
    pub fn now(&self) -> SystemTime {
        let since = Duration::try_from_secs_f64(self.state().clock.now()).unwrap_or_default();
        UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
    }

    /// Lets the load of an ECS service, `service/CLUSTER/NAME`, need so many tasks: its scaling policies follow at once,
    /// within their limits. Gives the number of tasks that they set, or nothing if it is not scaled.
    pub fn demand(&self, resource: &str, tasks: i64) -> Result<Option<i64>, FileError> {
        self.with_world(|state| {
            let world = &mut state.world;
            let set = demand(world, resource, tasks);
            world.advance(world.now);
            set
        })
    }

    /// What can go wrong from now on.
    pub fn set_faults(&self, faults: Faults) -> Result<(), FileError> {
        self.with_world(|state| state.world.faults = faults)
    }

    /// Lets every call of this process take so many seconds, there and back.
    pub fn set_call_seconds(&self, seconds: f64) {
        self.state().travel = (seconds, seconds);
    }

    /// Calls `hook` at both boundaries of every call of this process.
    pub fn on_call(&self, hook: impl Fn(&Call, Phase) -> Verdict + Send + Sync + 'static) {
        self.state().hook = Some(Hook(Arc::new(hook)));
    }

    /// Changes every call that arrives over the wire from now on, to show what another caller would bring about.
    pub fn on_arrival(&self, change: impl Fn(&mut Call) + Send + Sync + 'static) {
        self.state().change = Some(Change(Arc::new(change)));
    }

    /// A copy of everything there is.
    pub fn world(&self) -> Result<Value, FileError> {
        self.with_world(|state| serde_json::to_value(&state.world).unwrap_or_default())
    }

    /// The calls of this process so far.
    pub fn log(&self) -> CallLog {
        self.state().log.clone()
    }

    /// How many calls this process made so far.
    pub fn logged(&self) -> usize {
        self.state().log.0.len()
    }

    /// The calls of this process so far, without so many at the beginning.
    pub fn log_since(&self, logged: usize) -> CallLog {
        CallLog(self.state().log.0.get(logged..).unwrap_or_default().to_vec())
    }

    /// Makes a call without any wire or delay, for tests of the rules. Parameters and answer use wire names.
    pub fn call(&self, service: &str, operation: &str, params: Value) -> Result<Value, Refusal> {
        let region = self.state().world.region.clone();
        self.call_from((None, &region), service, operation, params)
    }

    /// The same by somebody in another account, or in another region: the other side of a peering connection.
    pub fn call_from(
        &self,
        (account, region): (Option<&str>, &str),
        service: &str,
        operation: &str,
        params: Value,
    ) -> Result<Value, Refusal> {
        let malformed = |words: &str| Refusal::illegal("InvalidAction", words);
        let known =
            Service::named(service).ok_or_else(|| malformed("The sandbox does not model this service."))?;
        let Value::Object(params) = params else { return Err(malformed("The parameters are no object.")) };
        let (account, region) = (account.map(str::to_owned), region.to_owned());
        let (service, operation) = (service.to_owned(), operation.to_owned());
        let call = Call { service, operation, account, region, params };
        self.perform(known, &call, false).answer
    }

    /// Answers a request after the time that it takes.
    pub(crate) async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let (service, mut call) = match wire::read(&request) {
            Ok(call) => call,
            Err((service, refusal)) => return Ok(wire::write(service, "", &Err(refusal), "")),
        };
        let change = self.state().change.clone();
        if let Some(Change(change)) = change {
            change(&mut call);
        }
        let travel = self.travel();
        tokio::time::sleep(travel).await;
        self.pass(&call, Phase::BeforeEffect).await?;
        let outcome = self.perform(service, &call, true);
        self.pass(&call, Phase::AfterEffect).await?;
        tokio::time::sleep(travel).await;
        if let Some(seconds) = outcome.lost_after {
            let silence = self.state().clock.real(seconds);
            tokio::time::sleep(silence).await;
            return Err(Lost);
        }
        Ok(wire::write(service, &call.operation, &outcome.answer, &outcome.request_id))
    }

    /// Half of the time that a call takes which arrives now, in tokio's time.
    fn travel(&self) -> Duration {
        let mut state = self.state();
        state.arrived += 1;
        let (shortest, longest) = state.travel;
        let drawn = fraction(state.world.seed ^ 0x7e57, state.arrived);
        state.clock.real((shortest + drawn * (longest - shortest)) / 2.0)
    }

    /// Asks the hook what shall happen at this boundary. No lock is held meanwhile.
    async fn pass(&self, call: &Call, phase: Phase) -> Result<(), Lost> {
        let hook = self.state().hook.clone();
        match hook.map_or(Verdict::Proceed, |Hook(hook)| hook(call, phase)) {
            Verdict::Proceed => Ok(()),
            Verdict::Lose => Err(Lost),
            Verdict::Hang => std::future::pending().await,
        }
    }

    /// Lets a call take effect, saves the world and logs the call.
    fn perform(&self, service: &'static Service, call: &Call, over_wire: bool) -> Outcome {
        let attempt = self.with_world(|state| {
            let world = &mut state.world;
            world.calls += 1;
            let number = world.calls;
            let request_id = request_id(world.seed, number);
            let (answer, lost_after) = match world.faults.fate(service, number) {
                Fate::Arrives => (arrive(world, service, call, over_wire), None),
                Fate::Refused(refusal) => (Err(refusal), None),
                Fate::Unanswered(after) => (dispatch(world, service, call), Some(after)),
                Fate::Lost(after) => {
                    (Err(Refusal::injected(service.dialect.internal, "It was lost.", 503)), Some(after))
                }
            };
            Outcome { answer, request_id, lost_after }
        });
        // What cannot be saved has not happened; the next call reads the world as it was.
        let outcome = attempt.unwrap_or_else(|error| {
            let words = format!("the sandbox cannot keep its world: {error}");
            let answer = Err(Refusal::injected(service.dialect.internal, words, 500));
            Outcome { answer, request_id: String::new(), lost_after: None }
        });
        self.note(call, over_wire, &outcome.answer);
        outcome
    }

    fn note(&self, call: &Call, over_wire: bool, answer: &Answer) {
        let refused = answer.as_ref().err();
        let refused = refused.map(|why| (why.code.to_string(), why.message.clone(), why.reason));
        let mut state = self.state();
        let logged = LoggedCall {
            at: state.world.now,
            service: call.service.clone(),
            operation: call.operation.clone(),
            mutating: call.is_mutating(),
            over_wire,
            refused,
        };
        state.log.0.push(logged);
    }

    /// Works on the world as it is now, in this process alone, and saves it.
    fn with_world<T>(&self, work: impl FnOnce(&mut State) -> T) -> Result<T, FileError> {
        let mut guard = self.state();
        let state = &mut *guard;
        let Some(file) = &self.shared.file else {
            state.world.advance(state.clock.now());
            return Ok(work(state));
        };
        let mut locked = file.lock()?;
        if state.revision != Some(locked.revision()?)
            && let Some(world) = locked.read()?
        {
            state.clock.reach(world.now);
            state.world = world;
        }
        state.revision = None;
        state.world.advance(state.clock.now());
        let result = work(state);
        state.revision = Some(locked.write(&state.world)?);
        Ok(result)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic in a test's hook must not hide behind a second one.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets a call take effect, unless it comes too fast or is denied.
fn arrive(world: &mut World, service: &'static Service, call: &Call, over_wire: bool) -> Answer {
    if over_wire {
        world.refuse_if_too_fast(service, &call.operation)?;
        world.refuse_if_denied(service, &call.operation)?;
    }
    dispatch(world, service, call)
}

/// A request id in AWS's form.
fn request_id(seed: u64, number: u64) -> String {
    uuid(mix(seed ^ 0x1d, number), mix(seed ^ 0x1e, number))
}
