//! `sidekick init`: the first configuration of an environment, by flags or a few questions.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use ipnet::Ipv4Net;
use serde_json::json;
use sidekick_stack::config::{self, Config, Draft, SHARED, SMALLEST_VPC};
use tempfile::{NamedTempFile, TempDir};

use crate::args::{Global, Init};
use crate::error::Error;
use crate::printer::Printer;
use crate::render;

pub(crate) fn init(global: &Global, printer: &Printer, given: &Init) -> Result<u8, Error> {
    let own = format!("{}.toml", global.env);
    let path = global.config_dir.join(&own);
    if path.exists() {
        return Err(Error::unmet(
            format!("{} exists already", path.display()),
            "edit it, or name another environment with -e",
        ));
    }
    let draft = draft(&global.env, given, printer)?;
    let shared = SHARED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let missing = shared.filter(|(name, _)| !global.config_dir.join(name).exists());
    let files: Vec<(String, String)> = missing.chain([(own, draft.text())]).collect();
    let config = check(global, &files)?;
    fs::create_dir_all(&global.config_dir).map_err(Error::file(&global.config_dir))?;
    for (name, text) in &files {
        write(&global.config_dir.join(name), text)?;
    }
    said(printer, global, &files);
    render::cautions(printer, &namesakes(global, &config));
    Ok(0)
}

/// What was given, and what the answers are to what was not.
fn draft(environment: &str, given: &Init, printer: &Printer) -> Result<Draft, Error> {
    let Init { name, region, profile, account, vpc_cidr, image, yes } = given.clone();
    let asks = !yes && printer.can_ask();
    let ask = |given: Option<String>, question: &str| {
        if given.is_some() || !asks { given } else { printer.ask_for(question) }
    };
    Ok(Draft {
        environment: environment.to_owned(),
        name: ask(name, "What the names of all resources begin with [sidekick]: "),
        region: ask(region, "Region [us-west-2]: "),
        profile: ask(profile, "What it is for, dev or production [dev]: "),
        account: ask(account, "The only account in which it may be [any]: "),
        vpc_cidr: match ask(vpc_cidr.map(|cidr| cidr.to_string()), "The addresses of its VPC [10.0.0.0/16]: ")
        {
            None => None,
            Some(text) => Some(vpc_cidr_in(&text)?),
        },
        image: ask(image, "Container image [that of the reference]: "),
    })
}

/// The block that a text names, if it has room for the subnets.
fn vpc_cidr_in(text: &str) -> Result<Ipv4Net, Error> {
    let block: Option<Ipv4Net> = text.parse().ok();
    block.filter(|block| (16..=SMALLEST_VPC).contains(&block.prefix_len())).ok_or_else(|| {
        Error::unmet(
            format!("{text} is not an IPv4 block for a VPC with its subnets"),
            format!("write one from /16 to /{SMALLEST_VPC}, such as 10.20.0.0/16"),
        )
    })
}

/// Reads the files as they will be, before any is written: what cannot be is refused as it always is.
fn check(global: &Global, files: &[(String, String)]) -> Result<Config, Error> {
    let folder = TempDir::new().map_err(Error::file(Path::new("the folder for temporary files")))?;
    for (name, _) in SHARED {
        let present = global.config_dir.join(name);
        if present.exists() {
            fs::copy(&present, folder.path().join(name)).map_err(Error::file(&present))?;
        }
    }
    for (name, text) in files {
        write(&folder.path().join(name), text)?;
    }
    config::load(folder.path(), &global.env).map_err(Error::Config)
}

/// The other environments whose resources would have the same names in the same place. Only the account can tell them
/// apart, and of that a file need say nothing; so it is no refusal.
fn namesakes(global: &Global, config: &Config) -> Vec<String> {
    let Config { name, region, allowed_account_ids: accounts, .. } = config;
    let others = config::environments(&global.config_dir).unwrap_or_default().into_iter();
    let others = others.filter(|other| *other != global.env);
    let collides = |other: &Config| {
        let own = &other.allowed_account_ids;
        let apart = !own.is_empty() && !accounts.is_empty() && own.is_disjoint(accounts);
        other.name == *name && other.region == *region && !apart
    };
    // What is wrong with another environment is told where that is worked on.
    let others = others.filter(|other| config::load(&global.config_dir, other).is_ok_and(|it| collides(&it)));
    let told = others.map(|other| {
        format!(
            "`{other}` has the name `{name}` in {region} as well: in one account the two cannot be side by side, for their \
             resources would have the same names; give this one a `name` of its own"
        )
    });
    told.collect()
}

/// A file is there whole or not at all, and none is written over.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).map_err(Error::file(path))?;
    file.write_all(text.as_bytes()).map_err(Error::file(path))?;
    file.persist_noclobber(path).map_err(|error| Error::file(path)(error.error))?;
    Ok(())
}

fn said(printer: &Printer, global: &Global, files: &[(String, String)]) {
    let paths = files.iter().map(|(name, _)| global.config_dir.join(name));
    if printer.is_json() {
        return printer.json(&json!({ "written": paths.collect::<Vec<_>>() }));
    }
    for path in paths {
        printer.text(&format!("wrote {}\n", path.display()));
    }
    let environment = &global.env;
    printer.aside(&format!(
        "Next: look into {environment}.toml, then `sidekick -e {environment} plan`; or try it first with \
         `sidekick --sandbox -e {environment} up`.\n"
    ));
}
