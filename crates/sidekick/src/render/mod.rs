//! What is said, as functions of data. Nothing here knows the engine's workings, and colour is never information.

mod columns;
mod findings;
mod history;
pub(crate) mod layers;
mod live;
mod plan;
mod preview;
mod progress;
mod report;
mod runs;
mod settings;
mod status;
mod style;
mod summary;
mod value;

pub(crate) use columns::columns;
pub(crate) use findings::findings;
pub(crate) use history::{history, restored};
pub(crate) use plan::{because, counts, plan, planned_words};
pub(crate) use preview::{changing, made};
pub(crate) use progress::Progress;
pub(crate) use report::{
    Words, cautions, not_kept, nothing_checked, nothing_on_record, outputs, pending, placeholders,
};
pub(crate) use runs::{run, runs};
pub(crate) use settings::settings;
pub(crate) use status::{Glance, access_changes, status};
pub(crate) use style::{in_words, moment, seconds_in_words, to_do};
pub(crate) use summary::dollars;
pub(crate) use value::{Part, bare, inner, parts};
