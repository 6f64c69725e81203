//! A real browser, driven as a person would: Chromium without a window, by the WebDriver protocol.
//!
//! `chromedriver` speaks it, JSON over HTTP on a port of this machine. Where it or Chromium is missing, what needs them
//! counts as ignored. Dropping the value ends both.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Why tests that need a browser are skipped, where they are.
pub const MISSING: &str = "this machine has no chromium with chromedriver";

/// The names under which a browser of this family is installed.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// It is a test's own, and asks nobody for anything.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// The keys that have no character.
pub mod key {
    #![expect(missing_docs, reason = "the names are on the keys")]
    pub const TAB: &str = "\u{E004}";
    pub const ENTER: &str = "\u{E007}";
    pub const ESCAPE: &str = "\u{E00C}";
    pub const END: &str = "\u{E010}";
    pub const UP: &str = "\u{E013}";
    pub const DOWN: &str = "\u{E015}";
}

/// Why the browser did not do something.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// There is none.
    #[error("{MISSING}")]
    Missing,
    /// It was asked for something and did not do it.
    #[error("{command} was answered {answer}")]
    Refused {
        /// What was asked for.
        command: String,
        /// What it said.
        answer: String,
    },
    /// The system said no.
    #[error("driving the browser: {0}")]
    Io(#[from] io::Error),
}

type Result<T> = std::result::Result<T, BrowserError>;

/// Chromium, and the driver that it hangs on.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    /// What the driver says, which it could not go on without saying.
    said: BufReader<ChildStdout>,
    port: u16,
    /// The path of its session; empty until there is one.
    session: String,
    profile: TempDir,
}

/// The browser of this machine, if it can be driven.
fn find() -> Option<&'static str> {
    let runs =
        |program: &&str| Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success());
    BROWSERS.into_iter().find(runs).filter(|_| runs(&"chromedriver"))
}

/// Whether there is one.
pub fn is_available() -> bool {
    find().is_some()
}

