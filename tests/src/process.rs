//! What a process shows of itself to everybody on its machine: its arguments, and the processes that it starts.

use std::fs;
use std::io;

/// What one look at a process found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Its arguments, each with a zero byte after it. Nothing if it has just ended.
    pub arguments: Vec<u8>,
    /// The ids of the processes that it has started and that run.
    pub children: Vec<u32>,
}

/// Looks at a process; `None` on a system that shows no processes as files.
pub fn look(id: u32) -> io::Result<Option<Look>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    // Its children are those that name it as their parent: the kernel's own list of them is not built in everywhere.
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(other) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // Any of them may end while we look.
        let status = fs::read_to_string(format!("/proc/{other}/stat")).unwrap_or_default();
        if parent(&status) == Some(id) {
            children.push(other);
        }
    }
    let arguments = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    Ok(Some(Look { arguments, children }))
}

/// The parent in `PID (NAME) STATE PARENT …`, whose name may hold anything.
fn parent(status: &str) -> Option<u32> {
    let (_, rest) = status.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn arguments_and_children_are_seen() {
        let mut cat = Command::new("cat");
        let mut child = cat.args(["--", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        // A process that was just started has no arguments for a moment; one that answers has them.
        child.stdin.as_mut().unwrap().write_all(b"!").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let own = look(std::process::id()).unwrap().unwrap();
        let other = look(child.id()).unwrap().unwrap();
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(own.children.contains(&child.id()), "{own:?}");
        assert_eq!((other.arguments.ends_with(b"--\0-\0"), other.children), (true, Vec::new()));
    }

    #[test]
    fn a_parent_is_read_behind_any_name() {
        assert_eq!(parent("7 (a) b) S 42 7 7 0"), Some(42));
        assert_eq!(parent(""), None);
    }
}
