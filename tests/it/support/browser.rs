//! A real browser: Debian's Chromium, driven through chromedriver on loopback, one driver a run, a fresh profile for each browser.
//!
//! A machine without them skips, and says so; where `ASHIATO_NO_SKIP=1` is set (CI) it may not.
use super::app::App;
use super::db::scratch;
use super::say;
use ashiato::official::Role;
use data_encoding::BASE64;
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Browsers at once: each takes a core and some 200 MB.
const AT_ONCE: usize = 2;
/// Until chromedriver listens; it takes 50 ms on an idle machine.
const DRIVER_WITHIN: Duration = Duration::from_secs(30);
/// Nothing is fetched from elsewhere, nothing is asked, nothing is drawn by a graphics card. With the pipe, Chromium ends when
/// its driver does, however that ends.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];
/// How a shell keeps chromedriver from outliving us: the pipe on its input closes when we end, however that happens.
const KEEPER: &str = "exec 3<&0 </dev/null; \"$@\" 3<&- & driver=$!; read -r _ <&3; kill -KILL $driver";

/// What axe-core is asked: all of WCAG 2.0–2.2 A and AA, and what its authors call best practice (docs/LOOK.md §8).
const AXE: &str = "
const done = arguments[arguments.length - 1];
axe.run(document, {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'] },
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations'],
}).then(
  found => done({
    rules: found.passes.length + found.violations.length + found.incomplete.length,
    violations: found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`)),
  }),
  error => done({ rules: 0, violations: [String(error)] }),
);";

/// Content in the page that reaches beyond its right edge, named.
const BEYOND: &str = "
const edge = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth <= edge) return [];
return [...document.querySelectorAll('body *')]
  .filter(element => !element.parentElement.closest('.scroll, pre'))
  .filter(element => element.getBoundingClientRect().right > edge + 0.5)
  .map(element => `${element.tagName.toLowerCase()}.${element.className}: ${Math.ceil(element.getBoundingClientRect().right)} of ${edge} px`)
  .slice(-5);";

/// A form that stands on no page, posted as a browser posts: method, path, names and values.
const POST: &str = "
const [path, fields] = arguments;
const form = document.createElement('form');
form.method = 'post';
form.action = path;
for (const [name, value] of fields) {
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = name;
  field.value = value;
  form.append(field);
}
document.body.append(form);
form.submit();";

struct Driver {
    address: SocketAddr,
    /// Held for its pipe.
    _keeper: Child,
}

/// The run's driver; `None` where a program is missing.
fn driver() -> Option<&'static Driver> {
    static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
    DRIVER.get_or_init(start_driver).as_ref()
}

fn start_driver() -> Option<Driver> {
    let missing: Vec<&str> = ["chromedriver", "chromium"].into_iter().filter(|program| !is_there(program)).collect();
    if !missing.is_empty() {
        return skip(&format!("{} is not installed (Debian: apt install chromium chromium-driver)", missing.join(" and ")));
    }
    if !axe_file().exists() {
        return skip("axe-core is not there (run .ci/axe)");
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let log = std::fs::File::create(made(scratch().join("browser")).join("chromedriver.log")).unwrap();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", KEEPER, "keeper", "chromedriver", &format!("--port={port}")]);
    let keeper = shell.stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    let (address, started) = (SocketAddr::from(([127, 0, 0, 1], port)), Instant::now());
    while TcpStream::connect(address).is_err() {
        assert!(started.elapsed() < DRIVER_WITHIN, "chromedriver does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(Driver { address, _keeper: keeper })
}

fn is_there(program: &str) -> bool {
    variable("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).exists()))
}

#[expect(clippy::disallowed_methods, reason = "a test's own switches, not settings of the program")]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

fn skip(why: &str) -> Option<Driver> {
    say_skipped(why);
    None
}

/// Says on the terminal that a test was skipped and why; fails where nothing may be.
pub fn say_skipped(why: &str) {
    assert!(variable("ASHIATO_NO_SKIP").is_none_or(|value| value != "1"), "{why}");
    say(&format!("skipped: {why}"));
}

/// The build's `target/`, or where else it lies.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Fetched by `.ci/axe`; its licence (MPL-2.0) keeps it out of the repository.
fn axe_file() -> PathBuf {
    target().join("axe/package/axe.min.js")
}

fn made(folder: PathBuf) -> PathBuf {
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A command of the DevTools protocol, by way of chromedriver.
#[derive(Debug)]
struct Devtools(&'static str, Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
}

/// A browser with one page.
pub struct Browser {
    client: Client,
    _turn: SemaphorePermit<'static>,
}

impl Browser {
    /// Opens one, 1280 wide and light, of a person who reads Japanese; `None` on a machine that has none.
    pub async fn open() -> Option<Self> {
        static TURN: Semaphore = Semaphore::const_new(AT_ONCE);
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let driver = driver()?;
        let turn = TURN.acquire().await.unwrap();
        let profile = made(scratch().join(format!("browser/profile-{}", NUMBER.fetch_add(1, Ordering::SeqCst))));
        let flags: Vec<String> =
            FLAGS.iter().map(|flag| (*flag).to_owned()).chain([format!("--user-data-dir={}", profile.display())]).collect();
        let wanted = json!({ "goog:chromeOptions": { "args": flags, "prefs": { "intl.accept_languages": "ja", "plugins.always_open_pdf_externally": true } }, "timeouts": { "script": 60_000 } });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted.as_object().unwrap().clone());
        let client = builder.connect(&format!("http://{}", driver.address)).await.unwrap();
        let browser = Self { client, _turn: turn };
        browser.width(1280).await;
        browser.dark(false).await;
        Some(browser)
    }

    /// Ends it; a test that fails leaves this to the end of the run.
    pub async fn close(self) {
        self.client.close().await.unwrap();
    }

    async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        self.client.issue_cmd(Devtools(command, parameters)).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Sets the window's width in CSS pixels, also below what a window could have.
    pub async fn width(&self, width: u32) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Light or dark, as the visitor's system says.
    pub async fn dark(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        // Nothing moves, so that no colour is measured on its way to another.
        let features =
            json!([{ "name": "prefers-color-scheme", "value": scheme }, { "name": "prefers-reduced-motion", "value": "reduce" }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Lets pages run scripts, or not.
    pub async fn scripts(&self, run: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !run })).await;
    }

    /// Gives the browser a cookie as if the service had set it.
    pub async fn cookie(&self, url: &str, name: &str, value: &str) {
        self.devtools("Network.setCookie", json!({ "url": url, "name": name, "value": value, "httpOnly": true, "sameSite": "Strict" }))
            .await;
    }

    /// Goes to an address and waits until the page is there.
    pub async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Posts a form from a page of the same origin.
    pub async fn post(&self, url: &str, fields: &[(&str, &str)]) {
        let before = self.root().await;
        self.client.execute(POST, vec![json!(url), json!(fields)]).await.unwrap();
        self.gone(&before).await;
    }

    /// Where the browser is: path and query.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url[url::Position::BeforePath..].to_owned()
    }

    /// The element; panics with the page's text where there is none.
    pub async fn find(&self, css: &str) -> Element {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element,
            Err(_) => panic!("no {css} on {}: {}", self.path().await, self.text("body").await),
        }
    }

    /// Whether there is such an element.
    pub async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    /// The text that a person sees.
    pub async fn text(&self, css: &str) -> String {
        self.client.find(Locator::Css(css)).await.unwrap().text().await.unwrap()
    }

    /// Types into a field, over what stood there.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Clicks, and does not wait for what it does.
    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap_or_else(|error| panic!("{css} cannot be clicked: {error}"));
    }

    /// Clicks what leads to another page, and waits for that.
    pub async fn follow(&self, css: &str) {
        let before = self.root().await;
        self.click(css).await;
        self.gone(&before).await;
    }

    /// Clicks what leads to a file, and waits until it lies on disk; its bytes.
    pub async fn download(&self, css: &str) -> Vec<u8> {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let folder = made(scratch().join(format!("browser/files-{}", NUMBER.fetch_add(1, Ordering::SeqCst))));
        self.devtools("Browser.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": folder })).await;
        self.click(css).await;
        let started = Instant::now();
        loop {
            let file = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).next();
            // Chromium gives a file its own name when it is whole.
            if let Some(file) =
                file.filter(|file| file.extension().is_some_and(|extension| extension != "crdownload" && extension != "tmp"))
            {
                return std::fs::read(file).unwrap();
            }
            assert!(started.elapsed() < Duration::from_secs(30), "{css} brought no file: {}", self.text("body").await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Presses keys on whatever has the focus.
    pub async fn keys(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Presses Enter on whatever has the focus, and waits for the next page.
    pub async fn enter(&self) {
        let before = self.root().await;
        self.keys("\u{E007}").await;
        self.gone(&before).await;
    }

    /// Runs a script of the test's own, which no policy of the page forbids.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    async fn root(&self) -> Element {
        self.client.find(Locator::Css("html")).await.unwrap()
    }

    /// Waits until a page has made room for the next and that one is whole.
    async fn gone(&self, root: &Element) {
        let started = Instant::now();
        while root.tag_name().await.is_ok() {
            assert!(started.elapsed() < Duration::from_secs(30), "no other page came after {}", self.path().await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        while self.run("return document.readyState").await != "complete" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Writes the whole page, however long, to `target/tmp/shots/{name}.png`.
    pub async fn shot(&self, name: &str) {
        let taken = self.devtools("Page.captureScreenshot", json!({ "captureBeyondViewport": true })).await;
        let png = BASE64.decode(taken["data"].as_str().unwrap().as_bytes()).unwrap();
        std::fs::write(made(target().join("tmp/shots")).join(format!("{name}.png")), png).unwrap();
    }

    /// What axe-core finds wrong with the page: a line for each element. Panics if it looked at nothing.
    pub async fn axe(&self) -> Vec<String> {
        if self.run("return typeof axe").await == "undefined" {
            self.run(&std::fs::read_to_string(axe_file()).unwrap()).await;
        }
        let found = self.client.execute_async(AXE, Vec::new()).await.unwrap();
        let violations: Vec<String> =
            found["violations"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect();
        assert!(!violations.is_empty() || found["rules"].as_u64().unwrap() > 10, "axe-core looked at nothing: {found}");
        violations
    }

    /// What makes the page scroll sideways: nothing, on a good page.
    pub async fn beyond(&self) -> Vec<String> {
        let found = self.run(BEYOND).await;
        found.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_and_axe_see_what_is_wrong() {
    let Some(browser) = Browser::open().await else { return };
    let wide =
        "<body style='margin:0'><div style='width:400px;color:%23eee'>pale</div><img src=x><main style='width:300px'>x</main></body>";
    browser.width(320).await;
    browser.goto(&format!("data:text/html,<title>wrong</title>{wide}")).await;
    let found = browser.axe().await;
    for rule in ["color-contrast", "image-alt", "html-has-lang"] {
        assert!(found.iter().any(|line| line.starts_with(rule)), "{rule}: {found:?}");
    }
    assert_eq!(browser.beyond().await, ["div.: 400 of 320 px"]);
    browser.width(400).await;
    assert!(browser.beyond().await.is_empty());
    let scripted = "data:text/html,<title>still</title><script>document.title='ran'</script>";
    browser.goto(scripted).await;
    assert_eq!(browser.run("return document.title").await, "ran");
    browser.scripts(false).await;
    browser.goto(scripted).await;
    assert_eq!(browser.run("return document.title").await, "still");
    browser.dark(true).await;
    assert_eq!(browser.run("return matchMedia('(prefers-color-scheme: dark)').matches").await, true);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_acts_as_a_person_does() {
    let Some(browser) = Browser::open().await else { return };
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    let origin = format!("http://{}", app.address);
    browser.goto(&format!("{origin}/c?lang=en")).await;
    browser.fill("[name=code]", "U").await;
    browser.fill("[name=code]", &code).await;
    browser.follow("main button").await;
    assert_eq!(browser.path().await, format!("/c/{code}?lang=en"));
    browser.click("[name=email]").await;
    browser.keys("hanako@example.jp").await;
    browser.enter().await;
    assert!(browser.text("h1").await.contains("checked in") && !browser.has("form input").await);
    let official = app.official(Role::Viewer, "田中 健").await;
    let (name, value) = official.cookie().strip_prefix("Cookie: ").unwrap().split_once('=').unwrap();
    browser.cookie(&origin, name, value).await;
    browser.goto(&format!("{origin}/console")).await;
    assert!(browser.text(".who").await.contains("田中 健"));
    browser.shot("console").await;
    browser.close().await;
}
