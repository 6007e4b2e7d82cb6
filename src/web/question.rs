//! The parameters that a program may send. There is one rule for every route under `/api/`: a parameter that the document does not name is
//! refused, for whoever sends one believes that it does something.
use crate::web::error::{Error, FieldProblem};
use crate::web::form::Form;
use crate::web::openapi::DOCUMENT;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

/// Longest name of a parameter that is said back: none of ours is longer, and a name may be anything that somebody typed.
const MAX_NAME: usize = 32;

/// Which parameters each operation of the document has: method in lower case and path → names.
static KNOWN: LazyLock<HashMap<(String, String), BTreeSet<String>>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    let mut known = HashMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let asked = parameters.filter(|parameter| parameter["in"] == "query");
            let names = asked.filter_map(|parameter| parameter["name"].as_str()).map(ToOwned::to_owned).collect();
            known.insert((method.clone(), path.clone()), names);
        }
    }
    known
});

/// Lets a question pass whose parameters its route knows.
pub(crate) async fn judge(
    method: Method,
    path: &'static str,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match check(&method, path, request.query_string()) {
        Ok(()) => next.call(request).await,
        Err(error) => Ok(request.error_response(error)),
    }
}

fn check(method: &Method, path: &str, query: &str) -> Result<(), Error> {
    if query.is_empty() {
        return Ok(());
    }
    let known = KNOWN.get(&(method.as_str().to_ascii_lowercase(), path.to_owned()));
    let asked = Form::parse(query.as_bytes())?;
    // Of one given twice the second would do nothing, like one that is not known.
    let mut seen = BTreeSet::new();
    let mut counts = |name| known.is_some_and(|known| known.contains(name)) && seen.insert(name);
    let unknown: BTreeSet<&str> = asked.names().filter(|name| !counts(*name)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let fields = unknown.into_iter().filter(|name| is_plain(name)).map(|name| FieldProblem { field: name.to_owned(), code: "unknown" });
    Err(Error { fields: fields.collect(), ..Error::new(StatusCode::BAD_REQUEST, "unknown_parameter") })
}

/// Whether a name may be said back: it looks like one, and like nothing that a person typed.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: &Method, path: &str, query: &str) -> Option<Vec<String>> {
        let error = check(method, path, query).err()?;
        assert_eq!((error.status, error.code), (StatusCode::BAD_REQUEST, "unknown_parameter"));
        Some(error.fields.into_iter().map(|field| field.field).collect())
    }

    #[test]
    fn each_route_knows_its_own_parameters_and_no_others() {
        let alerts = "/api/v1/alerts";
        assert_eq!(refused(&Method::GET, alerts, ""), None);
        assert_eq!(refused(&Method::GET, alerts, "limit=5&list=waiting"), None);
        assert_eq!(refused(&Method::GET, alerts, "state=submitted&limit=5"), Some(vec!["state".into()]));
        assert_eq!(refused(&Method::POST, alerts, "limit=5"), Some(vec!["limit".into()]));
        assert_eq!(refused(&Method::GET, "/api/v1/alerts/{id}", "limit"), Some(vec!["limit".into()]));
        assert_eq!(refused(&Method::GET, alerts, "limit=5&list=waiting&limit=6"), Some(vec!["limit".into()]), "given twice");
        assert!(check(&Method::GET, alerts, "limit=%ff").is_err_and(|error| error.code == "bad_encoding"));
    }

    #[test]
    fn a_name_that_somebody_typed_is_not_said_back() {
        for name in ["taro%40example.jp", "a%20b", "", &"a".repeat(MAX_NAME + 1), "LIMIT"] {
            assert_eq!(refused(&Method::GET, "/api/v1/alerts", &format!("{name}=1")), Some(vec![]), "{name}");
        }
    }
}
