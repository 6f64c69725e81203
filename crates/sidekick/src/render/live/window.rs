//! The lower end of a terminal, where a picture is drawn again and again in one place.

use std::io::Write;

use anstream::adapter::strip_str;
use terminal_size::{Height, Width, terminal_size};

use super::frame::Size;

/// Between these two a terminal shows nothing of what is half drawn; others let them be.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";
const CLEAR_TO_END_OF_LINE: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";
const CLEAR_ALL: &str = "\x1b[2J\x1b[H";

/// What is drawn at the lower end.
#[derive(Default)]
pub(super) struct Window {
    /// How many lines the picture has that is there now.
    drawn: usize,
    /// How many characters its longest line has.
    width: usize,
}

impl Window {
    /// The terminal's size now; it may change at any time.
    pub(super) fn size() -> Size {
        let (columns, rows) =
            terminal_size().map_or((80, 24), |(Width(columns), Height(rows))| (columns, rows));
        Size { columns: columns.into(), rows: rows.into() }
    }

    /// Draws a picture in the place of the last one, below some text that stays.
    pub(super) fn draw(&mut self, above: &str, picture: &[String]) {
        let mut text = format!("{BEGIN}{}", self.back_to_the_top(Self::size().columns));
        for line in above.lines().chain(picture.iter().map(String::as_str)) {
            text.push_str(line);
            text.push_str(CLEAR_TO_END_OF_LINE);
            text.push('\n');
        }
        text.push_str(CLEAR_BELOW);
        text.push_str(END);
        let widths = picture.iter().map(|line| strip_str(line).to_string().chars().count());
        (self.drawn, self.width) = (picture.len(), widths.max().unwrap_or_default());
        // Without colour the escapes that move the cursor are still needed, so nothing strips them here.
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }

    /// A terminal that became narrower has broken the lines of the picture into several rows each. It may tell its new size
    /// only later, so that pictures were drawn by the old one meanwhile, over a part of what was broken: nobody knows then
    /// how many rows there are, and the window is begun anew. What was in it goes to where the terminal keeps what it
    /// scrolled.
    fn back_to_the_top(&self, columns: usize) -> String {
        match self.drawn {
            0 => String::new(),
            _ if self.width > columns => CLEAR_ALL.to_owned(),
            rows => format!("\r\x1b[{rows}A"),
        }
    }
}
