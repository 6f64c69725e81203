//! Rules over the source tree as data: budgets, where things belong, and what the documents say of the tree.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use sidekick_tests::binary::sidekick;

type Shown = Result<(), Box<dyn Error>>;

/// The most lines that any source file has, and that a resource kind has.
const MOST_LINES: usize = 450;
const MOST_LINES_OF_A_KIND: usize = 150;

/// Ways to print, which belong to the binary.
const PRINTING: &[&str] = &["println!", "print!", "dbg!"];

/// Who waits in the libraries, in the order of their paths. No resource kind does.
const WAITING: &[&str] = &[
    // Spaces the calls of one service.
    "crates/aws/src/permits/bucket.rs",
    // Collects the look-ups that one Describe call answers.
    "crates/aws/src/reads.rs",
    // The clock that the engine waits by.
    "crates/engine/src/clock.rs",
    // Pauses between two rounds of a resource.
    "crates/engine/src/drive.rs",
    // Reads the note of a lock again that was taken this moment.
    "crates/engine/src/ledger/lock.rs",
    // Bounds the wait for what is in flight when a stop is asked for.
    "crates/engine/src/stop.rs",
    // Pauses before a look is repeated.
    "crates/engine/src/survey.rs",
];

/// Who takes a secret out of its type, in the order of their paths: the calls that send one, and what compares it with
/// what is stored, or looks for it in what was answered.
const EXPOSING: &[&str] = &[
    "crates/aws/src/elasticache/request.rs",
    "crates/aws/src/elasticache/token.rs",
    "crates/aws/src/fault.rs",
    "crates/aws/src/rds/request.rs",
    "crates/aws/src/secretsmanager/document.rs",
    "crates/aws/src/secretsmanager/secret_version.rs",
];

/// Marks of what is not done. Written in two parts, so that this file has none.
const NOT_DONE: &[&str] = &[concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ig", "nore")];

/// One source file: its path from the workspace's root, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The text without its unit tests, which stand last in a file by this project's custom.
    fn without_tests(&self) -> &str {
        self.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
    }

    /// The resources that it implements.
    fn kinds(&self) -> impl Iterator<Item = &str> {
        let heads = self.text.lines().filter_map(|line| line.strip_prefix("impl Resource for "));
        heads.filter_map(|rest| rest.split([' ', '{']).next())
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> io::Result<String> {
    fs::read_to_string(root().join(path))
}

/// All Rust files of some folders.
fn sources(folders: &[&str]) -> io::Result<Vec<Source>> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(root().join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(entry.path())?;
                found.push(Source { path: path.display().to_string(), text });
            }
        }
    }
    assert!(!found.is_empty(), "there are files in {folders:?}");
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// Each line of some files that holds one of these texts.
fn lines_with(files: &[Source], part: impl Fn(&Source) -> &str, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let lines = part(file).lines().filter(|line| texts.iter().any(|text| line.contains(text)));
        found.extend(lines.map(|line| format!("{}: {}", file.path, line.trim())));
    }
    found
}

#[test]
fn no_file_is_longer_than_its_budget() -> Shown {
    let files = sources(&["crates", "tests"])?;
    let over = files.iter().filter_map(|file| {
        let budget = if file.kinds().next().is_some() { MOST_LINES_OF_A_KIND } else { MOST_LINES };
        let budget = if file.path.starts_with("crates/aws/src") { budget } else { MOST_LINES };
        let lines = file.text.lines().count();
        (lines > budget).then(|| format!("{}: {lines} lines, at most {budget}", file.path))
    });
    assert_eq!(over.collect::<Vec<_>>(), [""; 0]);
    Ok(())
}

#[test]
fn every_kind_stands_in_the_table_under_the_name_of_its_file() -> Shown {
    let table = read("crates/aws/src/kinds.rs")?;
    let listed =
        table.lines().filter_map(|line| line.trim().strip_prefix("Erased::<")?.strip_suffix(">::KIND,"));
    let mut implemented = BTreeSet::new();
    for file in sources(&["crates/aws/src"])? {
        let place = file.path.trim_start_matches("crates/aws/src/").trim_end_matches(".rs");
        let mut kinds = file.kinds();
        let Some(kind) = kinds.next() else { continue };
        assert_eq!(kinds.next(), None, "{} holds one kind", file.path);
        let (service, _) = place.split_once('/').ok_or("a kind lies in the folder of its service")?;
        implemented.insert(format!("{service}::{kind}"));
        let name = format!("const KIND: &'static str = \"{}\";", place.replace('/', "."));
        assert!(file.text.contains(&name), "{} says `{name}`", file.path);
    }
    assert_eq!(listed.map(str::to_owned).collect::<BTreeSet<_>>(), implemented);
    Ok(())
}

