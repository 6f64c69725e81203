//! An operator's desk: a workplace whose AWS is a sandbox of its own.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sidekick_sandbox::Sandbox;
use sidekick_tests::binary::{BinaryError, Outcome, Run, Workplace};

use sidekick_tests::world::World;

/// Fast, and still slow enough that AWS's own waiting times, and not this machine's, decide what comes first.
const SPEED: &str = "300";
/// After so long, what has not come will not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is done to each resource, by address.
pub(crate) type Steps = BTreeMap<String, Value>;

/// A workplace and the environment that is worked on in it.
pub(crate) struct Desk {
    /// Its files.
    pub(crate) place: Workplace,
    environment: &'static str,
}

impl Desk {
    /// A desk with the shipped configuration, where nothing has been done.
    pub(crate) fn new() -> Result<Self, BinaryError> {
        Self::of("dev")
    }

    /// A desk for another environment than `dev`.
    pub(crate) fn of(environment: &'static str) -> Result<Self, BinaryError> {
        Ok(Self { place: Workplace::new()?, environment })
    }

    /// A desk whose environment is up.
    pub(crate) fn up() -> Result<Self, BinaryError> {
        let desk = Self::new()?;
        desk.brings("up")?;
        Ok(desk)
    }

    /// A command in the sandbox; the words are separated by blanks.
    pub(crate) fn run(&self, command: &str) -> Run {
        self.run_at(SPEED, command)
    }

    /// A command in a sandbox that is so many times as fast as AWS.
    pub(crate) fn run_at(&self, speed: &str, command: &str) -> Run {
        let mut words = vec!["-e", self.environment, "--sandbox", "--sandbox-speed", speed];
        words.extend(command.split_whitespace());
        self.place.sidekick(&words)
    }

    /// Runs `up` or `down` without asking, to its good end.
    pub(crate) fn brings(&self, direction: &str) -> Result<Outcome, BinaryError> {
        self.run(&format!("{direction} --yes")).ends_with(0)
    }

    /// What `up` would do now.
    pub(crate) fn plan(&self) -> Result<Steps, Box<dyn Error>> {
        let plan = self.run("plan --output json").ends_with(0)?.json("plan")?;
        let steps = plan.as_array().ok_or("a plan is a list")?.iter().filter(|step| step["action"] != "keep");
        Ok(steps
            .map(|step| (step["address"].as_str().unwrap_or_default().to_owned(), step.clone()))
            .collect())
    }

    /// Each address that a plan changes, with what is planned.
    pub(crate) fn planned(&self) -> Result<Vec<(String, String)>, Box<dyn Error>> {
        let word = |step: &Value| step["action"].as_str().unwrap_or_default().to_owned();
        Ok(self.plan()?.iter().map(|(address, step)| (address.clone(), word(step))).collect())
    }

    /// Checks that everything is as configured.
    pub(crate) fn is_settled(&self) -> Result<(), BinaryError> {
        self.run("plan --detailed-exitcode").ends_with(0)?.says(&["No changes"]).map(drop)
    }

    /// The simulated account, for whoever else works in it. Its time stands still meanwhile, but for AWS's own.
    pub(crate) fn aws(&self) -> Result<Sandbox, Box<dyn Error>> {
        Ok(Sandbox::open(self.beside_state("sandbox.json"), 1.0)?)
    }

    /// What somebody else does in the account, and AWS's answer.
    pub(crate) fn call(
        &self,
        service: &str,
        operation: &str,
        params: Value,
    ) -> Result<Value, Box<dyn Error>> {
        let answer = self.aws()?.call(service, operation, params);
        answer.map_err(|why| format!("{operation}: {} {}", why.code, why.message).into())
    }

    /// Lets the first backup of the database end. `up` does not wait for it, so what comes first is a matter of chance,
    /// and until then RDS refuses every change.
    pub(crate) fn lets_the_first_backup_end(&self) -> Result<(), Box<dyn Error>> {
        let aws = Sandbox::open(self.beside_state("sandbox.json"), SPEED.parse()?)?;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let described = aws.call("rds", "DescribeDBInstances", json!({}));
            let described = described.map_err(|why| format!("{} {}", why.code, why.message))?;
            if described["DBInstances"][0]["DBInstanceStatus"] == "available" {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err("the database does not become available".into())
    }

    /// The simulated AWS as the last command left it.
    pub(crate) fn world(&self) -> Result<World, Box<dyn Error>> {
        World::read(&self.beside_state("sandbox.json"))
    }

    /// The state file and AWS as they are, to compare with later.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, Box<dyn Error>> {
        Ok(Snapshot { state: self.state()?, world: self.world()? })
    }

    /// Checks that the state file is the same, byte by byte, and that nothing but its clock moved in AWS.
    pub(crate) fn is_unchanged_since(&self, before: &Snapshot) -> Result<(), Box<dyn Error>> {
        assert!(self.state()? == before.state, "the state file has changed");
        assert_eq!(before.world.differences(&self.world()?), [""; 0], "AWS has changed");
        Ok(())
    }

    /// The state file's bytes.
    pub(crate) fn state(&self) -> std::io::Result<Vec<u8>> {
        fs::read(self.beside_state("json"))
    }

    /// The state file, or a file that lies beside it.
    pub(crate) fn beside_state(&self, ending: &str) -> PathBuf {
        self.place.path(&format!(".sidekick/{}.{ending}", self.environment))
    }

    /// The states that are kept, newest first, as programs read them.
    pub(crate) fn kept(&self) -> Result<Vec<Value>, Box<dyn Error>> {
        let listed = self.run("state history --output json").ends_with(0)?;
        Ok(listed.stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }

    /// The addresses on record.
    pub(crate) fn recorded(&self) -> Result<Vec<String>, BinaryError> {
        let listed = self.run("state list").ends_with(0)?;
        let first = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
        Ok(listed.stdout.lines().map(first).collect())
    }
}

/// The state file and AWS at one moment.
pub(crate) struct Snapshot {
    state: Vec<u8>,
    world: World,
}

/// Pairs of an address and what is planned for it, as [`Desk::planned`] gives them.
pub(crate) fn steps(steps: &[(&str, &str)]) -> Vec<(String, String)> {
    steps.iter().map(|(address, action)| ((*address).to_owned(), (*action).to_owned())).collect()
}
