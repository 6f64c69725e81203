//! The page of a run in a real browser: loaded, looked at, clicked on and typed into.

use std::error::Error;
use std::path::PathBuf;

use serde_json::Value;
use sidekick_tests::browser::{Browser, key};

use crate::desk::Desk;
use crate::recordings::{Recording, evil, whole};
use crate::{Shown, trials};

trials![
    a_page_loads_without_an_error_and_without_asking_for_anything,
    a_click_on_a_resource_shows_all_of_it_wherever_it_stands,
    the_keyboard_does_all_that_the_mouse_does,
    the_graph_is_moved_zoomed_and_searched,
    a_page_is_dark_or_light_as_the_system_or_its_button_says,
    what_others_wrote_into_aws_is_text_and_nothing_else,
];

const SIZE: (u32, u32) = (1500, 1000);

/// A page in a browser, and the desk on which it lies.
struct Page {
    browser: Browser,
    file: PathBuf,
    _desk: Desk,
}

impl Page {
    /// The page of an `up` of everything.
    fn new() -> Result<Self, Box<dyn Error>> {
        Self::of(whole()?, &[])
    }

    /// The page of a run, by its name or the file of its recording.
    fn of(desk: Desk, run: &[&str]) -> Result<Self, Box<dyn Error>> {
        let words = [&["report"], run, &["-o", "report.html"]].concat().join(" ");
        desk.run(&words).ends_with(0)?.says(&["report.html shows the run "])?;
        let (browser, file) = (Browser::start(SIZE)?, desk.place.path("report.html"));
        browser.open(&file)?;
        Ok(Self { browser, file, _desk: desk })
    }

    fn text(&self, selector: &str) -> Result<String, Box<dyn Error>> {
        let text = self.browser.run(&format!("return document.querySelector('{selector}').innerText"))?;
        Ok(text.as_str().ok_or("it has text")?.to_owned())
    }

    fn count(&self, selector: &str) -> Result<u64, Box<dyn Error>> {
        let count = self.browser.run(&format!("return document.querySelectorAll('{selector}').length"))?;
        Ok(count.as_u64().ok_or("a count is a number")?)
    }

    /// Checks that a resource's details are shown, marked in every part, and say this.
    fn shows(&self, address: &str, texts: &[&str]) -> Shown {
        let shown = self.text("#details:not([hidden])")?;
        assert!(shown.starts_with(address), "{shown}");
        for text in texts {
            assert!(shown.contains(text), "{text:?} is missing in\n{shown}");
        }
        let selected = format!("[data-address=\"{address}\"].selected");
        assert!(self.count(&format!("#timeline {selected}"))? > 0);
        assert_eq!(self.count(&format!("#graph {selected}"))?, 1);
        Ok(())
    }

    fn is_closed(&self) -> Shown {
        assert_eq!(self.count("#details[hidden]")?, 1);
        assert_eq!(self.count(".selected")?, 0, "nothing is marked any more");
        Ok(())
    }

    /// What has the focus, by its address or its id.
    fn focus(&self) -> Result<String, Box<dyn Error>> {
        let focused = "const it = document.activeElement; return (it.closest('[data-address]')?.dataset.address ?? it.id)";
        Ok(self.browser.run(focused)?.as_str().unwrap_or_default().to_owned())
    }

    fn transform(&self) -> Result<Value, Box<dyn Error>> {
        Ok(self.browser.run("return document.getElementById('canvas').getAttribute('transform')")?)
    }

    /// Checks that nothing was loaded but the page, and that the browser had nothing to complain about.
    fn is_quiet(&self) -> Shown {
        assert_eq!(self.browser.console()?, [""; 0]);
        let page = format!("file://{}", self.file.display());
        let asked = self.browser.requests()?;
        let others: Vec<_> = asked.iter().filter(|url| **url != page && !url.starts_with("data:")).collect();
        assert_eq!(others, [""; 0]);
        let loaded =
            self.browser.run("return performance.getEntriesByType('resource').map((it) => it.name)")?;
        assert_eq!(loaded, serde_json::json!([]));
        Ok(())
    }
}

