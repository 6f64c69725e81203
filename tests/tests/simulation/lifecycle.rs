//! The whole engine and all kinds over the simulated AWS in virtual time: hours of AWS pass in seconds, and every run
//! repeats from its seed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sidekick_aws::{Aws, KINDS, Secret, Supplied, connect};
use sidekick_engine::{Clock, Engine, Graph, Identity, Ledger, MemoryStorage, Plan, Report, Stop, Tokens};
use sidekick_sandbox::{Sandbox, Verdict};
use sidekick_stack::config::{self, Config};
use sidekick_stack::{Facts, graph, stack_name};
use tokio::sync::Notify;
use tokio::time::Instant;

/// The tables of the simulated AWS in which everything counts that is in them.
const TABLES: &[(&str, &[&str])] = &[
    ("ec2", &["vpcs", "subnets", "internet_gateways", "addresses", "route_tables", "security_groups"]),
    ("rds", &["subnet_groups", "instances"]),
    ("elasticache", &["subnet_groups", "replication_groups"]),
    ("secretsmanager", &["secrets"]),
    ("iam", &["roles"]),
    ("logs", &["groups"]),
    ("elbv2", &["load_balancers", "target_groups", "listeners"]),
    ("wafv2", &["web_acls", "associations"]),
];

/// An operator's machine and an AWS account, which outlive any number of runs.
struct Estate {
    sandbox: Sandbox,
    storage: MemoryStorage,
    config: Config,
    runs: AtomicUsize,
}

impl Estate {
    fn new(seed: u64) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
        let config = config::load(&folder, "dev").expect("the shipped configuration is valid");
        let (sandbox, storage) = (Sandbox::in_memory(seed), MemoryStorage::default());
        Self { sandbox, storage, config, runs: AtomicUsize::new(0) }
    }

    /// One run of a process of its own, as `sidekick up` or `sidekick down` makes it.
    async fn run(&self, up: bool) -> (Plan, Report) {
        let mut supplied = Supplied::new();
        for secret in self.config.app_secrets() {
            supplied.insert(secret.variable.to_owned(), Secret::new("a value"));
        }
        let region = self.config.region.clone();
        let aws = Aws::new(&connect::simulated(&region, self.sandbox.http_client(), 1.0), supplied);
        let now = self.sandbox.now().try_into().expect("the sandbox's time is a time");
        let clock = Clock::simulated(now, 1.0);
        let account = aws.caller().await.expect("the sandbox answers").account;
        let identity = Identity { stack: stack_name(&self.config), account, region };
        let tokens = Tokens::Seeded(self.runs.fetch_add(1, Ordering::Relaxed) as u64);
        let ledger =
            Ledger::open(self.storage.clone(), identity, clock, tokens).expect("the ledger is whole");
        let graph = if up {
            let facts = Facts::read(&aws, &self.config).await.expect("the sandbox answers");
            graph(&self.config, &facts)
        } else {
            Graph::new()
        };
        let (_stopper, stop) = Stop::new();
        let engine =
            Engine { cloud: &aws, kinds: KINDS, ledger: &ledger, clock, observer: Arc::new(|_| {}), stop };
        let (plan, survey) = engine.plan(&graph).await.expect("everything can be read");
        let report = engine.apply(&graph, (&plan, &survey), &BTreeSet::new()).await.expect("the run starts");
        (plan, report)
    }

    async fn up(&self) -> Plan {
        let (plan, report) = self.run(true).await;
        assert!(report.is_success(), "{report:#?}");
        plan
    }

    async fn down(&self) {
        let (_, report) = self.run(false).await;
        assert!(report.is_success(), "{report:#?}");
    }

    /// A run that dies at the n-th boundary of its mutating calls: before one takes effect, or after it did and
    /// before the answer. False if it ended before that.
    async fn dies_at(&self, boundary: usize, up: bool) -> bool {
        let (passed, dead) = (AtomicUsize::new(0), Arc::new(Notify::new()));
        let killer = Arc::clone(&dead);
        self.sandbox.on_call(move |call, _| {
            if !call.is_mutating() || passed.fetch_add(1, Ordering::Relaxed) != boundary {
                return Verdict::Proceed;
            }
            killer.notify_one();
            Verdict::Hang
        });
        let died = tokio::select! {
            biased;
            () = dead.notified() => true,
            _ = self.run(up) => false,
        };
        self.sandbox.on_call(|_, _| Verdict::Proceed);
        died
    }

    /// How many of each thing there are.
    fn census(&self) -> BTreeMap<String, usize> {
        let world = self.sandbox.world().expect("a world in memory can be read");
        let mut census = BTreeMap::new();
        for (service, tables) in TABLES {
            for table in *tables {
                let things =
                    world[service][table].as_object().expect("the tables are named after the world's");
                census.insert(format!("{service}.{table}"), things.len());
            }
        }
        // What AWS goes on showing for a while after its end is counted as an operator would: by asking for the living.
        let alive = json!([{ "Name": "state", "Value": ["pending", "available"] }]);
        let questions = [
            ("ec2", "DescribeNatGateways", json!({ "Filter": alive }), "natGatewaySet"),
            ("ecs", "ListTaskDefinitions", json!({}), "taskDefinitionArns"),
        ];
        for (service, operation, parameters, list) in questions {
            let answer = self.sandbox.call(service, operation, parameters).expect("the question is legal");
            census.insert(operation.to_owned(), answer[list].as_array().map_or(0, Vec::len));
        }
        let clusters =
            world["ecs"]["clusters"].as_object().into_iter().flat_map(|clusters| clusters.values());
        census.insert("clusters".to_owned(), clusters.filter(|cluster| cluster["deleted"].is_null()).count());
        census
    }

    fn rows(&self) -> usize {
        let text = sidekick_engine::Storage::read(&self.storage).expect("memory can be read");
        let state: Value =
            text.map(|text| serde_json::from_slice(&text).expect("it is JSON")).unwrap_or_default();
        state["rows"].as_object().map_or(0, serde_json::Map::len)
    }
}

