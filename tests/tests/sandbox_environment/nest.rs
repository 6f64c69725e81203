//! A desk where canaries are planted: every secret that its operator gives is known, unlike any other text, and hard to
//! write down unchanged.

use std::cell::Cell;
use std::error::Error;
use std::fs;
use std::io;

use serde_json::{Value, json};
use sidekick_tests::binary::{Outcome, Run, Running};
use sidekick_tests::canary::Searcher;
use sidekick_tests::process;

use crate::Shown;
use crate::desk::Desk;
use crate::secrets::value;

pub(crate) const DATABASE: &str = "sidekick/postgres/credentials";
pub(crate) const REDIS: &str = "sidekick/redis/credentials";

/// Given in the secrets file.
pub(crate) const ACCESS_KEY: &str = "AQ\\canary \"access\" /1f6d+1c7a==%20ü";
/// What the operator writes in its place later.
pub(crate) const EDITED: &str = "AQ\\canary \"edited\" /77b0+04ce==%20ü";
/// Optional, and given in the file as well.
pub(crate) const API_KEY: &str = "canary api # key 9c41";
/// Given in the environment, the first one under its other name.
const BY_ENVIRONMENT: [(&str, &str); 4] = [
    ("EVM_PRIVATE_KEY", "0xcanary2b9e5f03/\"+wallet"),
    ("ETHERSCAN_API_KEY", "canary-etherscan-5d20"),
    ("AWS_SECRET_ACCESS_KEY", "canary/credential+8f31"),
    ("AWS_SESSION_TOKEN", "canary/session+e6c2=="),
];
/// As hard as RDS allows.
pub(crate) const PASSWORD: &str = "rotated%canary:4e7a#?\\'&+";
/// As hard as ElastiCache allows.
pub(crate) const TOKEN: &str = "rotated-canary<&>7d31!^";

/// A desk with canaries, and what is known of them.
pub(crate) struct Nest {
    pub(crate) desk: Desk,
    form: &'static str,
    searcher: Searcher,
    /// How often a run was looked at while it was under way, and seen with its arguments.
    looks: Cell<usize>,
}

impl Nest {
    /// A desk where nothing has been done, for runs in this form of output.
    pub(crate) fn new(form: &'static str) -> Result<Self, Box<dyn Error>> {
        let desk = Desk::new()?;
        let optional = "optional_secrets = [\"SIDEKICK_API_SECRET_KEY\", \"ETHERSCAN_API_KEY\"]";
        desk.place.edit("default.toml", "optional_secrets = []", optional)?;
        desk.place.append("dev.toml", "[cache]\ntransit_encryption = true\nauth_token = true")?;
        desk.place.append("dev.toml", "[secrets]\nrecovery_window_days = 7")?;
        let mut searcher = Searcher::default();
        searcher.add("the project's access key", ACCESS_KEY);
        searcher.add("the project's access key, edited", EDITED);
        searcher.add("the API's key", API_KEY);
        for (name, value) in BY_ENVIRONMENT {
            searcher.add(name, value);
        }
        searcher.add("the rotated password", PASSWORD);
        searcher.add("the rotated token", TOKEN);
        let nest = Self { desk, form, searcher, looks: Cell::new(0) };
        nest.write_secrets(ACCESS_KEY)?;
        Ok(nest)
    }

    /// Writes the secrets file, with this access key.
    pub(crate) fn write_secrets(&self, access_key: &str) -> io::Result<()> {
        let lines =
            format!("SEQUENCE_PROJECT_ACCESS_KEY='{access_key}'\nSIDEKICK_API_SECRET_KEY=\"{API_KEY}\"\n");
        fs::write(self.desk.place.path("secrets.env"), lines)
    }

    /// A command with all secrets and the finest log.
    pub(crate) fn run(&self, command: &str) -> Run {
        let run = self.desk.run(&format!("--output {} --secrets-file secrets.env {command}", self.form));
        let run =
            run.with("SIDEKICK_LOG", "trace").with("CLICOLOR_FORCE", "1").with("RUST_BACKTRACE", "full");
        BY_ENVIRONMENT.into_iter().fold(run, |run, (name, value)| run.with(name, value))
    }

