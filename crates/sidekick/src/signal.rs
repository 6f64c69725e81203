//! Interrupts: the first one stops the run in good order, the second one at once. Neither loses anything, because
//! whatever was sent is on record.

use sidekick_engine::{Stop, Stopper};
use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a run that a second interrupt ended: 128 and the number of SIGINT.
const INTERRUPTED: i32 = 130;

/// Listens to SIGINT and SIGTERM for the rest of the process.
pub(crate) fn listen() -> Stop {
    let (stopper, stop) = Stop::new();
    tokio::spawn(heed(stopper));
    stop
}

async fn heed(stopper: Stopper) {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Without handlers the signals keep their default: they end the process, which is safe as well.
        return std::future::pending().await;
    };
    for again in [false, true] {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if again {
            std::process::exit(INTERRUPTED);
        }
        stopper.ask();
    }
}
