//! What a ledger promises to the run that writes it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures::future::join_all;
use serde_json::json;

use super::*;

/// Memory that counts its writes and can be full.
#[derive(Clone, Default)]
struct Disk {
    memory: MemoryStorage,
    writes: Arc<AtomicU32>,
    full: Arc<AtomicBool>,
}

impl Disk {
    fn contents(&self) -> Contents {
        Contents::parse(&self.memory.read().unwrap().unwrap()).unwrap()
    }

    fn writes(&self) -> u32 {
        self.writes.load(Ordering::Relaxed)
    }
}

impl Storage for Disk {
    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        self.memory.read()
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        if self.full.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.writes.fetch_add(1, Ordering::Relaxed);
        self.memory.write(text)
    }
}

fn identity() -> Identity {
    Identity { stack: "toy/dev".into(), account: "1".into(), region: "here".into() }
}

fn open(disk: &Disk, seed: u64) -> Ledger {
    let clock = Clock::simulated(jiff::Timestamp::UNIX_EPOCH, 1.0);
    Ledger::open(disk.clone(), identity(), clock, Tokens::Seeded(seed)).unwrap()
}

/// Works with a ledger while it is kept.
async fn kept<T>(ledger: &Ledger, work: impl Future<Output = T>) -> T {
    tokio::select! {
        biased;
        done = work => done,
        () = ledger.keep() => unreachable!("the keeper never returns"),
    }
}

async fn begin(ledger: &Ledger, address: &str, action: Mutation, spec: u32) -> Result<String, LedgerError> {
    let content = ("toy.thing", json!(spec), BTreeSet::new());
    ledger.begin(&address.into(), action, content).await.map(|intent| intent.token())
}

async fn created(ledger: &Ledger, address: &str) -> Result<(), LedgerError> {
    let entry = Entry::Created { id: json!("id"), at: jiff::Timestamp::UNIX_EPOCH };
    ledger.record(&address.into(), entry).await
}

