//! Runs that end before their time: killed, interrupted, or refused because another one is at work.

use std::io::{Write, pipe};
use std::thread;
use std::time::Duration;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    killed_runs_are_continued_without_making_anything_twice,
    runs_killed_at_other_moments_are_continued_as_well,
    killed_teardowns_are_continued_to_the_end,
    either_signal_ends_a_run_in_good_order,
    a_second_signal_loses_nothing_either,
    a_run_that_nobody_lets_print_ends_at_a_signal_all_the_same,
    a_second_run_is_refused_and_told_who_is_at_work,
    of_runs_that_start_at_once_exactly_one_runs,
    the_lock_of_a_killed_run_is_taken_over_without_a_question,
    reading_commands_do_not_wait_for_a_run,
];

/// What takes milliseconds has happened after this.
const SURELY: Duration = Duration::from_secs(2);

/// Kills one run after each number of lines that tell of a change, then lets one come to its end.
fn kills(desk: &Desk, direction: &str, moments: &[usize]) -> Shown {
    for changes in moments {
        let mut run = desk.run(&format!("{direction} --yes")).start()?;
        run.wait_until(|printed| printed.lines().filter(|line| tells_of_a_change(line)).count() >= *changes)?;
        let killed = run.kill()?;
        assert_eq!(killed.code, None, "it was under way when it was killed:\n{killed}");
    }
    desk.brings(direction)?;
    Ok(())
}

fn tells_of_a_change(line: &str) -> bool {
    ["creating", "updating", "deleting", "created in", "updated in", "gone after"]
        .iter()
        .any(|word| line.contains(word))
}

/// How many of each thing there are after an undisturbed `up`.
fn undisturbed() -> Result<std::collections::BTreeMap<String, usize>, Box<dyn std::error::Error>> {
    Ok(Desk::up()?.world()?.census())
}

fn killed_runs_are_continued_without_making_anything_twice() -> Shown {
    let desk = Desk::new()?;
    kills(&desk, "up", &[1, 7, 12, 9, 5])?;
    desk.is_settled()?;
    assert_eq!(desk.world()?.census(), undisturbed()?, "nothing was made twice, nothing is missing");
    desk.brings("down")?;
    assert_eq!(desk.world()?.census(), [].into());
    Ok(())
}

fn runs_killed_at_other_moments_are_continued_as_well() -> Shown {
    let desk = Desk::new()?;
    kills(&desk, "up", &[3, 2, 4, 1, 6, 8, 3, 10])?;
    desk.is_settled()?;
    assert_eq!(desk.world()?.census(), undisturbed()?, "nothing was made twice, nothing is missing");
    kills(&desk, "down", &[2, 5])?;
    assert_eq!(desk.world()?.census(), [].into());
    Ok(())
}

fn killed_teardowns_are_continued_to_the_end() -> Shown {
    let desk = Desk::up()?;
    kills(&desk, "down", &[1, 6, 13, 9])?;
    assert_eq!(desk.world()?.census(), [].into());
    assert_eq!(desk.recorded()?, [""; 0]);
    Ok(())
}

fn either_signal_ends_a_run_in_good_order() -> Shown {
    let undisturbed = undisturbed()?;
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let desk = Desk::new()?;
        let mut run = desk.run("up --yes").start()?;
        run.wait_until(|printed| printed.contains("data.postgres                        creating"))?;
        run.signal(signal)?;
        let ended = run.end()?;
        assert_eq!(ended.code, Some(code), "{ended}");
        ended.says(&["Interrupted after", "Everything that was done is on record", "sidekick up"])?;
        assert!(desk.world()?.living("ecs", "services").is_empty(), "it ended before the service was made");
        desk.brings("up")?;
        desk.is_settled()?;
        assert_eq!(desk.world()?.census(), undisturbed);
        // The same on the way down.
        let mut run = desk.run("down --yes").start()?;
        run.wait_until(|printed| printed.contains("deleting"))?;
        run.signal(signal)?;
        let ended = run.end()?;
        assert_eq!(ended.code, Some(code), "{ended}");
        ended.says(&["Interrupted after", "sidekick down"])?;
        desk.brings("down")?;
        assert_eq!(desk.world()?.census(), [].into());
    }
    Ok(())
}

