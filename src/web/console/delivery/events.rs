//! The progress page, live: server-sent events (WHATWG HTML §9.2) while somebody who is logged in looks on.
//!
//! A stream ends when its session does, when the process stops, and when nobody reads it any more. It keeps no session alive: who
//! only watches is logged out like everybody else.
use super::progress;
use crate::alert::AlertId;
use crate::audit::Reading;
use crate::base::token::Token;
use crate::official::{self, MayView, WebSession};
use crate::web::console::ConsoleRequest;
use crate::web::error::Error;
use crate::web::page::Language;
use crate::web::read_audit;
use crate::web::session::{May, session_token};
use crate::web::state::State;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName};
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// Streams of one process. Each asks the database every other second; a city has a handful of officials.
pub const MAX_STREAMS: usize = 32;
/// How often a stream looks for something new.
const LOOK: Duration = Duration::from_secs(2);
/// How long a stream is silent at most, so that no proxy takes it for dead, and a reader who is gone is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// After how many milliseconds a browser asks again whose stream broke off.
const RETRY_MS: u16 = 3_000;
/// Events that wait for a slow reader.
const BACKLOG: usize = 2;

/// Seats for streams, and the word that they shall end.
pub struct Streams {
    seats: Arc<Semaphore>,
    closing: watch::Sender<bool>,
}

impl Default for Streams {
    fn default() -> Self {
        Self { seats: Arc::new(Semaphore::new(MAX_STREAMS)), closing: watch::Sender::new(false) }
    }
}

impl Streams {
    /// Ends all streams: an HTTP server that stops waits for its answers, and these would never end.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Streams that are open.
    #[must_use]
    pub fn open(&self) -> usize {
        MAX_STREAMS - self.seats.available_permits()
    }
}

/// The body of a stream: whatever its task sends.
struct Feed(mpsc::Receiver<Bytes>);

impl MessageBody for Feed {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(Ok))
    }
}

/// `GET /console/alerts/{id}/events`
pub(crate) async fn events(
    request: HttpRequest,
    may: May<MayView>,
    console: ConsoleRequest,
    id: Path<AlertId>,
) -> Result<HttpResponse, Error> {
    let token = session_token(&request, &console.state).ok_or(Error::new(StatusCode::UNAUTHORIZED, "unauthorised"))?;
    read_audit::note(&console.state, may.0.actor(), Reading::AlertDelivery, Some(id.0)).await?;
    progress::live(&console.state, console.now, console.language, &console.login, *id).await?.ok_or_else(Error::not_found)?;
    let seat = Arc::clone(&console.state.streams.seats).try_acquire_owned().map_err(|_| Error::unavailable())?;
    let (sender, feed) = mpsc::channel(BACKLOG);
    let closing = console.state.streams.closing.subscribe();
    let watcher =
        Watcher { state: console.state.into_inner(), token, language: console.language, alert: *id, sender, closing, _seat: seat };
    tokio::spawn(watcher.run());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        // nginx would hold events back until it has a page full of them.
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .body(Feed(feed)))
}

/// Looks on for one reader.
struct Watcher {
    state: Arc<State>,
    token: Token,
    language: Language,
    alert: AlertId,
    sender: mpsc::Sender<Bytes>,
    closing: watch::Receiver<bool>,
    _seat: OwnedSemaphorePermit,
}

/// The state that the reader has.
#[derive(Default)]
struct Seen {
    state: String,
    /// Without the time that stands in it.
    mails: String,
    at: Option<Instant>,
}

/// The session is over, or the alert is gone.
struct Ended;

impl Watcher {
    async fn run(mut self) {
        if self.send(format!("retry: {RETRY_MS}\n\n")).await.is_err() {
            return;
        }
        let mut seen = Seen::default();
        while let Ok(text) = self.turn(&mut seen).await {
            if !text.is_empty() {
                if self.send(text).await.is_err() {
                    return;
                }
                seen.at = Some(Instant::now());
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = self.sender.closed() => return,
                _ = self.closing.wait_for(|closing| *closing) => return,
            }
        }
        // The session is over: a browser must not ask again and again.
        let _gone_or_told = self.send(event("end", "")).await;
    }

    /// The news as events; empty: nothing is new. After a while all of it once more, with the time at which it was still so.
    async fn turn(&self, seen: &mut Seen) -> Result<String, Ended> {
        let due = seen.at.is_none_or(|at| at.elapsed() >= KEEP_ALIVE);
        let away = || if due { ": \n\n".to_owned() } else { String::new() };
        let login = match self.login().await {
            Ok(Some(login)) => login,
            Ok(None) => return Err(Ended),
            // A database that is away for a moment ends nothing.
            Err(_) => return Ok(away()),
        };
        let live = match progress::live(&self.state, self.state.clock.now(), self.language, &login, self.alert).await {
            Ok(Some((_, live))) => live,
            Ok(None) => return Err(Ended),
            Err(_) => return Ok(away()),
        };
        let mut text = String::new();
        if seen.state != live.state {
            text.push_str(&event("state", &live.state));
            seen.state = live.state;
        }
        let timeless = live.html.replace(&live.time, "");
        if due || seen.mails != timeless {
            text.push_str(&event("mails", &live.html));
            seen.mails = timeless;
        }
        Ok(text)
    }

    async fn login(&self) -> Result<Option<WebSession>, sqlx::Error> {
        let mut connection = self.state.pool.acquire().await?;
        official::still_logged_in(&mut connection, self.state.clock.now(), &self.token).await
    }

    async fn send(&mut self, text: String) -> Result<(), Ended> {
        tokio::select! {
            sent = self.sender.send(Bytes::from(text)) => sent.map_err(|_| Ended),
            _ = self.closing.wait_for(|closing| *closing) => Err(Ended),
        }
    }
}

/// One event; each line of `data` a line of its own.
fn event(name: &str, data: &str) -> String {
    let mut text = format!("event: {name}\n");
    for line in data.split('\n') {
        text.push_str("data: ");
        text.push_str(line.trim_end_matches('\r'));
        text.push('\n');
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_keeps_its_lines() {
        assert_eq!(event("mails", "<p>\r\na\n</p>"), "event: mails\ndata: <p>\ndata: a\ndata: </p>\n\n");
        assert_eq!(event("end", ""), "event: end\ndata: \n\n");
    }
}
