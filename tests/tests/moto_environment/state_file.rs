//! The state file: what `sidekick` does when it cannot be used.

use std::fs::{self, File};

use sidekick_tests::reference;
use sidekick_tests::site::{Result, Site};

pub(crate) fn a_broken_or_newer_state_file_stops_every_command_and_stays_as_it_is() -> Result {
    let site = Site::on_moto()?;
    let path = site.workplace.state();
    fs::create_dir_all(path.parent().ok_or("no folder")?)?;
    let newer =
        r#"{ "format": 99, "written_by": "sidekick 9.0.0", "rows": "in a shape that nobody knows yet" }"#;
    let half = r#"{ "format": 1, "written_by": "sidekick 0.1.0", "lineage": "0b6b7d3e-"#;
    for (content, said) in [
        ("", "the state file is broken"),
        ("\u{0}\u{0}\u{0}\u{0}", "the state file is broken"),
        (half, "the state file is broken"),
        (newer, "format 99, written by sidekick 9.0.0, which is newer"),
    ] {
        fs::write(&path, content)?;
        let mark = site.mark()?;
        for command in [&["plan"][..], &["up", "--yes"], &["down", "--yes"], &["status"], &["state", "list"]]
        {
            site.sidekick(command).ends_with(1)?.says(&[said, "nothing was changed"])?;
        }
        assert_eq!(site.mutations(mark)?, Vec::<String>::new());
        assert_eq!(fs::read_to_string(&path)?, content);
    }
    Ok(())
}

pub(crate) fn the_state_of_another_account_or_region_is_not_touched() -> Result {
    let site = Site::on_moto()?.with_environment()?;
    let own = fs::read(site.workplace.state())?;
    for (field, value) in [("account", "999999999999"), ("region", "eu-west-1")] {
        site.edit_state(|state| state[field] = value.into())?;
        let (theirs, mark) = (fs::read(site.workplace.state())?, site.mark()?);
        for command in [&["plan"][..], &["up", "--yes"], &["down", "--yes"]] {
            site.sidekick(command).ends_with(1)?.says(&[value])?;
        }
        assert_eq!(site.mutations(mark)?, Vec::<String>::new());
        assert_eq!(fs::read(site.workplace.state())?, theirs);
        fs::write(site.workplace.state(), &own)?;
    }
    site.expect(&reference::environment())?;
    Ok(())
}

pub(crate) fn a_second_run_waits_outside_while_one_is_under_way() -> Result {
    let site = Site::on_moto()?.with_environment()?;
    let (own, mark) = (fs::read(site.workplace.state())?, site.mark()?);
    let lock = File::options().write(true).open(site.workplace.state().with_extension("lock"))?;
    lock.lock()?;
    for command in [["up", "--yes"], ["down", "--yes"]] {
        site.sidekick(&command).ends_with(1)?.says(&["locked by", "wait for that run to end"])?;
    }
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    assert_eq!(fs::read(site.workplace.state())?, own);
    lock.unlock()?;
    site.up()?;
    Ok(())
}
