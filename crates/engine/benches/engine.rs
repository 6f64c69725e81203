//! What the engine itself costs: plan and walk of an environment in which nothing has to be done.
//!
//! The cloud answers at once, and the state is in memory. The cost of a node must not depend on their number. Its time does
//! on a machine with other work; its instructions, which valgrind counts, do not:
//!
//! ```sh
//! cargo bench --profile dev -p sidekick-engine --no-run
//! valgrind --tool=callgrind --toggle-collect='engine::run*' THE_BENCHMARK --bench --sample-count 1 '[^0-9]1000$'
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use divan::{AllocProfiler, Bencher, black_box};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sidekick_engine::{
    AnyKind, Clock, Diff, Engine, Erased, Experience, Graph, Handle, Identity, Intent, Ledger, Live, Mark,
    MemoryStorage, Observed, Owner, Resource, Result, Stop, Storage, Tokens,
};
use tokio::runtime::Builder;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// How many nodes a layer has, and how many of the layer before each needs.
const WIDTH: usize = 50;
const NEEDS: usize = 2;

fn main() {
    divan::main();
}

/// A cloud in which everything is as it should be.
struct Calm;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Thing {
    name: String,
    needs: BTreeSet<String>,
}

impl Resource for Thing {
    const KIND: &'static str = "thing";

    type Cloud = Calm;
    type Id = String;
    type Outputs = String;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { name, needs } = self;
        Diff::default().immutable("name", name, &actual.name).mutable("needs", needs, &actual.needs)
    }

    async fn find(&self, _: &Calm, _: &Mark) -> Result<Option<String>> {
        Ok(Some(self.name.clone()))
    }

    async fn observe(&self, _: &Calm, id: &String) -> Result<Observed<Self>> {
        let (outputs, owner) = (id.clone(), Owner::Parent);
        Ok(Observed::Steady(Live { actual: self.clone(), outputs, owner }))
    }

    async fn create(&self, _: &Calm, _: &Intent) -> Result<String> {
        unreachable!("nothing has to be made")
    }

    async fn update(&self, _: &Self, _: &Calm, _: &String, _: &Intent) -> Result<()> {
        unreachable!("nothing has to be changed")
    }

    async fn delete(&self, _: &Calm, _: &String, _: &Intent) -> Result<()> {
        unreachable!("nothing has to go")
    }
}

const KINDS: &[&dyn AnyKind<Calm>] = &[Erased::<Thing>::KIND];

/// Layers of things, and the state that says that they are there.
fn layers(nodes: usize) -> (Graph<Calm>, MemoryStorage) {
    let mut graph = Graph::new();
    let mut rows = BTreeMap::new();
    let mut handles: Vec<Handle<Thing>> = Vec::new();
    for number in 0..nodes {
        let name = format!("layer-{}.thing-{number}", number / WIDTH);
        // The same columns of the layer before; none in the first layer.
        let needed = (0..NEEDS).filter_map(|step| handles.get((number + step).checked_sub(WIDTH)?));
        let (ready, on): (Vec<_>, BTreeSet<_>) =
            needed.map(|handle| (handle.ready(), handle.address().to_string())).unzip();
        let row = json!({
            "kind": "thing", "id": name, "outputs": name, "depends_on": on,
            "spec": { "name": name, "needs": on },
        });
        rows.insert(name.clone(), row);
        let own = name.clone();
        handles.push(graph.add(name.as_str(), ready, move |needs| Thing {
            name: own.clone(),
            needs: needs.into_iter().collect(),
        }));
    }
    (graph, storage(&rows))
}

fn storage(rows: &BTreeMap<String, Value>) -> MemoryStorage {
    let state = json!({
        "format": 1, "written_by": "a benchmark", "lineage": "00000000-0000-4000-8000-000000000000", "serial": 1,
        "stack": "bench", "account": "123456789012", "region": "us-west-2", "rows": rows,
    });
    let mut storage = MemoryStorage::default();
    storage.write(state.to_string().as_bytes()).expect("memory can be written");
    storage
}

fn ledger(storage: MemoryStorage) -> Ledger {
    let (account, region) = ("123456789012".to_owned(), "us-west-2".to_owned());
    let identity = Identity { stack: "bench".to_owned(), account, region };
    Ledger::open(storage, identity, clock(), Tokens::Seeded(1)).expect("the state can be read")
}

fn clock() -> Clock {
    Clock::simulated(Timestamp::UNIX_EPOCH, 1.0)
}

/// Plan and walk. Gives the number of steps that do something, which is 0.
fn run(graph: &Graph<Calm>, ledger: &Ledger) -> usize {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime can be made");
    let (experience, (_stopper, stop)) = (Experience::default(), Stop::new());
    let engine = Engine {
        cloud: &Calm,
        kinds: KINDS,
        ledger,
        clock: clock(),
        experience: &experience,
        observer: Arc::new(|_| {}),
        stop,
    };
    runtime.block_on(async {
        let (plan, survey) = engine.plan(graph).await.expect("everything can be seen");
        let report = engine.apply(graph, (&plan, &survey), &BTreeSet::new()).await.expect("it can be walked");
        assert!(report.is_success());
        plan.changes().count()
    })
}

#[divan::bench(args = [100, 1000, 10_000, 100_000], sample_count = 5)]
fn plan_and_walk_of_what_is_as_it_should_be(bencher: Bencher, nodes: usize) {
    let (graph, storage) = layers(nodes);
    bencher.counter(nodes).with_inputs(|| ledger(storage.clone())).bench_refs(|ledger| {
        assert_eq!(run(black_box(&graph), ledger), 0);
    });
}
