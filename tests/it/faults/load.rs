//! Visitors who come all the time and remember what they were told.
use ashiato::cli::demo::http;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What visitors were told.
#[derive(Default)]
pub struct Told {
    /// Whose check-in was answered with 200 or 201.
    pub accepted: BTreeSet<String>,
    /// Whose check-in was sent at all.
    pub tried: BTreeSet<String>,
    /// How many were told to come again (503 with Retry-After).
    pub turned_away: usize,
    /// How many got no answer.
    pub unanswered: usize,
    /// Any other answer; there should be none.
    pub odd: Vec<String>,
}

impl Told {
    fn add(&mut self, other: Self) {
        self.accepted.extend(other.accepted);
        self.tried.extend(other.tried);
        self.turned_away += other.turned_away;
        self.unanswered += other.unanswered;
        self.odd.extend(other.odd);
    }
}

/// A crowd at the door of one venue.
pub struct Load {
    stop: watch::Sender<bool>,
    visitors: JoinSet<Told>,
    seen: Arc<Seen>,
}

/// Counted while they come.
#[derive(Default)]
struct Seen {
    accepted: AtomicUsize,
    turned_away: AtomicUsize,
}

impl Load {
    /// So many come at once, each time somebody else; half by the page, half by the API. They go on through every fault.
    pub fn start(to: SocketAddr, code: &str, at_once: usize) -> Self {
        let (stop, stopped) = watch::channel(false);
        let seen = Arc::<Seen>::default();
        let mut visitors = JoinSet::new();
        for visitor in 0..at_once {
            let (code, stopped, seen) = (code.to_owned(), stopped.clone(), Arc::clone(&seen));
            visitors.spawn(async move {
                let mut told = Told::default();
                for number in 0.. {
                    if *stopped.borrow() {
                        break;
                    }
                    come(to, &code, &format!("visitor{visitor}-{number}@example.jp"), &seen, &mut told).await;
                }
                told
            });
        }
        Self { stop, visitors, seen }
    }

    /// How many were accepted so far.
    pub fn accepted(&self) -> usize {
        self.seen.accepted.load(Ordering::Relaxed)
    }

    /// How many were told to come again so far.
    pub fn turned_away(&self) -> usize {
        self.seen.turned_away.load(Ordering::Relaxed)
    }

    /// Nobody comes any more; what they were told.
    pub async fn end(self) -> Told {
        self.stop.send_replace(true);
        let mut all = Told::default();
        for told in self.visitors.join_all().await {
            all.add(told);
        }
        all
    }
}

/// One check-in, tried once.
async fn come(to: SocketAddr, code: &str, address: &str, seen: &Seen, told: &mut Told) {
    told.tried.insert(address.to_owned());
    let answer = if told.tried.len().is_multiple_of(2) {
        let body = serde_json::json!({ "code": code, "email": address }).to_string();
        http::send(to, "POST", "/api/v1/check-ins", &["Content-Type: application/json"], body.as_bytes()).await
    } else {
        let (path, body) = (format!("/c/{code}"), format!("email={}", address.replace('@', "%40")));
        http::send(to, "POST", &path, &["Content-Type: application/x-www-form-urlencoded"], body.as_bytes()).await
    };
    match answer {
        Ok(answer) if matches!(answer.status, 200 | 201) => {
            told.accepted.insert(address.to_owned());
            seen.accepted.fetch_add(1, Ordering::Relaxed);
            return;
        }
        Ok(answer) if answer.status == 503 && answer.header("retry-after").is_some() => {
            told.turned_away += 1;
            seen.turned_away.fetch_add(1, Ordering::Relaxed);
        }
        Ok(answer) => told.odd.push(format!("{}: {}", answer.status, answer.text().chars().take(200).collect::<String>())),
        Err(_) => told.unanswered += 1,
    }
    // Who was not let in comes again, but not at once.
    tokio::time::sleep(Duration::from_millis(20)).await;
}
