//! Secrets that are planted in order to be looked for: in every byte, in every form in which bytes are written down.

mod forms;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A form of a secret, as it was found somewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trace {
    /// Which secret.
    pub secret: String,
    /// How it is written: `hex`, `base64`, …
    pub form: &'static str,
}

/// A trace, and the file that it is in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, or the folder in whose name it is.
    pub path: PathBuf,
    /// What is found there.
    pub trace: Trace,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) is in {}", self.trace.secret, self.trace.form, self.path.display())
    }
}

/// Looks for any number of secrets at once.
#[derive(Debug)]
pub struct Searcher {
    /// What is looked for in a content as it is …
    plain: Forms,
    /// … in a content without its backslashes, of which each round of escaping puts in more …
    escaped: Forms,
    /// … and in a content without its blanks and line ends, by which encoders fold and indent what they write.
    packed: Forms,
}

/// Texts by their first two bytes, so that one pass over a content is enough for all of them.
struct Forms(Vec<Vec<(Vec<u8>, Trace)>>);

impl Default for Searcher {
    fn default() -> Self {
        Self { plain: Forms::none(), escaped: Forms::none(), packed: Forms::none() }
    }
}

impl Searcher {
    /// Looks for one more secret from now on, and calls it by this name.
    pub fn add(&mut self, secret: &str, value: &str) {
        let own = |form| Trace { secret: secret.to_owned(), form };
        forms::plain(value).into_iter().for_each(|(form, text)| self.plain.add(own(form), text));
        forms::escaped(value).into_iter().for_each(|(form, text)| self.escaped.add(own(form), text));
        forms::packed(value).into_iter().for_each(|(form, text)| self.packed.add(own(form), text));
    }

    /// What is in a content. What is there as it is counts as nothing else.
    pub fn search(&self, content: &[u8]) -> BTreeSet<Trace> {
        let without = |dropped: fn(&u8) -> bool| -> Vec<u8> {
            content.iter().copied().filter(|byte| !dropped(byte)).collect()
        };
        let mut found = self.plain.search(content);
        found.extend(self.packed.search(&without(u8::is_ascii_whitespace)));
        let bare: BTreeSet<_> =
            found.iter().filter(|it| it.form == "as is").map(|it| it.secret.clone()).collect();
        let escaped = self.escaped.search(&without(|byte| *byte == b'\\'));
        found.extend(escaped.into_iter().filter(|trace| !bare.contains(&trace.secret)));
        found
    }

    /// What is in the files below a folder, and in their names.
    pub fn search_files(&self, folder: &Path) -> io::Result<Vec<Finding>> {
        let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                let mut traces = self.search(path.as_os_str().as_encoded_bytes());
                if path.is_dir() {
                    folders.push(path.clone());
                } else {
                    traces.extend(self.search(&content(&path)?));
                }
                found.extend(traces.into_iter().map(|trace| Finding { path: path.clone(), trace }));
            }
        }
        found.sort();
        Ok(found)
    }
}

/// What is in a file. One that a run has just replaced has no content of its own any more.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path).or_else(|error| match error.kind() {
        ErrorKind::NotFound => Ok(Vec::new()),
        _ => Err(error),
    })
}

impl Forms {
    fn none() -> Self {
        Self(vec![Vec::new(); 1 << 16])
    }

    /// A text that has the same form twice is called by the first one.
    fn add(&mut self, trace: Trace, text: Vec<u8>) {
        let [first, second, ..] = text[..] else { return };
        let known = &mut self.0[place(first, second)];
        if !known.iter().any(|(other, of)| *other == text && of.secret == trace.secret) {
            known.push((text, trace));
        }
    }

    fn search(&self, content: &[u8]) -> BTreeSet<Trace> {
        let mut found = BTreeSet::new();
        for (index, pair) in content.windows(2).enumerate() {
            for (text, trace) in &self.0[place(pair[0], pair[1])] {
                if content[index..].starts_with(text) {
                    found.insert(trace.clone());
                }
            }
        }
        found
    }
}

/// Without the 65536 lists, of which almost all are empty.
impl fmt::Debug for Forms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().flatten().map(|(_, trace)| trace)).finish()
    }
}

fn place(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}