fn a_second_signal_loses_nothing_either() -> Shown {
    let desk = Desk::new()?;
    for changes in [2, 9] {
        let mut run = desk.run("up --yes").start()?;
        run.wait_until(|printed| printed.lines().filter(|line| tells_of_a_change(line)).count() >= changes)?;
        run.signal("INT")?;
        // It may have ended by then, which is as good.
        let _ = run.signal("TERM");
        let ended = run.end()?;
        assert!(matches!(ended.code, Some(130 | 143)), "{ended}");
    }
    desk.brings("up")?;
    desk.is_settled()?;
    assert_eq!(desk.world()?.census(), undisturbed()?, "nothing was made twice, nothing is missing");
    Ok(())
}

fn a_run_that_nobody_lets_print_ends_at_a_signal_all_the_same() -> Shown {
    let desk = Desk::new()?;
    let (_reader, writer) = pipe()?;
    let mut filling = writer.try_clone()?;
    let fills = thread::spawn(move || {
        // It ends with an error once the pipe has no reader any more.
        while filling.write_all(&[b'.'; 512]).is_ok() {}
    });
    thread::sleep(SURELY);
    let run = desk.run("up --yes").printing_to(writer.into()).start()?;
    // By then it is held up by its plan, which it cannot print.
    thread::sleep(SURELY);
    run.signal("TERM")?;
    let ended = run.end()?;
    assert_eq!(ended.code, Some(143), "{ended}");
    assert!(!fills.is_finished(), "the pipe was full until now");
    desk.brings("up")?;
    desk.is_settled()?;
    Ok(())
}

fn a_second_run_is_refused_and_told_who_is_at_work() -> Shown {
    let desk = Desk::new()?;
    let mut first = desk.run("up --yes").start()?;
    first.wait_until(|printed| printed.contains("creating"))?;
    let pid = format!("pid {}", first.id());
    for command in ["up --yes", "down --yes", "plan"] {
        desk.run(command).ends_with(1)?.says(&["locked by `sidekick up`", &pid])?;
    }
    let first = first.end()?;
    assert_eq!(first.code, Some(0), "the first one was not disturbed:\n{first}");
    desk.is_settled()?;
    Ok(())
}

fn of_runs_that_start_at_once_exactly_one_runs() -> Shown {
    let desk = Desk::new()?;
    // The note that a killed run left is not taken for that of whoever wins.
    leaves_its_lock(&desk)?;
    // Slow enough that the last one starts while the winner is at work.
    let start = |_| desk.run_at("60", "up --yes").start();
    let runs: Vec<_> = (0..6).map(start).collect::<Result<_, _>>()?;
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for run in runs {
        let (id, ended) = (run.id(), run.end()?);
        if ended.code == Some(0) { done.push(id) } else { refused.push(ended) }
    }
    assert_eq!((done.len(), refused.len()), (1, 5), "{refused:?}");
    for refused in refused {
        assert_eq!(refused.code, Some(1), "{refused}");
        refused.says(&["locked by `sidekick up`", &format!("pid {},", done[0])])?;
    }
    desk.is_settled()?;
    assert_eq!(desk.world()?.census(), undisturbed()?, "nothing was made twice");
    Ok(())
}

/// Kills an `up` that is under way, and gives its process id. Its lock's file is left as it was.
fn leaves_its_lock(desk: &Desk) -> Result<u32, Box<dyn std::error::Error>> {
    let mut run = desk.run("up --yes").start()?;
    run.wait_until(|printed| printed.contains("creating"))?;
    let id = run.id();
    let killed = run.kill()?;
    assert_eq!(killed.code, None, "it was under way when it was killed:\n{killed}");
    let note = std::fs::read_to_string(desk.beside_state("lock"))?;
    assert!(note.contains(&format!("\"pid\":{id},")), "{note}");
    Ok(id)
}

fn the_lock_of_a_killed_run_is_taken_over_without_a_question() -> Shown {
    let desk = Desk::new()?;
    leaves_its_lock(&desk)?;
    desk.run("plan").ends_with(0)?;
    leaves_its_lock(&desk)?;
    let taken = desk.brings("up")?;
    assert!(!taken.text().contains("lock"), "{taken}");
    desk.is_settled()?;
    let note = std::fs::read_to_string(desk.beside_state("lock"))?;
    assert!(note.contains("\"holder\":null"), "a run that ended names nobody: {note}");
    Ok(())
}

fn reading_commands_do_not_wait_for_a_run() -> Shown {
    let desk = Desk::new()?;
    let mut run = desk.run("up --yes").start()?;
    run.wait_until(|printed| printed.contains("creating"))?;
    for command in ["state list", "outputs", "status"] {
        let read = desk.run(command).end()?;
        assert!(!read.text().contains("locked"), "{read}");
    }
    let run = run.end()?;
    assert_eq!(run.code, Some(0), "{run}");
    Ok(())
}