impl Browser {
    /// Starts one with a window of this size.
    pub fn start((width, height): (u32, u32)) -> Result<Self> {
        let binary = find().ok_or(BrowserError::Missing)?;
        let binary = which(binary)?;
        let profile = TempDir::new()?;
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let said = driver.stdout.take().ok_or(BrowserError::Missing)?;
        let (port, session) = (0, String::new());
        let mut browser = Self { driver, said: BufReader::new(said), port, session, profile };
        let mut line = String::new();
        // It tells its port in a sentence, and little else.
        while browser.port == 0 && browser.said.read_line(&mut line)? > 0 {
            let port = line.trim_end().trim_end_matches('.').split_once(" successfully on port ");
            browser.port = port.and_then(|(_, port)| port.parse().ok()).unwrap_or_default();
            line.clear();
        }
        let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={}", browser.profile.path().join("profile").display()));
        arguments.push(format!("--window-size={width},{height}"));
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": binary, "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        }}});
        let session = browser.ask("POST", "/session", &wanted)?;
        browser.session = format!("/session/{}", session["sessionId"].as_str().unwrap_or_default());
        Ok(browser)
    }

    /// Opens a file on a light system.
    pub fn open(&self, file: &Path) -> Result<()> {
        self.prefers("light")?;
        self.command("url", &json!({ "url": format!("file://{}", file.display()) })).map(drop)
    }

    /// What a script returns.
    pub fn run(&self, script: &str) -> Result<Value> {
        self.command("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Clicks on an element, which is brought into the middle of the window first, as nothing else may cover it.
    pub fn click(&self, selector: &str) -> Result<()> {
        self.run(&format!("document.querySelector('{selector}').scrollIntoView({{ block: 'center' }})"))?;
        let element = self.element(selector)?;
        self.command(&format!("element/{element}/click"), &json!({})).map(drop)
    }

    /// Presses these keys, one after the other, wherever the focus is.
    pub fn press(&self, keys: &[&str]) -> Result<()> {
        let mut actions = Vec::new();
        for character in keys.iter().flat_map(|keys| keys.chars()) {
            actions.extend(["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": character })));
        }
        self.act(&json!({ "type": "key", "id": "keyboard", "actions": actions }))
    }

    /// Drags from the middle of an element by so many pixels.
    pub fn drag(&self, selector: &str, (x, y): (i32, i32)) -> Result<()> {
        let origin = self.origin(selector)?;
        let moved = |x, y, origin: &Value| json!({ "type": "pointerMove", "duration": 20, "x": x, "y": y, "origin": origin });
        self.act(&json!({ "type": "pointer", "id": "mouse", "actions": [
            moved(0, 0, &origin), { "type": "pointerDown", "button": 0 },
            moved(x / 2, y / 2, &origin), moved(x, y, &origin), { "type": "pointerUp", "button": 0 },
        ]}))
    }

    /// Turns the wheel over the middle of an element.
    pub fn wheel(&self, selector: &str, by: i32) -> Result<()> {
        let origin = self.origin(selector)?;
        self.act(&json!({ "type": "wheel", "id": "wheel", "actions": [
            { "type": "scroll", "x": 0, "y": 0, "deltaX": 0, "deltaY": by, "origin": origin },
        ]}))
    }

    /// Makes the system look as if it preferred `dark` or `light`, and, so that nobody has to wait, no motion.
    pub fn prefers(&self, scheme: &str) -> Result<()> {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        let command = json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "features": features } });
        self.command("goog/cdp/execute", &command).map(drop)
    }

    /// Gives the window another size.
    pub fn resize(&self, (width, height): (u32, u32)) -> Result<()> {
        self.command("window/rect", &json!({ "width": width, "height": height })).map(drop)
    }

    /// What the console said since it was asked last: errors, warnings, refused loads.
    pub fn console(&self) -> Result<Vec<String>> {
        let log = self.command("se/log", &json!({ "type": "browser" }))?;
        Ok(messages(&log).map(str::to_owned).collect())
    }

    /// The addresses that were asked for since it was asked last.
    pub fn requests(&self) -> Result<Vec<String>> {
        let log = self.command("se/log", &json!({ "type": "performance" }))?;
        let events = messages(&log).filter_map(|message| serde_json::from_str::<Value>(message).ok());
        let asked = events.filter(|event| event["message"]["method"] == "Network.requestWillBeSent");
        let asked = asked.map(|mut event| event["message"]["params"].take());
        // Its own first page, and what that frames (`chrome-untrusted:`), belongs to the browser.
        let asked =
            asked.filter(|it| !it["documentURL"].as_str().is_some_and(|url| url.starts_with("chrome")));
        Ok(asked.filter_map(|it| it["request"]["url"].as_str().map(str::to_owned)).collect())
    }

    fn element(&self, selector: &str) -> Result<String> {
        let found = self.command("element", &json!({ "using": "css selector", "value": selector }))?;
        let id = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| refused("element", &found))
    }

    fn origin(&self, selector: &str) -> Result<Value> {
        // The protocol's own name for elements.
        Ok(json!({ "element-6066-11e4-a52e-4f735466cecf": self.element(selector)? }))
    }

    fn act(&self, source: &Value) -> Result<()> {
        self.command("actions", &json!({ "actions": [source] })).map(drop)
    }

    fn command(&self, command: &str, body: &Value) -> Result<Value> {
        self.ask("POST", &format!("{}/{command}", self.session), body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        connection.set_read_timeout(Some(Duration::from_secs(120)))?;
        let body = body.to_string();
        write!(
            connection,
            "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )?;
        // The driver keeps the connection, so the length says where the answer ends.
        let mut answer = BufReader::new(connection);
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") && answer.read_line(&mut head)? > 0 {
            let last = head.lines().last().and_then(|line| line.split_once(':'));
            let field = last.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            length = field.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(length);
        }
        let mut content = vec![0; length];
        answer.read_exact(&mut content)?;
        let mut content: Value = serde_json::from_slice(&content).unwrap_or_default();
        if head.split(' ').nth(1) == Some("200") {
            Ok(content["value"].take())
        } else {
            Err(refused(path, &content))
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver takes its browser with it; that it has ended already is what is wanted.
        let _ = self.ask("GET", "/shutdown", &json!({}));
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn refused(command: &str, answer: &Value) -> BrowserError {
    BrowserError::Refused { command: command.to_owned(), answer: answer.to_string() }
}

fn messages(log: &Value) -> impl Iterator<Item = &str> {
    log.as_array().into_iter().flatten().filter_map(|entry| entry["message"].as_str())
}

/// Where a program lies.
fn which(program: &str) -> Result<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file());
    found.ok_or(BrowserError::Missing)
}
