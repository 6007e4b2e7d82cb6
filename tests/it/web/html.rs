//! Whether a page is what it should be: well-formed, every reference resolved, one heading, one origin, no script.
//! Stricter than HTML on purpose: every element is closed, every attribute quoted, every ampersand escaped.
use std::collections::{BTreeMap, BTreeSet};

/// Elements without an end (WHATWG HTML §13.1.2).
const VOID: [&str; 6] = ["br", "hr", "img", "input", "link", "meta"];

pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    /// Text inside, elements inside left out.
    pub text: String,
}

impl Element {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

pub struct Page {
    what: String,
    pub elements: Vec<Element>,
}

impl Page {
    /// Reads a page and holds it to everything that is true of every page.
    pub fn checked(what: &str, html: &str, lang: &str) -> Self {
        let page = Self::read(what, html);
        page.check(lang);
        page
    }

    fn read(what: &str, html: &str) -> Self {
        let mut rest = html.strip_prefix("<!doctype html>").unwrap_or_else(|| panic!("{what}: no doctype"));
        let (mut elements, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
        while let Some(at) = rest.find('<') {
            let text = unescape(what, &rest[..at]);
            match open.last() {
                Some(index) => elements[*index].text.push_str(&text),
                None => assert_eq!(text.trim(), "", "{what}: text outside the document"),
            }
            let end = tag_end(&rest[at..]).unwrap_or_else(|| panic!("{what}: a tag has no end"));
            let tag = &rest[at + 1..at + end];
            if let Some(name) = tag.strip_prefix('/') {
                let index = open.pop().unwrap_or_else(|| panic!("{what}: </{name}> closes nothing"));
                assert_eq!(elements[index].name, name, "{what}: wrong order");
            } else {
                let element = read_tag(what, tag);
                if !VOID.contains(&element.name.as_str()) && !tag.ends_with('/') {
                    open.push(elements.len());
                }
                elements.push(element);
            }
            rest = &rest[at + end + 1..];
        }
        assert!(open.is_empty() && rest.trim().is_empty(), "{what}: not closed");
        Self { what: what.to_owned(), elements }
    }

    fn check(&self, lang: &str) {
        let what = &self.what;
        let root = &self.elements[0];
        assert_eq!((root.name.as_str(), root.get("lang")), ("html", Some(lang)), "{what}");
        for once in ["h1", "title", "main", "head", "body"] {
            assert_eq!(self.all(once).count(), 1, "{what}: one {once}");
        }
        assert!(!self.title().is_empty() && !self.heading().is_empty(), "{what}");
        for forbidden in ["script", "iframe", "object", "embed", "style", "base"] {
            assert_eq!(self.all(forbidden).count(), 0, "{what}: {forbidden}");
        }
        for element in &self.elements {
            let spoken = element.attributes.keys().find(|name| name.starts_with("on") || *name == "style");
            assert_eq!(spoken, None, "{what}: {}", element.name);
            for name in ["href", "src", "action"] {
                let local = element.get(name).is_none_or(|to| to.starts_with(['/', '#', '?']) && !to.starts_with("//"));
                assert!(local, "{what}: {:?} leads away", element.get(name));
            }
        }
        self.check_references();
    }

    fn check_references(&self) {
        let what = &self.what;
        let ids: Vec<&str> = self.elements.iter().filter_map(|element| element.get("id")).collect();
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(known.len(), ids.len(), "{what}: an id stands twice");
        for element in &self.elements {
            let described = ["aria-describedby", "aria-labelledby", "aria-controls"].iter().filter_map(|name| element.get(name));
            let anchor = element.get("href").and_then(|to| to.strip_prefix('#'));
            for id in described.flat_map(str::split_whitespace).chain(element.get("for")).chain(anchor) {
                assert!(known.contains(id), "{what}: {id} is nowhere on the page");
            }
        }
        let labelled: BTreeSet<&str> = self.all("label").filter_map(|label| label.get("for")).collect();
        for field in self.elements.iter().filter(|element| matches!(element.name.as_str(), "input" | "select" | "textarea")) {
            let has_label = field.get("type") == Some("hidden") || field.get("id").is_some_and(|id| labelled.contains(id));
            assert!(has_label, "{what}: {:?} has no label", field.get("name"));
        }
        for link in self.all("a") {
            assert!(link.get("href").is_some_and(|to| !to.is_empty()), "{what}: a link to nowhere");
        }
        let silent = |icon: &Element| icon.get("aria-hidden") == Some("true");
        let named =
            |picture: &Element| picture.get("role") == Some("img") && picture.get("aria-label").is_some_and(|name| !name.is_empty());
        assert!(self.all("svg").all(|svg| silent(svg) || named(svg)), "{what}: an icon is read out, or a picture has no name");
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |element| element.name == name)
    }

