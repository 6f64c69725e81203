//! The `sidekick` command: arguments in, a run, its events rendered, an exit code out.

mod args;
mod command;
mod diagram;
mod error;
mod examples;
mod experience_file;
mod log;
mod printer;
mod recording;
mod render;
mod report;
mod secrets_file;
mod session;
mod signal;
mod state_file;
mod telling;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command, Configuration, Iam, Runs, State};
use crate::error::{FAILED, UNUSABLE};
use crate::printer::Printer;

/// One thread is enough: a run waits far more than it computes, and its ledger has one owner.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let printer = Printer::new(&arguments.global);
    let ended = match log::start() {
        Ok(()) => run(&arguments, &printer).await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // With `--detailed-exitcode`, 2 says that there are changes and nothing else.
            let detailed = matches!(arguments.command, Command::Plan { detailed_exitcode: true, .. });
            let code = match error.exit_code() {
                UNUSABLE if detailed => FAILED,
                code => code,
            };
            printer.error(&error, code);
            ExitCode::from(code)
        }
    }
}

async fn run(arguments: &Arguments, printer: &Printer) -> Result<u8, error::Error> {
    let global = &arguments.global;
    match &arguments.command {
        Command::Init(given) => command::init(global, printer, given),
        Command::Completions { shell } => Ok(command::completions(printer, *shell)),
        Command::Man { out } => command::man(printer, out.as_deref()),
        Command::Validate => command::validate(global, printer),
        Command::Config(Configuration::Show) => command::config_show(global, printer),
        Command::Config(Configuration::Schema) => command::config_schema(printer),
        Command::Plan { out, detailed_exitcode } => {
            command::plan(global, printer, out.as_deref(), *detailed_exitcode).await
        }
        Command::Up { yes, plan, replace } => {
            command::up(global, printer, command::Approval { yes: *yes, plan: plan.as_deref(), replace })
                .await
        }
        Command::Down { yes } => command::down(global, printer, *yes).await,
        Command::Doctor => command::doctor(global, printer).await,
        Command::Status { check } => command::status(global, printer, *check).await,
        Command::Outputs { name } => command::outputs(global, printer, name.as_deref()),
        Command::Iam(Iam::Policy { purpose }) => command::iam_policy(global, printer, *purpose),
        Command::State(State::List) => command::state_list(global, printer),
        Command::State(State::Show { address }) => command::state_show(global, printer, address),
        Command::State(State::History) => command::state_history(global, printer),
        Command::State(State::Restore { which }) => command::state_restore(global, printer, which),
        Command::Runs { look: None | Some(Runs::List) } => command::runs_list(global, printer),
        Command::Runs { look: Some(Runs::Show { run }) } => {
            command::runs_show(global, printer, run.as_deref())
        }
        Command::Runs { look: Some(Runs::Replay { run, speed }) } => {
            command::runs_replay(global, printer, run.as_deref(), *speed).await
        }
        Command::Graph { of, format, file, run } => {
            let drawing = command::Drawing { of: *of, run: run.as_deref(), format: *format };
            command::graph(global, printer, drawing, file.as_deref()).await
        }
        Command::Report { run, file } => command::report(global, printer, run.as_deref(), file),
        Command::Sandbox(args::Sandbox::Serve { port }) => command::serve(global, printer, *port).await,
    }
}
