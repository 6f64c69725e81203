//! What is said, as functions of data. Nothing here knows the engine's workings, and colour is never information.

mod columns;
mod findings;
mod history;
mod plan;
mod progress;
mod report;
mod settings;
mod status;
mod style;
mod value;

pub(crate) use columns::columns;
pub(crate) use findings::findings;
pub(crate) use history::{history, restored};
pub(crate) use plan::plan;
pub(crate) use progress::Progress;
pub(crate) use report::{
    Words, cautions, not_kept, nothing_on_record, outputs, pending, placeholders, report,
};
pub(crate) use settings::settings;
pub(crate) use status::status;
pub(crate) use value::bare;
