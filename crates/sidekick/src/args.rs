//! The command line. Doc comments here are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use ipnet::Ipv4Net;

use crate::examples;

/// Brings one AWS environment up, changes it, and takes it down.
///
/// Endpoint, region, profile and credentials come from where every AWS tool looks for them: AWS_ENDPOINT_URL,
/// AWS_REGION, AWS_PROFILE and so on. SIDEKICK_LOG=error|warn|info|debug|trace logs to the error stream.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110, after_help = examples::SIDEKICK)]
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

    /// Print results, questions and failures only
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print unchanged resources, the fields of what is made, and each call to AWS as well
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,

    /// Print without colour, as with NO_COLOR in the environment
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
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

/// How much is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// What was asked for, and what failed.
    Quiet,
    #[default]
    Usual,
    /// What did not change as well.
    Verbose,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the first configuration of an environment
    #[command(after_help = examples::INIT)]
    Init(Init),
    /// Check the configuration and report all of its problems
    #[command(after_help = examples::VALIDATE)]
    Validate,
    /// Look into the configuration
    #[command(subcommand)]
    Config(Configuration),
    /// Show what `up` would do
    #[command(after_help = examples::PLAN)]
    Plan {
        /// Keep the plan for `up --plan`
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Exit with 0 for no changes, 1 for an error, 2 for changes
        #[arg(long)]
        detailed_exitcode: bool,
    },
    /// Bring the environment to its configuration
    #[command(after_help = examples::UP)]
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
    #[command(after_help = examples::DOWN)]
    Down {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Look for what would keep `up` from its goal: permissions, quotas, names, the image; changes nothing
    #[command(after_help = examples::DOCTOR)]
    Doctor,
    /// Show the environment at a glance, what was changed outside of sidekick, and who can reach whom
    ///
    /// Ends with 1 if a resource is not as it should be. Reachability comes from what stands in AWS, whoever made it:
    /// security groups, routes and public addresses, but not network ACLs.
    #[command(after_help = examples::STATUS)]
    Status {
        /// End with 1 if what the configuration promises about access does not hold, or nothing is on record, and else with 0
        #[arg(long)]
        check: bool,
    },
    /// Show the environment's addresses and names
    #[command(after_help = examples::OUTPUTS)]
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
    /// List the runs on record, or look into one
    #[command(after_help = examples::RUNS)]
    Runs {
        #[command(subcommand)]
        look: Option<Runs>,
    },
    /// Draw what there is and what needs what
    #[command(after_help = examples::GRAPH)]
    Graph {
        /// Its name, as `runs` prints it, or the file of a recording; for a run only [default: the newest]
        run: Option<String>,
        /// What to draw [default: the run if one is named, else the plan]
        #[arg(long, value_name = "WHAT")]
        of: Option<Drawn>,
        /// The language of the picture [default: by the ending of FILE, else dot]
        #[arg(long, value_name = "LANGUAGE")]
        format: Option<Language>,
        /// Write it to this file and not to standard output
        #[arg(long = "out", short = 'o', value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Make one page of what a run did, for a browser: timeline, graph, differences, calls and failures
    #[command(after_help = examples::REPORT)]
    Report {
        /// Its name, as `runs` prints it, or the file of a recording [default: the newest]
        run: Option<String>,
        /// The file of the page
        #[arg(long = "out", short = 'o', value_name = "FILE", default_value = "report.html")]
        file: PathBuf,
    },
    /// The simulated AWS by itself
    #[command(subcommand)]
    Sandbox(Sandbox),
    /// Print what makes a shell complete commands and options
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page, or write that of each command
    #[command(after_help = examples::MAN)]
    Man {
        /// The folder for a page of each command
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// What is to differ from what ships; on a terminal, what is not given is asked.
#[derive(Clone, Debug, Args)]
pub(crate) struct Init {
    /// What the names of all resources begin with; two environments of one account must differ in it
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The region
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// What it is for: `dev`, or `production`, which keeps it from loss and from prying
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// The only account in which it may be
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// The addresses of its VPC
    #[arg(long, value_name = "CIDR")]
    pub(crate) vpc_cidr: Option<Ipv4Net>,
    /// The container image
    #[arg(long)]
    pub(crate) image: Option<String>,
    /// Ask nothing: what is not given stays as it ships
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// What can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Drawn {
    /// What `up` would do; asks AWS
    Plan,
    /// What is on record
    State,
    /// What a run did
    Run,
}

/// The languages of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
    /// For browsers
    Svg,
}

/// What to do with the runs on record.
#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// List them, the newest last; as without a word
    List,
    /// Show what a run did: each change with its times, and its calls
    Show {
        /// Its name, as `runs` prints it, or the file of a recording [default: the newest]
        run: Option<String>,
    },
    /// Print what a run printed, from its plan to its end
    Replay {
        /// Its name, as `runs` prints it, or the file of a recording [default: the newest]
        run: Option<String>,
        /// Let its time pass again, this many times as fast
        #[arg(long, value_name = "FACTOR", value_parser = speed)]
        speed: Option<f64>,
    },
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum Configuration {
    /// Print every value that counts, and where it came from
    #[command(after_help = examples::CONFIG_SHOW)]
    Show,
    /// Print the JSON schema of an environment's file, for editors
    #[command(after_help = examples::CONFIG_SCHEMA)]
    Schema,
}

/// What to say of IAM.
#[derive(Debug, Subcommand)]
pub(crate) enum Iam {
    /// Print the least policy that lets an identity run a command, as JSON for IAM
    #[command(after_help = examples::IAM_POLICY)]
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
    #[command(after_help = examples::STATE_LIST)]
    List,
    /// Show the record of one resource
    #[command(after_help = examples::STATE_SHOW)]
    Show {
        /// Its address, as `state list` prints it
        address: String,
    },
    /// List the states that are kept beside the state file
    #[command(after_help = examples::STATE_HISTORY)]
    History,
    /// Bring back a state that is kept, or the one in a file; the present one is kept first
    #[command(after_help = examples::STATE_RESTORE)]
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
    #[command(after_help = examples::SERVE)]
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

    /// How much is printed.
    pub(crate) fn detail(&self) -> Detail {
        match (self.quiet, self.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Usual,
        }
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
