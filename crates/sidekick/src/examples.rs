//! The examples below the help texts. A test reads each of them as a command line.

pub(crate) const SIDEKICK: &str = "\
Examples:
  sidekick --sandbox up --yes        try it out: no account, no credentials, nothing real
  sidekick init -e staging           write the first configuration of an environment
  sidekick -e staging plan           see what would be done, how long it takes and what it costs
  sidekick -e staging up             do it
  sidekick -e staging status         see how everything is, and who can reach whom
  sidekick -e staging down           take it down";

pub(crate) const INIT: &str = "\
Examples:
  sidekick init -e staging
  sidekick init -e live --name game --region eu-west-1 --profile production --account 123456789012 --yes";

pub(crate) const PLAN: &str = "\
Examples:
  sidekick plan -v                          the fields of what is made, and unchanged resources
  sidekick plan --out monday.plan           keep it: `sidekick up --plan monday.plan` does that or nothing
  sidekick plan --detailed-exitcode         exit with 2 if there are changes, for pipelines
  sidekick --output json plan               for programs; docs/events.md describes the form";

pub(crate) const UP: &str = "\
Examples:
  sidekick up                               show the plan, ask, do it
  sidekick up --yes --secrets-file app.env  for pipelines, with the application's secrets
  sidekick up --plan monday.plan            what was planned, or nothing
  sidekick up --replace data.redis          agree that this one is made anew and its data is lost

A run that was stopped or killed is gone on with by the same command; nothing is lost and nothing made twice.";

pub(crate) const DOWN: &str = "\
Examples:
  sidekick -e staging down
  sidekick -e staging down --yes            for pipelines

What is protected (`deletion_protection`) stops it before anything is deleted. It needs no configuration files.";

pub(crate) const RUNS: &str = "\
Examples:
  sidekick runs                             all that are on record
  sidekick runs show                        what the newest one did: times, tries, calls
  sidekick runs replay --speed 60           watch it again, a minute in a second
  sidekick --output json runs show          its events; docs/events.md describes them";

pub(crate) const GRAPH: &str = "\
Examples:
  sidekick graph -o plan.svg                what `up` would do, as a picture
  sidekick graph --of state | dot -Tpdf -o state.pdf
  sidekick graph --of run --format mermaid  what the newest run did, for a page in Markdown";

pub(crate) const REPORT: &str = "\
Examples:
  sidekick report                           the newest run, in report.html
  sidekick report 20261125T141402.713Z-up -o monday.html";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  sidekick completions bash > ~/.local/share/bash-completion/completions/sidekick
  sidekick completions zsh > ~/.zfunc/_sidekick
  sidekick completions fish > ~/.config/fish/completions/sidekick.fish";

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Arguments;

    #[test]
    fn every_example_is_a_command_line() {
        let texts = [SIDEKICK, INIT, PLAN, UP, DOWN, RUNS, GRAPH, REPORT, COMPLETIONS];
        let lines = texts.iter().flat_map(|text| text.lines()).map(str::trim);
        let examples: Vec<_> = lines.filter(|line| line.starts_with("sidekick ")).collect();
        assert!(examples.len() > 20, "{examples:#?}");
        for example in examples {
            // What follows two spaces is a remark, and what follows `>` or `|` is for the shell.
            let command =
                example.split("  ").next().and_then(|line| line.split(['>', '|']).next()).unwrap_or_default();
            let read = Arguments::try_parse_from(command.split_whitespace());
            assert!(
                read.is_ok(),
                "{command}: {}",
                read.err().map(|error| error.to_string()).unwrap_or_default()
            );
        }
    }
}