#[tokio::test(start_paused = true)]
async fn up_again_and_down_leave_what_they_promise_and_break_no_rule_of_aws() {
    let estate = Estate::new(1);
    let empty = estate.census();
    let plan = estate.up().await;
    assert_eq!(plan.changes().count(), estate.rows(), "every planned resource is on record");
    let calls = estate.sandbox.log().mutating();
    let again = estate.up().await;
    assert!(again.is_empty(), "{:#?}", again.changes().collect::<Vec<_>>());
    assert_eq!(estate.sandbox.log().mutating(), calls, "a second up mutates nothing");
    estate.down().await;
    assert_eq!(estate.rows(), 0);
    assert_eq!(estate.census(), empty, "nothing is left");
    let log = estate.sandbox.log();
    let illegal = log.illegal();
    assert!(illegal.is_empty(), "calls that AWS had to refuse: {illegal:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_takes_as_long_as_its_longest_path_and_not_as_all_resources_together() {
    let estate = Estate::new(2);
    let begun = Instant::now();
    estate.up().await;
    let up = begun.elapsed();
    // The cache and then the service's tasks are the longest path: 5 to 9 minutes and 1 to 3. The load balancer,
    // the NAT gateway and the database alone would add 8 minutes to that if they were waited for in turn.
    assert!(up < Duration::from_secs(13 * 60), "up took {up:?} of AWS's time");
    let begun = Instant::now();
    estate.down().await;
    let down = begun.elapsed();
    assert!(down < Duration::from_secs(8 * 60), "down took {down:?} of AWS's time");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_dies_at_any_of_many_points_is_finished_by_the_next_one() {
    let reference = Estate::new(3);
    let empty = reference.census();
    reference.up().await;
    let whole = reference.census();
    let mut died = 0;
    // A prime step meets both sides of calls of every kind.
    for boundary in (0..).step_by(13) {
        let estate = Estate::new(3);
        if !estate.dies_at(boundary, true).await {
            break;
        }
        died += 1;
        estate.up().await;
        assert_eq!(estate.census(), whole, "after a death at boundary {boundary}");
        assert!(estate.up().await.is_empty(), "after a death at boundary {boundary}");
        let _ = estate.dies_at(boundary, false).await;
        estate.down().await;
        assert_eq!(
            (estate.census(), estate.rows()),
            (empty.clone(), 0),
            "after a death at boundary {boundary} of down"
        );
    }
    assert!(died >= 8, "only {died} points were met; the run has become shorter than the step");
}