#[tokio::test(start_paused = true)]
async fn a_fact_is_on_disk_when_its_record_returns() {
    let disk = Disk::default();
    let ledger = open(&disk, 1);
    kept(&ledger, async {
        let token = begin(&ledger, "a", Mutation::Create, 1).await.unwrap();
        let row = disk.contents().rows[&"a".into()].clone();
        assert_eq!(row.intent.map(|pending| pending.token.to_string()), Some(token));
        created(&ledger, "a").await.unwrap();
        assert_eq!(disk.contents(), ledger.contents());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn facts_that_are_ready_together_cost_one_write() {
    let disk = Disk::default();
    let ledger = open(&disk, 1);
    let addresses: Vec<_> = (0..30).map(|n| format!("it-{n}")).collect();
    let all = addresses.iter().map(|address| begin(&ledger, address, Mutation::Create, 1));
    let begun = kept(&ledger, join_all(all)).await;
    assert!(begun.iter().all(Result::is_ok));
    assert_eq!((disk.writes(), disk.contents().serial, disk.contents().rows.len()), (1, 1, 30));
}

#[tokio::test(start_paused = true)]
async fn a_fact_that_changes_nothing_writes_nothing() {
    let disk = Disk::default();
    let ledger = open(&disk, 1);
    kept(&ledger, async {
        begin(&ledger, "a", Mutation::Create, 1).await.unwrap();
        created(&ledger, "a").await.unwrap();
        let (spec, outputs) = (json!(1), json!("outputs"));
        let ready = Entry::Ready { spec, outputs, depends_on: BTreeSet::new() };
        ledger.record(&"a".into(), ready.clone()).await.unwrap();
        let writes = disk.writes();
        ledger.record(&"a".into(), ready).await.unwrap();
        ledger.record(&"never".into(), Entry::Gone).await.unwrap();
        assert_eq!(disk.writes(), writes);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn after_a_failed_write_nothing_can_be_announced_even_if_the_disk_is_well_again() {
    let disk = Disk::default();
    let ledger = open(&disk, 1);
    kept(&ledger, async {
        begin(&ledger, "a", Mutation::Create, 1).await.unwrap();
        disk.full.store(true, Ordering::Relaxed);
        assert!(matches!(created(&ledger, "a").await, Err(LedgerError::Write(_))));
        disk.full.store(false, Ordering::Relaxed);
        assert!(matches!(begin(&ledger, "b", Mutation::Create, 1).await, Err(LedgerError::Write(_))));
    })
    .await;
    assert_eq!(disk.writes(), 1);
    assert!(disk.contents().rows[&"a".into()].id.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_fact_that_cannot_be_true_is_refused_and_changes_nothing() {
    let disk = Disk::default();
    let ledger = open(&disk, 1);
    let error = kept(&ledger, created(&ledger, "a")).await.unwrap_err();
    assert_eq!(error.to_string(), "BUG: a: cannot record Created for a row with nothing in it");
    assert_eq!((ledger.row(&"a".into()), disk.writes()), (None, 0));
}

#[tokio::test(start_paused = true)]
async fn a_create_keeps_its_token_in_the_next_run_and_is_announced_anew() {
    let disk = Disk::default();
    let ledger = open(&disk, 1);
    let first = kept(&ledger, begin(&ledger, "a", Mutation::Create, 1)).await.unwrap();
    let begun_at = |disk: &Disk| disk.contents().rows[&"a".into()].intent.as_ref().map(|it| it.begun_at);
    let announced = begun_at(&disk);
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;

    let ledger = Ledger::open(disk.clone(), identity(), ledger.clock, Tokens::Seeded(2)).unwrap();
    kept(&ledger, async {
        assert_eq!(begin(&ledger, "a", Mutation::Create, 1).await.unwrap(), first);
        assert!(begun_at(&disk) > announced);
        assert_ne!(
            begin(&ledger, "a", Mutation::Create, 2).await.unwrap(),
            first,
            "another spec, another create"
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_keeps_its_token_and_an_update_does_not() {
    let disk = Disk::default();
    let ledger = open(&disk, 1);
    kept(&ledger, async {
        let create = begin(&ledger, "a", Mutation::Create, 1).await.unwrap();
        created(&ledger, "a").await.unwrap();
        let update = begin(&ledger, "a", Mutation::Update, 2).await.unwrap();
        let again = begin(&ledger, "a", Mutation::Update, 2).await.unwrap();
        let delete = begin(&ledger, "a", Mutation::Delete, 2).await.unwrap();
        assert_eq!(begin(&ledger, "a", Mutation::Delete, 2).await.unwrap(), delete);
        let distinct = BTreeSet::from([create, update, again, delete]);
        assert_eq!(distinct.len(), 4);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_ledger_of_another_stack_account_or_region_is_refused_and_says_which() {
    let disk = Disk::default();
    let ledger = open(&disk, 1);
    kept(&ledger, begin(&ledger, "a", Mutation::Create, 1)).await.unwrap();
    for (other, words) in [
        (Identity { stack: "toy/prod".into(), ..identity() }, "stack toy/dev, but this run is for toy/prod"),
        (Identity { account: "2".into(), ..identity() }, "account 1, but this run is for 2"),
        (Identity { region: "there".into(), ..identity() }, "region here, but this run is for there"),
    ] {
        let error = Ledger::open(disk.clone(), other, ledger.clock, Tokens::Seeded(2)).err().unwrap();
        assert_eq!(error.to_string(), format!("the state file belongs to {words}"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_lineage_stays_and_the_serial_grows_with_each_write() {
    let disk = Disk::default();
    let ledger = open(&disk, 1);
    kept(&ledger, begin(&ledger, "a", Mutation::Create, 1)).await.unwrap();
    let before = disk.contents();
    let ledger = open(&disk, 2);
    kept(&ledger, created(&ledger, "a")).await.unwrap();
    let after = disk.contents();
    assert_eq!((after.lineage, after.serial), (before.lineage, before.serial + 1));
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_begins_where_another_one_was_goes_on_from_its_serial() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dev.json");
    let open = |seed| {
        let (user, since, command) = Default::default();
        let storage = FileStorage::lock(&path, &Holder { pid: 1, user, since, command }).unwrap();
        let clock = Clock::simulated(jiff::Timestamp::UNIX_EPOCH, 1.0);
        Ledger::open(storage, identity(), clock, Tokens::Seeded(seed)).unwrap()
    };
    let first = open(1);
    kept(&first, begin(&first, "a", Mutation::Create, 1)).await.unwrap();
    kept(&first, created(&first, "a")).await.unwrap();
    let lost = first.contents();
    drop(first);
    std::fs::remove_file(&path).unwrap();
    let second = open(2);
    assert_eq!(second.contents().serial, 0, "nothing of it is written yet");
    kept(&second, begin(&second, "a", Mutation::Create, 1)).await.unwrap();
    let found = second.contents();
    assert_eq!((lost.serial, found.serial), (2, 3));
    assert_ne!(lost.lineage, found.lineage);
    drop(second);
    assert_eq!(open(3).contents(), found);
}

#[test]
fn a_broken_file_is_refused_and_not_written() {
    let mut disk = Disk::default();
    disk.memory.write(b"{ \"format\": 1").unwrap();
    let clock = Clock::simulated(jiff::Timestamp::UNIX_EPOCH, 1.0);
    let error = Ledger::open(disk.clone(), identity(), clock, Tokens::Random).err().unwrap();
    assert!(matches!(error, LedgerError::Broken { .. }));
    assert_eq!(disk.writes(), 0);
}

#[test]
fn seeded_tokens_repeat_with_their_seed_and_differ_otherwise() {
    let draw = |seed| {
        let mut tokens = Tokens::Seeded(seed);
        [tokens.next(), tokens.next()]
    };
    assert_eq!(draw(1), draw(1));
    let distinct: BTreeSet<_> = [draw(1), draw(2)].concat().into_iter().collect();
    assert_eq!(distinct.len(), 4);
}