    pub fn title(&self) -> &str {
        self.all("title").next().unwrap().text.trim()
    }

    pub fn heading(&self) -> &str {
        self.all("h1").next().unwrap().text.trim()
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> &Element {
        self.elements
            .iter()
            .find(|element| element.get("name") == Some(name) && element.name != "meta")
            .unwrap_or_else(|| panic!("{}: no {name}", self.what))
    }

    /// Where links lead: those into the page itself are left out.
    pub fn links(&self) -> Vec<&str> {
        self.elements.iter().filter_map(|element| element.get("href")).filter(|to| !to.starts_with('#')).collect()
    }

    /// Forms: method, address.
    pub fn forms(&self) -> Vec<(String, &str)> {
        self.all("form").map(|form| (form.get("method").unwrap_or("get").to_ascii_uppercase(), form.get("action").unwrap())).collect()
    }

    /// The text of whatever describes a field.
    pub fn description(&self, field: &Element) -> String {
        let ids: Vec<&str> = field.get("aria-describedby").unwrap_or_default().split_whitespace().collect();
        let mut text = String::new();
        for id in ids {
            let at = self.elements.iter().position(|element| element.get("id") == Some(id)).unwrap();
            // The reason stands in a span inside the paragraph; an icon stands between them.
            let inside = self.elements[at..].iter().take_while(|element| element.name != "input");
            text.extend(inside.map(|element| element.text.trim()));
        }
        text
    }
}

/// The place of the `>` that ends the tag, quoted text skipped.
fn tag_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, character)| {
        quoted ^= character == '"';
        (character == '>' && !quoted).then_some(at)
    })
}

fn read_tag(what: &str, tag: &str) -> Element {
    let tag = tag.strip_suffix('/').unwrap_or(tag);
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{what}: <{tag}>");
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Element { name: name.to_owned(), attributes, text: String::new() };
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (attribute, after) = rest.split_at(end);
        let value = if let Some(quoted) = after.strip_prefix("=\"") {
            let close = quoted.find('"').unwrap();
            rest = &quoted[close + 1..];
            assert!(rest.is_empty() || rest.starts_with(char::is_whitespace), "{what}: attributes run together in <{tag}>");
            unescape(what, &quoted[..close])
        } else {
            assert!(!after.starts_with('='), "{what}: {attribute} is not quoted");
            rest = after;
            String::new()
        };
        assert!(attribute.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{what}: attribute {attribute:?}");
        assert_eq!(attributes.insert(attribute.to_owned(), value), None, "{what}: {attribute} stands twice");
    }
}

fn unescape(what: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('&');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (entity, after) = part.split_once(';').unwrap_or_else(|| panic!("{what}: a bare & before {part:?}"));
        out.push(match entity {
            "amp" | "#38" => '&',
            "lt" | "#60" => '<',
            "gt" | "#62" => '>',
            "quot" | "#34" => '"',
            "#39" | "#x27" => '\'',
            other => panic!("{what}: &{other};"),
        });
        out.push_str(after);
    }
    out
}

#[test]
fn the_check_sees_what_is_wrong() {
    let page = |head: &str, body: &str| {
        let html = format!(
            "<!doctype html><html lang=\"ja\"><head><title>t</title>{head}</head><body><main><h1>h</h1>{body}</main></body></html>"
        );
        std::panic::catch_unwind(|| Page::checked("page", &html, "ja")).is_ok()
    };
    assert!(page("", "<p id=\"a\">a &amp; b</p><a href=\"#a\">x</a><label for=\"i\">l</label><input id=\"i\" name=\"n\" required>"));
    for bad in [
        "<p>",
        "</p>",
        "<b><i></b></i>",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<a href=\"#a\">x</a>",
        "<label for=\"i\">l</label>",
        "<input id=\"i\" name=\"n\">",
        "<p aria-describedby=\"i\"></p>",
        "<h1>h</h1>",
        "<script></script>",
        "<p onclick=\"x\"></p>",
        "<a href=\"https://example.jp\">x</a>",
        "<a href=\"//example.jp\">x</a>",
        "<p class=x></p>",
        "<p class=\"x\" class=\"y\"></p>",
        "a & b",
        "a < b",
        "<a>x</a>",
    ] {
        assert!(!page("", bad), "{bad}");
    }
}
