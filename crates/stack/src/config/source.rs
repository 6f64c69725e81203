//! A configuration file as it may be shown, and the places in it that values and problems point to.

use std::ops::Range;
use std::sync::Arc;

use miette::NamedSource;

use super::variable;

/// Where a value comes from. The order is the order in which problems are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    /// `default.toml`, shared by all environments.
    Default,
    /// The profile, which comes with sidekick and overrides the default.
    Profile,
    /// The environment's own file, which overrides both.
    Environment,
}

/// One file's name and text, with the values of secret-looking keys masked.
///
/// A problem shows the lines around it, so the unmasked text is not kept: somebody who put a password into
/// the wrong file shall not find it in a build log as well. Masking keeps every offset and line.
#[derive(Debug)]
pub(super) struct Source {
    layer: Layer,
    shown: NamedSource<String>,
}

impl Source {
    pub(super) fn new(layer: Layer, name: &str, text: &str) -> Arc<Self> {
        Arc::new(Self { layer, shown: NamedSource::new(name, mask_secrets(text)) })
    }

    pub(super) fn name(&self) -> &str {
        self.shown.name()
    }

    pub(super) fn shown(&self) -> &NamedSource<String> {
        &self.shown
    }
}

/// A stretch of one file.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) source: Arc<Source>,
    pub(super) span: Range<usize>,
}

impl Place {
    pub(super) fn layer(&self) -> Layer {
        self.source.layer
    }

    /// The line on which the stretch starts, counted from one.
    pub(super) fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// The character of its line with which the stretch starts, counted from one.
    pub(super) fn column(&self) -> usize {
        let before = self.before();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        before[line_start..].chars().count() + 1
    }

    /// The order in which problems are listed: the default file first, then from top to bottom.
    pub(super) fn order(&self) -> (Layer, usize) {
        (self.layer(), self.span.start)
    }

    fn before(&self) -> &str {
        self.source.shown.inner().get(..self.span.start).unwrap_or_default()
    }
}

/// Replaces the value of every `SECRET_LOOKING = …` by asterisks, byte for byte. It works on the text and not
/// on the parsed document, because a file with a syntax error, such as `password: …`, is shown as well.
fn mask_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(sign) = rest.find(['=', ':']) {
        let (before, value) = rest.split_at(sign + 1);
        shown.push_str(before);
        rest = value;
        if variable::looks_secret(name_at_end(&before[..sign])) && !starts_with_flag(value) {
            let (secret, after) = value.split_at(value_length(value));
            shown.extend(secret.chars().flat_map(masked));
            rest = after;
        }
    }
    shown.push_str(rest);
    shown
}

/// The key that ends right before the sign, without its quotes.
fn name_at_end(before: &str) -> &str {
    let before = before.trim_end_matches([' ', '\t', '"', '\'']);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    before.rfind(|c| !is_part(c)).map_or(before, |end| before[end..].trim_start_matches(|c| !is_part(c)))
}

/// A bare `true` or `false` tells nothing; it is a switch such as `auth_token = false`.
fn starts_with_flag(value: &str) -> bool {
    let value = value.trim_start();
    value.starts_with("true") || value.starts_with("false")
}

/// How far a value reaches: to the end of its line, or of its multi-line string.
fn value_length(value: &str) -> usize {
    let start = value.len() - value.trim_start_matches([' ', '\t']).len();
    for delimiter in ["\"\"\"", "'''"] {
        if let Some(inner) = value[start..].strip_prefix(delimiter) {
            let inner_length = inner.find(delimiter).unwrap_or(inner.len());
            return start + delimiter.len() + inner_length;
        }
    }
    value.find('\n').unwrap_or(value.len())
}

fn masked(c: char) -> impl Iterator<Item = char> {
    let shown = if c.is_ascii_whitespace() { c } else { '*' };
    std::iter::repeat_n(shown, c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::mask_secrets;

    #[test]
    fn secret_values_are_masked_in_place() {
        for (text, shown) in [
            ("PORT = \"7500\"\n", "PORT = \"7500\"\n"),
            ("EVM_PRIVATE_KEY = \"0xabc\" # mine\nA = 1\n", "EVM_PRIVATE_KEY = ******* * ****\nA = 1\n"),
            ("\"API_TOKEN\"='é'\nA = 1", "\"API_TOKEN\"=****\nA = 1"),
            ("environment = { DB_PASSWORD = \"x\" }\nB = 2", "environment = { DB_PASSWORD = *** *\nB = 2"),
            ("SIGNING_KEY = \"\"\"\nab\ncd\"\"\"\nB = 2", "SIGNING_KEY = ***\n**\n**\"\"\"\nB = 2"),
            ("SIGNING_KEY = '''\nnever closed", "SIGNING_KEY = ***\n***** ******"),
            ("auth_token = false\n", "auth_token = false\n"),
            ("password = \"hunter2", "password = ********"),
            ("password: hunter2\nport: 1", "password: *******\nport: 1"),
        ] {
            assert_eq!(mask_secrets(text), shown);
            assert_eq!(mask_secrets(text).len(), text.len());
        }
    }
}
