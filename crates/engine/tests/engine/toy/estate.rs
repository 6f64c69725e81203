//! The desired environment of most tests: small, but with every kind and every sort of edge in it.

use sidekick_engine::Graph;

use super::thing::{Address, Database, Definition, Group, Listener, Network, Service, Thing, Version};
use super::world::Cloud;

/// The configuration. Tests edit its fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estate {
    /// Forces a replacement of the network when it changes.
    pub(crate) range: &'static str,
    /// Forces a replacement of the database when it changes.
    pub(crate) engine: &'static str,
    /// Changes the definition, so that it makes a new revision.
    pub(crate) image: &'static str,
    /// Changes most resources in place.
    pub(crate) label: &'static str,
    /// The natural name of the group.
    pub(crate) group: &'static str,
    /// Whether the database refuses to be deleted.
    pub(crate) protected: bool,
    /// Whether there is a service, with its definition and listener.
    pub(crate) serves: bool,
    /// Whether there is a secret, with its version.
    pub(crate) secret: bool,
}

impl Estate {
    /// As it is first brought up.
    pub(crate) const FIRST: Self = Self {
        range: "10.0.0.0/16",
        engine: "postgres",
        image: "v1",
        label: "one",
        group: "web",
        protected: false,
        serves: true,
        secret: true,
    };

    /// How many resources it has.
    pub(crate) const fn size(&self) -> usize {
        4 + if self.serves { 3 } else { 0 } + if self.secret { 2 } else { 0 }
    }

    /// The desired environment of this configuration.
    pub(crate) fn graph(self) -> Graph<Cloud> {
        let Self { range, engine, image, label, group, protected, .. } = self;
        let mut graph = Graph::new();
        let network =
            graph.add("network", (), move |()| Thing::<Network>::named("network").fixed(range).tuned(label));
        let group = graph.add("group", (network.accepted(),), move |(network,)| {
            Thing::<Group>::named(group).holding([network]).tuned(label)
        });
        graph.add("address", (network.ready(),), move |(network,)| {
            Thing::<Address>::named("address").reading([network]).tuned(label)
        });
        let database = graph.add("database", (group.accepted(),), move |(group,)| {
            Thing::<Database>::named("database").holding([group]).fixed(engine).protected(protected)
        });
        let secret = self.secret.then(|| {
            let secret = graph.add("secret", (), move |()| Thing::<Group>::named("secret").tuned(label));
            graph.add("secret.version", (secret.accepted(), database.ready()), move |(secret, database)| {
                Thing::<Version>::named("current").holding([secret]).reading([database]).tuned(label)
            })
        });
        if self.serves {
            let definition = graph.add(
                "definition",
                (database.ready(), secret.iter().map(|it| it.accepted()).collect::<Vec<_>>()),
                move |(database, secret)| {
                    let reads = std::iter::once(database).chain(secret);
                    Thing::<Definition>::named("definition").reading(reads).tuned(image)
                },
            );
            let listener = graph.add("listener", (network.accepted(),), move |(network,)| {
                Thing::<Listener>::named("listener").holding([network]).tuned(label)
            });
            graph.add(
                "service",
                (group.accepted(), definition.ready(), listener.ready()),
                move |(group, definition, listener)| {
                    let reads = [definition, listener];
                    Thing::<Service>::named("service").holding([group]).reading(reads).tuned(label)
                },
            );
        }
        graph
    }
}
