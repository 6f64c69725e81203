//! Where everything stands: columns by what has to be there before, bands by layer.
//!
//! A column holds what is one need away from the column before it. An arrow that passes columns has a trunk in each, a
//! place of its own among the boxes, and the arrows of one resource share theirs. Within a band, boxes and trunks are
//! pulled to what they are connected with; that orders them so that few arrows cross, and straightens those.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Diagram;

/// The height of a box with its three lines.
pub(crate) const BOX: f64 = 56.0;
const TRUNK: f64 = 6.0;
const GAP: f64 = 14.0;
const BETWEEN_COLUMNS: f64 = 72.0;
const BETWEEN_BANDS: f64 = 16.0;
/// Above the boxes of a band, for its name.
const HEAD: f64 = 34.0;
const MARGIN: f64 = 20.0;
/// The width of a character, and what a box has beside its text.
const CHARACTER: f64 = 7.25;
const PADDING: f64 = 26.0;
/// After these, nothing moves much any more.
const SWEEPS: usize = 12;

/// A diagram's places, in pixels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The name of each layer, its upper end and its height.
    pub(crate) bands: Vec<(String, f64, f64)>,
    /// The box of each node.
    pub(crate) boxes: Vec<Placed>,
    /// The way of each arrow, as SVG describes paths.
    pub(crate) ways: Vec<String>,
}

/// A box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placed {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
}

/// A box or a trunk while it looks for its height.
struct Slot {
    column: usize,
    band: usize,
    height: f64,
    middle: f64,
    /// What it is connected with in the column before, and in the one behind.
    before: Vec<usize>,
    behind: Vec<usize>,
}

/// All slots; those of the nodes come first, in their order.
struct Slots {
    slots: Vec<Slot>,
    /// The slots by column and band, from above.
    cells: BTreeMap<(usize, usize), Vec<usize>>,
    /// The upper and the lower end of each band's boxes.
    bands: Vec<(f64, f64)>,
}

impl Layout {
    pub(crate) fn of(diagram: &Diagram) -> Self {
        let layers = diagram.layers();
        let columns = columns(diagram);
        let mut slots = Slots::new(&columns, &layers);
        let routes = slots.routes(&diagram.arrows);
        slots.settle();
        let count = columns.iter().max().map_or(0, |last| last + 1);
        let mut widths = vec![0.0_f64; count];
        for (node, column) in diagram.nodes.iter().zip(&columns) {
            let lines = [node.name(), &node.mark.line(), &node.kind];
            let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
            widths[*column] = widths[*column].max(length(longest) * CHARACTER + PADDING);
        }
        let mut lefts = Vec::new();
        let mut x = MARGIN * 2.0;
        for width in &widths {
            lefts.push(x);
            x += width + BETWEEN_COLUMNS;
        }
        let span = |slot: &Slot| (lefts[slot.column], lefts[slot.column] + widths[slot.column]);
        let placed = |slot: &Slot| Placed {
            x: lefts[slot.column],
            y: slot.middle - BOX / 2.0,
            width: widths[slot.column],
        };
        let ways = routes.iter().map(|route| {
            way(route.iter().map(|slot| &slots.slots[*slot]).map(|slot| (span(slot), slot.middle)))
        });
        let bands = layers
            .iter()
            .zip(&slots.bands)
            .map(|((layer, _), (top, bottom))| ((*layer).to_owned(), top - HEAD, bottom - top + HEAD + GAP));
        Self {
            width: x - BETWEEN_COLUMNS + MARGIN * 2.0,
            height: slots.bands.last().map_or(0.0, |(_, bottom)| bottom + GAP) + MARGIN,
            bands: bands.collect(),
            boxes: slots.slots[..diagram.nodes.len()].iter().map(placed).collect(),
            ways: ways.collect(),
        }
    }
}

/// The column of each node: behind all that it needs.
fn columns(diagram: &Diagram) -> Vec<usize> {
    let mut columns = vec![0; diagram.nodes.len()];
    // A circle, which only a file that was meddled with can have, ends with the rounds.
    for _ in 0..diagram.nodes.len() {
        for (needed, needing) in &diagram.arrows {
            columns[*needing] = columns[*needing].max(columns[*needed] + 1);
        }
    }
    columns
}

impl Slots {
    fn new(columns: &[usize], layers: &[(&str, Vec<usize>)]) -> Self {
        let mut bands = vec![0; columns.len()];
        for (band, (_, places)) in layers.iter().enumerate() {
            places.iter().for_each(|place| bands[*place] = band);
        }
        let mut slots =
            Self { slots: Vec::new(), cells: BTreeMap::new(), bands: vec![(0.0, 0.0); layers.len()] };
        for (column, band) in columns.iter().zip(&bands) {
            slots.add(*column, *band, BOX);
        }
        slots
    }

