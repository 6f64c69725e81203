//! Many simulations side by side: one thread for each processor, each with a clock of its own that only moves when
//! nothing is left to do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use tokio::runtime::Builder;

/// Does `work` for each of these, each in a paused runtime of its own, and gives the results in their order.
pub fn each<I, T, F>(items: impl IntoIterator<Item = I>, work: impl Fn(I) -> F + Sync) -> Vec<T>
where
    I: Send,
    T: Send,
    F: Future<Output = T>,
{
    let waiting: Vec<_> = items.into_iter().map(|item| Mutex::new(Some(item))).collect();
    let done: Vec<_> = waiting.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(slot) = waiting.get(index) else { return };
                    let item = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let result = item.map(|item| run(work(item)));
                    *done[index].lock().unwrap_or_else(PoisonError::into_inner) = result;
                }
            });
        }
    });
    done.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// Runs one simulation in virtual time.
pub fn run<T>(simulation: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without input and output can always be made").block_on(simulation)
}
