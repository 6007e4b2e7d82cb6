//! The state of the web process. It can seal and never open: there is no [`crate::keys::Opener`] here.
use crate::alert::CityRules;
use crate::base::clock::SharedClock;
use crate::base::config::{Service, VenuePolicy};
use crate::base::db::SecondClock;
use crate::base::slow_hash::SlowHasher;
use crate::base::telemetry::Metrics;
use crate::keys::{DataKeys, Sealer};
use crate::official::{Act, CredentialKeys, Letters};
use crate::venue::{ActivationKey, Directory, Scans};
use crate::visit::Recorder;
use crate::web::client::ProxyWatch;
use crate::web::console::delivery::events::Streams;
use crate::web::demo::Showcase;
use crate::web::error::Error;
use crate::web::health::Watch;
use crate::web::limit::Limiter;
use crate::web::mailbox::Mailbox;
use crate::web::visitor::PageCache;
use chrono::{DateTime, Utc};
use ipnet::IpNet;
use sqlx::PgPool;
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// Shared by all workers of the HTTP server.
pub struct State {
    /// How the service names itself.
    pub service: Service,
    /// The time.
    pub clock: SharedClock,
    /// The clock that it is held against.
    pub second_clock: SecondClock,
    /// The observations of both, of the keys ahead and of the worker.
    pub watch: Watch,
    /// Seals addresses and letters.
    pub sealer: Arc<Sealer>,
    /// Writes visits.
    pub recorder: Recorder,
    /// Knows posters by their code.
    pub directory: Arc<Directory>,
    /// On which day each poster was scanned last.
    pub scans: Scans,
    /// Hashes the digits of confirmation letters, a few at a time; passwords wait in the same line.
    pub hasher: SlowHasher,
    /// The keys that are opened with data keys; see [`State::credential_keys`] and [`State::activation`].
    pub unlocked: Unlocked,
    /// Confirmation pages, ready but for their blanks.
    pub page_cache: PageCache,
    /// Connections with the role `ashiato_web`.
    pub pool: PgPool,
    /// Counters.
    pub metrics: Metrics,
    /// The state that follows a confirmed application.
    pub venue_policy: VenuePolicy,
    /// Whether command-line tokens may approve.
    pub tokens_may_approve: bool,
    /// Whether a venue's contact is told that an alert concerned it.
    pub tell_venues: bool,
    /// Minutes between approval and the first mail.
    pub hold_minutes: u16,
    /// The city's further rules for alerts.
    pub city: CityRules,
    /// Live pages that are open.
    pub streams: Streams,
    /// The recent requests of each client.
    pub limiter: Limiter,
    /// The proxies whose `X-Forwarded-For` or `Forwarded` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether they say who their clients are.
    pub proxies: ProxyWatch,
    /// Rung after an approval: the dispatcher of the same process need not wait for its turn.
    pub wake: Arc<Notify>,
    /// The demonstration's caught mails; nothing in production.
    pub mailbox: Option<Arc<dyn Mailbox>>,
    /// The content of the demonstration's page; nothing in production.
    pub showcase: Option<Arc<dyn Showcase>>,
}

/// The keys that are opened with data keys. It is empty until the database has answered and the worker has made them.
#[derive(Default)]
pub struct Unlocked(OnceLock<(CredentialKeys, ActivationKey)>);

impl State {
    /// Begins an act of `by`, now.
    ///
    /// # Errors
    /// 503 without a connection.
    pub async fn act<By>(&self, by: By) -> Result<Act<'_, By>, Error> {
        self.act_at(self.clock.now(), by).await
    }

    /// Begins an act of `by` at the time that the request has read before.
    ///
    /// # Errors
    /// 503 without a connection.
    pub async fn act_at<By>(&self, now: DateTime<Utc>, by: By) -> Result<Act<'_, By>, Error> {
        Ok(Act::begin(&self.pool, now, Letters { service: &self.service, sealer: &self.sealer }, by).await?)
    }

    /// Judges passwords and codes of officials.
    ///
    /// # Errors
    /// 503 `key_unavailable` as long as the data keys are not at hand.
    pub fn credential_keys(&self) -> Result<&CredentialKeys, Error> {
        self.unlocked.0.get().map(|(credential_keys, _)| credential_keys).ok_or_else(Error::key_unavailable)
    }

    /// Makes and knows the codes of printed letters.
    ///
    /// # Errors
    /// 503 as long as the data keys are not at hand. An owner in front of the page can only wait.
    pub fn activation(&self) -> Result<&ActivationKey, Error> {
        self.unlocked.0.get().map(|(_, activation)| activation).ok_or_else(Error::unavailable)
    }

    /// Whether the data keys are at hand.
    #[must_use]
    pub fn is_unlocked(&self) -> bool {
        self.unlocked.0.get().is_some()
    }

    /// Takes the data keys up.
    pub(crate) fn unlock(&self, keys: &DataKeys) {
        let made = || (CredentialKeys::new(keys, self.hasher.clone(), &self.service), ActivationKey::new(keys));
        self.unlocked.0.get_or_init(made);
    }
}
