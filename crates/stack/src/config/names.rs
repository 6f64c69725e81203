//! The project's name, and the limits AWS sets to the names that are made of it.

use super::problem::Refusal;
use super::source::Place;
use super::value::Value;

/// Stands for the project's name within the names of resources.
const PLACEHOLDER: &str = "{name}";

/// The project's `name`, by which `{name}` is replaced.
#[derive(Debug)]
pub(super) struct Project<'a> {
    name: String,
    value: Value<'a>,
}

impl<'a> Project<'a> {
    pub(super) fn read(value: Value<'a>) -> Self {
        let name = value.text(|text| PROJECT.check(text).map(|()| text.to_owned()));
        Self { name, value }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn place(&self) -> Option<&'a Place> {
        self.value.place()
    }

    pub(super) fn is_sound(&self) -> bool {
        self.value.is_sound()
    }

    pub(super) fn is_part_of(&self, text: &str) -> bool {
        text.contains(PLACEHOLDER)
    }

    pub(super) fn expand(&self, text: &str) -> String {
        expand(text, &self.name)
    }
}

/// A text with the project's name in its places.
pub(super) fn expand(text: &str, project: &str) -> String {
    text.replace(PLACEHOLDER, project)
}

/// What AWS accepts as the name of one kind of resource.
#[derive(Debug)]
pub(super) struct NameRule {
    /// What is named, with its article.
    noun: &'static str,
    longest: usize,
    permits: fn(char) -> bool,
    /// The permitted characters in words.
    characters: &'static str,
    /// What else is wrong with a name of permitted characters.
    shape: fn(&str) -> Option<&'static str>,
}

impl NameRule {
    pub(super) fn check(&self, name: &str) -> Result<(), Refusal> {
        let Self { noun, longest, characters, .. } = self;
        let length = name.chars().count();
        let hint = format!("{noun} has 1 to {longest} characters: {characters}");
        if length == 0 {
            return Err(Refusal::new(format!("{noun} cannot be empty"), hint));
        }
        if length > *longest {
            let message = format!("`{name}` has {length} characters, and {noun} has at most {longest}");
            return Err(Refusal::new(message, "shorten it, or the project's `name` if that is part of it"));
        }
        if let Some(odd) = name.chars().find(|c| !(self.permits)(*c)) {
            return Err(Refusal::new(format!("`{name}` has a {odd:?}, which {noun} cannot have"), hint));
        }
        match (self.shape)(name) {
            Some(fault) => Err(Refusal::new(format!("`{name}` cannot be {noun}: it {fault}"), hint)),
            None => Ok(()),
        }
    }
}

pub(super) const PROJECT: NameRule = NameRule {
    noun: "a project name",
    longest: 32,
    permits: is_lower_or_hyphen,
    characters: "lower-case letters, digits and hyphens, a letter first",
    shape: identifier_shape,
};

pub(super) const LOAD_BALANCER: NameRule = NameRule {
    noun: "a load balancer name",
    longest: 32,
    permits: is_letter_or_hyphen,
    characters: "letters, digits and hyphens",
    shape: |name| match name {
        _ if name.starts_with("internal-") => Some("starts with `internal-`"),
        _ => hyphen_at_an_end(name),
    },
};

pub(super) const TARGET_GROUP: NameRule = NameRule {
    noun: "a target group name",
    longest: 32,
    permits: is_letter_or_hyphen,
    characters: "letters, digits and hyphens",
    shape: hyphen_at_an_end,
};

pub(super) const DATABASE: NameRule = NameRule {
    noun: "a database identifier",
    longest: 63,
    permits: is_lower_or_hyphen,
    characters: "lower-case letters, digits and single hyphens, a letter first",
    shape: identifier_shape,
};

pub(super) const REPLICATION_GROUP: NameRule = NameRule {
    noun: "a replication group identifier",
    longest: 40,
    permits: is_lower_or_hyphen,
    characters: "lower-case letters, digits and single hyphens, a letter first",
    shape: identifier_shape,
};

/// Database and cache subnet groups: the characters that both services take.
pub(super) const SUBNET_GROUP: NameRule = NameRule {
    noun: "a subnet group name",
    longest: 255,
    permits: is_lower_or_hyphen,
    characters: "lower-case letters, digits and hyphens, and not `default`",
    shape: |name| (name == "default").then_some("is reserved"),
};

pub(super) const SECURITY_GROUP: NameRule = NameRule {
    noun: "a security group name",
    longest: 255,
    // AWS also takes braces; here they would be a misspelt `{name}`.
    permits: |c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;!$*".contains(c),
    characters: "letters, digits, spaces and ._-:/()#,@[]+=&;!$*",
    shape: |name| name.to_ascii_lowercase().starts_with("sg-").then_some("starts with `sg-`"),
};

pub(super) const ROLE: NameRule = NameRule {
    noun: "a role name",
    longest: 64,
    permits: |c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c),
    characters: "letters, digits and _+=,.@-",
    shape: |_| None,
};

pub(super) const POLICY: NameRule = NameRule { noun: "a policy name", longest: 128, ..ROLE };

pub(super) const SECRET: NameRule = NameRule {
    noun: "a secret name",
    longest: 512,
    permits: |c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c),
    characters: "letters, digits and /_+=.@-, not ending with a hyphen and six characters",
    shape: |name| match name.rsplit_once('-') {
        Some((_, end)) if end.len() == 6 => Some("ends with a hyphen and six characters"),
        _ => None,
    },
};

pub(super) const LOG_GROUP: NameRule = NameRule {
    noun: "a log group name",
    longest: 512,
    permits: |c| c.is_ascii_alphanumeric() || "_-/.#".contains(c),
    characters: "letters, digits and _-/.#",
    shape: |name| name.starts_with("aws/").then_some("starts with `aws/`, which is reserved"),
};

pub(super) const REPOSITORY: NameRule = NameRule {
    noun: "a repository name",
    longest: 256,
    permits: |c| is_lower_or_hyphen(c) || "._/".contains(c),
    characters: "lower-case letters, digits and single ._-/ between them",
    shape: |name| match name.split(['.', '_', '-', '/']).any(str::is_empty) {
        true => Some("starts or ends with one of ._-/, or has two of them in a row"),
        false => (name.len() < 2).then_some("has one character only"),
    },
};

pub(super) const WEB_ACL: NameRule = NameRule {
    noun: "a web ACL name",
    longest: 128,
    permits: is_word_or_hyphen,
    characters: "letters, digits, underscores and hyphens",
    shape: |_| None,
};

pub(super) const MANAGED_RULE_GROUP: NameRule = NameRule { noun: "a managed rule group name", ..WEB_ACL };

/// Clusters, services, task families and containers.
pub(super) const ECS: NameRule = NameRule { noun: "an ECS name", longest: 255, ..WEB_ACL };

pub(super) const PEER: NameRule = NameRule { noun: "a peer name", ..PROJECT };

fn is_letter_or_hyphen(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

fn is_word_or_hyphen(c: char) -> bool {
    is_letter_or_hyphen(c) || c == '_'
}

fn is_lower_or_hyphen(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

fn hyphen_at_an_end(name: &str) -> Option<&'static str> {
    (name.starts_with('-') || name.ends_with('-')).then_some("starts or ends with a hyphen")
}

/// The shape that RDS and ElastiCache ask of identifiers.
fn identifier_shape(name: &str) -> Option<&'static str> {
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Some("does not start with a letter");
    }
    if name.contains("--") {
        return Some("has two hyphens in a row");
    }
    name.ends_with('-').then_some("ends with a hyphen")
}
