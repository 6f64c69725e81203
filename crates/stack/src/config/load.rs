//! From the folder of configuration files to the validated configuration.

use std::fs;
use std::io;
use std::path::Path;

use super::problem::{ConfigProblems, Problem, Refusal};
use super::profile;
use super::project::{self, Config};
use super::reading::Reading;
use super::settings::{self, Setting};
use super::shape::Asked;
use super::source::{Layer, Source};
use super::spelling;
use super::tree::{self, Node};
use super::unknown_keys;
use super::value::Value;

/// The name of the file that all environments share, without its ending.
const DEFAULT: &str = "default";

/// Reads `default.toml` and the environment's own file from a folder.
///
/// # Errors
/// All problems of both files together; but while a file cannot be read or is not valid TOML, only that.
pub fn load(dir: &Path, environment: &str) -> Result<Config, ConfigProblems> {
    validate(environment, &tree(dir, environment)?)
}

/// Every value that counts, with where it came from.
///
/// # Errors
/// The same as those of [`load`].
pub fn settings(dir: &Path, environment: &str) -> Result<Vec<Setting>, ConfigProblems> {
    let tree = tree(dir, environment)?;
    let (config, optional) = read(environment, &tree)?;
    Ok(settings::of(&tree, &config.name, &optional))
}

fn tree(dir: &Path, environment: &str) -> Result<Node, ConfigProblems> {
    if let Err(refusal) = check_environment_name(environment) {
        return Err(ConfigProblems::new(environment, vec![Problem::new("", refusal, None)]));
    }
    let default = read_file(dir, DEFAULT, Layer::Default);
    let own = read_file(dir, environment, Layer::Environment);
    merge(environment, default, own)
}

/// The environments that have a file in a folder, sorted by name.
///
/// # Errors
/// That the folder cannot be read.
pub fn environments(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let is_toml = path.extension().is_some_and(|extension| extension == "toml");
        names.extend(stem.filter(|name| is_toml && check_environment_name(name).is_ok()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// The same as [`load`] for texts instead of files.
#[cfg(test)]
pub(super) fn load_texts(environment: &str, default: &str, own: &str) -> Result<Config, ConfigProblems> {
    let own_name = format!("{environment}.toml");
    let default = parse(Layer::Default, "default.toml", default);
    validate(environment, &merge(environment, default, parse(Layer::Environment, &own_name, own))?)
}

fn merge(
    environment: &str,
    default: Result<Node, Vec<Problem>>,
    own: Result<Node, Vec<Problem>>,
) -> Result<Node, ConfigProblems> {
    match (default, own) {
        (Ok(default), Ok(own)) => Ok(profile::overlay(default, own)),
        (default, own) => {
            let problems = [default, own].into_iter().filter_map(Result::err).flatten().collect();
            Err(ConfigProblems::new(environment, problems))
        }
    }
}

fn validate(environment: &str, root: &Node) -> Result<Config, ConfigProblems> {
    read(environment, root).map(|(config, _)| config)
}

/// The configuration, and the keys that may be left out.
fn read(environment: &str, root: &Node) -> Result<(Config, Vec<String>), ConfigProblems> {
    let reading = Reading::default();
    let config = project::read(&Value::root(&reading, root), environment);
    unknown_keys::report(&reading, root);
    let optional = |(path, asked): (&String, &Asked)| asked.optional.then(|| path.clone());
    let optional: Vec<_> = reading.asked().iter().filter_map(optional).collect();
    let problems = reading.into_problems();
    if problems.is_empty() { Ok((config, optional)) } else { Err(ConfigProblems::new(environment, problems)) }
}

/// An environment's name becomes part of file names and tags.
fn check_environment_name(name: &str) -> Result<(), Refusal> {
    let permits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name == DEFAULT {
        return Err(Refusal::new(
            "`default` is what all environments share, and none itself",
            "name the environment, such as `dev`",
        ));
    }
    if (1..=32).contains(&name.len()) && name.chars().all(permits) && !name.starts_with('-') {
        return Ok(());
    }
    Err(Refusal::new(
        format!("{name:?} is not the name of an environment"),
        "use 1 to 32 lower-case letters, digits and hyphens",
    ))
}

fn read_file(dir: &Path, stem: &str, layer: Layer) -> Result<Node, Vec<Problem>> {
    let path = dir.join(format!("{stem}.toml"));
    let text =
        fs::read_to_string(&path).map_err(|error| vec![unreadable(dir, stem, layer, &path, &error)])?;
    parse(layer, &path.display().to_string(), &text)
}

fn parse(layer: Layer, name: &str, text: &str) -> Result<Node, Vec<Problem>> {
    tree::parse(&Source::new(layer, name, text), text)
}

fn unreadable(dir: &Path, stem: &str, layer: Layer, path: &Path, error: &io::Error) -> Problem {
    let is_missing = error.kind() == io::ErrorKind::NotFound;
    let refusal = match layer {
        Layer::Environment if is_missing => Refusal::new(
            format!("there is no environment `{stem}`: {} does not exist", path.display()),
            existing_environments(dir, stem),
        ),
        Layer::Default if is_missing => Refusal::new(
            format!("{} does not exist", path.display()),
            "it holds a value for every key; is this the folder of the configuration?",
        ),
        Layer::Default | Layer::Profile | Layer::Environment => Refusal::new(
            format!("{} cannot be read: {error}", path.display()),
            "it must be a text file in UTF-8",
        ),
    };
    Problem::new("", refusal, None)
}

/// Which environments there are instead.
fn existing_environments(dir: &Path, wanted: &str) -> String {
    let names = environments(dir).unwrap_or_default();
    match spelling::nearest(wanted, names.iter().map(String::as_str)) {
        _ if names.is_empty() => format!("there is no environment in {} at all", dir.display()),
        Some(near) => format!("did you mean `{near}`? There are: {}", names.join(", ")),
        None => format!("there are: {}", names.join(", ")),
    }
}
