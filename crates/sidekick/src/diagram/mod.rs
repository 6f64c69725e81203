//! The graph of a plan, a state or a run as a picture: one value, which is drawn as DOT, Mermaid or SVG.

mod dot;
mod layout;
mod mermaid;
mod sources;
mod svg;

use std::collections::{BTreeMap, BTreeSet};

use sidekick_engine::{Address, Outlined};

use crate::render::layers::by_layer_as_built;

pub(crate) use dot::dot;
pub(crate) use layout::{BOX, Layout, Placed};
pub(crate) use mermaid::mermaid;
pub(crate) use svg::svg;

/// Resources, and an arrow from each to what needs it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Diagram {
    /// What it is the graph of.
    pub(crate) title: String,
    pub(crate) nodes: Vec<Node>,
    /// Pairs of places in the nodes: what is needed, and what needs it. What follows from other arrows is left out.
    pub(crate) arrows: Vec<(usize, usize)>,
}

/// One resource.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) address: Address,
    pub(crate) kind: String,
    pub(crate) mark: Mark,
}

/// How a resource is, or what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) symbol: &'static str,
    pub(crate) words: String,
    pub(crate) tone: Tone,
    /// Whether the run takes as long as it does because of it.
    pub(crate) critical: bool,
}

/// What a colour stands for. The mark says it in words as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Change,
    Bad,
    Calm,
}

impl Tone {
    pub(crate) const ALL: [Self; 4] = [Self::Good, Self::Change, Self::Bad, Self::Calm];

    /// Its name in style sheets.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Change => "change",
            Self::Bad => "bad",
            Self::Calm => "calm",
        }
    }

    /// Its fill and its line on paper.
    const fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Good => ("#e6f4ea", "#1a7f3c"),
            Self::Change => ("#fff4d6", "#8a5a00"),
            Self::Bad => ("#fde7e6", "#b3261e"),
            Self::Calm => ("#f4f5f7", "#5d6776"),
        }
    }
}

impl Mark {
    pub(crate) fn new(symbol: &'static str, words: impl Into<String>, tone: Tone) -> Self {
        Self { symbol, words: words.into(), tone, critical: false }
    }

    /// The symbol and the words, and whether it is on the critical path.
    fn line(&self) -> String {
        format!("{} {}{}", self.symbol, self.words, if self.critical { " ◆ critical" } else { "" })
    }
}

impl Node {
    /// The address within its layer.
    pub(crate) fn name(&self) -> &str {
        self.address.as_str().split_once('.').map_or(self.address.as_str(), |(_, name)| name)
    }
}

impl Diagram {
    /// Draws an outline.
    fn new(title: String, outline: &[Outlined], mark: impl Fn(&Outlined) -> Mark) -> Self {
        let place: BTreeMap<&Address, usize> =
            outline.iter().enumerate().map(|(place, it)| (&it.address, place)).collect();
        let needs: Vec<BTreeSet<usize>> = outline
            .iter()
            .map(|it| it.needs.iter().filter_map(|need| place.get(need).copied()).collect())
            .collect();
        let node =
            |it: &Outlined| Node { address: it.address.clone(), kind: it.kind.clone(), mark: mark(it) };
        Self { title, nodes: outline.iter().map(node).collect(), arrows: direct(&needs) }
    }

    /// The layers that have resources, each with their places.
    fn layers(&self) -> Vec<(&str, Vec<usize>)> {
        by_layer_as_built(self.nodes.iter().enumerate().map(|(place, node)| (&node.address, place)))
    }
}

/// The arrows that do not follow from others.
fn direct(needs: &[BTreeSet<usize>]) -> Vec<(usize, usize)> {
    let all = reachable(needs);
    let mut arrows = Vec::new();
    for (place, needed) in needs.iter().enumerate() {
        let follows = |need: &usize| needed.iter().any(|other| other != need && all[*other].contains(need));
        arrows.extend(needed.iter().filter(|need| !follows(need)).map(|need| (*need, place)));
    }
    arrows
}

/// All that each needs, directly or not.
fn reachable(needs: &[BTreeSet<usize>]) -> Vec<BTreeSet<usize>> {
    let mut all = needs.to_vec();
    loop {
        let mut grown = false;
        for place in 0..all.len() {
            let more: BTreeSet<usize> = all[place].iter().flat_map(|need| all[*need].clone()).collect();
            grown |= !more.is_subset(&all[place]);
            all[place].extend(more);
        }
        if !grown {
            return all;
        }
    }
}

#[cfg(test)]
mod tests;
