//! What earlier runs learned of how long things take, in a file beside the state. Without it a run only looks at
//! other times, so it is never a reason to fail.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sidekick_engine::{Experience, Identity};
use tempfile::NamedTempFile;

use crate::args::Global;

/// What was learned in this account and region.
pub(crate) fn read(global: &Global, identity: &Identity) -> Experience {
    let text = fs::read(path(global, identity)).unwrap_or_default();
    Experience::read(&text)
}

/// Adds what this run learned, if it learned anything.
pub(crate) fn write(global: &Global, identity: &Identity, experience: &Experience) {
    let (path, text) = (path(global, identity), experience.text());
    if text == read(global, identity).text() {
        return;
    }
    if let Err(error) = replace(&path, text.as_bytes()) {
        tracing::warn!(file = %path.display(), %error, "the durations that this run learned are not kept");
    }
}

/// Another run in this folder finds the file whole.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn path(global: &Global, identity: &Identity) -> PathBuf {
    let Identity { account, region, .. } = identity;
    let simulated = if global.sandbox { "sandbox." } else { "" };
    global.state_file().with_file_name(format!("durations.{simulated}{account}.{region}.json"))
}
