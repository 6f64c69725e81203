//! Where everything that is printed goes through. It knows the form and the streams, not what is said.

use std::io::{IsTerminal, Write};

use serde_json::Value;
use terminal_size::{Width, terminal_size};
use tokio::sync::oneshot;

use crate::args::{Detail, Global, Output};
use crate::error::Error;

/// The chosen form of output, and the two streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    pub(crate) form: Output,
    pub(crate) detail: Detail,
}

impl Printer {
    /// The form that was asked for; else the human one on a terminal and the plain one elsewhere.
    pub(crate) fn new(global: &Global) -> Self {
        if global.no_color {
            anstream::ColorChoice::Never.write_global();
        }
        let default = if std::io::stdout().is_terminal() { Output::Human } else { Output::Plain };
        Self { form: global.output.unwrap_or(default), detail: global.detail() }
    }

    /// Writes text that goes without saying where only results are asked for.
    pub(crate) fn aside(self, text: &str) {
        if self.detail != Detail::Quiet {
            self.text(text);
        }
    }

    /// Writes text to standard output. Colours are taken out where nobody would see them.
    ///
    /// A reader that went away (`| head`) is no reason to stop a run, so a failed write is let be.
    pub(crate) fn text(self, text: &str) {
        let _ = match self.form {
            Output::Human => write!(anstream::stdout(), "{text}"),
            Output::Plain | Output::Json => {
                write!(std::io::stdout(), "{}", anstream::adapter::strip_str(text))
            }
        };
    }

    /// Writes one JSON value as a line.
    pub(crate) fn json(self, value: &Value) {
        let _ = writeln!(std::io::stdout(), "{value}");
    }

    /// Whether a person watches a terminal that can draw.
    pub(crate) fn is_terminal(self) -> bool {
        let can_draw = std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        self.form == Output::Human && std::io::stdout().is_terminal() && can_draw
    }

    /// How wide the terminal is, or else what most are.
    pub(crate) fn columns(self) -> usize {
        let size = if self.form == Output::Human { terminal_size() } else { None };
        size.map_or(80, |(Width(columns), _)| columns.into())
    }

    /// The same, but whoever is asked sees what about.
    pub(crate) fn asking(self, asks: bool) -> Self {
        let detail = if asks && self.detail == Detail::Quiet { Detail::Usual } else { self.detail };
        Self { detail, ..self }
    }

    /// Whether a program reads.
    pub(crate) fn is_json(self) -> bool {
        self.form == Output::Json
    }

    /// Reports why a command ended, and how it will exit.
    pub(crate) fn error(self, error: &Error, exit_code: u8) {
        if self.is_json() {
            self.json(&error.json(exit_code));
        } else {
            let _ = write!(std::io::stderr(), "{}", error.report());
        }
    }

    /// Whether there is somebody to ask.
    pub(crate) fn can_ask(self) -> bool {
        std::io::stdin().is_terminal() && !self.is_json()
    }

    /// Asks for a word or two; nothing where the answer is empty. A signal ends the process, for nothing is under way.
    pub(crate) fn ask_for(self, question: &str) -> Option<String> {
        let _ = write!(std::io::stderr(), "{question}");
        let _ = std::io::stderr().flush();
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        read.is_ok().then(|| answer.trim().to_owned()).filter(|answer| !answer.is_empty())
    }

    /// Asks on the terminal; without one the answer is not known.
    ///
    /// A thread of its own waits for the answer, so that a signal does not have to.
    pub(crate) async fn ask(self, question: &str) -> Option<bool> {
        if !self.can_ask() {
            return None;
        }
        let _ = write!(std::io::stderr(), "{question} [y/N] ");
        let _ = std::io::stderr().flush();
        let (answers, answer) = oneshot::channel();
        std::thread::spawn(move || {
            let mut answer = String::new();
            let read = std::io::stdin().read_line(&mut answer);
            // Nobody listens any more when the run was interrupted meanwhile.
            let _ = answers.send(read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"));
        });
        Some(answer.await.unwrap_or(false))
    }
}
