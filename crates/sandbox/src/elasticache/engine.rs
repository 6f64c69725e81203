//! What ElastiCache knows about its engines: versions, node types and tokens.

use crate::call::Refusal;

/// The versions of each engine, in order, as answers write them.
const VERSIONS: &[(&str, &[&str])] =
    &[("redis", &["6.0.5", "6.2.6", "7.0.7", "7.1.0"]), ("valkey", &["7.2.6", "8.0.1", "8.1.0"])];

const FAMILIES: &[&str] = &["t2", "t3", "t4g", "m5", "m6g", "m7g", "r5", "r6g", "r7g", NEWEST_FAMILY];
pub(super) const NEWEST_FAMILY: &str = "c7gn";
const SIZES: &[&str] = &[
    "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge",
    "24xlarge",
];

/// The whole version that a request names: `7.1` stands for `7.1.0`, nothing for the newest.
pub(super) fn version(engine: &str, wanted: Option<&str>) -> Result<String, Refusal> {
    let known = VERSIONS.iter().find(|(name, _)| *name == engine).map(|(_, versions)| *versions);
    let Some(known) = known else {
        let words = format!("Unrecognized engine: {engine} (the sandbox models redis and valkey)");
        return Err(Refusal::illegal("InvalidParameterValue", words));
    };
    let meant = |version: &&&str| match wanted {
        None => true,
        Some(wanted) => {
            **version == wanted || version.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
        }
    };
    known.iter().rfind(meant).map(|version| (*version).to_owned()).ok_or_else(|| {
        let words = format!("Cannot find version {} for {engine}", wanted.unwrap_or_default());
        Refusal::illegal("InvalidParameterCombination", words)
    })
}

/// Refuses to go back.
pub(super) fn check_upgrade(from: (&str, &str), to: (&str, &str)) -> Result<(), Refusal> {
    let refuse = |words: &str| Err(Refusal::illegal("InvalidParameterCombination", words));
    if from.0 == "valkey" && to.0 == "redis" {
        return refuse("Cannot change the engine from valkey to redis.");
    }
    let place =
        |version: &str| version.split('.').map(|part| part.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>();
    if place(to.1) < place(from.1) {
        return refuse("Downgrading the engine version is not supported. Choose a newer version.");
    }
    Ok(())
}

/// Whether the encryption of connections can be changed where it is.
pub(super) fn changes_transit(engine: &str, version: &str) -> bool {
    engine != "redis" || !version.starts_with("6.")
}

/// Whether this is a family of parameter groups.
pub(super) fn is_family(family: &str) -> bool {
    let families = VERSIONS
        .iter()
        .flat_map(|(engine, versions)| versions.iter().map(|version| parameter_group(engine, version)));
    families.into_iter().any(|default| default.trim_start_matches("default.") == family)
}

/// An identifier of ElastiCache, which keeps it in lower case.
pub(super) fn identifier(id: &str, longest: usize) -> Option<String> {
    let fits = id.len() <= longest
        && id.starts_with(|c: char| c.is_ascii_alphabetic())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !id.ends_with('-')
        && !id.contains("--");
    fits.then(|| id.to_lowercase())
}

/// The parameter group of a version that ElastiCache itself keeps, without cluster mode.
pub(super) fn parameter_group(engine: &str, version: &str) -> String {
    let major = version.split('.').next().unwrap_or(version);
    let family = if (engine, major) == ("redis", "6") { "6.x" } else { major };
    format!("default.{engine}{family}")
}

/// All node types.
pub(super) fn node_types() -> impl Iterator<Item = String> {
    FAMILIES.iter().flat_map(|family| SIZES.iter().map(move |size| format!("cache.{family}.{size}")))
}

/// Refuses a node type that ElastiCache does not offer.
pub(super) fn check_node_type(node_type: &str) -> Result<(), Refusal> {
    let known = node_type.strip_prefix("cache.").and_then(|rest| rest.split_once('.'));
    if known.is_some_and(|(family, size)| FAMILIES.contains(&family) && SIZES.contains(&size)) {
        return Ok(());
    }
    Err(Refusal::illegal("InvalidParameterValue", format!("Invalid cache node type: {node_type}.")))
}

/// Refuses a token that breaks the rules, without repeating it.
pub(super) fn check_token(token: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!&#$^<>-".contains(c);
    if (16..=128).contains(&token.len()) && token.chars().all(allowed) {
        return Ok(());
    }
    let words = "Invalid AuthToken provided. It must have 16 to 128 characters; of special ones only ! & # $ ^ < > - are \
                 allowed.";
    Err(Refusal::illegal("InvalidParameterValue", words))
}
