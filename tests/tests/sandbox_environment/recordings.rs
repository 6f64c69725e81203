//! Runs on record, and all that is made of them: pictures, pages, and what docs/events.md says of them.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;
use sidekick_sandbox::Faults;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    a_graph_is_drawn_of_plan_state_and_run_in_every_language,
    a_graph_of_nothing_and_a_language_that_nobody_names_are_told,
    every_run_has_a_report_however_it_ended,
    every_event_and_every_field_is_documented,
    every_line_that_programs_read_is_documented,
    a_look_that_finds_nothing_is_no_refusal,
];

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events.md");

/// A desk whose environment has everything that can be switched on, and is up.
pub(crate) fn whole() -> Result<Desk, Box<dyn Error>> {
    let desk = Desk::of("whole")?;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/simulation/whole.toml");
    let tags = "\n[tags]\nEnv = \"whole\"\n";
    fs::write(desk.place.path("config/whole.toml"), fs::read_to_string(file)? + tags)?;
    desk.brings("up")?;
    Ok(desk)
}

/// What somebody may have written into a name or a message at AWS.
pub(crate) fn evil() -> String {
    "</script><img src=x onerror=window.poisoned=1><!-- {{script}} \" ' & \u{2028}".to_owned()
}

/// A recording as its file holds it.
pub(crate) struct Recording {
    lines: Vec<Value>,
}

impl Recording {
    pub(crate) fn newest(desk: &Desk) -> Result<Self, Box<dyn Error>> {
        Ok(Self::all(desk)?.pop().ok_or("a run is on record")?)
    }

    /// All of them, the oldest first.
    fn all(desk: &Desk) -> Result<Vec<Self>, Box<dyn Error>> {
        let mut files = Vec::new();
        for file in fs::read_dir(desk.beside_state("runs"))? {
            files.push(file?.path());
        }
        files.sort();
        let read = |file| -> Result<Self, Box<dyn Error>> {
            let lines = fs::read_to_string(file)?;
            Ok(Self { lines: lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()? })
        };
        files.into_iter().map(read).collect()
    }

    /// The same run, with something evil in everything that AWS said.
    pub(crate) fn poisoned(self) -> String {
        let mut text = String::new();
        for mut line in self.lines {
            for field in ["id", "note", "request_id", "stack", "operation", "kind"] {
                if line[field].is_string() {
                    line[field] = evil().into();
                }
            }
            text += &format!("{line}\n");
        }
        text
    }
}

/// The places of a text in another.
fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

fn a_graph_is_drawn_of_plan_state_and_run_in_every_language() -> Shown {
    let desk = whole()?;
    let resources = desk.recorded()?;
    for of in ["plan", "state", "run"] {
        let dot = desk.run(&format!("graph --of {of}")).ends_with(0)?.stdout;
        let mermaid = desk.run(&format!("graph --of {of} --format mermaid")).ends_with(0)?.stdout;
        desk.run(&format!("graph --of {of} -o picture.svg"))
            .ends_with(0)?
            .says(&["picture.svg shows sidekick/whole"])?;
        let svg = fs::read_to_string(desk.place.path("picture.svg"))?;
        for address in &resources {
            assert_eq!(count(&dot, &format!("\"{address}\" [label=")), 1, "{address} in\n{dot}");
            assert_eq!(count(&mermaid, &format!("[\"{address}<br/>")), 1, "{address} in\n{mermaid}");
            assert_eq!(count(&svg, &format!("<title>{address}</title>")), 1, "{address} in\n{svg}");
        }
        let arrows = count(&dot, " -> ");
        assert!(arrows >= resources.len() - 10, "{arrows} arrows");
        assert_eq!((count(&mermaid, " --> "), count(&svg, "class=\"arrow\"")), (arrows, arrows));
        assert!(dot.contains("\"data.postgres\" -> \"data.postgres-credentials\""), "{dot}");
        assert!(!dot.contains("\"network.vpc\" -> \"compute.service\""), "it follows from others");
        is_taken_by_graphviz(&dot)?;
    }
    let said = desk.run("--output json graph --of state").ends_with(0)?;
    assert!(said.json("graph")?.as_str().is_some_and(|graph| graph.starts_with("digraph ")));
    Ok(())
}

