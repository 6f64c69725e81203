//! The desired environment as a graph: nodes are specs that are completed once the values they need are known.
//!
//! Edges come from the handles that a spec is given, so a dependency can neither be forgotten nor form a cycle: a
//! handle exists only after its node.

use std::collections::{BTreeSet, HashMap};
use std::marker::PhantomData;
use std::time::Duration;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::imagined::{Guise, Imagined};
use crate::kind::{AnyKind, Erased};
use crate::{Address, Experience, Mutation, Resource, Survey};

/// Which half of a producer an edge needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Its create was answered: the identity is known.
    Accepted,
    /// It is as desired: the outputs are known.
    Ready,
}

/// The desired environment.
pub struct Graph<C: 'static> {
    nodes: DiGraph<Node<C>, Phase>,
    by_address: HashMap<Address, NodeIndex>,
}

pub(crate) struct Node<C: 'static> {
    pub(crate) address: Address,
    pub(crate) kind: &'static dyn AnyKind<C>,
    spec: SpecOf,
}

/// Completes a spec, or says nothing while a value it needs is unknown.
type SpecOf = Box<dyn Fn(&Known) -> Option<serde_json::Result<Value>> + Send + Sync>;

/// The identities and outputs that are known at some moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) ids: HashMap<Address, Value>,
    pub(crate) outputs: HashMap<Address, Value>,
    /// How what is not known is imagined, if it is.
    imagines: Option<Guise>,
}

impl Known {
    /// A value that an older sidekick recorded in another shape counts as unknown; it is known again once the
    /// producer was observed.
    fn read<T: DeserializeOwned>(&self, values: &HashMap<Address, Value>, address: &Address) -> Option<T> {
        let known = values.get(address).and_then(|value| T::deserialize(value).ok());
        known.or_else(|| T::deserialize(Imagined(address, self.imagines?)).ok())
    }

    /// The same with all that is not known imagined.
    pub(crate) fn imagining(&self, guise: Guise) -> Self {
        Self { imagines: Some(guise), ..self.clone() }
    }

    /// Asks it as if all that is not known were imagined.
    pub(crate) fn while_imagining<T>(&mut self, guise: Guise, ask: impl FnOnce(&Self) -> T) -> T {
        let before = self.imagines.replace(guise);
        let answer = ask(self);
        self.imagines = before;
        answer
    }
}

/// A resource as a run is to leave it.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// Where it stands.
    pub address: Address,
    /// Its kind.
    pub kind: &'static str,
    /// Its identity, for which its address stands until it exists.
    pub id: Value,
    /// Its complete spec, in which addresses stand for what is not known yet.
    pub spec: Value,
}

/// A node that was added, to be named as a need of later ones.
pub struct Handle<R> {
    index: NodeIndex,
    address: Address,
    resource: PhantomData<fn() -> R>,
}

impl<R: Resource> Handle<R> {
    /// Needs the resource's identity: enough for whatever only names it.
    pub fn accepted(&self) -> Accepted<R> {
        Accepted(self.index, self.address.clone(), PhantomData)
    }

    /// Needs the resource as desired, and its outputs.
    pub fn ready(&self) -> Ready<R> {
        Ready(self.index, self.address.clone(), PhantomData)
    }

    /// The address it was added under.
    pub const fn address(&self) -> &Address {
        &self.address
    }
}

/// A need for a resource's identity. See [`Handle::accepted`].
pub struct Accepted<R>(NodeIndex, Address, PhantomData<fn() -> R>);

/// A need for a resource's outputs. See [`Handle::ready`].
pub struct Ready<R>(NodeIndex, Address, PhantomData<fn() -> R>);

/// What a spec must be given before it is complete: a need, or a tuple or list of needs.
pub trait Needs: Send + Sync + 'static {
    /// The values as the spec receives them.
    type Values;

    #[doc(hidden)]
    fn edges(&self, edges: &mut Vec<Edge>);

    #[doc(hidden)]
    fn values(&self, known: &KnownValues<'_>) -> Option<Self::Values>;
}

