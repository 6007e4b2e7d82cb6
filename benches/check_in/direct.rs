//! The recorder without the web in front of it: what batching alone gives.
use anyhow::{Result, ensure};
use ashiato::base::telemetry::Metrics;
use ashiato::visit::{Limits, RecordError, Recorder, VisitRow};
use chrono::NaiveDate;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use uuid::Uuid;

pub struct Outcome {
    pub answered: u64,
    pub per_second: f64,
    pub rows_per_batch: f64,
}

/// `callers` who each record one visit after the other for `spell`.
pub async fn records_per_second(url: &str, date: NaiveDate, callers: usize, spell: Duration) -> Result<Outcome> {
    let metrics = Metrics::new(ashiato::base::telemetry::Half::Both);
    let (recorder, task) = Recorder::start(url, &metrics, Limits::default());
    // The first answer comes when the connection stands; it counts as a row, not as time.
    recorder.record(somebody(date)).await?;
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..callers {
        let recorder = recorder.clone();
        running.spawn(async move {
            let mut answered = 0_u64;
            while begun.elapsed() < spell {
                recorder.record(somebody(date)).await?;
                answered += 1;
            }
            Ok::<_, RecordError>(answered)
        });
    }
    let answered = running.join_all().await.into_iter().sum::<Result<u64, _>>()?;
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(task.stop().await, "the recorder did not stop");
    let rows_per_batch = answered as f64 / metrics.batches.get() as f64;
    Ok(Outcome { answered: answered + 1, per_second: answered as f64 / seconds, rows_per_batch })
}

fn somebody(visit_date: NaiveDate) -> VisitRow {
    let venue_id = Uuid::from_u128(0x4000_8000_0000_0000_0000 + u128::from(rand::random_range(0..1_000_u16)));
    VisitRow { venue_id, visit_date, mac: rand::random(), epoch_id: 7, poster_no: 1, sealed: vec![0xA5; 92] }
}
