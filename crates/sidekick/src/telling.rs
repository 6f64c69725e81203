//! What a run tells: to its recording, and to whoever watches.

use std::sync::Arc;

use sidekick_aws::Called;
use sidekick_engine::Observer;

use crate::recording::{CallEnded, Fact, Recording, RunFact};
use crate::render::Progress;
use crate::session::Session;

/// The two that are told everything, in the order in which it happens.
pub(crate) struct Telling {
    pub(crate) recording: Recording,
    progress: Progress,
}

impl Telling {
    /// Tells of the session's calls from now on.
    pub(crate) fn new(recording: Recording, progress: Progress, session: &Session) -> Arc<Self> {
        let telling = Arc::new(Self { recording, progress });
        let (told, clock) = (Arc::clone(&telling), session.clock);
        session.calls.listen(move |called| {
            let Called { service, operation, address, status, request_id, missing, took } = called;
            let took = clock.in_the_cloud(took).as_secs_f64();
            let at = clock.now();
            told.tell(RunFact::Called(CallEnded {
                at,
                service,
                operation,
                address,
                status,
                request_id,
                missing,
                took,
            }));
        });
        telling
    }

    /// Tells one fact.
    pub(crate) fn tell(&self, fact: impl Into<Fact>) {
        let fact = fact.into();
        self.recording.note(&fact);
        self.progress.show(&fact);
    }

    /// Tells what the engine observes.
    pub(crate) fn observer(self: &Arc<Self>) -> Observer {
        let telling = Arc::clone(self);
        Arc::new(move |event| telling.tell(event.clone()))
    }
}
