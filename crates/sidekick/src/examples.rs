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

pub(crate) const VALIDATE: &str = "\
Examples:
  sidekick validate                         every problem of the configuration of dev, with its line
  sidekick -e staging validate";

pub(crate) const CONFIG_SHOW: &str = "\
Examples:
  sidekick -e staging config show           every value that counts, and what nobody sets
  sidekick --output json config show        one setting a line, for programs";

pub(crate) const CONFIG_SCHEMA: &str = "\
Examples:
  sidekick config schema > config/schema.json

A file whose first line is `#:schema schema.json` is completed and checked by editors that know it.";

pub(crate) const DOCTOR: &str = "\
Examples:
  sidekick -e staging doctor                all that is in the way, together; ends with 1 if anything is
  sidekick --output json doctor             for pipelines";

pub(crate) const STATUS: &str = "\
Examples:
  sidekick -e staging status                resources, drift, and who can reach whom
  sidekick -e staging status --check        for pipelines: do the promises about access hold?";

pub(crate) const OUTPUTS: &str = "\
Examples:
  sidekick outputs                          all that are known
  sidekick outputs alb_dns_name             one, bare, for a script
  sidekick --output json outputs";

pub(crate) const IAM_POLICY: &str = "\
Examples:
  sidekick iam policy > policy.json         all that `up` needs
  sidekick iam policy --for plan            for who may look and change nothing
  sidekick iam policy --for down";

pub(crate) const STATE_LIST: &str = "\
Examples:
  sidekick state list
  sidekick --output json state list         one resource a line";

pub(crate) const STATE_SHOW: &str = "\
Examples:
  sidekick state show data.postgres";

pub(crate) const STATE_HISTORY: &str = "\
Examples:
  sidekick state history                    the states that can be brought back, the newest first";

pub(crate) const STATE_RESTORE: &str = "\
Examples:
  sidekick state restore 41                 by the serial that `state history` prints
  sidekick state restore backup.json        a backup of your own";

pub(crate) const SERVE: &str = "\
Examples:
  sidekick sandbox serve                    on port 4566, until Ctrl-C
  sidekick sandbox serve --port 0           on a free one, which it prints
  sidekick --sandbox-speed 600 sandbox serve

Another client then finds what `sidekick --sandbox up` has made: `aws --endpoint-url http://127.0.0.1:4566 ec2 describe-vpcs`.";

pub(crate) const MAN: &str = "\
Examples:
  sidekick man | man -l -                   read it
  sidekick man --out ~/.local/share/man/man1";

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory, Parser};

    use crate::args::Arguments;

    /// The examples of a command and of those in it. What has none of its own is in those of the one above it.
    fn gather(command: &Command, texts: &mut Vec<String>) {
        let own = command.get_after_help().map(ToString::to_string);
        let inner: Vec<_> = command.get_subcommands().collect();
        for one in inner.iter().filter(|one| one.get_after_help().is_none() && !one.has_subcommands()) {
            let is_shown = own.as_ref().is_some_and(|text| text.contains(one.get_name()));
            assert!(is_shown || one.get_name() == "list", "{} has no example", one.get_name());
        }
        texts.extend(own);
        inner.into_iter().for_each(|one| gather(one, texts));
    }

    #[test]
    fn every_example_is_a_command_line() {
        let mut texts = Vec::new();
        gather(&Arguments::command(), &mut texts);
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
