//! What RDS knows about PostgreSQL: its versions, instance classes, names and passwords.

use crate::call::Refusal;
use crate::params::Params;

pub(super) const NAME: &str = "postgres";

/// The newest minor version of each major one.
const NEWEST: &[(u32, u32)] = &[(13, 22), (14, 19), (15, 14), (16, 10), (17, 6)];

/// Instance families that run PostgreSQL, and the sizes that they come in.
const FAMILIES: &[&str] = &[
    "t3", "t4g", "m5", "m5d", "m6g", "m6gd", "m6i", "m6id", "m7g", "m7i", "m8g", "r5", "r5b", "r5d", "r6g",
    "r6gd", "r6i", "r6id", "r7g", "r7i", "r8g", "x2g", "x2idn",
];
const SIZES: &[&str] = &[
    "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge",
    "24xlarge", "32xlarge",
];
/// Names that PostgreSQL or RDS keep for themselves.
const RESERVED: &[&str] = &["admin", "rdsadmin", "rds_superuser", "rdsrepladmin", "user", "public", "none"];

/// The whole version that a request names: `17` stands for the newest `17.x`.
pub(super) fn version(wanted: &str) -> Result<String, Refusal> {
    let unknown = || {
        let words = format!("Cannot find version {wanted} for {NAME}");
        Refusal::illegal("InvalidParameterCombination", words)
    };
    let (major, minor) = parts(wanted).ok_or_else(unknown)?;
    let (_, newest) = NEWEST.iter().find(|(known, _)| *known == major).ok_or_else(unknown)?;
    match minor {
        None => Ok(format!("{major}.{newest}")),
        Some(minor) if (1..=*newest).contains(&minor) => Ok(wanted.to_owned()),
        Some(_) => Err(unknown()),
    }
}

/// The version without its minor part.
pub(super) fn major(version: &str) -> &str {
    version.split_once('.').map_or(version, |(major, _)| major)
}

/// Refuses to go from one version to another where RDS does.
pub(super) fn check_upgrade(from: &str, to: &str, allows_major: bool) -> Result<(), Refusal> {
    let refuse = |words: String| Err(Refusal::illegal("InvalidParameterCombination", words));
    match (parts(from), parts(to)) {
        (Some(old), Some(new)) if new < old => refuse(format!("Cannot upgrade {NAME} from {from} to {to}")),
        (Some((old, _)), Some((new, _))) if new > old && !allows_major => refuse(
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

fn parts(version: &str) -> Option<(u32, Option<u32>)> {
    match version.split_once('.') {
        None => Some((version.parse().ok()?, None)),
        Some((major, minor)) => Some((major.parse().ok()?, Some(minor.parse().ok()?))),
    }
}

/// Whether this is a family of parameter groups.
pub(super) fn is_family(family: &str) -> bool {
    NEWEST.iter().any(|(major, _)| family == format!("{NAME}{major}"))
}

/// The parameter group of a version that RDS itself keeps.
pub(super) fn parameter_group(version: &str) -> String {
    format!("default.{NAME}{}", major(version))
}

/// All versions, in full.
pub(super) fn versions() -> impl Iterator<Item = String> {
    NEWEST.iter().flat_map(|(major, newest)| (1..=*newest).map(move |minor| format!("{major}.{minor}")))
}

/// All classes.
pub(super) fn classes() -> impl Iterator<Item = String> {
    FAMILIES.iter().flat_map(|family| SIZES.iter().map(move |size| format!("db.{family}.{size}")))
}

/// Refuses a class that RDS does not offer.
pub(super) fn check_class(class: &str) -> Result<(), Refusal> {
    let known = class.strip_prefix("db.").and_then(|rest| rest.split_once('.'));
    if known.is_some_and(|(family, size)| FAMILIES.contains(&family) && SIZES.contains(&size)) {
        return Ok(());
    }
    Err(Refusal::illegal("InvalidParameterValue", format!("Invalid DB Instance class: {class}")))
}

/// An identifier of RDS, which keeps it in lower case.
pub(super) fn identifier(params: &Params, name: &str) -> Result<String, Refusal> {
    let text = params.text(name)?;
    let fits = text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !text.ends_with('-')
        && !text.contains("--");
    if fits {
        return Ok(text.to_lowercase());
    }
    let words = format!(
        "The parameter {name} is not a valid identifier. Identifiers must begin with a letter; must contain only \
         ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    );
    Err(Refusal::illegal("InvalidParameterValue", words))
}

/// Refuses a user or database name that PostgreSQL does not take.
pub(super) fn check_name(name: &str, text: &str) -> Result<(), Refusal> {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || (name == "DBName" && c == '_'));
    let fits = text.len() <= 63 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let words = if RESERVED.contains(&text.to_lowercase().as_str()) {
        format!("{name} {text} cannot be used as it is a reserved word used by the engine")
    } else if starts && fits {
        return Ok(());
    } else {
        format!("{name} must begin with a letter and contain only alphanumeric characters.")
    };
    Err(Refusal::illegal("InvalidParameterValue", words))
}

/// Refuses a password that breaks the rules, without repeating it.
pub(super) fn check_password(password: &str) -> Result<(), Refusal> {
    let why = if password.chars().count() < 8 {
        "because it is shorter than 8 characters."
    } else if password.chars().count() > 128 {
        "because it is longer than 128 characters."
    } else if !password.chars().all(|c| c.is_ascii_graphic() && !"/@\"".contains(c)) {
        "Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."
    } else {
        return Ok(());
    };
    let words = format!("The parameter MasterUserPassword is not a valid password {why}");
    Err(Refusal::illegal("InvalidParameterValue", words))
}
