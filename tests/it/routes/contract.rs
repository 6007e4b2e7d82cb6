//! Holds answers to the OpenAPI document: status, media type and every member, by the part of JSON Schema that the document uses.
use crate::support::app::App;
use ashiato::cli::demo::http::Answer;
use ashiato::web::openapi::DOCUMENT;
use serde_json::{Value, json};
use std::path::Path;

pub struct Contract(Value);

/// A service whose answers are held to the document.
pub struct Asked<'a> {
    contract: &'a Contract,
    app: &'a App,
}

impl Asked<'_> {
    pub async fn ask(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let answer = self.app.api(method, path, token, body).await;
        self.contract.judge(method, path, &answer);
        answer
    }
}

impl Contract {
    pub fn read() -> Self {
        Self(serde_json::from_str(DOCUMENT).unwrap())
    }

    /// Follows references inside the document.
    fn resolve<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        while let Some(to) = value.get("$ref").and_then(Value::as_str) {
            value = self.0.pointer(to.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("{to} leads nowhere"));
        }
        value
    }

    /// Asks this service, by [`Asked::ask`].
    pub fn at<'a>(&'a self, app: &'a App) -> Asked<'a> {
        Asked { contract: self, app }
    }

    pub fn judge(&self, method: &str, path: &str, answer: &Answer) {
        let what = format!("{method} {path} {}", answer.status);
        let item = self.0["paths"].as_object().unwrap().iter().find(|(pattern, _)| fits(pattern, path)).expect(&what).1;
        let responses = &item[method.to_ascii_lowercase()]["responses"];
        let response = self.resolve(responses.get(answer.status.to_string()).unwrap_or_else(|| panic!("{what} is not in the document")));
        let kind = answer.header("Content-Type").unwrap_or_default();
        let content = response["content"].get(kind).unwrap_or_else(|| panic!("{what}: {kind} is not in the document"));
        for name in response["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
            assert!(answer.header(name).is_some(), "{what}: header {name}");
        }
        if kind.ends_with("json") && path != "/api/v1/openapi.json" {
            self.check(&content["schema"], &answer.json().unwrap(), &what);
        }
    }

    fn check(&self, schema: &Value, value: &Value, at: &str) {
        let schema = self.resolve(schema);
        if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
            assert_eq!(choices.iter().filter(|choice| choice["const"] == *value).count(), 1, "{at}: {value} is none of the choices");
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
            assert!(choices.contains(value), "{at}: {value} is none of the choices");
        }
        if let Some(kind) = schema.get("type") {
            let kinds = kind.as_array().cloned().unwrap_or_else(|| vec![kind.clone()]);
            assert!(kinds.iter().any(|kind| is_a(kind.as_str().unwrap(), value)), "{at}: {value} is no {kind}");
        }
        match value {
            Value::Object(members) => self.check_object(schema, members, at),
            Value::Array(items) => {
                let count = |name: &str| schema.get(name).and_then(Value::as_u64);
                assert!(
                    items.len() as u64 >= count("minItems").unwrap_or(0) && items.len() as u64 <= count("maxItems").unwrap_or(u64::MAX),
                    "{at}"
                );
                items.iter().enumerate().for_each(|(index, item)| self.check(&schema["items"], item, &format!("{at}[{index}]")));
            }
            Value::String(text) => check_text(schema, text, at),
            Value::Number(number) => {
                let limit = |name: &str| schema.get(name).and_then(Value::as_i64);
                let number = number.as_i64().unwrap();
                assert!(
                    limit("minimum").is_none_or(|least| number >= least) && limit("maximum").is_none_or(|most| number <= most),
                    "{at}: {number}"
                );
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn check_object(&self, schema: &Value, members: &serde_json::Map<String, Value>, at: &str) {
        let properties = schema.get("properties").and_then(Value::as_object);
        for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            assert!(members.contains_key(required.as_str().unwrap()), "{at}: {required} is missing");
        }
        for (name, value) in members {
            match properties.and_then(|properties| properties.get(name)) {
                Some(schema) => self.check(schema, value, &format!("{at}.{name}")),
                None => assert_ne!(schema.get("additionalProperties"), Some(&json!(false)), "{at}: {name} is not in the document"),
            }
        }
    }
}

fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        other => panic!("{other}: teach the check this type"),
    }
}