/// One edge of a need; opaque outside of the engine.
#[doc(hidden)]
pub struct Edge(NodeIndex, Phase);

/// What is known; opaque outside of the engine.
#[doc(hidden)]
pub struct KnownValues<'a>(&'a Known);

impl<R: Resource> Needs for Accepted<R> {
    type Values = R::Id;

    fn edges(&self, edges: &mut Vec<Edge>) {
        edges.push(Edge(self.0, Phase::Accepted));
    }

    fn values(&self, known: &KnownValues<'_>) -> Option<R::Id> {
        known.0.read(&known.0.ids, &self.1)
    }
}

impl<R: Resource> Needs for Ready<R> {
    type Values = R::Outputs;

    fn edges(&self, edges: &mut Vec<Edge>) {
        edges.push(Edge(self.0, Phase::Ready));
    }

    fn values(&self, known: &KnownValues<'_>) -> Option<R::Outputs> {
        known.0.read(&known.0.outputs, &self.1)
    }
}

impl<N: Needs> Needs for Vec<N> {
    type Values = Vec<N::Values>;

    fn edges(&self, edges: &mut Vec<Edge>) {
        self.iter().for_each(|need| need.edges(edges));
    }

    fn values(&self, known: &KnownValues<'_>) -> Option<Self::Values> {
        self.iter().map(|need| need.values(known)).collect()
    }
}

impl<N: Needs> Needs for Option<N> {
    type Values = Option<N::Values>;

    fn edges(&self, edges: &mut Vec<Edge>) {
        self.iter().for_each(|need| need.edges(edges));
    }

    fn values(&self, known: &KnownValues<'_>) -> Option<Self::Values> {
        match self {
            Some(need) => need.values(known).map(Some),
            None => Some(None),
        }
    }
}

macro_rules! tuple_needs {
    ($($need:ident),*) => {
        impl<$($need: Needs),*> Needs for ($($need,)*) {
            type Values = ($($need::Values,)*);

            #[allow(non_snake_case, unused_variables, reason = "one name for type and value; the empty tuple")]
            fn edges(&self, edges: &mut Vec<Edge>) {
                let ($($need,)*) = self;
                $($need.edges(edges);)*
            }

            #[allow(non_snake_case, unused_variables, clippy::unused_unit, reason = "as above")]
            fn values(&self, known: &KnownValues<'_>) -> Option<Self::Values> {
                let ($($need,)*) = self;
                Some(($($need.values(known)?,)*))
            }
        }
    };
}
tuple_needs!();
tuple_needs!(A);
tuple_needs!(A, B);
tuple_needs!(A, B, D);
tuple_needs!(A, B, D, E);
tuple_needs!(A, B, D, E, F);
tuple_needs!(A, B, D, E, F, G);
tuple_needs!(A, B, D, E, F, G, H);
tuple_needs!(A, B, D, E, F, G, H, I);

impl<C: 'static> Default for Graph<C> {
    fn default() -> Self {
        Self { nodes: DiGraph::new(), by_address: HashMap::new() }
    }
}

