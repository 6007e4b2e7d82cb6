//! Every setting, once: flag, environment variable and `--help` are one clap struct. No other place reads the environment.
use crate::base::clock::Zone;
use crate::base::email_address::EmailAddress;
use crate::base::forms::{self, Networks};
use crate::base::secret::{BadSecretKey, SecretKey, SecretKeys};
use crate::base::window::SendWindow;
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use zeroize::Zeroizing;

/// Longest `HOLD_MINUTES`: a day; an alert that waits longer is better sent back.
pub const MAX_HOLD_MINUTES: u16 = 24 * 60;
/// Longest `RETENTION_DAYS`: beyond half a year a visit tells nothing about an infection.
pub const MAX_RETENTION_DAYS: u16 = 180;
/// Highest `CHECK_IN_RATE`: more than a machine takes; 0 lifts the limit.
pub const MAX_CHECK_IN_RATE: u32 = 100_000;
/// Shortest `RETENTION_DAYS`: stays of the last RETENTION_DAYS − 5 days can be reported (docs/DESIGN.md §3 "Time, retention, growth").
pub const MIN_RETENTION_DAYS: u16 = 7;

/// All settings of every process. A secret may also come from a file, so that it shows in no process list.
#[derive(Args, Clone)]
pub struct Settings {
    /// Postgres, primary or coordinator: postgres://user:password@host/database
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// File that holds DATABASE_URL
    #[arg(long, env = "DATABASE_URL_FILE")]
    pub database_url_file: Option<PathBuf>,
    /// Postgres for check-ins alone, such as a Citus worker [default: DATABASE_URL]
    #[arg(long, env = "INGEST_DATABASE_URL", hide_env_values = true)]
    pub ingest_database_url: Option<String>,
    /// File that holds INGEST_DATABASE_URL
    #[arg(long, env = "INGEST_DATABASE_URL_FILE")]
    pub ingest_database_url_file: Option<PathBuf>,
    /// Where people reach the service; every link and QR code is built from it: https://trace.city.example.jp
    #[arg(long, env = "BASE_URL")]
    pub base_url: Option<String>,
    /// Address to listen on
    #[arg(long, env = "LISTEN_ADDR", default_value = "127.0.0.1:8080", value_parser = forms::socket_address)]
    pub listen_addr: SocketAddr,
    /// Address for /metrics; none when absent
    #[arg(long, env = "METRICS_ADDR", value_parser = forms::socket_address)]
    pub metrics_addr: Option<SocketAddr>,
    /// Directory for the service's own files
    #[arg(long, env = "DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,
    /// The worker's private keys; never in a backup [default: DATA_DIR/keys]
    #[arg(long, env = "KEYS_DIR")]
    pub keys_dir: Option<PathBuf>,
    /// The worker's public key, printed by `ashiato keys init`; web accepts no day key without its signature
    #[arg(long, env = "NOTIFIER_PUBLIC_KEY")]
    pub notifier_public_key: Option<String>,
    /// File that holds NOTIFIER_PUBLIC_KEY
    #[arg(long, env = "NOTIFIER_PUBLIC_KEY_FILE")]
    pub notifier_public_key_file: Option<PathBuf>,
    /// 32 random bytes in base64: openssl rand -base64 32
    #[arg(long, env = "SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,
    /// File that holds SECRET_KEY
    #[arg(long, env = "SECRET_KEY_FILE")]
    pub secret_key_file: Option<PathBuf>,
    /// The SECRET_KEY used until now, while it is being changed (docs/OPERATIONS.md, "The secret key")
    #[arg(long, env = "SECRET_KEY_OLD", hide_env_values = true)]
    pub secret_key_old: Option<String>,
    /// File that holds SECRET_KEY_OLD; an empty one counts as absent
    #[arg(long, env = "SECRET_KEY_OLD_FILE")]
    pub secret_key_old_file: Option<PathBuf>,
    /// Mail relay: smtp://user:password@host:port?tls=starttls|implicit|none
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// File that holds SMTP_URL
    #[arg(long, env = "SMTP_URL_FILE")]
    pub smtp_url_file: Option<PathBuf>,
    /// Sender of every mail: notice@city.example.jp
    #[arg(long, env = "MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Time zone in which a day begins and ends
    #[arg(long, env = "TZ_NAME", default_value = "Asia/Tokyo", value_parser = forms::time_zone)]
    pub tz_name: chrono_tz::Tz,
    /// Days that a visit is kept after its own
    #[arg(long, env = "RETENTION_DAYS", default_value_t = 31, value_parser = clap::value_parser!(u16).range(i64::from(MIN_RETENTION_DAYS)..=i64::from(MAX_RETENTION_DAYS)))]
    pub retention_days: u16,
    /// Mails per second at most; 0 = as fast as the relay takes them
    #[arg(long, env = "NOTIFY_RATE", default_value_t = 0)]
    pub notify_rate: u32,
    /// SMTP connections at once
    #[arg(long, env = "SMTP_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub smtp_connections: u8,
    /// Minutes between approval and the first mail, in which an alert can be cancelled
    #[arg(long, env = "HOLD_MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u16).range(0..=i64::from(MAX_HOLD_MINUTES)))]
    pub hold_minutes: u16,
    /// Hours in which notices may leave, in TZ_NAME; both who submit and approve may say "tonight" instead; empty = always
    #[arg(long, env = "SEND_WINDOW", default_value = "08:00-20:00", value_parser = SendWindow::from_str)]
    pub send_window: SendWindow,
    /// Notices that one alert may send; more need an administrator's approval
    #[arg(long, env = "MAX_NOTICES_PER_ALERT", default_value_t = 20_000)]
    pub max_notices_per_alert: u32,
    /// Notices of all alerts that may be sent in a day; more need an administrator's approval
    #[arg(long, env = "MAX_NOTICES_PER_DAY", default_value_t = 40_000)]
    pub max_notices_per_day: u32,
    /// Calls that the hotline takes in an hour, against which a preview holds the calls to expect; 0 = not said
    #[arg(long, env = "HOTLINE_PER_HOUR", default_value_t = 0)]
    pub hotline_per_hour: u32,
    /// Whether command-line tokens may approve alerts (demonstrations, tests)
    #[arg(long, env = "TOKENS_MAY_APPROVE", default_value_t = false, action = clap::ArgAction::Set, value_parser = BoolishValueParser::new())]
    pub tokens_may_approve: bool,
    /// Whether a venue's contact is told by mail that an alert concerned it
    #[arg(long, env = "TELL_VENUES", default_value_t = true, action = clap::ArgAction::Set, value_parser = BoolishValueParser::new())]
    pub tell_venues: bool,
    /// What happens to a venue's application once its mailbox is confirmed
    #[arg(long, env = "VENUE_POLICY", value_enum, default_value_t = VenuePolicy::Reviewed)]
    pub venue_policy: VenuePolicy,
    /// Whether the venues that agreed to it, and totals of all, are published as pages and open data
    #[arg(long, env = "PUBLIC_LIST", default_value_t = false, action = clap::ArgAction::Set, value_parser = BoolishValueParser::new())]
    pub public_list: bool,
    /// Check-ins per second that one client's network (an IPv4 address, an IPv6 /64) may make; 0 = no limit
    #[arg(long, env = "CHECK_IN_RATE", default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=i64::from(MAX_CHECK_IN_RATE)))]
    pub check_in_rate: u32,
    /// Addresses and networks of reverse proxies whose X-Forwarded-For or Forwarded is believed: 10.0.0.1,10.1.0.0/16
    #[arg(long, env = "TRUSTED_PROXIES")]
    pub trusted_proxies: Option<Networks>,
    /// Form of log lines
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Which log lines: info, debug, ashiato::worker=trace …
    #[arg(long, env = "RUST_LOG", default_value = "info", value_parser = forms::log_filter)]
    pub rust_log: String,
    /// The city that runs the service
    #[arg(long, env = "CITY_NAME", default_value = "あおば市")]
    pub city_name: String,
    /// What the service is called on pages and posters
    #[arg(long, env = "SERVICE_NAME", default_value = "感染症お知らせサービス")]
    pub service_name: String,
    /// Who runs it, as it stands at the foot of every page [default: CITY_NAME]
    #[arg(long, env = "OPERATOR")]
    pub operator: Option<String>,
    /// Telephone number for people with symptoms: 0120-000-000
    #[arg(long, env = "HOTLINE")]
    pub hotline: Option<String>,
    /// When the hotline answers
    #[arg(long, env = "HOTLINE_HOURS", default_value = "毎日 9:00〜21:00")]
    pub hotline_hours: String,
}