fn a_page_loads_without_an_error_and_without_asking_for_anything() -> Shown {
    let page = Page::new()?;
    page.is_quiet()?;
    let head = page.text("#head")?;
    for text in ["sidekick/whole", "sidekick up", "done", "us-west-2", "Predicted"] {
        assert!(head.contains(text), "{text} is missing in\n{head}");
    }
    let resources = page._desk.recorded()?.len() as u64;
    assert_eq!(page.count(".node")?, resources);
    // One of them was there already, with the cache.
    assert_eq!(page.count("#timeline .rows > li")?, resources - 1);
    assert!(page.count(".row.critical")? > 3 && page.text(".critical-words")?.contains("compute.service"));
    assert!(page.text("#calls")?.contains("ec2 CreateVpc"));
    assert_eq!(page.count("#failures")?, 0);
    // Neither does anything stick out at the sides of a narrow window or of a wide one.
    for width in [600, 1200, 1900] {
        page.browser.resize((width, 900))?;
        let over = "const all = document.documentElement; return all.scrollWidth - all.clientWidth";
        assert_eq!(page.browser.run(over)?, 0, "{width} wide");
    }
    // The page holds itself to this: a script that was slipped in would not run.
    let slipped = "const it = document.createElement('script'); it.textContent = 'window.slipped = 1';\
                   document.body.append(it); return window.slipped ?? 0";
    assert_eq!(page.browser.run(slipped)?, 0);
    assert!(page.browser.console()?.iter().any(|said| said.contains("Content Security Policy")));
    Ok(())
}

fn a_click_on_a_resource_shows_all_of_it_wherever_it_stands() -> Shown {
    let page = Page::new()?;
    let all = [
        "rds.instance",
        "sidekick-postgres",
        "create from",
        "data.postgres-subnet-group",
        "rds CreateDBInstance",
        "200",
    ];
    page.browser.click("#timeline li[data-address=\"data.postgres\"] button")?;
    page.shows("data.postgres", &all)?;
    let request = page.text("#details .made code")?;
    assert_eq!(request.len(), "00000000-0000-0000-0000-000000000000".len(), "{request}");
    // From there to what it needs, and on the graph what needs it is highlighted.
    page.browser.run(
        "[...document.querySelectorAll('#details .addresses button')].find((it) => it.textContent === 'security.postgres').id = 'next'",
    )?;
    page.browser.click("#next")?;
    page.shows("security.postgres", &["ec2.security_group", "Needed by"])?;
    assert_eq!(page.count(".node.needing[data-address=\"data.postgres\"]")?, 1);
    assert_eq!(page.count(".node.needed[data-address=\"network.vpc\"]")?, 1);
    page.browser.click("#details .close")?;
    page.is_closed()?;
    page.browser.click(".node[data-address=\"edge.alb\"]")?;
    page.shows("edge.alb", &["elbv2.load_balancer"])?;
    page.browser.click("#plan li[data-address=\"network.vpc\"] button")?;
    page.shows("network.vpc", &["ec2.vpc", "Needed by"])?;
    page.is_quiet()
}

fn the_keyboard_does_all_that_the_mouse_does() -> Shown {
    let page = Page::new()?;
    page.browser.press(&["/"])?;
    assert_eq!(page.focus()?, "search");
    page.browser.press(&["replication"])?;
    assert_eq!(page.text("#found")?, "1 found");
    page.browser.press(&[key::ENTER])?;
    page.shows("data.redis", &["elasticache.replication_group"])?;
    page.browser.press(&[key::ESCAPE])?;
    page.is_closed()?;
    assert_eq!(page.focus()?, "search", "the focus is where it was");
    page.browser.press(&[key::ESCAPE])?;
    assert_eq!(page.count(".missed")?, 0);

    // The rows are one stop for the tabulator, and the arrows move between them.
    page.browser.run("document.querySelector('#only-critical').focus()")?;
    page.browser.press(&[key::TAB])?;
    let first = page.focus()?;
    page.browser.press(&[key::DOWN, key::DOWN])?;
    let third = page.focus()?;
    let rows = page
        .browser
        .run("return [...document.querySelectorAll('#timeline li')].map((it) => it.dataset.address)")?;
    assert_eq!((&rows[0], &rows[2]), (&first.as_str().into(), &third.as_str().into()));
    page.browser.press(&[key::ENTER])?;
    page.shows(&third, &["Times"])?;
    page.browser.press(&[key::ESCAPE, key::UP])?;
    page.is_closed()?;
    assert_eq!(rows[1], page.focus()?);
    page.browser.press(&[key::END])?;
    assert_eq!(rows.as_array().and_then(|rows| rows.last()), Some(&page.focus()?.into()));

    // Every one of the graph as well.
    page.browser.run("document.querySelector('#zoom-whole').focus()")?;
    page.browser.press(&[key::TAB, key::DOWN, key::ENTER])?;
    let chosen = page.focus_of_graph()?;
    page.shows(&chosen, &["Kind"])?;
    let nameless = "return [...document.querySelectorAll('button, input, a, [role=button]')]\
        .filter((it) => !(it.getAttribute('aria-label') || it.textContent.trim() || it.labels?.length)).length";
    assert_eq!(page.browser.run(nameless)?, 0, "everything has a name for those who do not see it");
    page.is_quiet()
}

