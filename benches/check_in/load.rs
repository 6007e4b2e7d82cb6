//! The load generator: HTTP/1.1 with keep-alive over plain sockets, in a thread with a runtime of its own, so that it
//! neither waits for the service's tasks nor they for it.
use crate::latency::Latencies;
use crate::service::Target;
use anyhow::{Context, Result, anyhow, ensure};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// The longest answer that is read: pages are bound to 15 kB.
const ANSWER_LIMIT: usize = 64 * 1024;

/// Numbers the visitors of all measurements, so that none comes twice.
static VISITORS: AtomicU64 = AtomicU64::new(0);

/// What came back.
#[derive(Default)]
pub struct Outcome {
    /// Answered 200, so on the disk.
    pub answered: u64,
    /// Answered anything else.
    pub refused: u64,
    pub per_second: f64,
    pub latencies: Latencies,
}

/// `connections` that each send the next check-in when the last one is answered.
pub async fn closed_loop(target: Target, connections: usize, spell: Duration) -> Result<Outcome> {
    in_own_thread(async move {
        all(target, connections, move |mut visitor, begun| async move {
            while begun.elapsed() < spell {
                let sent = Instant::now();
                visitor.check_in(sent).await?;
            }
            Ok(visitor.outcome)
        })
        .await
    })
    .await
}

/// `rate` check-ins a second on a timetable, whatever the answers. A check-in that must wait for a free connection counts
/// from its place on the timetable, so that a stall shows in all whom it would have hit (Gil Tene's coordinated omission).
/// The generator's own timer, which wakes up to a millisecond late, is left out.
pub async fn open_loop(target: Target, connections: usize, rate: u32, spell: Duration) -> Result<Outcome> {
    in_own_thread(async move {
        let next = Arc::new(AtomicU64::new(0));
        let last = u64::from(rate) * spell.as_secs();
        all(target, connections, move |mut visitor, begun| {
            let next = Arc::clone(&next);
            async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= last {
                        return Ok(visitor.outcome);
                    }
                    let due = begun + Duration::from_secs_f64(number as f64 / f64::from(rate));
                    let on_time = Instant::now() < due;
                    tokio::time::sleep_until(due.into()).await;
                    visitor.check_in(if on_time { Instant::now() } else { due }).await?;
                }
            }
        })
        .await
    })
    .await
}

async fn in_own_thread<F>(work: F) -> Result<Outcome>
where
    F: Future<Output = Result<Outcome>> + Send + 'static,
{
    let (done, answer) = tokio::sync::oneshot::channel();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let _gone = done.send(runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(work)));
    });
    let outcome = answer.await.context("the load generator ended early")?;
    thread.join().map_err(|_| anyhow!("the load generator failed"))?;
    outcome
}

/// Connects, then runs `work` on every connection, and sums up. Neither connecting nor summing counts as time.
async fn all<F, W>(target: Target, connections: usize, work: F) -> Result<Outcome>
where
    F: Fn(Visitor, Instant) -> W,
    W: Future<Output = Result<Outcome>> + Send + 'static,
{
    let mut visitors = Vec::with_capacity(connections);
    for _ in 0..connections {
        visitors.push(Visitor::connect(target.clone()).await?);
    }
    let begun = Instant::now();
    let running: JoinSet<_> = visitors.into_iter().map(|visitor| work(visitor, begun)).collect();
    let parts = running.join_all().await;
    let seconds = begun.elapsed().as_secs_f64();
    let mut sum = Outcome::default();
    for part in parts {
        let part = part?;
        sum.answered += part.answered;
        sum.refused += part.refused;
        sum.latencies.take_over(part.latencies);
    }
    sum.per_second = sum.answered as f64 / seconds;
    Ok(sum)
}

/// One connection and what came back on it.
struct Visitor {
    stream: TcpStream,
    target: Target,
    answer: Vec<u8>,
    outcome: Outcome,
}

impl Visitor {
    async fn connect(target: Target) -> Result<Self> {
        let stream = TcpStream::connect(target.address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, target, answer: Vec::with_capacity(ANSWER_LIMIT), outcome: Outcome::default() })
    }

    /// Somebody new checks in; their latency counts from `since`.
    async fn check_in(&mut self, since: Instant) -> Result<()> {
        let request = self.next_request()?;
        self.stream.write_all(request.as_bytes()).await?;
        let status = self.read_answer().await?;
        self.outcome.latencies.add(since.elapsed());
        *if status == 200 { &mut self.outcome.answered } else { &mut self.outcome.refused } += 1;
        Ok(())
    }

    fn next_request(&self) -> Result<String> {
        let number = VISITORS.fetch_add(1, Ordering::Relaxed);
        let codes = &self.target.codes;
        let index = usize::try_from(number)?.checked_rem(codes.len()).context("no poster hangs")?;
        let code = codes.get(index).context("no poster hangs")?;
        let form = format!("email=visitor{number}%40example.jp");
        Ok(format!(
            "POST /c/{code} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.target.address,
            form.len()
        ))
    }

    /// Reads one answer to its end and returns its status.
    async fn read_answer(&mut self) -> Result<u16> {
        self.answer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.answer).await?;
            ensure!(read > 0, "the service closed a connection");
            ensure!(self.answer.len() < ANSWER_LIMIT, "an answer is longer than {ANSWER_LIMIT} bytes");
            if let Some((status, length)) = head(&self.answer)? {
                ensure!(self.answer.len() <= length, "more bytes than the answer's length");
                if self.answer.len() == length {
                    return Ok(status);
                }
            }
        }
    }
}

/// Status and length of the whole answer, once its head is there.
fn head(answer: &[u8]) -> Result<Option<(u16, usize)>> {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(answer.get(..end).unwrap_or_default())?;
    let status = text.get(9..12).context("no status")?.parse()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
    });
    Ok(Some((status, end + 4 + length.context("no Content-Length")??)))
}