    fn add(&mut self, column: usize, band: usize, height: f64) -> usize {
        let slot = self.slots.len();
        let (before, behind) = (Vec::new(), Vec::new());
        self.slots.push(Slot { column, band, height, middle: 0.0, before, behind });
        self.cells.entry((column, band)).or_default().push(slot);
        slot
    }

    /// The slots that each arrow passes, for which the trunks are made.
    fn routes(&mut self, arrows: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let mut trunks: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let mut routes = Vec::new();
        for (needed, needing) in arrows {
            let (first, last) = (self.slots[*needed].column, self.slots[*needing].column);
            let band = self.slots[*needed].band;
            let mut route = vec![*needed];
            for column in first + 1..last {
                let known = trunks.get(&(*needed, column)).copied();
                let trunk = known.unwrap_or_else(|| self.add(column, band, TRUNK));
                trunks.insert((*needed, column), trunk);
                route.push(trunk);
            }
            route.push(*needing);
            for pair in route.windows(2) {
                if !self.slots[pair[0]].behind.contains(&pair[1]) {
                    self.slots[pair[0]].behind.push(pair[1]);
                    self.slots[pair[1]].before.push(pair[0]);
                }
            }
            routes.push(route);
        }
        routes
    }

    /// Gives each band the height of its fullest column, and each slot its height in the band.
    fn settle(&mut self) {
        let mut top = MARGIN;
        for band in 0..self.bands.len() {
            let cells = self.cells.iter().filter(|((_, of), _)| *of == band).map(|(_, cell)| cell);
            let full =
                |cell: &Vec<usize>| cell.iter().map(|slot| self.slots[*slot].height + GAP).sum::<f64>() - GAP;
            let height = cells.map(full).fold(0.0, f64::max);
            self.bands[band] = (top + HEAD, top + HEAD + height);
            top += HEAD + height + GAP + BETWEEN_BANDS;
        }
        let places: Vec<(usize, usize)> = self.cells.keys().copied().collect();
        places.iter().for_each(|place| self.pull(*place, |_| &[]));
        for sweep in 0..SWEEPS {
            if sweep % 2 == 0 {
                places.iter().for_each(|place| self.pull(*place, |slot| &slot.before));
            } else {
                places.iter().rev().for_each(|place| self.pull(*place, |slot| &slot.behind));
            }
        }
    }

    /// Moves the slots of a cell towards the middle of what they are connected with on one side.
    fn pull(&mut self, place: (usize, usize), side: fn(&Slot) -> &[usize]) {
        let wish = |slot: &usize| {
            let slot = &self.slots[*slot];
            let middles: Vec<f64> = side(slot).iter().map(|other| self.slots[*other].middle).collect();
            if middles.is_empty() { slot.middle } else { middles.iter().sum::<f64>() / length(middles.len()) }
        };
        let mut cell: Vec<(f64, usize)> = self.cells[&place].iter().map(|slot| (wish(slot), *slot)).collect();
        cell.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let (top, bottom) = self.bands[place.1];
        let mut above = top;
        for (wish, slot) in &cell {
            let slot = &mut self.slots[*slot];
            slot.middle = wish.max(above + slot.height / 2.0);
            above = slot.middle + slot.height / 2.0 + GAP;
        }
        let mut below = bottom;
        for (_, slot) in cell.iter().rev() {
            let slot = &mut self.slots[*slot];
            slot.middle = slot.middle.min(below - slot.height / 2.0);
            below = slot.middle - slot.height / 2.0 - GAP;
        }
        self.cells.insert(place, cell.into_iter().map(|(_, slot)| slot).collect());
    }
}

/// The way of an arrow through its slots, each with its left and right end and its middle.
fn way(mut slots: impl Iterator<Item = ((f64, f64), f64)>) -> String {
    let Some(((_, mut x), mut y)) = slots.next() else { return String::new() };
    let mut way = format!("M{x:.1} {y:.1}");
    let mut slots = slots.peekable();
    while let Some(((left, right), middle)) = slots.next() {
        let bend = f64::midpoint(x, left);
        let _ = write!(way, "C{bend:.1} {y:.1} {bend:.1} {middle:.1} {left:.1} {middle:.1}");
        if slots.peek().is_some() {
            let _ = write!(way, "H{right:.1}");
        }
        (x, y) = (right, middle);
    }
    way
}

/// A count as a length.
fn length(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
