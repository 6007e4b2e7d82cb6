//! The worker's side: looks at each act once, in order, and believes what a signatory signed.
use super::acts::{Act, ActKind};
use super::{Voucher, needs_two, vouched};
use crate::base::db;
use crate::official::role::Role;
use crate::official::session::Principal;
use crate::official::statement::Signed;
use crate::official::store::acts;
use crate::official::store::signatories::{self as store, TokenSignatory};
use chrono::{DateTime, Duration, Utc};
use sqlx::{Connection, PgConnection};

/// Acts that one transaction looks at: whoever writes rubbish holds up nobody for long.
const ACTS_AT_ONCE: i64 = 100;
/// How long after an invitation's end a join from before it is still believed: a worker may have been away.
const JOIN_GRACE: Duration = Duration::days(1);

/// Looks at what was done to accounts since the last time. Returns how many acts were believed.
///
/// # Errors
/// The database; what was looked at stays looked at.
pub async fn believe_acts(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let (mut believed, mut refused, mut first_refused) = (0, 0_u64, None);
    loop {
        let mut tx = conn.begin().await?;
        db::lock_transaction(&mut tx, "signatory").await?;
        let new = acts::new(&mut tx, ACTS_AT_ONCE).await?;
        if new.is_empty() {
            // An account that is disabled, or a token that is revoked, even without an act, is out for good.
            store::end_what_was_ended(&mut tx, now).await?;
            tx.commit().await?;
            // Counted: whoever writes rubbish must not fill the disk with our log as well.
            if let Some((act, kind)) = first_refused {
                tracing::warn!(refused, first = act, kind, "acts on accounts were not believed");
            }
            return Ok(believed);
        }
        for (id, act, signed) in new {
            let counts = judge_apart(&mut tx, now, &act, signed.as_deref()).await?;
            if !counts {
                refused += 1;
                first_refused.get_or_insert((id, act.kind.as_str()));
            }
            believed += u64::from(counts);
            acts::looked(&mut tx, id, counts, now).await?;
        }
        store::note_admins(&mut tx).await?;
        tx.commit().await?;
    }
}

/// An act that the database itself refuses, such as a link's key that another account has, is not believed; it must not hold up the
/// acts behind it, and every alert with them.
async fn judge_apart(tx: &mut PgConnection, now: DateTime<Utc>, act: &Act, signed: Option<&[u8]>) -> Result<bool, sqlx::Error> {
    let mut attempt = tx.begin().await?;
    match judge(&mut attempt, now, act, signed).await {
        Ok(counts) => attempt.commit().await.map(|()| counts),
        Err(error) if db::is_refused_value(&error) => {
            tracing::debug!(%error, "the database refused what an act says");
            attempt.rollback().await.map(|()| false)
        }
        Err(error) => Err(error),
    }
}

async fn judge(tx: &mut PgConnection, now: DateTime<Utc>, act: &Act, signed: Option<&[u8]>) -> Result<bool, sqlx::Error> {
    match act.kind {
        ActKind::Disable => store::end(tx, act.official, now).await,
        ActKind::Withdraw => store::drop_invitation(tx, act.official).await,
        ActKind::Revoke => store::end_token(tx, act.token.unwrap_or_default(), now).await,
        ActKind::Join => join(tx, now, act, signed).await,
        ActKind::Invite | ActKind::Role | ActKind::Reset | ActKind::Enable => grant(tx, now, act, signed).await,
        ActKind::Confirm => confirm(tx, now, act, signed).await,
        ActKind::Token => token(tx, now, act, signed).await,
    }
}

