//! The demonstration's two officials: accounts as a city has them, and the one-time links with which they begin.
use crate::base::clock::{Clock, SystemClock};
use crate::base::db::{self, DbRole};
use crate::base::email_address::EmailAddress;
use crate::official::{self, AccountState, Act, By, NewOfficial, Role};
use anyhow::Context;
use sqlx::PgConnection;

/// The officials of the made-up health centre.
const OFFICIALS: [(&str, &str, Role); 2] =
    [("tanaka@city.aoba.example.jp", "田中 健", Role::Tracer), ("sato@city.aoba.example.jp", "佐藤 みどり", Role::Approver)];

/// An account, and how to get into it.
pub(super) struct DemoAccount {
    /// Role and name.
    pub(super) who: String,
    /// The one-time link; none for who has chosen a password already.
    pub(super) link: Option<String>,
    /// The address with which to log in.
    pub(super) email: &'static str,
}

/// Both accounts. Whoever has not begun gets a fresh link.
pub(super) async fn accounts(database_url: &str, base_url: &str) -> anyhow::Result<Vec<DemoAccount>> {
    let mut connection = db::connect(database_url, DbRole::Owner).await?;
    let mut accounts = Vec::new();
    for (email, name, role) in OFFICIALS {
        let link = link(&mut connection, base_url, (email, name, role)).await.with_context(|| format!("the account of {email}"))?;
        accounts.push(DemoAccount { who: format!("{role} {name}"), link, email });
    }
    Ok(accounts)
}

async fn link(connection: &mut PgConnection, base_url: &str, (email, name, role): (&str, &str, Role)) -> anyhow::Result<Option<String>> {
    let mut act = Act::without_letters(connection, SystemClock.now(), By::Operator).await?;
    let known = official::official_by_email(&mut act.tx, act.now, &EmailAddress::parse(email)?).await?;
    let invitation = match known {
        None => {
            let new = NewOfficial::parse(email, name, role.as_str()).map_err(|_| anyhow::anyhow!("it cannot be made"))?;
            official::invite(&mut act, &new).await?
        }
        Some(account) if matches!(account.standing, AccountState::Invited(_) | AccountState::Lapsed) => {
            official::reset(&mut act, account.id).await?
        }
        Some(_) => return Ok(None),
    };
    act.commit().await?;
    Ok(Some(invitation.url(base_url)))
}
