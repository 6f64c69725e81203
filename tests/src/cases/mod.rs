//! What must hold wherever the binary runs: each case is a function of the site that it is given.
//!
//! The suites against moto and LocalStack are made of the same cases.

mod changes;
mod lifecycle;
mod ownership;
mod peers;
mod settings;

use crate::site::{Result, Site};

/// Gives a case an account in which nothing is called as it calls its environment, with an operator in front of it.
pub type Open<'a> = &'a dyn Fn() -> Result<Site>;

/// A case: its name, which states the promise, and what shows it.
pub type Case = (&'static str, fn(Open<'_>) -> Result);

/// The cases of a module, each under the name of its function.
macro_rules! cases {
    ($($module:ident :: $name:ident),+ $(,)?) => { &[$((stringify!($name), $module::$name)),+] };
}

/// These make nothing beside the environment, which is theirs to take down again.
pub const ALONE: &[Case] = cases![
    lifecycle::a_killed_up_is_finished_by_the_next_without_a_duplicate,
    lifecycle::up_makes_every_row_of_the_reference_and_nothing_else,
    lifecycle::a_second_up_changes_nothing,
    lifecycle::down_leaves_nothing_and_a_second_down_finds_nothing,
    lifecycle::a_lost_state_file_is_found_again_by_the_ownership_tags,
    changes::an_edit_is_planned_exactly_and_made_in_place,
    changes::routing_and_posture_change_in_place,
    changes::a_tag_reaches_everything_that_carries_tags,
    changes::what_was_deleted_behind_our_back_is_told_and_made_again,
    changes::a_saved_plan_is_carried_out_exactly_or_not_at_all,
    settings::what_is_off_by_default_comes_up_stays_and_goes,
];

/// These want an emulator of the suite's own: they also make what is somebody else's, which nobody takes away, or an
/// environment in which the application would not work.
pub const EMULATED: &[Case] = cases![
    settings::a_cache_with_a_token_comes_up_gets_another_one_and_goes,
    peers::a_peer_gets_its_routes_when_it_is_accepted_and_loses_them_when_it_goes,
    ownership::what_has_our_names_and_not_our_tags_stops_the_run_before_it_starts,
    ownership::what_is_met_on_the_way_and_not_ours_is_left_alone_by_up_and_down,
    ownership::what_took_the_name_of_ours_survives_down,
];
