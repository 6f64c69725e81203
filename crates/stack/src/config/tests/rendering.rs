//! What a user sees.

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::over_default;
use crate::config::ConfigProblems;

pub(super) fn render(problems: &ConfigProblems) -> String {
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
    handler.render_report(&mut text, problems).unwrap();
    // The renderer ends some lines with a space, which an editor would remove from the expected text.
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn a_report_shows_each_problem_in_its_file_with_what_to_do() {
    let problems =
        over_default("[logs]\nretention = 3\n\n[alb]\nlistener_port = 8080\n").expect_err("two problems");
    let expected = r#"  × the configuration of `test` has 2 problems

Error:
  × unknown key `retention`
   ╭─[test.toml:2:1]
 1 │ [logs]
 2 │ retention = 3
   · ────┬────
   ·     ╰── logs.retention
 3 │
   ╰────
  help: known here: `datetime_format`, `group`, `kms_key_id`, `multiline_pattern`,
        `retention_days`, `stream_prefix`

Error:
  × nothing could reach the listener on port 8080: the security group does not admit it
   ╭─[test.toml:5:17]
 4 │ [alb]
 5 │ listener_port = 8080
   ·                 ──┬─
   ·                   ╰── alb.listener_port
   ╰────
  help: add 8080 to `alb.ingress_ports`
"#;
    assert_eq!(render(&problems), expected);
}
