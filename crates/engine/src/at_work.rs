//! For which resource the present step is made, so that what happens below can be told of it.

use std::future::Future;

use crate::Address;

tokio::task_local! {
    static AT_WORK: Address;
}

impl Address {
    /// The resource that a run is at work on here; none outside of a run.
    pub fn at_work() -> Option<Self> {
        AT_WORK.try_with(Self::clone).ok()
    }
}

/// Does the work of one resource.
pub(crate) fn at_work<Work: Future>(address: &Address, work: Work) -> impl Future<Output = Work::Output> {
    AT_WORK.scope(address.clone(), work)
}
