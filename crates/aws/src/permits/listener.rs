//! Who is told of each call as it is answered.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sidekick_engine::Address;

/// One call, as it is told when it is over. It holds nothing of what was sent or answered.
#[derive(Clone, Debug)]
pub struct Called {
    /// The service's signing name.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// The resource it was made for. A look that several resources share is told of the first of them.
    pub address: Option<Address>,
    /// The HTTP status; absent if there was no answer.
    pub status: Option<u16>,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// Whether AWS says that what it is about is not there.
    pub missing: bool,
    /// How long it was under way, the wait for its permit not counted, in this process's time.
    pub took: Duration,
}

/// Tells one listener of all calls, from the moment there is one.
#[derive(Clone, Default)]
pub struct Calls(Arc<OnceLock<Listener>>);

type Listener = Box<dyn Fn(Called) + Send + Sync>;

impl Calls {
    /// Tells `listener` of every call from now on. It is called from the run itself, so it must be quick. The first
    /// listener stays.
    pub fn listen(&self, listener: impl Fn(Called) + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(listener));
    }

    pub(super) fn tell(&self, called: impl FnOnce() -> Called) {
        if let Some(listener) = self.0.get() {
            listener(called());
        }
    }
}

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Calls")
    }
}