    /// The value of a secret, as the application would read it.
    pub(crate) fn value(&self, name: &str) -> Result<Value, Box<dyn Error>> {
        value(&self.desk, name)
    }

    /// Stores a text as a secret's value, as somebody else would.
    pub(crate) fn store(&self, name: &str, text: &str) -> Shown {
        let stored = json!({ "SecretId": name, "SecretString": text });
        self.desk.call("secretsmanager", "PutSecretValue", stored).map(drop)
    }

    /// Replaces the password in a secret.
    pub(crate) fn rotate(&self, name: &str, password: &str) -> Shown {
        let mut value = self.value(name)?;
        value["password"] = password.into();
        self.store(name, &value.to_string())
    }

    /// From now on, the passwords that were generated are looked for as well.
    pub(crate) fn learns_generated(&mut self) -> Shown {
        for name in [DATABASE, REDIS] {
            let value = self.value(name)?;
            let password = value["password"].as_str().ok_or("a password")?;
            self.searcher.add(&format!("the generated password of {name}"), password);
        }
        self.learns_url()
    }

    /// From now on, the database's URL is looked for as well.
    pub(crate) fn learns_url(&mut self) -> Shown {
        let value = self.value(DATABASE)?;
        let url = value["DATABASE_URL"].as_str().ok_or("an URL")?;
        let (user, _) = url.split_once('@').ok_or("an URL with a user")?;
        self.searcher.add("the database's URL", user);
        Ok(())
    }

    /// From now on, this value is looked for as well.
    pub(crate) fn learns(&mut self, value: &str) {
        self.searcher.add("the value", value);
    }

    /// Checks that nothing of what was printed is a secret.
    pub(crate) fn is_told_nothing_by(&self, outcome: &Outcome) {
        assert_eq!(self.searcher.search(outcome.text().as_bytes()), [].into(), "{outcome}");
    }

    /// Whether a content holds this secret in any form.
    pub(crate) fn finds(&self, content: &[u8], secret: &str) -> bool {
        self.searcher.search(content).iter().any(|trace| trace.secret == secret)
    }

    /// Looks at a run under way: no secret is in its arguments, nor in the state file as it is at this moment, and it
    /// has started no other process, to which it could tell one.
    pub(crate) fn looks_at(&self, run: &Running) -> io::Result<()> {
        let Some(look) = process::look(run.id())? else { return Ok(()) };
        assert_eq!(look.children, [0; 0], "it does everything itself");
        assert_eq!(
            self.searcher.search(&look.arguments),
            [].into(),
            "arguments are there for everybody to see"
        );
        let state = fs::read(self.desk.beside_state("json")).unwrap_or_default();
        assert_eq!(self.searcher.search(&state), [].into(), "the state file holds none at any time");
        if !look.arguments.is_empty() && !state.is_empty() {
            self.looks.set(self.looks.get() + 1);
        }
        Ok(())
    }

    /// Checks that a run was looked at while it made things.
    pub(crate) fn was_seen_at_work(&self, run: &Outcome) {
        if cfg!(target_os = "linux") {
            assert!(self.looks.get() > 20, "it was looked at {} times:\n{run}", self.looks.get());
        }
    }

    /// Checks that the secrets of the file are in the file, which shows that they are found where they are, and that
    /// nothing else in the workplace holds any secret: not what was printed, no state, plan, lock or log, no file of
    /// the sandbox, and nothing in the home and temporary folders of the runs.
    pub(crate) fn has_secrets_only_where_they_were_written(&self) -> Shown {
        let found = self.searcher.search_files(self.desk.place.folder())?;
        let (written, leaked): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|finding| finding.path == self.desk.place.path("secrets.env"));
        let leaked: Vec<_> = leaked.iter().map(ToString::to_string).collect();
        assert_eq!(leaked, [""; 0], "{leaked:#?}");
        assert!(written.iter().any(|finding| finding.trace.secret.starts_with("the project's access key")));
        assert!(written.iter().any(|finding| finding.trace.secret == "the API's key"));
        Ok(())
    }
}
