//! The configurations that simulated operators use: the shipped one, and edits of it of every sort.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use sidekick_stack::config::{self, Config};

/// Which configuration a run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Configuration {
    /// The shipped one.
    Shipped,
    /// Many things differ, and each can be changed where it is.
    InPlace,
    /// The target group's port differs, for which it, its listener and its service have to be made anew.
    Replacement,
    /// The web ACL is gone, with its association.
    Removal,
}

use Configuration::{InPlace, Removal, Replacement, Shipped};

/// Old and new text in `default.toml`, by configuration.
const EDITS: &[(Configuration, &str, &str)] = &[
    (InPlace, "retention_days = 3\n", "retention_days = 7\n"),
    (InPlace, "interval_seconds = 10\n", "interval_seconds = 15\n"),
    (InPlace, "idle_timeout_seconds = 60\n", "idle_timeout_seconds = 90\n"),
    (InPlace, "[80, 443, 7500]", "[80, 443]"),
    (InPlace, "posture = \"reference\"", "posture = \"strict\""),
    (InPlace, "subnet_routing = \"public\"", "subnet_routing = \"private\""),
    (InPlace, "container_insights = \"enabled\"", "container_insights = \"disabled\""),
    (InPlace, "Web ACL of Sequence Sidekick", "Web ACL"),
    (InPlace, "memory_mib = 2048\n", "memory_mib = 4096\n"),
    (InPlace, "Role = \"Sidekick\"\n", ""),
    (Replacement, "port = 7500\n", "port = 7600\n"),
    (Removal, "enabled = true\nname = \"{name}-waf\"", "enabled = false\nname = \"{name}-waf\""),
];

static LOADED: LazyLock<Vec<Config>> = LazyLock::new(|| Configuration::ALL.into_iter().map(load).collect());

impl Configuration {
    /// All of them.
    pub const ALL: [Self; 4] = [Shipped, InPlace, Replacement, Removal];

    /// The configuration in full.
    pub fn get(self) -> &'static Config {
        &LOADED[Self::ALL.iter().position(|one| *one == self).unwrap_or_default()]
    }
}

fn load(which: Configuration) -> Config {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for file in ["default.toml", "dev.toml"] {
        let mut text = fs::read_to_string(shipped.join(file)).expect("the shipped configuration can be read");
        let edits = EDITS.iter().filter(|(of, ..)| *of == which && file == "default.toml");
        for (_, old, new) in edits {
            assert_eq!(text.matches(old).count(), 1, "default.toml has {old:?} once");
            text = text.replace(old, new);
        }
        fs::write(folder.path().join(file), text).expect("there is room for a file");
    }
    config::load(folder.path(), "dev").unwrap_or_else(|problems| panic!("{which:?}: {problems}"))
}
