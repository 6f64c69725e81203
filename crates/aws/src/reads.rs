//! Coalesced reads: look-ups of one kind that are asked for together become one call.
//!
//! There is no task in the background. The look-ups that wait for a batch drive it between them, so that any of them
//! may be dropped, and the batch goes with the last. A look-up joins a batch only until its call starts: an answer
//! is never older than the question.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use sidekick_engine::Result;

/// How long a batch waits for company: far less than the round trip it saves.
const WINDOW: Duration = Duration::from_millis(5);
/// How many values AWS takes in one filter.
const FILTER_VALUES: usize = 200;

/// The look-ups of one kind, each by its id.
pub(crate) struct Reads<T> {
    fetch: Arc<Fetch<T>>,
    id: fn(&T) -> Option<&str>,
    open: Arc<Mutex<Option<Batch<T>>>>,
}

/// A batch whose call has not started. Its waiters alone keep it alive.
struct Batch<T> {
    ids: BTreeSet<String>,
    answer: Option<WeakShared<Answer<T>>>,
}

type Fetch<T> = dyn Fn(Vec<String>) -> BoxFuture<'static, Result<Vec<T>>> + Send + Sync;
type Answer<T> = BoxFuture<'static, Result<Arc<BTreeMap<String, T>>>>;

impl<T: Clone + Send + Sync + 'static> Reads<T> {
    /// Reads by `fetch`, which leaves out what does not exist; `id` says for which id an answer is.
    pub(crate) fn new<C, F>(client: &C, fetch: fn(C, Vec<String>) -> F, id: fn(&T) -> Option<&str>) -> Self
    where
        C: Clone + Send + Sync + 'static,
        F: Future<Output = Result<Vec<T>>> + Send + 'static,
    {
        let client = client.clone();
        let fetch = move |ids| fetch(client.clone(), ids).boxed();
        Self { fetch: Arc::new(fetch), id, open: Arc::default() }
    }

    /// Looks one up, together with all that are asked for at about the same time; `None` when there is no such thing.
    pub(crate) async fn get(&self, id: &str) -> Result<Option<T>> {
        let answers = self.join(id).await?;
        Ok(answers.get(id).cloned())
    }

    fn join(&self, id: &str) -> Shared<Answer<T>> {
        let mut open = lock(&self.open);
        if let Some(batch) = &mut *open
            && let Some(answer) = batch.answer.as_ref().and_then(WeakShared::upgrade)
        {
            batch.ids.insert(id.to_owned());
            return answer;
        }
        let answer = self.answer().shared();
        *open = Some(Batch { ids: BTreeSet::from([id.to_owned()]), answer: answer.downgrade() });
        answer
    }

    /// Waits for the window to pass, closes the open batch, which is its own, and reads all that it asks for.
    fn answer(&self) -> Answer<T> {
        let (fetch, id, open) = (Arc::clone(&self.fetch), self.id, Arc::clone(&self.open));
        let answer = async move {
            tokio::time::sleep(WINDOW).await;
            let batch = lock(&open).take();
            let ids: Vec<String> = batch.into_iter().flat_map(|batch| batch.ids).collect();
            let mut answers = BTreeMap::new();
            for ids in ids.chunks(FILTER_VALUES) {
                let found = fetch(ids.to_vec()).await?;
                answers.extend(found.into_iter().filter_map(|one| Some((id(&one)?.to_owned(), one))));
            }
            Ok(Arc::new(answers))
        };
        answer.boxed()
    }
}