/// An administrator gives an account power.
async fn grant(tx: &mut PgConnection, now: DateTime<Utc>, act: &Act, signed: Option<&[u8]>) -> Result<bool, sqlx::Error> {
    let Some(role) = act.role else { return Ok(false) };
    let held = store::held(tx, act.official).await?;
    let keeps_role = matches!(act.kind, ActKind::Reset | ActKind::Enable);
    if keeps_role && held.as_ref().is_none_or(|held| held.role != role) {
        return Ok(false);
    }
    let only_less = act.kind == ActKind::Role && held.as_ref().is_some_and(|held| held.role.covers(role));
    let by = match vouched(tx, &act.statement(), signed).await? {
        Some(Voucher { principal, role: Role::Admin }) => principal.to_string(),
        // Less power is believed from anybody, and takes no number: it must not shut out what an administrator does next.
        _ if only_less => return store::lessen(tx, act.official, role, now).await,
        _ => return Ok(false),
    };
    let was_confirmed = only_less && held.as_ref().is_some_and(|held| held.confirmed);
    let confirmed = was_confirmed || !needs_two(role) || !store::is_second(tx, &by).await?;
    let given = store::Given { official: act.official, standing: act.standing, role, by: Some(&by), confirmed, now };
    let (email, key) = (act.email_sha256.as_deref(), act.public_key.as_deref());
    match (act.kind, key, act.until) {
        (ActKind::Invite, Some(key), Some(until)) if held.is_none() => store::invite(tx, &given, email, key, until).await,
        (ActKind::Reset, Some(key), Some(until)) => store::reset(tx, &given, email, key, until).await,
        (ActKind::Role, None, None) => store::set_role(tx, &given).await,
        (ActKind::Enable, None, None) => store::enable(tx, &given).await,
        _ => Ok(false),
    }
}

/// A second administrator stands behind what a first one gave.
async fn confirm(tx: &mut PgConnection, now: DateTime<Utc>, act: &Act, signed: Option<&[u8]>) -> Result<bool, sqlx::Error> {
    let Some(Voucher { principal: Principal::Official(second), role: Role::Admin }) = vouched(tx, &act.statement(), signed).await? else {
        return Ok(false);
    };
    let Some(waiting) = store::waiting(tx, act.official).await? else { return Ok(false) };
    let same = second == act.official || waiting.granted_by.as_deref() == Some(Principal::Official(second).to_string().as_str());
    if same || waiting.standing != act.standing || Some(waiting.role) != act.role {
        return Ok(false);
    }
    store::confirm(tx, act.official, now).await
}

/// An invited person brings in a key of their own, signed with the key that only the link's reader has.
async fn join(tx: &mut PgConnection, now: DateTime<Utc>, act: &Act, signed: Option<&[u8]>) -> Result<bool, sqlx::Error> {
    let Some((link, _)) = signed.and_then(|signed| Signed::check(&act.statement(), signed)) else {
        return Ok(false);
    };
    let Some(key) = act.public_key.as_deref() else { return Ok(false) };
    store::join(tx, act.official, (&link, act.at.max(now - JOIN_GRACE)), key, now).await
}

/// An official makes a token that counts as them.
async fn token(tx: &mut PgConnection, now: DateTime<Utc>, act: &Act, signed: Option<&[u8]>) -> Result<bool, sqlx::Error> {
    let (Some(id), Some(role), Some(key)) = (act.token, act.role, act.public_key.as_deref()) else {
        return Ok(false);
    };
    let maker: Option<Voucher> = vouched(tx, &act.statement(), signed).await?;
    let maker = maker.filter(|maker| maker.principal == Principal::Official(act.official) && maker.role.covers(role));
    let Some(maker) = maker else { return Ok(false) };
    store::insert_token(tx, &TokenSignatory { token: id, key, principal: &maker.principal, role, since: now }).await
}

/// An account's role in the worker's eyes.
pub(in crate::official) struct Held {
    pub(in crate::official) role: Role,
    pub(in crate::official) confirmed: bool,
}

/// A grant that waits for a second administrator.
pub(in crate::official) struct Waiting {
    pub(in crate::official) standing: i64,
    pub(in crate::official) role: Role,
    pub(in crate::official) granted_by: Option<String>,
}

/// The signatory of a key, as it counts now.
pub(in crate::official) struct ByKey {
    pub(in crate::official) principal: Principal,
    pub(in crate::official) role: Role,
    pub(in crate::official) standing: i64,
}
