//! The configurations that simulated operators use: the shipped one, and edits of it of every sort.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use sidekick_stack::config::{self, Config};

/// Which configuration a run has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Configuration {
    /// The shipped one.
    Shipped,
    /// Many things differ, and each can be changed where it is.
    InPlace,
    /// The cluster's name differs, for which it and its service have to be made anew.
    Replacement,
    /// Names differ of what can be made anew beside the old one, which goes when nothing uses it any more.
    Succession,
    /// The web ACL is gone, with its association.
    Removal,
    /// Everything that can be switched on stands, so that every kind of resource is there: `whole.toml`.
    Whole,
    /// What a test made of the shipped one.
    Own(&'static Config),
}

use Configuration::{InPlace, Own, Removal, Replacement, Shipped, Succession, Whole};

/// Old and new text in `default.toml`, by configuration.
const EDITS: &[(Configuration, &str, &str)] = &[
    (InPlace, "retention_days = 3\n", "retention_days = 7\n"),
    (InPlace, "interval_seconds = 10\n", "interval_seconds = 15\n"),
    (InPlace, "idle_timeout_seconds = 60\nlistener", "idle_timeout_seconds = 90\nlistener"),
    (InPlace, "[80, 443, 7500]", "[80, 443]"),
    (InPlace, "posture = \"reference\"", "posture = \"strict\""),
    (InPlace, "subnet_routing = \"public\"", "subnet_routing = \"private\""),
    (InPlace, "container_insights = \"enabled\"", "container_insights = \"disabled\""),
    (InPlace, "Web ACL of Sequence Sidekick", "Web ACL"),
    (InPlace, "memory_mib = 2048\n", "memory_mib = 4096\n"),
    (InPlace, "Role = \"Sidekick\"\n", ""),
    (Replacement, "cluster = \"{name}-cluster\"", "cluster = \"{name}-cluster-2\""),
    (Succession, "name = \"{name}-tg\"", "name = \"{name}-tg-2\""),
    (Succession, "\"{name}-ecs-service-sg\"", "\"{name}-ecs-service-sg-2\""),
    (Succession, "\"{name}-ecs-task-role\"", "\"{name}-ecs-task-role-2\""),
    (Removal, "enabled = true\nname = \"{name}-waf\"", "enabled = false\nname = \"{name}-waf\""),
];

/// The name of the environment.
const ENVIRONMENT: &str = "dev";

static LOADED: LazyLock<Vec<Config>> = LazyLock::new(|| Configuration::ALL.into_iter().map(edited).collect());
static WHOLE: LazyLock<Config> = LazyLock::new(|| laid_over(include_str!("whole.toml")));

impl Configuration {
    /// The shipped one and the edits that operators of stories make of it.
    pub const ALL: [Self; 5] = [Shipped, InPlace, Replacement, Succession, Removal];

    /// What an environment's own file makes of `default.toml`: TOML, which need not say the tag `Env`.
    ///
    /// It is kept until the process ends.
    pub fn own(file: &str) -> Self {
        Own(Box::leak(Box::new(laid_over(file))))
    }

    /// The configuration in full.
    pub fn get(self) -> &'static Config {
        match self {
            Own(config) => config,
            Whole => &WHOLE,
            Shipped | InPlace | Replacement | Succession | Removal => {
                &LOADED[Self::ALL.iter().position(|one| *one == self).unwrap_or_default()]
            }
        }
    }
}

impl fmt::Debug for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shipped => "Shipped",
            InPlace => "InPlace",
            Replacement => "Replacement",
            Succession => "Succession",
            Removal => "Removal",
            Whole => "Whole",
            Own(_) => "Own",
        })
    }
}

fn edited(which: Configuration) -> Config {
    let mut default = shipped("default.toml");
    for (_, old, new) in EDITS.iter().filter(|(of, ..)| *of == which) {
        assert_eq!(default.matches(old).count(), 1, "default.toml has {old:?} once");
        default = default.replace(old, new);
    }
    load(&default, &shipped("dev.toml"))
}

fn laid_over(file: &str) -> Config {
    // The tag must be given in an environment's own file. A table ends a file, for bare keys come before tables.
    let tags = if file.contains("[tags]") { "" } else { "\n[tags]\nEnv = \"dev\"\n" };
    load(&shipped("default.toml"), &format!("{file}{tags}"))
}

fn shipped(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
    fs::read_to_string(folder.join(file)).expect("the shipped configuration can be read")
}

fn load(default: &str, own: &str) -> Config {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for (file, text) in [("default", default), (ENVIRONMENT, own)] {
        fs::write(folder.path().join(file).with_extension("toml"), text).expect("there is room for a file");
    }
    config::load(folder.path(), ENVIRONMENT).unwrap_or_else(|problems| panic!("{problems}"))
}
