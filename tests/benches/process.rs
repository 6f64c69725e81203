//! Prints what a process of the release binary costs, as Markdown: the wall time of the least it can do, the processor
//! time of a plan with nothing to do, and the peak memory of an `up`, both in the sandbox and with it in the process.
//!
//! `cargo build --release --workspace --bin sidekick` makes the binary; another one is named by `SIDEKICK_BINARY`.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use sidekick_tests::benchmark::statistics::quantile;
use sidekick_tests::simulation::processor::Processor;

/// How often the version is asked for, and how often a plan is made.
const TIMES: u32 = 40;

/// The pause between two looks at a process that runs.
const LOOK: Duration = Duration::from_millis(1);

const SANDBOX: &[&str] = &["-e", "dev", "--sandbox", "--sandbox-speed", "2000"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let binary = env::var_os("SIDEKICK_BINARY").map_or(root.join("target/release/sidekick"), PathBuf::from);
    let binary = binary.canonicalize().map_err(|error| {
        format!(
            "{}: {error}; build it by `cargo build --release --workspace --bin sidekick`",
            binary.display()
        )
    })?;
    let config = root.join("config").canonicalize()?;
    let folder = tempfile::tempdir()?;
    let command = |arguments: &[&str]| {
        let mut command = Command::new(&binary);
        command.current_dir(folder.path()).arg("--config-dir").arg(&config).args(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
        command
    };
    let versions: Vec<f64> = (0..TIMES).map(|_| wall(command(&["--version"]))).collect::<Result<_, _>>()?;
    let peak = peak(command(&[SANDBOX, &["up", "--yes"]].concat()))?;
    let before = Processor::of_children();
    for _ in 0..TIMES {
        wall(command(&[SANDBOX, &["plan"]].concat()))?;
    }
    let plan = Processor::of_children().since(before).as_secs_f64() * 1000.0 / f64::from(TIMES);
    let size = fs::metadata(&binary)?.len() as f64 / 1e6;
    let mut out = io::stdout().lock();
    writeln!(out, "| figure | value |\n|---|---|")?;
    writeln!(
        out,
        "| `sidekick --version`, wall time, median of {TIMES} | {:.1} ms |",
        quantile(&versions, 0.5)
    )?;
    writeln!(out, "| plan with nothing to do, processor time, mean of {TIMES} | {plan:.0} ms |")?;
    writeln!(out, "| `up`, peak memory | {peak:.1} MiB |")?;
    writeln!(out, "| the binary | {size:.1} MB |")?;
    Ok(())
}

/// How long a command takes, in milliseconds.
fn wall(mut command: Command) -> Result<f64, Box<dyn Error>> {
    let begun = Instant::now();
    let status = command.status()?;
    let took = begun.elapsed().as_secs_f64() * 1000.0;
    if status.success() { Ok(took) } else { Err(format!("{command:?} ended with {status}").into()) }
}

/// The most memory that a command holds, in MiB, as Linux last told of it before its end.
fn peak(mut command: Command) -> Result<f64, Box<dyn Error>> {
    let mut child = command.spawn()?;
    let mut most = 0.0;
    loop {
        let told = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes =
            peak.and_then(|peak| peak.trim().strip_suffix(" kB")).and_then(|peak| peak.parse().ok());
        most = kibibytes.map_or(most, |kibibytes: f64| kibibytes / 1024.0);
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(most),
            Some(status) => return Err(format!("{command:?} ended with {status}").into()),
            None => thread::sleep(LOOK),
        }
    }
}
