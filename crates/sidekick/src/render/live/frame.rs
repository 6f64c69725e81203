//! A run as a picture: a header, and the resources at work by layer. Pure: what is watched, the time and the size in,
//! lines out.

use std::time::Duration;

use anstyle::Style;
use jiff::Timestamp;

use super::watch::{Change, Outlook, State, Watch, since};
use crate::render::layers::by_layer;
use crate::render::style::{BAD, BOLD, CHANGE, DIM, GOOD, about, as_clock, doing, paint};

/// A terminal's size in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

/// Text in styles.
type Line = Vec<(Style, String)>;

const PLAIN: Style = Style::new();

/// The lines of a picture that fits: one row is left for the cursor, and no line reaches the last column.
pub(crate) fn frame(watch: &Watch, now: Timestamp, size: Size) -> Vec<String> {
    let mut lines = vec![fitting_header(watch, now, size.columns.saturating_sub(1))];
    let mut layers = layers(watch);
    let room = size.rows.saturating_sub(1 + lines.len() + layers.len());
    let at_work: usize = layers.iter().map(|layer| layer.at_work.len()).sum();
    // Where not all fit, those with the longest rest are shown.
    let mut shown = if at_work <= room { at_work } else { room.saturating_sub(1) };
    if size.rows > 2 + layers.len() {
        for layer in &mut layers {
            lines.push(layer.line());
            let fitting = layer.at_work.len().min(shown);
            shown -= fitting;
            lines.extend(layer.at_work[..fitting].iter().map(|change| at_work_line(change, now)));
        }
        let left_out: usize =
            at_work.saturating_sub(if at_work <= room { at_work } else { room.saturating_sub(1) });
        if left_out > 0 {
            lines.push(vec![(DIM, format!("  … {left_out} more at work"))]);
        }
    }
    lines.truncate(size.rows.saturating_sub(1).max(1));
    lines.iter().map(|line| fit(line, size.columns.saturating_sub(1))).collect()
}

/// `3:12 · about 6 min 20 s left · 21/37 · waiting for data.redis, 3:04 of about 6 min 30 s`
pub(super) fn header(watch: &Watch, now: Timestamp) -> Line {
    header_with(watch, |change| format!("waiting for {}, {}", change.address, times(change, now)), now)
}

/// The longest form of the header that a width has room for. Its words go first, then the times that the line of the
/// resource has as well.
fn fitting_header(watch: &Watch, now: Timestamp, width: usize) -> Line {
    let fits = |line: &Line| line.iter().map(|(_, text)| text.chars().count()).sum::<usize>() <= width;
    let short = || header_with(watch, |change| format!("{} {}", change.address, times(change, now)), now);
    let shortest = || header_with(watch, |change| change.address.to_string(), now);
    Some(header(watch, now)).filter(fits).or_else(|| Some(short()).filter(fits)).unwrap_or_else(shortest)
}

/// The header, with what the run waits for in these words.
fn header_with(watch: &Watch, words: impl Fn(&Change) -> String, now: Timestamp) -> Line {
    let Outlook { left, overdue, waiting_for } = watch.outlook(now);
    let passed = watch.begun.map(|begun| since(now, begun)).unwrap_or_default();
    let left = match (left, overdue) {
        (Duration::ZERO, _) => String::new(),
        (left, true) => format!(" · at least {} left", about(left)),
        (left, false) => format!(" · about {} left", about(left)),
    };
    let mut line =
        vec![(BOLD, as_clock(passed)), (PLAIN, format!("{left} · {}/{}", watch.over(), watch.changes.len()))];
    if let Some(change) = waiting_for {
        line.push((PLAIN, format!(" · {}", words(change))));
    }
    line
}

/// A layer of the environment.
struct Layer<'a> {
    name: &'a str,
    all: usize,
    over: usize,
    failed: usize,
    at_work: Vec<&'a Change>,
}

impl Layer<'_> {
    fn line(&self) -> Line {
        let Self { name, all, over, failed, .. } = self;
        let done = over - failed;
        let mark = if done == *all {
            ("✔", GOOD)
        } else if *failed > 0 {
            ("✘", BAD)
        } else {
            ("·", DIM)
        };
        let mut line = vec![
            (mark.1, format!("{} ", mark.0)),
            (BOLD, format!("{name:<9}")),
            (DIM, format!(" {done} of {all} done")),
        ];
        if *failed > 0 {
            line.push((BAD, format!(", {failed} failed or skipped")));
        }
        line
    }
}

fn layers(watch: &Watch) -> Vec<Layer<'_>> {
    let count = |changes: &[&Change], is: fn(&Change) -> bool| changes.iter().filter(|it| is(it)).count();
    let layers = by_layer(watch.changes.iter().map(|change| (&change.address, change))).into_iter();
    layers
        .map(|(name, changes)| Layer {
            name,
            all: changes.len(),
            over: count(&changes, Change::is_over),
            failed: count(&changes, |it| matches!(it.state, State::Failed | State::Skipped)),
            at_work: changes.into_iter().filter(|it| matches!(it.state, State::Running(_))).collect(),
        })
        .collect()
}

fn at_work_line(change: &Change, now: Timestamp) -> Line {
    let word = doing(change.action);
    let mut line = vec![
        (PLAIN, format!("    {:<34} ", change.address)),
        (CHANGE, word.to_owned()),
        (PLAIN, format!("  {}", times(change, now))),
    ];
    if !change.note.is_empty() && change.note != word {
        line.push((DIM, format!("  {}", change.note.lines().next().unwrap_or_default())));
    }
    line
}

/// `3:04 of about 6 min 30 s`
fn times(change: &Change, now: Timestamp) -> String {
    let State::Running(begun) = change.state else { return String::new() };
    let passed = as_clock(since(now, begun));
    if change.expected < Duration::from_secs(2) {
        passed
    } else {
        format!("{passed} of about {}", about(change.expected))
    }
}

/// Cuts a line to a width, and paints it.
fn fit(line: &Line, width: usize) -> String {
    let whole: usize = line.iter().map(|(_, text)| text.chars().count()).sum();
    let mut room = if whole > width { width.saturating_sub(1) } else { whole };
    let mut text = String::new();
    for (style, part) in line {
        let part: String = part.chars().take(room).collect();
        room -= part.chars().count();
        text.push_str(&if *style == PLAIN || part.is_empty() { part } else { paint(*style, &part) });
    }
    if whole > width && width > 0 { text + "…" } else { text }
}
