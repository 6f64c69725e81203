//! The layers of an environment. A layer is the first word of an address.

use sidekick_engine::Address;

/// The layers of a stack, in the order in which they are built.
pub(crate) const LAYERS: [&str; 5] = ["network", "security", "data", "edge", "compute"];

/// Things that belong to resources, by layer.
pub(crate) type ByLayer<'a, T> = Vec<(&'a str, Vec<T>)>;

/// The layer of a resource.
pub(crate) fn layer(address: &Address) -> &str {
    address.as_str().split('.').next().unwrap_or_default()
}

/// Things by the layers of their resources, in the order in which these appear.
pub(crate) fn by_layer<'a, T>(things: impl IntoIterator<Item = (&'a Address, T)>) -> ByLayer<'a, T> {
    let mut layers: ByLayer<'a, T> = Vec::new();
    for (address, thing) in things {
        let name = layer(address);
        match layers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, things)) => things.push(thing),
            None => layers.push((name, vec![thing])),
        }
    }
    layers
}

/// The same in the order in which the layers are built. Others come after them, by name.
pub(crate) fn by_layer_as_built<'a, T>(things: impl IntoIterator<Item = (&'a Address, T)>) -> ByLayer<'a, T> {
    let mut layers = by_layer(things);
    let rank = |name: &str| LAYERS.iter().position(|known| *known == name).unwrap_or(LAYERS.len());
    layers.sort_by_key(|(name, _)| (rank(name), *name));
    layers
}
