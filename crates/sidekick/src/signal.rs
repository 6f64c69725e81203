//! Signals: the first one stops the run in good order, the second one ends it at once. Neither loses anything, because
//! whatever was sent is on record.

use std::io;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use sidekick_engine::{RunError, Stop, Stopper};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::Error;

/// The exit code of a run that Ctrl-C ended: 128 and the number of SIGINT, as shells have it.
const INTERRUPTED: u8 = 130;
/// The exit code of a run that SIGTERM ended.
const TERMINATED: u8 = 143;

/// By when the process ends after the first signal, whatever holds it up. The engine leaves before, and says how far it
/// came.
const LEAVES_WITHIN: Duration = Duration::from_secs(6);

/// The exit code that the first signal asked for.
static FIRST: OnceLock<u8> = OnceLock::new();

/// The exit code of a run that was interrupted.
pub(crate) fn exit_code() -> u8 {
    FIRST.get().copied().unwrap_or(INTERRUPTED)
}

/// Listens to SIGINT and SIGTERM for the rest of the process.
///
/// It does so in a thread of its own, because the run's thread may be held up, as by a terminal that takes no output.
pub(crate) fn listen() -> Stop {
    let (stopper, stop) = Stop::new();
    // Without handlers the signals keep their default: they end the process, which is safe as well.
    if let Ok(signals) = Signals::open() {
        thread::spawn(move || signals.heed(&stopper));
    }
    stop
}

/// Does what changes nothing, unless a signal comes before it is done.
pub(crate) async fn unless_asked<T>(
    stop: &Stop,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    stop.unless_asked(work).await.unwrap_or(Err(Error::Run(RunError::Interrupted)))
}

struct Signals {
    runtime: Runtime,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn open() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (interrupt, terminate) = {
            let _inside = runtime.enter();
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
        };
        Ok(Self { runtime, interrupt, terminate })
    }

    fn heed(self, stopper: &Stopper) {
        let Self { runtime, mut interrupt, mut terminate } = self;
        let mut next = async || {
            tokio::select! {
                _ = interrupt.recv() => INTERRUPTED,
                _ = terminate.recv() => TERMINATED,
            }
        };
        runtime.block_on(async {
            let code = next().await;
            FIRST.get_or_init(|| code);
            stopper.ask();
            // The second signal and the end of our patience have the same effect.
            let _ = tokio::time::timeout(LEAVES_WITHIN, next()).await;
            std::process::exit(code.into());
        });
    }
}
