//! The binary against a simulated AWS over real HTTP: up, audit, change, peers, down, and everything that can be
//! wrong on the way.
//!
//! Every test has a server of its own, so none depends on another. What the emulator cannot show (slow states,
//! refusals, the order of teardown) is shown by the sandbox's suites.

mod canaries;
mod changes;
mod kills;
mod lifecycle;
mod ownership;
mod peers;
mod protection;
mod refusals;
mod servers;
mod site;
mod state_file;
mod stops;

use std::process::ExitCode;

use sidekick_tests::suite;

/// Test names next to what shows them.
macro_rules! tests {
    ($($module:ident :: $name:ident),+ $(,)?) => { &[$((stringify!($name), $module::$name)),+] };
}

fn main() -> ExitCode {
    suite::run_with_python(tests![
        // Those that mostly wait or take long come first, so that the others run meanwhile.
        refusals::an_endpoint_that_answers_nothing_ends_the_run_in_bounded_time,
        kills::an_up_that_is_killed_at_every_request_loses_nothing,
        kills::a_down_that_is_killed_at_every_request_loses_nothing,
        kills::a_run_that_is_killed_in_full_flight_before_a_request_loses_nothing,
        kills::a_run_that_is_killed_in_full_flight_after_an_answer_loses_nothing,
        stops::a_signal_before_the_first_change_ends_every_command_at_once,
        stops::a_signal_ends_an_up_that_waits_for_an_answer_and_the_next_finishes_it,
        stops::a_signal_ends_a_down_that_waits_for_an_answer_and_the_next_finishes_it,
        stops::a_second_signal_ends_a_run_without_waiting_and_loses_nothing,
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
        peers::a_peer_gets_its_routes_when_it_is_accepted_and_loses_them_when_it_goes,
        protection::a_protected_database_stops_down_and_leaves_a_last_snapshot,
        protection::a_secret_with_a_recovery_window_comes_back_as_it_was,
        protection::production_comes_up_as_configured,
        ownership::what_has_our_names_and_not_our_tags_stops_the_run_before_it_starts,
        ownership::what_is_met_on_the_way_and_not_ours_is_left_alone_by_up_and_down,
        ownership::what_took_the_name_of_ours_survives_down,
        state_file::a_broken_or_newer_state_file_stops_every_command_and_stays_as_it_is,
        state_file::the_state_of_another_account_or_region_is_not_touched,
        state_file::a_second_run_waits_outside_while_one_is_under_way,
        canaries::no_secret_value_is_in_anything_that_is_written_or_printed,
        refusals::everything_that_is_missing_is_told_at_once_before_anything_is_made,
        refusals::a_run_in_the_wrong_account_stops,
        refusals::without_a_terminal_nothing_is_changed_unless_agreed_to,
        refusals::missing_credentials_are_named,
        refusals::expired_credentials_are_named,
    ])
}