#[test]
fn libraries_print_nothing_and_only_few_files_of_them_wait() -> Shown {
    let mut files = sources(&["crates/aws/src", "crates/engine/src"])?;
    files.retain(|file| !file.path.ends_with("tests.rs"));
    assert_eq!(lines_with(&files, Source::without_tests, PRINTING), [""; 0]);
    let waits = |file: &&Source| file.without_tests().contains("sleep(");
    assert_eq!(files.iter().filter(waits).map(|file| &file.path).collect::<Vec<_>>(), WAITING);
    Ok(())
}

#[test]
fn only_few_files_take_a_secret_out_of_its_type() -> Shown {
    let mut files = sources(&["crates"])?;
    files.retain(|file| !file.path.ends_with("tests.rs"));
    let exposes = |file: &&Source| {
        let product = file.without_tests();
        product.contains(".expose()") || product.contains("::expose)")
    };
    assert_eq!(files.iter().filter(exposes).map(|file| &file.path).collect::<Vec<_>>(), EXPOSING);
    Ok(())
}

#[test]
fn nothing_is_left_to_be_done_and_no_test_is_switched_off() -> Shown {
    let files = sources(&["crates", "tests"])?;
    assert_eq!(lines_with(&files, |file| &file.text, NOT_DONE), [""; 0]);
    Ok(())
}

#[test]
fn the_architecture_names_every_crate_and_folder() -> Shown {
    let document = read("ARCHITECTURE.md")?;
    let rooms = document.split("```").nth(1).ok_or("ARCHITECTURE.md shows the rooms in its first block")?;
    let named: BTreeSet<_> = rooms.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let mut folders =
        ["config/", "docs/", "tests/", "localstack/"].map(str::to_owned).into_iter().collect::<BTreeSet<_>>();
    for folder in fs::read_dir(root().join("crates"))? {
        folders.insert(format!("crates/{}", folder?.file_name().display()));
    }
    assert_eq!(named, folders.iter().map(String::as_str).collect());
    for folder in &folders {
        assert!(root().join(folder).is_dir(), "{folder} exists");
    }
    Ok(())
}

#[test]
fn documents_name_files_that_exist() -> Shown {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/reliability.md"] {
        let text = read(document)?;
        let quoted =
            text.split('`').skip(1).step_by(2).filter(|quoted| !quoted.contains(['\n', ' ', '<', '*']));
        let paths = quoted.filter(|quoted| {
            ["crates/", "tests/", "config/", "localstack/"].iter().any(|folder| quoted.starts_with(folder))
        });
        for path in paths {
            assert!(root().join(path).exists(), "{document} names {path}");
        }
    }
    Ok(())
}

/// The lines of the blocks of a document that it marks as runnable.
fn runnable(document: &str) -> Vec<&str> {
    let blocks = document.split("<!-- runs -->\n```sh\n").skip(1);
    blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines()).collect()
}

#[test]
fn the_commands_of_the_readme_run_as_they_stand() -> Shown {
    let readme = read("README.md")?;
    let commands = runnable(&readme);
    assert!(!commands.is_empty(), "README.md marks commands that run");
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("config"))?;
    for file in fs::read_dir(root().join("config"))? {
        let file = file?;
        fs::copy(file.path(), folder.path().join("config").join(file.file_name()))?;
    }
    let binaries = sidekick()?.parent().ok_or("the binary lies in a folder")?;
    let path =
        std::env::join_paths(std::iter::once(binaries).chain([Path::new("/usr/bin"), Path::new("/bin")]))?;
    for command in commands {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(folder.path()).env_clear().env("PATH", &path);
        let outcome = shell.output()?;
        let (said, complained) =
            (String::from_utf8_lossy(&outcome.stdout), String::from_utf8_lossy(&outcome.stderr));
        assert!(outcome.status.success(), "`{command}` ended with {}:\n{said}{complained}", outcome.status);
    }
    Ok(())
}
