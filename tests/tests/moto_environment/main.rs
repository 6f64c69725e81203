//! The binary against a simulated AWS over real HTTP: up, audit, change, peers, down, and everything that can be
//! wrong on the way.
//!
//! Every test has a server of its own, so none depends on another. The cases that hold everywhere are shared with the
//! suite against LocalStack. What the emulator cannot show (slow states,
//! refusals, the order of teardown) is shown by the sandbox's suites.

mod canaries;
mod kills;
mod log;
mod protection;
mod refusals;
mod servers;
mod state_file;
mod stops;

use std::process::ExitCode;

use sidekick_tests::cases;
use sidekick_tests::site::Site;
use sidekick_tests::suite::{self, Test};

/// Test names next to what shows them.
macro_rules! tests {
    ($($module:ident :: $name:ident),+ $(,)?) => { &[$((stringify!($name), $module::$name)),+] };
}

fn main() -> ExitCode {
    let tests: &[Test] = tests![
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
        protection::a_protected_database_stops_down_and_leaves_a_last_snapshot,
        protection::a_secret_with_a_recovery_window_comes_back_as_it_was,
        protection::production_comes_up_as_configured,
        state_file::a_broken_or_newer_state_file_stops_every_command_and_stays_as_it_is,
        state_file::the_state_of_another_account_or_region_is_not_touched,
        state_file::a_second_run_waits_outside_while_one_is_under_way,
        canaries::no_secret_value_is_in_anything_that_is_written_or_printed,
        refusals::everything_that_is_missing_is_told_at_once_before_anything_is_made,
        refusals::a_run_in_the_wrong_account_stops,
        refusals::without_a_terminal_nothing_is_changed_unless_agreed_to,
        refusals::missing_credentials_are_named,
        refusals::expired_credentials_are_named,
        log::the_log_of_a_run_names_the_calls_that_reach_the_server,
    ];
    let tests = tests.iter().map(|(name, test)| suite::trial(name, test));
    let cases = [cases::ALONE, cases::EMULATED].concat();
    let cases = cases.into_iter().map(|(name, case)| suite::trial(name, move || case(&Site::on_moto)));
    suite::run_with_python(tests.chain(cases))
}
