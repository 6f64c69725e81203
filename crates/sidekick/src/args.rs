//! The command line. Doc comments here are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Brings one AWS environment up, changes it, and takes it down.
///
/// Endpoint, region, profile and credentials come from where every AWS tool looks for them: AWS_ENDPOINT_URL,
/// AWS_REGION, AWS_PROFILE and so on. SIDEKICK_LOG=error|warn|info|debug|trace logs to the error stream.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// The environment: CONFIG_DIR/ENV.toml over CONFIG_DIR/default.toml
    #[arg(short, long, global = true, default_value = "dev", value_name = "ENV")]
    pub(crate) env: String,

    /// The folder of the configuration files
    #[arg(long, global = true, default_value = "config", value_name = "DIR")]
    pub(crate) config_dir: PathBuf,

    /// The state file [default: .sidekick/ENV.json]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,

    /// Work on a simulated AWS, kept in a file beside the state file
    #[arg(long, global = true)]
    pub(crate) sandbox: bool,

    /// How many times faster than AWS the sandbox is
    #[arg(long, global = true, default_value_t = 60.0, value_name = "FACTOR", value_parser = speed)]
    pub(crate) sandbox_speed: f64,

    /// A file of lines NAME=value with the application's secrets; the process environment comes second
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) secrets_file: Option<PathBuf>,

    /// How to print [default: human on a terminal, else plain]
    #[arg(long, global = true, value_name = "FORM")]
    pub(crate) output: Option<Output>,
}

/// The forms of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people: aligned and coloured
    Human,
    /// For logs: one fact a line, without colour
    Plain,
    /// For programs: one JSON value a line
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the configuration and report all of its problems
    Validate,
    /// Look into the configuration
    #[command(subcommand)]
    Config(Configuration),
    /// Show what `up` would do
    Plan {
        /// Keep the plan for `up --plan`
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Exit with 0 for no changes, 1 for an error, 2 for changes
        #[arg(long)]
        detailed_exitcode: bool,
    },
    /// Bring the environment to its configuration
    Up {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
        /// Do exactly what this plan says, or nothing
        #[arg(long, value_name = "FILE")]
        plan: Option<PathBuf>,
        /// Agree that this resource is replaced although its data is lost
        #[arg(long, value_name = "ADDRESS")]
        replace: Vec<String>,
    },
    /// Take the environment down
    Down {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Look for what would keep `up` from its goal: permissions, quotas, names, the image; changes nothing
    Doctor,
    /// Show how each resource is, and who can reach whom
    Status,
    /// Show the environment's addresses and names
    Outputs {
        /// Only this one, bare
        name: Option<String>,
    },
    /// What sidekick needs of IAM
    #[command(subcommand)]
    Iam(Iam),
    /// Look into the state file, or bring an earlier one back
    #[command(subcommand)]
    State(State),
    /// The simulated AWS by itself
    #[command(subcommand)]
    Sandbox(Sandbox),
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum Configuration {
    /// Print every value that counts, and where it came from
    Show,
    /// Print the JSON schema of an environment's file, for editors
    Schema,
}

/// What to say of IAM.
#[derive(Debug, Subcommand)]
pub(crate) enum Iam {
    /// Print the least policy that lets an identity run a command, as JSON for IAM
    Policy {
        /// The command
        #[arg(long = "for", default_value = "up", value_name = "COMMAND")]
        purpose: PolicyFor,
    },
}

/// The commands that need a policy; `up` may all that the others may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyFor {
    /// `up`
    Up,
    /// `plan`, `status` and whatever else only looks
    Plan,
    /// `down`
    Down,
}

/// What to do with the state file.
#[derive(Debug, Subcommand)]
pub(crate) enum State {
    /// List the recorded resources
    List,
    /// Show the record of one resource
    Show {
        /// Its address, as `state list` prints it
        address: String,
    },
    /// List the states that are kept beside the state file
    History,
    /// Bring back a state that is kept, or the one in a file; the present one is kept first
    Restore {
        /// Its serial, as `state history` prints it, or a file
        #[arg(value_name = "SERIAL|FILE")]
        which: String,
    },
}

/// What to do with the sandbox.
#[derive(Debug, Subcommand)]
pub(crate) enum Sandbox {
    /// Serve it on a loopback port, for boto3 and other AWS clients
    Serve {
        /// The port; 0 takes a free one and prints it
        #[arg(long, default_value_t = 4566)]
        port: u16,
    },
}

impl Global {
    /// The state file of the chosen environment.
    pub(crate) fn state_file(&self) -> PathBuf {
        self.state.clone().unwrap_or_else(|| PathBuf::from(format!(".sidekick/{}.json", self.env)))
    }

    /// The sandbox's file, beside the state file.
    pub(crate) fn sandbox_file(&self) -> PathBuf {
        self.state_file().with_extension("sandbox.json")
    }
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=100_000.0).contains(&speed) => Ok(speed),
        _ => Err("write a number from 0.1 to 100000".to_owned()),
    }
}