/// Where there is a Graphviz, it understands what is drawn for it.
fn is_taken_by_graphviz(dot: &str) -> Shown {
    let mut command = Command::new("dot");
    command.arg("-Tplain").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let Ok(mut process) = command.spawn() else { return Ok(()) };
    std::io::Write::write_all(&mut process.stdin.take().ok_or("it reads")?, dot.as_bytes())?;
    let outcome = process.wait_with_output()?;
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    Ok(())
}

fn a_graph_of_nothing_and_a_language_that_nobody_names_are_told() -> Shown {
    let desk = Desk::new()?;
    desk.run("graph --of state").ends_with(0)?.says(&["Nothing is on record"])?;
    desk.run("graph --of run").ends_with(2)?.says(&["no run is on record"])?;
    desk.run("graph --of state -o picture.png").ends_with(2)?.says(&["--format", ".svg"])?;
    desk.run("graph --of state some-run").ends_with(2)?.says(&["hint: leave --of out"])?;
    desk.run("report -o page.html").ends_with(2)?.says(&["no run is on record"])?;
    // What is planned can be drawn before there is anything.
    desk.run("graph").ends_with(0)?.says(&["\"network.vpc\" [label=\"network.vpc\\n+ create"])?;
    Ok(())
}

fn every_run_has_a_report_however_it_ended() -> Shown {
    let desk = Desk::new()?;
    desk.place.edit("default.toml", "sidekick:wip-aws-infra", "sidekick:does-not-exist")?;
    let data = |desk: &Desk| -> Result<Value, Box<dyn Error>> {
        desk.run("report").ends_with(0)?;
        let page = fs::read_to_string(desk.place.path("report.html"))?;
        let (_, island) = page.split_once("id=\"data\">").ok_or("a page has its data")?;
        Ok(serde_json::from_str(island.split("</script>").next().unwrap_or_default())?)
    };
    desk.run("up --yes").ends_with(1)?;
    let failed = data(&desk)?;
    assert_eq!(failed["run"]["outcome"]["words"], "failed");
    assert_eq!(failed["failures"]["failed"][0]["address"], "compute.service");
    assert!(failed["failures"]["failed"][0]["fault"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()));

    desk.place.edit("default.toml", "sidekick:does-not-exist", "sidekick:wip-aws-infra")?;
    desk.place.edit("default.toml", "retention_days = 3\n", "retention_days = 7\n")?;
    desk.brings("up")?;
    let edited = data(&desk)?;
    let resources = edited["resources"].as_array().ok_or("resources are a list")?;
    let log_group = resources.iter().find(|it| it["address"] == "compute.log-group").ok_or("it is one")?;
    let change = &log_group["step"]["changes"][0];
    assert_eq!(
        (&change["field"], &change["old"], &change["new"]),
        (&"retention_days".into(), &"3".into(), &"7".into())
    );
    let critical = |data: &Value| {
        data["changes"].as_array().map_or(0, |all| all.iter().filter(|it| it["critical"] == true).count())
    };
    assert!(critical(&edited) > 0);

    // Slow enough that it is killed on its way, however busy this machine is.
    let mut run = desk.run_at("20", "down --yes").start()?;
    run.wait_until(|printed| printed.contains("gone after"))?;
    run.kill()?;
    let killed = data(&desk)?;
    assert_eq!(killed["run"]["outcome"]["words"], "did not end");
    assert!(killed["changes"].as_array().is_some_and(|all| all.iter().any(|it| it["ends"].is_null())));
    desk.brings("down")?;
    assert_eq!(data(&desk)?["run"]["outcome"]["words"], "done");
    // A run that has nothing to do has a page as well.
    desk.brings("up")?;
    desk.brings("up")?;
    assert_eq!(data(&desk)?["changes"], serde_json::json!([]));
    Ok(())
}

