//! The mail server as delivery sees it: open connections to use again, and whether it is in a state to be given more.
//!
//! While it is not, nobody claims rows: the whole outbox waits, not each row by itself, and from time to time one
//! connection tries one small group.
use super::smtp::{Connection, Deadlines, SmtpError, SmtpUrl};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an unused connection is kept. Servers close theirs after minutes (Postfix: 300 s); ours go first.
const IDLE_LIMIT: Duration = Duration::from_secs(10);
/// So many troubles in a row, over all connections, and the server counts as down. One or two can be chance, or one poisonous mail.
const TROUBLES: u32 = 3;
/// First pause of a server that is down; it doubles from there.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause: mails flow again at most about a minute after the server is back.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Whether mails may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// Everything.
    Open,
    /// One group, to see whether the server is back.
    Probe,
    /// Nothing before this moment.
    Shut(Instant),
}

/// Counts troubles. Pure: moments and chance come from outside.
#[derive(Default)]
struct Circuit {
    troubles: u32,
    shut_times: u32,
    shut_until: Option<Instant>,
}

impl Circuit {
    fn gate(&self, now: Instant) -> Gate {
        match self.shut_until {
            None => Gate::Open,
            Some(until) if now < until => Gate::Shut(until),
            Some(_) => Gate::Probe,
        }
    }

    fn trouble(&mut self, weight: u32, now: Instant, jitter: f64) {
        self.troubles = self.troubles.saturating_add(weight);
        if self.troubles >= TROUBLES && !matches!(self.gate(now), Gate::Shut(_)) {
            let pause = FIRST_PAUSE.saturating_mul(1 << self.shut_times.min(6)).min(LONGEST_PAUSE / 2);
            self.shut_until = Some(now + pause.mul_f64(1.0 + jitter.clamp(0.0, 1.0)));
            self.shut_times = self.shut_times.saturating_add(1);
            self.troubles = 0;
        }
    }
}

struct Idle {
    pooled: PooledConnection,
    since: Instant,
}

/// The mail server.
pub(super) struct Relay {
    url: SmtpUrl,
    ehlo_name: String,
    deadlines: Deadlines,
    circuit: Mutex<Circuit>,
    idle: Mutex<Vec<Idle>>,
    /// Held by every open connection.
    open: Arc<()>,
}

/// An open connection.
pub(super) struct PooledConnection {
    pub(super) connection: Connection,
    /// It waited unused: the server may have closed it meanwhile.
    pub(super) reused: bool,
    /// It has carried a mail: the server may want no more in one session.
    pub(super) served: bool,
    _counted: Arc<()>,
}

impl Relay {
    pub(super) fn new(url: SmtpUrl, ehlo_name: String, deadlines: Deadlines) -> Self {
        Self { url, ehlo_name, deadlines, circuit: Mutex::default(), idle: Mutex::default(), open: Arc::default() }
    }

    /// Whether mails may be sent now.
    pub(super) fn gate(&self) -> Gate {
        lock(&self.circuit).gate(Instant::now())
    }

    /// The server answered about a mail: it is well.
    pub(super) fn works(&self) {
        *lock(&self.circuit) = Circuit::default();
    }

    /// Something happened that would happen to any mail.
    pub(super) fn trouble(&self) {
        lock(&self.circuit).trouble(1, Instant::now(), rand::random());
    }

    /// A new connection was refused: that is enough, for the next would be too.
    pub(super) fn down(&self) {
        lock(&self.circuit).trouble(TROUBLES, Instant::now(), rand::random());
    }

    /// Forgets troubles: somebody wants it tried now.
    pub(super) fn try_again(&self) {
        self.works();
    }

    /// A connection from the idle ones, or a new one.
    pub(super) async fn connection(&self) -> Result<PooledConnection, SmtpError> {
        let idle = lock(&self.idle).pop();
        match idle {
            Some(idle) if idle.since.elapsed() < IDLE_LIMIT => Ok(PooledConnection { reused: true, ..idle.pooled }),
            _ => self.new_connection().await,
        }
    }

    /// A new connection.
    pub(super) async fn new_connection(&self) -> Result<PooledConnection, SmtpError> {
        let connection = Connection::open(&self.url, &self.ehlo_name, &self.deadlines).await?;
        Ok(PooledConnection { connection, reused: false, served: false, _counted: Arc::clone(&self.open) })
    }

    /// Keeps a connection for the next group, if it is still in step.
    pub(super) fn give_back(&self, pooled: PooledConnection) {
        if pooled.connection.is_usable() {
            lock(&self.idle).push(Idle { pooled, since: Instant::now() });
        }
    }

    /// Whether any connection is open.
    pub(super) fn has_connections(&self) -> bool {
        Arc::strong_count(&self.open) > 1
    }

    /// Says goodbye on connections that nobody used lately; on all of them if `all`.
    pub(super) async fn close_idle(&self, all: bool) {
        let old: Vec<Idle> = lock(&self.idle).extract_if(.., |idle| all || idle.since.elapsed() >= IDLE_LIMIT).collect();
        let mut farewells = tokio::task::JoinSet::new();
        for idle in old {
            farewells.spawn(idle.pooled.connection.quit());
        }
        farewells.join_all().await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_several_troubles_in_a_row_to_shut() {
        let now = Instant::now();
        let mut circuit = Circuit::default();
        for _ in 1..TROUBLES {
            circuit.trouble(1, now, 0.0);
            assert_eq!(circuit.gate(now), Gate::Open);
        }
        circuit.trouble(1, now, 0.0);
        assert_eq!(circuit.gate(now), Gate::Shut(now + FIRST_PAUSE));
        assert_eq!(circuit.gate(now + FIRST_PAUSE), Gate::Probe);
    }

    #[test]
    fn pauses_grow_to_their_limit_and_connections_that_fail_together_count_once() {
        let mut now = Instant::now();
        let mut circuit = Circuit::default();
        let mut pauses = Vec::new();
        for _ in 0..12 {
            for _ in 0..8 {
                circuit.trouble(TROUBLES, now, 1.0);
            }
            let Gate::Shut(until) = circuit.gate(now) else { panic!("must be shut") };
            pauses.push(until - now);
            now = until;
        }
        assert_eq!(pauses[0], FIRST_PAUSE * 2);
        assert_eq!(pauses[1], FIRST_PAUSE * 4);
        assert_eq!(pauses[11], LONGEST_PAUSE);
    }
}
