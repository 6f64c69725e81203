//! The request to stop a run: nothing new is started, and what is in flight is recorded first, if it is answered soon.

use std::future::Future;

use tokio::sync::watch;

use crate::limits;

/// The side that asks.
#[derive(Clone, Debug)]
pub struct Stopper(watch::Sender<bool>);

/// The side that is asked.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// A stopper and its listener.
    pub fn new() -> (Stopper, Self) {
        let (sender, receiver) = watch::channel(false);
        (Stopper(sender), Self(receiver))
    }

    /// Whether a stop was asked for.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until a stop is asked for.
    pub(crate) async fn asked(&self) {
        let mut receiver = self.0.clone();
        // A stopper that is gone can never ask.
        if receiver.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until a stop was asked for and what is in flight had its time to be answered.
    pub(crate) async fn insisted(&self) {
        self.asked().await;
        tokio::time::sleep(limits::STOP_PATIENCE).await;
    }

    /// Does what changes nothing, unless a stop is asked for before it is done; then it is dropped where it stands.
    pub async fn unless_asked<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.asked() => None,
            done = work => Some(done),
        }
    }
}

impl Stopper {
    /// Asks the run to stop.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }
}