/// What the lock guards is whole after every statement, so that a panic elsewhere leaves it usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;
    use futures::poll;
    use sidekick_engine::{Class, Fault};
    use tokio::time::{Instant, advance, sleep};

    use super::*;

    /// How long the cloud of these tests takes to answer.
    const ROUND_TRIP: Duration = Duration::from_millis(80);

    type Calls = Arc<Mutex<Vec<Vec<String>>>>;

    /// A cloud that has everything but `missing`, and that refuses a call for `refused`.
    async fn cloud(calls: Calls, ids: Vec<String>) -> Result<Vec<String>> {
        lock(&calls).push(ids.clone());
        sleep(ROUND_TRIP).await;
        if ids.iter().any(|id| id == "refused") {
            return Err(Fault::new(Class::Throttled, "ec2 DescribeVpcs", "too fast"));
        }
        Ok(ids.into_iter().filter(|id| id != "missing").collect())
    }

    fn reads() -> (Reads<String>, Calls) {
        let calls = Calls::default();
        (Reads::new(&calls, cloud, |id| Some(id)), calls)
    }

    #[tokio::test(start_paused = true)]
    async fn look_ups_at_one_time_are_one_call() {
        let (reads, calls) = reads();
        let found = join_all(["b", "a", "missing", "a"].map(|id| reads.get(id))).await;
        let expected = ["b", "a", "", "a"].map(|id| Ok((!id.is_empty()).then(|| id.to_owned())));
        assert_eq!(found, expected);
        assert_eq!(*lock(&calls), [["a", "b", "missing"]]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_up_never_takes_the_answer_to_an_earlier_call() {
        let (reads, calls) = reads();
        let mut first = Box::pin(reads.get("a"));
        assert!(poll!(&mut first).is_pending());
        advance(WINDOW).await;
        assert!(poll!(&mut first).is_pending(), "its call is under way");
        let start = Instant::now();
        let (first, second) = tokio::join!(first, reads.get("a"));
        assert_eq!((first, second), (Ok(Some("a".to_owned())), Ok(Some("a".to_owned()))));
        assert_eq!(lock(&calls).len(), 2);
        assert!(start.elapsed() < 2 * ROUND_TRIP, "calls do not wait for each other");
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_look_up_takes_nobody_with_it() {
        for dropped_after in [Duration::ZERO, WINDOW] {
            let (reads, calls) = reads();
            let mut leader = Box::pin(reads.get("a"));
            assert!(poll!(&mut leader).is_pending());
            let mut follower = Box::pin(reads.get("b"));
            assert!(poll!(&mut follower).is_pending());
            advance(dropped_after).await;
            assert!(poll!(&mut leader).is_pending());
            drop(leader);
            assert_eq!(follower.await, Ok(Some("b".to_owned())));
            assert_eq!(*lock(&calls), [["a", "b"]]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_all_were_dropped_the_next_look_up_starts_afresh() {
        for dropped_after in [Duration::ZERO, WINDOW] {
            let (reads, calls) = reads();
            let mut lost = Box::pin(reads.get("a"));
            assert!(poll!(&mut lost).is_pending());
            advance(dropped_after).await;
            assert!(poll!(&mut lost).is_pending());
            drop(lost);
            assert_eq!(reads.get("b").await, Ok(Some("b".to_owned())));
            assert_eq!(lock(&calls).last(), Some(&vec!["b".to_owned()]));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_fault_reaches_everyone_of_the_batch_and_no_later_one() {
        let (reads, _) = reads();
        let found = join_all(["a", "refused"].map(|id| reads.get(id))).await;
        assert!(found.iter().all(|found| found.as_ref().is_err_and(|fault| fault.class == Class::Throttled)));
        assert_eq!(reads.get("a").await, Ok(Some("a".to_owned())));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_names_no_more_ids_than_a_filter_takes() {
        let (reads, calls) = reads();
        let ids: Vec<String> = (0..450).map(|number| format!("id-{number}")).collect();
        let found = join_all(ids.iter().map(|id| reads.get(id))).await;
        assert!(found.iter().zip(&ids).all(|(found, id)| found == &Ok(Some(id.clone()))));
        assert_eq!(lock(&calls).iter().map(Vec::len).collect::<Vec<_>>(), [200, 200, 50]);
    }
}