/// The city's policy for a venue's confirmed application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VenuePolicy {
    /// Active at once.
    Instant,
    /// Active when an official approves.
    Reviewed,
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How pages, posters and mails name the service. Made from settings once, shared by all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// `CITY_NAME`
    pub city: String,
    /// `SERVICE_NAME`
    pub name: String,
    /// `OPERATOR`
    pub operator: String,
    /// `HOTLINE`
    pub hotline: String,
    /// `HOTLINE_HOURS`
    pub hotline_hours: String,
    /// `BASE_URL` without a slash at its end.
    pub base_url: String,
    /// The host (and port) of `BASE_URL`, as people read it.
    pub host: String,
    /// The zone of business dates.
    pub zone: Zone,
    /// `RETENTION_DAYS`
    pub retention_days: u16,
    /// `PUBLIC_LIST`
    pub public_list: bool,
}

impl Service {
    /// A made-up city's, for tests and benches.
    #[doc(hidden)]
    #[must_use]
    pub fn sample() -> Self {
        Self {
            city: "あおば市".into(),
            name: "感染症お知らせサービス".into(),
            operator: "あおば市".into(),
            hotline: "0120-000-000".into(),
            hotline_hours: "毎日 9:00〜21:00".into(),
            base_url: "https://trace.example.jp".into(),
            host: "trace.example.jp".into(),
            zone: Zone(chrono_tz::Asia::Tokyo),
            retention_days: 31,
            public_list: false,
        }
    }
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Required settings are absent; all are named at once.
    #[error("these settings are missing: {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// A file named by a setting cannot be read.
    #[error("{name}: cannot read {path}: {source}")]
    File {
        /// The setting.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A value has the wrong form.
    #[error("{0}: {1}")]
    Invalid(&'static str, String),
}

impl Settings {
    /// `DATABASE_URL`, from the setting or its file.
    pub fn database_url(&self) -> Result<Option<String>, SettingsError> {
        let url = secret("DATABASE_URL_FILE", self.database_url.as_ref(), self.database_url_file.as_deref())?;
        database_url("DATABASE_URL", url)
    }

    /// `INGEST_DATABASE_URL`, from the setting or its file.
    pub fn ingest_database_url(&self) -> Result<Option<String>, SettingsError> {
        let url = secret("INGEST_DATABASE_URL_FILE", self.ingest_database_url.as_ref(), self.ingest_database_url_file.as_deref())?;
        database_url("INGEST_DATABASE_URL", url)
    }

    /// `SMTP_URL`, from the setting or its file.
    pub fn smtp_url(&self) -> Result<Option<String>, SettingsError> {
        secret("SMTP_URL_FILE", self.smtp_url.as_ref(), self.smtp_url_file.as_deref())
    }

    /// `MAIL_FROM`.
    pub fn mail_from(&self) -> Result<EmailAddress, SettingsError> {
        let text = self.mail_from.as_deref().ok_or(SettingsError::Missing(vec!["MAIL_FROM"]))?;
        forms::mail_from(text).map_err(|why| SettingsError::Invalid("MAIL_FROM", why))
    }

    /// `NOTIFIER_PUBLIC_KEY`, from the setting or its file.
    pub fn notifier_public_key(&self) -> Result<Option<String>, SettingsError> {
        secret("NOTIFIER_PUBLIC_KEY_FILE", self.notifier_public_key.as_ref(), self.notifier_public_key_file.as_deref())
    }

    /// `SECRET_KEY` and, if it is given, `SECRET_KEY_OLD`, each from the setting or its file.
    pub fn secret_keys(&self) -> Result<SecretKeys, SettingsError> {
        let current = secret("SECRET_KEY_FILE", self.secret_key.as_ref(), self.secret_key_file.as_deref())?;
        let current = secret_key("SECRET_KEY", current)?.ok_or(SettingsError::Missing(vec!["SECRET_KEY"]))?;
        Ok(SecretKeys::new(current, self.secret_key_old()?))
    }

    /// `SECRET_KEY_OLD`, from the setting or its file.
    pub fn secret_key_old(&self) -> Result<Option<SecretKey>, SettingsError> {
        let old = secret("SECRET_KEY_OLD_FILE", self.secret_key_old.as_ref(), self.secret_key_old_file.as_deref())?;
        secret_key("SECRET_KEY_OLD", old)
    }

    /// `KEYS_DIR`, or its place under `DATA_DIR`.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.keys_dir.clone().unwrap_or_else(|| self.data_dir.join("keys"))
    }

    /// The zone of business dates.
    #[must_use]
    pub fn zone(&self) -> Zone {
        Zone(self.tz_name)
    }

    /// How the service names itself; `BASE_URL` and `HOTLINE` must be there.
    pub fn service(&self) -> Result<Service, SettingsError> {
        let missing: Vec<_> = [("BASE_URL", self.base_url.is_none()), ("HOTLINE", self.hotline.is_none())]
            .into_iter()
            .filter_map(|(name, absent)| absent.then_some(name))
            .collect();
        let (Some(base_url), Some(hotline)) = (&self.base_url, &self.hotline) else {
            return Err(SettingsError::Missing(missing));
        };
        let (base_url, host) = forms::base_url(base_url).map_err(|why| SettingsError::Invalid("BASE_URL", why))?;
        Ok(Service {
            city: self.city_name.clone(),
            name: self.service_name.clone(),
            operator: self.operator.clone().filter(|operator| !operator.trim().is_empty()).unwrap_or_else(|| self.city_name.clone()),
            hotline: hotline.clone(),
            hotline_hours: self.hotline_hours.clone(),
            base_url,
            host,
            zone: self.zone(),
            retention_days: self.retention_days,
            public_list: self.public_list,
        })
    }

    /// `BASE_URL` without a slash at its end: what every link begins with.
    pub fn base_url(&self) -> Result<String, SettingsError> {
        let base_url = self.base_url.as_deref().ok_or(SettingsError::Missing(vec!["BASE_URL"]))?;
        forms::base_url(base_url).map(|(base_url, _)| base_url).map_err(|why| SettingsError::Invalid("BASE_URL", why))
    }

    /// Names every setting that production needs and that is absent. Web also needs the worker's public key.
    /// An empty value is an absent one: a compose file hands over what nobody has filled in.
    pub fn require_production(&self, web: bool) -> Result<(), SettingsError> {
        let given = |value: &Option<String>| value.as_deref().is_some_and(|text| !text.trim().is_empty());
        let needed = [
            ("DATABASE_URL", given(&self.database_url) || self.database_url_file.is_some()),
            ("BASE_URL", given(&self.base_url)),
            ("SECRET_KEY", given(&self.secret_key) || self.secret_key_file.is_some()),
            ("SMTP_URL", given(&self.smtp_url) || self.smtp_url_file.is_some()),
            ("MAIL_FROM", given(&self.mail_from)),
            ("HOTLINE", given(&self.hotline)),
            ("NOTIFIER_PUBLIC_KEY", !web || given(&self.notifier_public_key) || self.notifier_public_key_file.is_some()),
        ];
        let missing: Vec<_> = needed.into_iter().filter_map(|(name, there)| (!there).then_some(name)).collect();
        if missing.is_empty() { Ok(()) } else { Err(SettingsError::Missing(missing)) }
    }
}

fn secret_key(name: &'static str, text: Option<String>) -> Result<Option<SecretKey>, SettingsError> {
    let bad = |error: BadSecretKey| SettingsError::Invalid(name, error.to_string());
    text.map(Zeroizing::new).map(|text| text.parse().map_err(bad)).transpose()
}

fn database_url(name: &'static str, url: Option<String>) -> Result<Option<String>, SettingsError> {
    match url.as_deref().map(forms::database_url) {
        Some(Err(why)) => Err(SettingsError::Invalid(name, why)),
        _ => Ok(url),
    }
}

/// A value that may stand in a setting or in a file; an empty one counts as absent.
fn secret(name: &'static str, value: Option<&String>, file: Option<&Path>) -> Result<Option<String>, SettingsError> {
    let text = match (value.filter(|value| !value.trim().is_empty()), file) {
        (Some(value), _) => value.clone(),
        (None, Some(path)) => {
            std::fs::read_to_string(path).map_err(|source| SettingsError::File { name, path: path.to_owned(), source })?
        }
        (None, None) => return Ok(None),
    };
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Settings for which an empty value says something: no hours in which notices wait, no hours on posters.
const EMPTY_MEANS: [&str; 2] = ["SEND_WINDOW", "HOTLINE_HOURS"];

/// Whether the environment holds an empty value for this setting, which counts as none: a compose file hands over what
/// nobody has filled in.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn is_left_empty(name: &std::ffi::OsStr) -> bool {
    let is_blank = |value: OsString| value.to_str().is_some_and(|text| text.trim().is_empty());
    !EMPTY_MEANS.iter().any(|means| name == *means) && std::env::var_os(name).is_some_and(is_blank)
}

/// `PG_BIN` and `PATH`: where the embedded Postgres looks for its binaries.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn postgres_search() -> (Option<PathBuf>, Option<OsString>) {
    (std::env::var_os("PG_BIN").filter(|value| !value.is_empty()).map(PathBuf::from), std::env::var_os("PATH"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        settings: Settings,
    }

    fn parse(arguments: &[&str]) -> Settings {
        Cli::try_parse_from(std::iter::once(&"ashiato").chain(arguments)).map_err(|error| error.to_string()).unwrap().settings
    }

    #[test]
    fn production_names_everything_that_is_missing_at_once() {
        let Err(SettingsError::Missing(names)) = parse(&["--base-url", "https://a.example"]).require_production(true) else {
            panic!("must be refused");
        };
        for name in ["SECRET_KEY", "SMTP_URL", "MAIL_FROM", "HOTLINE", "NOTIFIER_PUBLIC_KEY"] {
            assert!(names.contains(&name), "{name}");
        }
        assert!(!names.contains(&"BASE_URL"));
    }

    #[test]
    fn a_base_url_is_checked_and_its_host_read() {
        let service = parse(&["--base-url", "https://trace.city.example.jp/", "--hotline", "0120-000-000"]).service().unwrap();
        assert_eq!((service.base_url.as_str(), service.host.as_str()), ("https://trace.city.example.jp", "trace.city.example.jp"));
        assert_eq!(service.operator, service.city);
        let said = parse(&["--base-url", "https://city.example.jp/trace"]).base_url().unwrap_err().to_string();
        assert!(said.starts_with("BASE_URL: ") && said.contains("root of its host"), "{said}");
    }

    #[test]
    fn limits_of_settings_hold_at_their_edges() {
        let with = |name: &str, value: String| Cli::try_parse_from(["ashiato", name, value.as_str()]).is_ok();
        assert!(with("--hold-minutes", MAX_HOLD_MINUTES.to_string()) && !with("--hold-minutes", (MAX_HOLD_MINUTES + 1).to_string()));
        assert!(
            with("--retention-days", MIN_RETENTION_DAYS.to_string()) && !with("--retention-days", (MIN_RETENTION_DAYS - 1).to_string())
        );
        assert!(
            with("--retention-days", MAX_RETENTION_DAYS.to_string()) && !with("--retention-days", (MAX_RETENTION_DAYS + 1).to_string())
        );
    }
}
