//! The binary on a terminal of a certain size, as tmux has them: what is to be seen there while a run goes on.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sidekick_tests::binary::sidekick;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    a_run_is_a_picture_that_stays_within_the_window_and_goes_when_it_ends,
    a_window_that_shrinks_holds_the_new_picture_and_nothing_of_the_old_one,
    colour_is_for_a_terminal_that_wants_it,
    who_asks_for_results_only_gets_no_picture_and_no_lines,
    what_fails_stays_above_the_picture_and_is_told_at_the_end
];

/// Why these trials are skipped, where they are.
pub(crate) const MISSING: &str = "this machine has no tmux";

/// What is expected comes long before.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn is_available() -> bool {
    let version = Command::new("tmux").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// A terminal of its own with a command in it; it goes with this value.
struct Terminal {
    socket: String,
}

impl Terminal {
    /// Starts `sidekick` with these arguments; what it wrote last stays to be seen.
    fn start(
        desk: &Desk,
        (columns, rows): (u16, u16),
        arguments: &str,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        Self::start_with(desk, (columns, rows), "", arguments)
    }

    /// Does the same with variables in front, as a shell takes them.
    fn start_with(
        desk: &Desk,
        (columns, rows): (u16, u16),
        variables: &str,
        arguments: &str,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let socket = desk.place.path("tmux").display().to_string();
        let terminal = Self { socket };
        let command = format!("exec env {variables} {} {arguments}", sidekick()?.display());
        let folder = desk.place.path("").display().to_string();
        let (columns, rows) = (columns.to_string(), rows.to_string());
        terminal.tmux(&["new-session", "-d", "-x", &columns, "-y", &rows, "-c", &folder, "sleep 600"])?;
        terminal.tmux(&["set-option", "-g", "remain-on-exit", "on"])?;
        terminal.tmux(&["respawn-pane", "-k", "-c", &folder, &command])?;
        Ok(terminal)
    }