impl Page {
    fn focus_of_graph(&self) -> Result<String, Box<dyn Error>> {
        let chosen = self.browser.run("return document.querySelector('.node.selected').dataset.address")?;
        Ok(chosen.as_str().unwrap_or_default().to_owned())
    }
}

fn the_graph_is_moved_zoomed_and_searched() -> Shown {
    let page = Page::new()?;
    let mut before = page.transform()?;
    let mut changes = |page: &Page, how: &str| -> Shown {
        let now = page.transform()?;
        assert_ne!(now, before, "{how}");
        before = now;
        Ok(())
    };
    page.browser.click("#zoom-in")?;
    changes(&page, "the button zooms")?;
    page.browser.wheel("#picture", -240)?;
    changes(&page, "the wheel zooms")?;
    page.browser.drag("#picture", (-90, 40))?;
    changes(&page, "the mouse drags")?;
    page.is_closed()?;
    page.browser.click("#zoom-whole")?;
    changes(&page, "all of it is shown")?;
    let outside = "const all = document.getElementById('picture').getBoundingClientRect();\
        return [...document.querySelectorAll('.node')].map((it) => it.getBoundingClientRect())\
        .filter((it) => it.left < all.left || it.right > all.right || it.top < all.top || it.bottom > all.bottom).length";
    assert_eq!(page.browser.run(outside)?, 0);

    page.browser.click("#search")?;
    page.browser.press(&["subnet 10.0.3"])?;
    assert_eq!(page.count(".node.hit")?, 1);
    assert_eq!(page.count(".node.missed")?, page.count(".node")? - 1);
    page.browser.press(&[key::ENTER])?;
    changes(&page, "what was found is brought into the middle")?;
    page.shows("network.alb-subnet.10.0.3.0/24", &["ec2.subnet"])?;
    page.is_quiet()
}

fn a_page_is_dark_or_light_as_the_system_or_its_button_says() -> Shown {
    let page = Page::new()?;
    let colour = || page.browser.run("return getComputedStyle(document.body).backgroundColor");
    page.browser.prefers("light")?;
    let light = colour()?;
    page.browser.prefers("dark")?;
    let dark = colour()?;
    assert_ne!(light, dark);
    assert!(page.text("#scheme")?.contains("Light"));
    page.browser.click("#scheme")?;
    assert_eq!(colour()?, light);
    page.browser.prefers("light")?;
    page.browser.click("#scheme")?;
    assert_eq!(colour()?, dark);
    page.is_quiet()
}

fn what_others_wrote_into_aws_is_text_and_nothing_else() -> Shown {
    let desk = Desk::new()?;
    desk.run("up --yes").end()?;
    let recording = Recording::newest(&desk)?;
    let poisoned = recording.poisoned();
    std::fs::write(desk.place.path("poisoned.ndjson"), poisoned)?;
    let page = Page::of(desk, &["poisoned.ndjson"])?;
    page.is_quiet()?;
    assert_eq!(page.browser.run("return window.poisoned ?? 0")?, 0);
    assert_eq!(page.count("img")?, 0);
    page.browser.click("#timeline li button")?;
    assert!(page.text("#details")?.contains(&evil()), "it is shown as it was written");
    page.browser.press(&["/", &evil(), key::ENTER])?;
    assert_eq!(page.browser.run("return window.poisoned ?? 0")?, 0);
    page.is_quiet()
}