impl<C: Send + Sync + 'static> Graph<C> {
    /// The graph of nothing; bringing it up takes everything down.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a resource whose spec is completed by `spec` once the values of `needs` are known.
    ///
    /// # Panics
    /// If the address is taken, which is a defect of the stack program.
    pub fn add<R, N>(
        &mut self,
        address: impl Into<Address>,
        needs: N,
        spec: impl Fn(N::Values) -> R + Send + Sync + 'static,
    ) -> Handle<R>
    where
        R: Resource<Cloud = C>,
        N: Needs,
    {
        let address = address.into();
        let mut edges = Vec::new();
        needs.edges(&mut edges);
        let spec: SpecOf = Box::new(move |known| {
            let values = needs.values(&KnownValues(known))?;
            Some(serde_json::to_value(spec(values)))
        });
        let index = self.nodes.add_node(Node { address: address.clone(), kind: Erased::<R>::KIND, spec });
        for Edge(producer, phase) in edges {
            // A producer that is needed twice is needed in the later of the two phases.
            let before = self.nodes.find_edge(producer, index).map(|edge| self.nodes[edge]);
            self.nodes.update_edge(producer, index, before.map_or(phase, |before| before.max(phase)));
        }
        let taken = self.by_address.insert(address.clone(), index);
        assert!(taken.is_none(), "BUG: two resources have the address {address}");
        Handle { index, address, resource: PhantomData }
    }

    /// Changes the spec of one node, once it is complete, as an edit of the configuration would.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn amend(&mut self, address: &Address, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        let index = self.by_address[address];
        let node = &mut self.nodes[index];
        let complete = std::mem::replace(&mut node.spec, Box::new(|_| None));
        node.spec = Box::new(move |known| {
            complete(known).map(|spec| {
                spec.map(|mut spec| {
                    change(&mut spec);
                    spec
                })
            })
        });
    }

    /// Whether a resource of this address is desired.
    pub fn contains(&self, address: &Address) -> bool {
        self.by_address.contains_key(address)
    }

    /// What there will be once everything is as desired, as far as that can be said beforehand.
    pub fn foresee(&self, survey: &Survey) -> Vec<Foreseen> {
        let known = survey.known().imagining(Guise::Least);
        let nodes = self.in_order().map(|index| self.node(index));
        nodes
            .filter_map(|node| {
                let (address, kind) = (node.address.clone(), node.kind.traits().name);
                let id = known.ids.get(&address).cloned().unwrap_or_else(|| address.as_str().into());
                Some(Foreseen { spec: node.spec(&known)?, address, kind, id })
            })
            .collect()
    }

    /// The nodes, each after all that it needs.
    pub(crate) fn in_order(&self) -> impl DoubleEndedIterator<Item = NodeIndex> {
        // A node's index is greater than those of its needs, because a handle exists only after its node.
        self.nodes.node_indices()
    }

    pub(crate) fn node(&self, index: NodeIndex) -> &Node<C> {
        &self.nodes[index]
    }

    pub(crate) fn index(&self, address: &Address) -> Option<NodeIndex> {
        self.by_address.get(address).copied()
    }

    /// What a node needs, and in which phase.
    pub(crate) fn needs(&self, index: NodeIndex) -> impl Iterator<Item = (NodeIndex, Phase)> {
        self.nodes.edges_directed(index, Direction::Incoming).map(|edge| (edge.source(), *edge.weight()))
    }

    /// The addresses of what a node needs.
    pub(crate) fn depends_on(&self, index: NodeIndex) -> BTreeSet<Address> {
        self.needs(index).map(|(producer, _)| self.nodes[producer].address.clone()).collect()
    }

    /// For each node, how long the rest of the run takes from its start on, by what is typical of the kinds.
    ///
    /// Of the nodes that could start, the one with the longest rest goes first.
    pub(crate) fn remaining(&self, experience: &Experience) -> HashMap<NodeIndex, Duration> {
        let mut remaining = HashMap::with_capacity(self.nodes.node_count());
        for index in self.in_order().rev() {
            let kind = self.nodes[index].kind.traits();
            let own = experience.pace(kind.name, Mutation::Create, kind.up).typical;
            let dependents = self.nodes.edges_directed(index, Direction::Outgoing).map(|edge| {
                let rest = remaining.get(&edge.target()).copied().unwrap_or_default();
                if *edge.weight() == Phase::Ready { own + rest } else { rest }
            });
            let rest = dependents.max().unwrap_or_default();
            remaining.insert(index, rest.max(own));
        }
        remaining
    }
}

impl<C> Node<C> {
    /// The complete spec, unless something it needs is unknown.
    ///
    /// Specs are plain data with text keys and always serialise.
    pub(crate) fn spec(&self, known: &Known) -> Option<Value> {
        (self.spec)(known).map(|spec| spec.expect("a spec is plain data and serialises"))
    }
}