    fn tmux(&self, arguments: &[&str]) -> Result<String, Box<dyn std::error::Error>> {
        let mut command = Command::new("tmux");
        command.args(["-f", "/dev/null", "-S", &self.socket]).args(arguments);
        let output = command.env("TERM", "xterm-256color").env_remove("TMUX").output()?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(format!("tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
    }

    /// The lines in the window.
    fn window(&self) -> Result<String, Box<dyn std::error::Error>> {
        self.tmux(&["capture-pane", "-p"])
    }

    /// The window, once it is as expected.
    fn once(&self, expected: impl Fn(&str) -> bool) -> Result<String, Box<dyn std::error::Error>> {
        let begun = Instant::now();
        loop {
            let window = self.window()?;
            if expected(&window) {
                return Ok(window);
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("this is still in the window:\n{window}").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The window, once the command in it has ended.
    fn at_the_end(&self) -> Result<String, Box<dyn std::error::Error>> {
        let begun = Instant::now();
        while self.tmux(&["display-message", "-p", "#{pane_dead}"])?.trim() != "1" {
            if begun.elapsed() > PATIENCE {
                return Err(format!("the command goes on:\n{}", self.window()?).into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self.window()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]);
    }
}

/// How many heads of a picture are in the window.
fn heads(window: &str) -> usize {
    window.lines().filter(|line| line.contains(" left · ")).count()
}

fn a_run_is_a_picture_that_stays_within_the_window_and_goes_when_it_ends() -> Shown {
    let desk = Desk::new()?;
    let terminal = Terminal::start(&desk, (100, 30), "--sandbox --sandbox-speed 40 up --yes")?;
    let parts = ["waiting for data.redis", "· data ", "✔ security", "creating", " of about 6 min 30 s"];
    // What is done is not at work any more, while something else still is.
    let is_drawn =
        |window: &str| parts.iter().all(|part| window.contains(part)) && !window.contains("network.vpc ");
    let window = terminal.once(is_drawn)?;
    assert_eq!(heads(&window), 1, "one picture is drawn in one place:\n{window}");
    // A smaller window gets a smaller picture.
    terminal.tmux(&["resize-window", "-x", "60", "-y", "12"])?;
    let cut =
        |window: &str| window.lines().any(|line| line.contains(" left · ") && line.chars().count() < 60);
    let window = terminal.once(cut)?;
    assert!(window.lines().count() <= 12, "{window}");
    terminal.tmux(&["resize-window", "-x", "120", "-y", "40"])?;
    // The outputs come after that, and `vpc_id` is the last of them.
    let ended = ["The environment is as configured after", "vpc_id"];
    let window = terminal.once(|window| ended.iter().all(|part| window.contains(part)))?;
    let end = window.split("The environment is as configured").nth(1).unwrap_or_default();
    assert_eq!(heads(end), 0, "the picture is gone:\n{window}");
    assert!(end.contains("alb_dns_name"), "{window}");
    desk.is_settled()?;
    Ok(())
}

/// As by a hand at its edge: the terminal breaks the lines of the picture at once, and tells a second new size only after a
/// while, in which pictures are drawn by the old one.
fn a_window_that_shrinks_holds_the_new_picture_and_nothing_of_the_old_one() -> Shown {
    let desk = Desk::new()?;
    let terminal = Terminal::start(&desk, (80, 40), "--sandbox --sandbox-speed 40 up --yes")?;
    let is_at_work = |window: &str| {
        heads(window) == 1 && window.contains("· data ") && window.matches("creating").count() > 2
    };
    terminal.once(is_at_work)?;
    terminal.tmux(&["resize-window", "-x", "78", "-y", "40"])?;
    terminal.tmux(&["resize-window", "-x", "60", "-y", "30"])?;
    // Each layer has one line, the head is above all, and no line is a rest of a longer one.
    let is_one_picture = |window: &str| {
        let layer = |line: &&str| ["· ", "✔ ", "✘ "].iter().any(|mark| line.starts_with(mark));
        let layers: Vec<_> = window.lines().filter(layer).filter_map(|line| line.split(' ').nth(1)).collect();
        let once: BTreeSet<_> = layers.iter().collect();
        let whole = |line: &str| {
            line.is_empty() || line.contains(" left · ") || layer(&line) || line.starts_with("  ")
        };
        let first = window.lines().next().unwrap_or_default();
        first.contains(" left · ")
            && layers.len() > 3
            && once.len() == layers.len()
            && window.lines().all(whole)
    };
    let window = terminal.once(is_one_picture)?;
    assert_eq!(heads(&window), 1, "{window}");
    Ok(())
}

fn colour_is_for_a_terminal_that_wants_it() -> Shown {
    for (variables, flag, is_coloured) in
        [("", "", true), ("NO_COLOR=1", "", false), ("", "--no-color", false)]
    {
        // A terminal has its socket in the folder of its desk.
        let desk = Desk::new()?;
        let arguments = format!("{flag} --sandbox plan");
        let terminal = Terminal::start_with(&desk, (120, 50), variables, &arguments)?;
        let window = terminal.once(|window| window.contains("a month in all"))?;
        let with_styles = terminal.tmux(&["capture-pane", "-e", "-p"])?;
        assert_eq!(with_styles.contains("\u{1b}["), is_coloured, "{variables} {flag}:\n{with_styles}");
        assert!(window.contains("Plan: 37 to create"), "{window}");
    }
    Ok(())
}

fn who_asks_for_results_only_gets_no_picture_and_no_lines() -> Shown {
    let desk = Desk::new()?;
    let terminal = Terminal::start(&desk, (120, 50), "-q --sandbox --sandbox-speed 300 up --yes")?;
    let window = terminal.at_the_end()?;
    for word in [" left · ", "creating", "created in", "Plan:", "to create", "vpc_id"] {
        assert!(!window.contains(word), "{word} is said:\n{window}");
    }
    desk.is_settled()?;
    // What was asked for, and what fails, is told.
    desk.run("-q outputs vpc_id").ends_with(0)?.says(&["vpc-"])?;
    desk.run("-q up --yes --replace nonsense").ends_with(2)?.says(&["there is no nonsense"])?;
    Ok(())
}

fn what_fails_stays_above_the_picture_and_is_told_at_the_end() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", "sidekick:wip-aws-infra", "sidekick:does-not-exist")?;
    let arguments = "--no-color --sandbox --sandbox-speed 100 up --yes";
    let terminal = Terminal::start(&desk, (140, 50), arguments)?;
    let window = terminal.once(|window| window.contains("Run `sidekick up` again"))?;
    assert_eq!(window.matches("failed: ecs.service: it does not come up").count(), 1, "{window}");
    assert!(window.contains("hint: remove the cause, then run `sidekick up` again"), "{window}");
    Ok(())
}
