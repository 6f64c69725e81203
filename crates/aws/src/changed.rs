//! What the call of an update names: only what differs, for to some services naming is changing.

/// The desired value, if it is another one.
pub(crate) fn changed<T: Clone + PartialEq>(desired: &T, actual: &T) -> Option<T> {
    (desired != actual).then(|| desired.clone())
}
