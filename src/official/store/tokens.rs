//! The table `api_token`, as admins see it.
use crate::official::token::ApiToken;
use sqlx::PgConnection;

/// All tokens, those that work first, the newest first.
pub(in crate::official) async fn all(conn: &mut PgConnection) -> Result<Vec<ApiToken>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select t.id, t.name, t.role, t.made_by, o.name as "maker?", t.created_at, t.revoked_at
           from api_token t left join official o on o.id = t.made_by
           order by t.revoked_at is not null, t.created_at desc, t.id"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ApiToken {
                id: row.id,
                name: row.name,
                role: super::role(&row.role)?,
                made_by: row.made_by.zip(row.maker),
                created_at: row.created_at,
                revoked_at: row.revoked_at,
            })
        })
        .collect()
}