/// The fields that docs/events.md gives each thing that it has a heading for, and those of them that may be absent.
fn documented() -> Result<BTreeMap<String, BTreeMap<String, bool>>, Box<dyn Error>> {
    let text = fs::read_to_string(EVENTS)?;
    let mut things: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    let mut thing = String::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            heading.trim_matches('`').clone_into(&mut thing);
        } else if let Some((field, is)) = line.strip_prefix("| `").and_then(|rest| rest.split_once("` | ")) {
            let optional = is.trim_end_matches([' ', '|']).contains("optional");
            things.entry(thing.clone()).or_default().insert(field.to_owned(), optional);
        }
    }
    Ok(things)
}

/// What the parts of an event are called in docs/events.md, by field.
const OF_EVENTS: &[(&str, &str)] = &[
    ("plan", "Step"),
    ("resources", "Outline"),
    ("changes", "Change"),
    ("previews", "Preview"),
    ("fields", "Field"),
    ("prospects", "Prospect"),
    ("forecast", "Forecast"),
    ("disruptions", "Disruption"),
    ("costs", "Costs"),
    ("prices", "Price"),
    ("fault", "Fault"),
];

/// The lines that are no events.
const LINES: &[&str] = &[
    "cautions",
    "placeholders",
    "access_changes",
    "pending",
    "outputs",
    "not_kept",
    "resources",
    "checked",
    "promises",
    "findings",
    "error",
];

/// What the parts of those are called.
const OF_LINES: &[(&str, &str)] = &[
    ("access_changes", "Path"),
    ("access", "Path"),
    ("pending", "Path"),
    ("resources", "Standing"),
    ("promises", "Promise"),
    ("findings", "Finding"),
];

/// Compares an object with what is documented of it, and notes that it was seen.
fn compare(
    thing: &str,
    object: &Value,
    things: &BTreeMap<String, BTreeMap<String, bool>>,
    seen: &mut BTreeMap<String, BTreeSet<String>>,
) {
    let fields = things.get(thing).unwrap_or_else(|| panic!("docs/events.md has nothing about {thing}"));
    let written: BTreeSet<String> = object
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .filter(|it| it != "event")
        .collect();
    for field in &written {
        assert!(
            fields.contains_key(field),
            "docs/events.md does not say what `{field}` of {thing} is: {object}"
        );
    }
    for (field, optional) in fields {
        assert!(*optional || written.contains(field), "`{field}` of {thing} is not written: {object}");
    }
    seen.entry(thing.to_owned()).or_default().extend(written);
    let parts: &[(&str, &str)] = if LINES.contains(&thing) { OF_LINES } else { OF_EVENTS };
    for (field, of) in parts {
        match &object[field] {
            Value::Array(items) => items.iter().for_each(|item| compare(of, item, things, seen)),
            item @ Value::Object(_) => compare(of, item, things, seen),
            _ => {}
        }
    }
}

fn every_event_and_every_field_is_documented() -> Shown {
    let desk = Desk::new()?;
    let aws = desk.aws()?;
    let failing =
        Faults { failing: ["db-instance".to_owned()].into(), seed: 7, throttle: 0.1, ..Faults::default() };
    aws.set_faults(failing)?;
    desk.run("up --yes").ends_with(1)?;
    aws.set_faults(Faults::default())?;
    desk.brings("up")?;
    // A parameter that waits for a reboot is left to the operator, and a lost state file lets everything be found again.
    desk.place.append("dev.toml", "[database.parameters]\nmax_connections = 300")?;
    desk.brings("up")?;
    fs::rename(desk.beside_state("json"), desk.place.path("lost.json"))?;
    desk.brings("up")?;
    let aws = desk.aws()?;
    aws.set_faults(Faults::default())?;
    desk.place.edit("default.toml", "retention_days = 3\n", "retention_days = 7\n")?;
    desk.place.edit("default.toml", "cluster = \"{name}-cluster\"", "cluster = \"{name}-cluster-2\"")?;
    desk.place.edit("default.toml", "name = \"{name}-tg\"", "name = \"{name}-tg-2\"")?;
    desk.brings("up")?;
    desk.brings("down")?;

    let things = documented()?;
    let mut seen = BTreeMap::new();
    for line in Recording::all(&desk)?.iter().flat_map(|recording| &recording.lines) {
        compare(line["event"].as_str().ok_or("a line is an event")?, line, &things, &mut seen);
    }
    // Nothing is documented that is not written. What these runs do not bring about is named here.
    let unseen: Vec<String> = things
        .iter()
        .filter(|(thing, _)| !of_lines(thing))
        .flat_map(|(thing, fields)| fields.keys().map(move |field| (thing, field)))
        .filter(|(thing, field)| {
            !seen.get(*thing).is_some_and(|seen: &BTreeSet<String>| seen.contains(*field))
        })
        .map(|(thing, field)| format!("{thing}.{field}"))
        .collect();
    assert_eq!(unseen, ["Change.recorded", "Price.before", "Step.protected", "run_finished.error"]);
    Ok(())
}

