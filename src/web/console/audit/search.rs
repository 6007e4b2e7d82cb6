//! An auditor's search, as it stands in the address: it can be kept, and sent to a colleague.
use crate::alert::{self, AlertNumber};
use crate::audit::{Actor, Filter};
use crate::base::clock::Zone;
use crate::web::form::Form;
use actix_web::HttpRequest;
use chrono::{DateTime, Days, NaiveDate, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::PgConnection;
use uuid::Uuid;

/// From when, until when, who.
type Parsed = (Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<Actor>);

/// The fields of the filter, as typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) target: String,
    /// Only what is older than this entry.
    pub(crate) before: Option<i64>,
}

impl Search {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let form = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
        let field = |name: &str| form.get(name).trim().to_owned();
        Self {
            from: field("from"),
            to: field("to"),
            actor: field("actor"),
            action: field("action"),
            target: field("target"),
            before: form.get("before").parse().ok(),
        }
    }

    /// Whether anything is asked for.
    pub(crate) fn is_set(&self) -> bool {
        [&self.from, &self.to, &self.actor, &self.action, &self.target].iter().any(|field| !field.is_empty())
    }

    /// The filter; `None` where a field cannot be read.
    pub(crate) async fn filter(&self, conn: &mut PgConnection, zone: Zone) -> Result<Option<Filter>, sqlx::Error> {
        let Some((from, until, actor)) = self.parse(zone) else { return Ok(None) };
        let target = match self.target.as_str() {
            "" => None,
            text => match target(conn, text).await? {
                None => return Ok(None),
                found => found,
            },
        };
        let action = Some(self.action.clone()).filter(|action| !action.is_empty());
        Ok(Some(Filter { from, until, actor, action, target }))
    }

    fn parse(&self, zone: Zone) -> Option<Parsed> {
        let day = |text: &str, after: u64| match text {
            "" => Some(None),
            text => Some(Some(zone.begin_of(text.parse::<NaiveDate>().ok()?.checked_add_days(Days::new(after))?))),
        };
        let actor = match self.actor.as_str() {
            "" => None,
            text => Some(match text.split_once(':') {
                Some((kind, id)) => Actor::of(kind, Some(id.parse().ok()?))?,
                None => Actor::of(text, None)?,
            }),
        };
        Some((day(&self.from, 0)?, day(&self.to, 1)?, actor))
    }

    /// The address of a page or a file with the same filter.
    pub(crate) fn link(&self, path: &str, before: Option<i64>, lang: &str) -> String {
        let fields = [("from", &self.from), ("to", &self.to), ("actor", &self.actor), ("action", &self.action), ("target", &self.target)];
        let mut parts: Vec<String> = fields
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        parts.extend(before.map(|before| format!("before={before}")));
        parts.extend((!lang.is_empty()).then(|| lang.trim_start_matches('?').to_owned()));
        if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
    }
}

/// The thing that is meant by an identifier or an alert's number; nil for a number that no alert has.
async fn target(conn: &mut PgConnection, text: &str) -> Result<Option<Uuid>, sqlx::Error> {
    if let Ok(id) = text.parse::<Uuid>() {
        return Ok(Some(id));
    }
    match AlertNumber::parse(text) {
        Some(number) => Ok(Some(alert::by_number(conn, &number).await?.unwrap_or_default())),
        None => Ok(None),
    }
}