fn check_text(schema: &Value, text: &str, at: &str) {
    let limit = |name: &str| schema.get(name).and_then(Value::as_u64);
    let length = text.chars().count() as u64;
    assert!(length >= limit("minLength").unwrap_or(0) && length <= limit("maxLength").unwrap_or(u64::MAX), "{at}: {length} characters");
    let good = match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => text.parse::<uuid::Uuid>().is_ok(),
        Some("date") => text.parse::<chrono::NaiveDate>().is_ok(),
        Some("date-time") => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        Some("uri") => text.contains(':'),
        Some(other) => panic!("{other}: teach the check this format"),
        None => true,
    };
    assert!(good, "{at}: {text}");
}

/// Whether a path is one of this pattern.
pub fn fits(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap();
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(pattern, part)| pattern == part || pattern.starts_with('{'))
}

/// Every value below `value`, itself included, with its place.
fn walk<'a>(value: &'a Value, at: &str, found: &mut Vec<(String, &'a Value)>) {
    found.push((at.to_owned(), value));
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| walk(value, &format!("{at}/{name}"), found)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| walk(item, &format!("{at}/{index}"), found)),
        _ => {}
    }
}

#[test]
fn the_document_keeps_its_own_rules() {
    let contract = Contract::read();
    let mut all = Vec::new();
    walk(&contract.0, "", &mut all);
    let mut examples = 0;
    for (at, value) in &all {
        contract.resolve(value);
        if let (Some(schema), Some(example)) = (value.get("schema"), value.get("example")) {
            contract.check(schema, example, at);
            examples += 1;
        }
        if at.ends_with("/operationId") {
            assert_eq!(all.iter().filter(|(other, name)| other.ends_with("/operationId") && name == value).count(), 1, "{value}");
        }
    }
    assert!(examples > 25, "{examples} examples");
    for (kind, parts) in contract.0["components"].as_object().unwrap() {
        for name in parts.as_object().unwrap().keys().filter(|_| kind == "schemas") {
            let reference = json!(format!("#/components/schemas/{name}"));
            assert!(all.iter().any(|(at, value)| at.ends_with("/$ref") && **value == reference), "{name} is used nowhere");
        }
    }
}

#[test]
fn the_document_names_every_stable_code_and_no_other() {
    let contract = Contract::read();
    let documented: Vec<String> = ["ErrorCode", "FieldCode"]
        .iter()
        .flat_map(|name| contract.0["components"]["schemas"][name]["oneOf"].as_array().unwrap())
        .map(|choice| choice["const"].as_str().unwrap().to_owned())
        .collect();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    // Whatever answers programs, and what it shares with pages.
    let shared = [
        "web/error.rs",
        "web/form.rs",
        "web/print_kit.rs",
        "web/limit.rs",
        "web/question.rs",
        "web/session.rs",
        "web/middleware.rs",
        "web/routes.rs",
        "web/venue/mod.rs",
        "base/table/mod.rs",
        "venue/application.rs",
    ];
    let programs = std::fs::read_dir(src.join("web/api")).unwrap().map(|entry| entry.unwrap().path());
    let programs = programs.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let text: String = programs
        .chain(shared.map(|file| src.join(file)))
        .map(|path| std::fs::read_to_string(path).unwrap().split("#[cfg(test)]").next().unwrap().to_owned())
        .collect();
    for code in &documented {
        assert!(text.contains(&format!("\"{code}\"")), "{code} is documented and never answered");
    }
    // A code stands last in a call or a tuple, behind a status or a field, or alone in `conflict(…)`, `forbidden(…)`.
    let mut seen = 0;
    for (at, _) in text.match_indices("\")") {
        let Some(start) = text[..at].rfind('"') else { continue };
        let (code, before) = (&text[start + 1..at], text[..start].trim_end());
        let is_code = before.ends_with("conflict(")
            || before.ends_with("forbidden(")
            || ["StatusCode::", ".to_owned(),", "Error::field(", "format!("]
                .iter()
                .any(|sign| before.lines().last().is_some_and(|line| line.contains(sign) && line.ends_with(',')));
        if is_code {
            assert!(documented.iter().any(|known| known == code), "{code} is answered and not documented");
            seen += 1;
        }
    }
    assert!(seen >= 30, "{seen} codes were seen in the sources");
}
