//! A run while it goes on: how far it is, when it may end, and what it waits for.

mod frame;
#[cfg(test)]
mod tests;
mod watch;
mod window;

use std::time::Instant;

use anstream::adapter::strip_str;
use jiff::Timestamp;
use sidekick_engine::Clock;

use crate::recording::Fact;
use frame::{frame, header};
use watch::Watch;
use window::Window;

/// How soon a picture is drawn again. Events come in bursts, and nobody sees more.
const APART: std::time::Duration = std::time::Duration::from_millis(80);

/// The pauses of a log, in our own seconds, after which it says that the run goes on; the last one again and again.
const HEARTBEATS: [u64; 3] = [30, 60, 120];

/// What is shown of a run besides what has happened.
pub(crate) struct Live {
    /// The cloud's time; without it, as in a replay, time stands still between facts.
    clock: Option<Clock>,
    /// Whether a terminal shows a picture; else it is a log, which is told now and then that the run goes on.
    picture: bool,
    colour: bool,
    watch: Watch,
    window: Window,
    drawn: Option<Instant>,
    said: Instant,
    heartbeats: usize,
}

impl Live {
    pub(crate) fn new(clock: Option<Clock>, picture: bool) -> Self {
        let colour = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
        let (watch, window, drawn, said) = (Watch::default(), Window::default(), None, Instant::now());
        Self { clock, picture, colour, watch, window, drawn, said, heartbeats: 0 }
    }

    /// Takes note of a fact.
    pub(crate) fn note(&mut self, fact: &Fact) {
        self.watch.note(fact);
    }

    /// Whether a picture is shown now, so that lines must go above it.
    pub(crate) fn is_picture(&self) -> bool {
        self.picture && self.watch.begun.is_some() && !self.watch.finished
    }

    /// Shows lines that stay, and the picture below them.
    pub(crate) fn above(&mut self, lines: &str) {
        let picture = self.lines();
        let lines = if self.colour { lines.to_owned() } else { strip_str(lines).to_string() };
        self.window.draw(&lines, &picture);
        self.drawn = Some(Instant::now());
    }

    /// Takes the picture away.
    pub(crate) fn clear(&mut self) {
        if self.drawn.take().is_some() {
            self.window.draw("", &[]);
        }
    }

    /// Draws again, if it is time to.
    pub(crate) fn tick(&mut self) {
        if self.is_picture() && self.drawn.is_none_or(|drawn| drawn.elapsed() >= APART) {
            self.above("");
        }
    }

    /// Something was said, so that a log needs no sign of life for a while.
    pub(crate) fn has_said(&mut self) {
        (self.said, self.heartbeats) = (Instant::now(), 0);
    }

    /// A log's sign of life, if nothing was said for long.
    pub(crate) fn heartbeat(&mut self) -> Option<String> {
        let pause = HEARTBEATS[self.heartbeats.min(HEARTBEATS.len() - 1)];
        let runs = self.watch.begun.is_some() && !self.watch.finished;
        if self.picture || !runs || self.said.elapsed().as_secs() < pause {
            return None;
        }
        (self.said, self.heartbeats) = (Instant::now(), self.heartbeats + 1);
        let line = header(&self.watch, self.now());
        Some(line.into_iter().map(|(_, text)| text).collect())
    }

    fn lines(&self) -> Vec<String> {
        if !self.is_picture() {
            return Vec::new();
        }
        let lines = frame(&self.watch, self.now(), Window::size());
        if self.colour { lines } else { lines.iter().map(|line| strip_str(line).to_string()).collect() }
    }

    fn now(&self) -> Timestamp {
        let latest = self.watch.latest.unwrap_or(Timestamp::UNIX_EPOCH);
        self.clock.map_or(latest, |clock| clock.now())
    }
}