/// Whether this is a line that is no event, or a part of one.
fn of_lines(thing: &str) -> bool {
    LINES.contains(&thing) || OF_LINES.iter().any(|(_, part)| *part == thing)
}

/// The line that an object is: of those that are known by one of its fields the one that has them all.
fn line_of(object: &Value, things: &BTreeMap<String, BTreeMap<String, bool>>) -> Option<&'static str> {
    let fields = object.as_object()?;
    let is = |name: &&&str| {
        let known = things.get(**name);
        fields.contains_key(**name)
            && known.is_some_and(|known| fields.keys().all(|it| known.contains_key(it)))
    };
    LINES.iter().find(is).copied()
}

fn every_line_that_programs_read_is_documented() -> Shown {
    let desk = Desk::new()?;
    let peer = "cidr = \"10.102.0.0/16\"";
    let requested = "vpc_id = \"vpc-0123456789abcdef0\"\naccount_id = \"210987654321\"";
    desk.place.edit("dev.toml", peer, &format!("{peer}\n{requested}"))?;
    desk.place.edit("default.toml", "transit_encryption = false", "transit_encryption = true")?;
    let things = documented()?;
    let mut seen = BTreeMap::new();
    for (command, code) in [
        ("status --check", 1),
        ("doctor", 0),
        ("plan", 0),
        ("up --yes -v", 0),
        ("up --yes --replace nonsense", 2),
        ("status", 0),
        ("outputs", 0),
        ("down --yes", 0),
    ] {
        let told = desk.run(&format!("{command} --output json")).ends_with(code)?;
        for line in told.stdout.lines() {
            let object: Value = serde_json::from_str(line)?;
            let thing = object["event"].as_str().or_else(|| line_of(&object, &things));
            let thing =
                thing.ok_or_else(|| format!("docs/events.md does not say what {command} prints: {line}"))?;
            compare(thing, &object, &things, &mut seen);
        }
        let first = told.stdout.lines().next().unwrap_or_default();
        let says = ["plan", "up --yes -v", "doctor"].contains(&command);
        assert!(
            !says || first.contains("\"schema\":1") || first.contains("\"cautions\""),
            "{command}: {first}"
        );
    }
    let missed: Vec<_> = LINES.iter().filter(|line| !seen.contains_key(**line)).collect();
    assert_eq!(missed, [&"not_kept"], "a history that cannot be written is another trial's");
    Ok(())
}

fn a_look_that_finds_nothing_is_no_refusal() -> Shown {
    let desk = Desk::up()?;
    let shown = desk.run("runs show").ends_with(0)?;
    let is_look =
        |line: &&str| ["Describe", "Get", "List"].iter().any(|verb| line.contains(&format!(" {verb}")));
    let looks: Vec<_> = shown.stdout.lines().filter(is_look).collect();
    assert!(looks.len() > 10, "{shown}");
    assert!(!looks.iter().any(|line| line.contains("refused or lost")), "{shown}");
    let recording = Recording::newest(&desk)?;
    let vain = recording.lines.iter().filter(|line| line["missing"] == true);
    assert!(vain.count() > 5, "what nobody has made is looked for by its name first");
    Ok(())
}
