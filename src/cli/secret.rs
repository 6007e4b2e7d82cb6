//! `ashiato keys rotate-secret`, and what a start does with `SECRET_KEY`.
use crate::base::clock::{Clock, SystemClock};
use crate::base::config::SettingsError;
use crate::base::db::{self, DbRole};
use crate::base::secret::{KeyId, SecretKey, SecretKeys};
use crate::cli::serve::setup;
use crate::cli::{Exit, WithSettings};
use crate::keys::{self, DataKeyError, DataKeys, RunningProcess, Settled};
use crate::official;
use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use sqlx::{Connection, PgConnection};
use std::time::Duration;

/// How long the start of web waits for the database's word on its key. Without one it goes on: a
/// database that is down does not stop a start.
const LOOK_AT_START: Duration = Duration::from_secs(3);

/// Options of `ashiato keys rotate-secret`.
#[derive(Args)]
pub(super) struct Rotate {
    #[command(flatten)]
    with: WithSettings,
    /// Say what hangs on which key; exit code 1 while anything hangs on another than SECRET_KEY
    #[arg(long, group = "what")]
    status: bool,
    /// End the change: nothing hangs on the old key any more
    #[arg(long, group = "what")]
    finish: bool,
    /// SECRET_KEY is lost or was stolen: throw away what hangs on it; every official must be reset then
    #[arg(long, group = "what")]
    discard: bool,
    /// Do so although processes that need the old key seem to run
    #[arg(long, conflicts_with = "status")]
    force: bool,
}

/// Makes the data keys ready and wraps them under `SECRET_KEY`: the start of the worker.
pub(super) async fn settle(url: &str, now: DateTime<Utc>, secrets: &SecretKeys) -> anyhow::Result<()> {
    let mut owner = db::connect(url, DbRole::Owner).await.context("DATABASE_URL")?;
    let mut tx = owner.begin().await?;
    if keys::must_grow(&mut tx).await? {
        let used = used_until_now(&mut tx, secrets).await?;
        keys::begin_with(&mut tx, now, used).await.map_err(refused)?;
    }
    let settled = keys::settle(&mut tx, now, secrets).await.map_err(refused)?;
    tx.commit().await?;
    tell(&settled, secrets);
    Ok(())
}

fn tell(settled: &Settled, secrets: &SecretKeys) {
    if settled.wrapped > 0 {
        tracing::info!(
            data_keys = settled.wrapped,
            key = %secrets.current.id(),
            "wrapped under the new SECRET_KEY; when every process has it, end the change with: ashiato keys rotate-secret --finish"
        );
    }
    if settled.old_opens_nothing {
        tracing::warn!("SECRET_KEY_OLD opens nothing that is stored: the change is over, or it is not the old key; take it away");
    }
}

/// Which key the values of an installation without data keys hang on: the one that opens a second
/// factor; where there is none, the one that was in use before a change.
async fn used_until_now<'a>(conn: &mut PgConnection, secrets: &'a SecretKeys) -> anyhow::Result<&'a SecretKey> {
    let (mut candidates, mut known) = (Vec::new(), false);
    for secret in secrets.all() {
        match official::opens_second_factors(conn, &DataKeys::grown(secret)).await? {
            Some(true) => return Ok(secret),
            Some(false) => known = true,
            None => candidates.push(secret),
        }
    }
    match candidates.pop() {
        Some(secret) if !known => Ok(secret),
        _ => Err(setup(
            "SECRET_KEY opens none of the officials' second factors: it is not the key that was used until now. Give that \
             key, or give it as SECRET_KEY_OLD beside the new one (docs/OPERATIONS.md, \"The secret key\")",
        )
        .into()),
    }
}

/// Ends the start of web when its key opens nothing that is stored: better no start than a console that
/// lets nobody in. A database that does not answer, or has no data keys yet, is waited for later.
pub(super) async fn refuse_a_wrong_key(url: &str, secrets: &SecretKeys) -> anyhow::Result<()> {
    let look = async {
        let mut connection = db::connect(url, DbRole::Web).await.map_err(DataKeyError::Db)?;
        DataKeys::open(&mut connection, secrets).await.map(drop)
    };
    match tokio::time::timeout(LOOK_AT_START, look).await {
        Ok(Err(error @ DataKeyError::WrongKey { .. })) => Err(setup(error).into()),
        _ => Ok(()),
    }
}

/// The data keys, for a command.
pub(super) async fn data_keys(conn: &mut PgConnection, secrets: &SecretKeys) -> anyhow::Result<DataKeys> {
    DataKeys::open(conn, secrets).await.map_err(refused)
}

/// A wrong key is a matter of settings; all else is not.
fn refused(error: DataKeyError) -> anyhow::Error {
    match error {
        DataKeyError::WrongKey { .. } => setup(error).into(),
        error => error.into(),
    }
}

/// `ashiato keys rotate-secret`
pub(super) async fn rotate(options: &Rotate) -> anyhow::Result<()> {
    let settings = &options.with.settings;
    let url = settings.database_url()?.ok_or(SettingsError::Missing(vec!["DATABASE_URL"]))?;
    let (secrets, old) = (settings.secret_keys()?, settings.secret_key_old()?);
    if old.is_some_and(|old| old.id() == secrets.current.id()) {
        return Err(setup("SECRET_KEY and SECRET_KEY_OLD are the same key; make a new SECRET_KEY: openssl rand -base64 32").into());
    }
    let mut connection = db::connect(&url, DbRole::Owner).await.context("DATABASE_URL")?;
    let now = SystemClock.now();
    let running = keys::running_processes(&mut connection, now).await?;
    if options.finish {
        finish(&mut connection, now, &secrets, &running, options.force).await
    } else if options.discard {
        discard(&mut connection, now, &secrets, &running, options.force).await
    } else {
        status(&mut connection, now, &secrets, &running).await
    }
}

async fn status(conn: &mut PgConnection, now: DateTime<Utc>, secrets: &SecretKeys, running: &[RunningProcess]) -> anyhow::Result<()> {
    let current = secrets.current.id();
    println!("SECRET_KEY\t{current}");
    if let Some(old) = &secrets.old {
        println!("SECRET_KEY_OLD\t{}", old.id());
    }
    let (mut missing, mut other) = (0, 0);
    for (usage, under) in keys::wrappings(conn).await? {
        let names: Vec<_> = under.iter().map(KeyId::to_string).collect();
        println!("{}\t{}\t{}", usage.label(), usage.protects(), if names.is_empty() { "not made".to_owned() } else { names.join(" ") });
        missing += usize::from(!under.contains(&current));
        other += under.iter().filter(|key| **key != current).count();
    }
    for process in running {
        let seconds = (now - process.seen_at).num_seconds().max(0);
        println!("{}\thas {}\tseen {seconds} s ago", process.kind, process.key);
    }
    let message = if missing > 0 {
        format!("left: {missing} data keys are not wrapped under SECRET_KEY; restart the worker with both keys")
    } else if lagging(running, current) > 0 {
        format!("left: {} running processes do not have this SECRET_KEY; restart them with it", lagging(running, current))
    } else if other > 0 {
        format!("left: {other} wrappings under another key; every process that runs has the new one: --finish takes them away")
    } else {
        println!("nothing hangs on another key: SECRET_KEY_OLD may be taken away");
        return Ok(());
    };
    println!("{message}");
    Err(Exit { code: 1, message: "the change of SECRET_KEY is not ended".to_owned() }.into())
}

fn lagging(running: &[RunningProcess], current: KeyId) -> usize {
    running.iter().filter(|process| process.key != current).count()
}

async fn finish(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    secrets: &SecretKeys,
    running: &[RunningProcess],
    force: bool,
) -> anyhow::Result<()> {
    let lagging = lagging(running, secrets.current.id());
    anyhow::ensure!(
        force || lagging == 0,
        "{lagging} running processes do not have this SECRET_KEY; restart them with it, or wait three minutes after they have ended"
    );
    let mut tx = conn.begin().await?;
    let gone = keys::finish(&mut tx, now, &secrets.current).await?;
    tx.commit().await?;
    println!("{gone} wrappings under other keys were taken away; SECRET_KEY_OLD may be taken away, and the old key destroyed");
    Ok(())
}

async fn discard(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    secrets: &SecretKeys,
    running: &[RunningProcess],
    force: bool,
) -> anyhow::Result<()> {
    anyhow::ensure!(
        force || running.is_empty(),
        "{} processes run, with the data keys in memory; stop them all, and wait three minutes if they were killed",
        running.len()
    );
    let mut tx = conn.begin().await?;
    keys::discard(&mut tx, now, &secrets.current).await?;
    tx.commit().await?;
    println!("new data keys under {}; now, for each official: ashiato official reset EMAIL", secrets.current.id());
    Ok(())
}
