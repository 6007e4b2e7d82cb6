//! What Citus needs of the roles: it reaches its nodes as the current role. A second server, set up as the manual says and
//! reached by `dblink` as the current role, stands for a node.
use crate::support::db::{Db, scratch, search};
use ashiato::base::db::{self, DbRole};
use ashiato::base::postgres::{Durability, Launcher, SUPERUSER, Server};
use sqlx::{Connection, PgConnection};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// The schema's owner here: the launcher's superuser has the name that it has in production.
const OWNER: &str = "city";

/// A server as `deploy/postgres-init.sh` makes it, with the schema. Its owner is no superuser.
struct Node(Server);

impl Node {
    async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let dir = scratch().join(format!("node-{}", NUMBER.fetch_add(1, Ordering::SeqCst)));
        let server = tokio::task::spawn_blocking(|| Launcher::new(dir, search()).durability(Durability::Fast).start()).await.unwrap();
        let node = Self(server.unwrap());
        let mut superuser = PgConnection::connect(&node.0.url("postgres")).await.unwrap();
        for statement in init_script() {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut superuser).await.unwrap();
        }
        db::migrate(&node.url(OWNER)).await.unwrap();
        node
    }

    fn url(&self, login: &str) -> String {
        self.0.url("ashiato").replace(&format!("user={SUPERUSER}"), &format!("user={login}"))
    }

    async fn owner(&self) -> PgConnection {
        PgConnection::connect(&self.url(OWNER)).await.unwrap()
    }

    async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&self.0.url("ashiato")).await.unwrap()
    }

    /// How a node is named to libpq, for the current role.
    fn conninfo(&self) -> String {
        format!("host={} port=5432 dbname=ashiato connect_timeout=10 user=", self.0.socket_dir().display())
    }
}

/// The statements of the script, with made-up passwords.
fn init_script() -> Vec<String> {
    let script = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/postgres-init.sh")).unwrap();
    let sql = script.split("<<'SQL'\n").nth(1).unwrap().split("SQL\n").next().unwrap();
    let sql = sql.replace(":'owner'", "'x'").replace(":'web'", "'y'");
    let sql = sql.replace("create role ashiato login", "create role city login").replace(" to ashiato;", " to city;");
    let sql = sql.replace("owner ashiato;", "owner city;");
    let statements: Vec<_> = sql.split(";\n").map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect();
    assert!(statements.len() >= 8 && statements.iter().any(|text| text.ends_with("owner city")), "{statements:?}");
    statements
}

/// Asks the node as the current role.
async fn hop(connection: &mut PgConnection, node: &Node) -> Result<(), sqlx::Error> {
    let connected = "select dblink_connect_u('node', $1 || current_user)";
    sqlx::query(connected).bind(node.conninfo()).execute(connection).await.map(drop)
}

async fn there(connection: &mut PgConnection, sql: &'static str) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("select answer from dblink('node', $1) as t (answer text)").bind(sql).fetch_one(connection).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_role_reaches_another_node() {
    let (db, node) = (Db::fresh().await, Node::new().await);
    let mut superuser = db.connect(DbRole::Owner).await;
    let link = "create extension dblink; grant execute on function dblink_connect_u(text, text) to ashiato_web, ashiato_notifier";
    sqlx::raw_sql(link).execute(&mut superuser).await.unwrap();
    sqlx::query("select create_visit_day('2026-11-22')").execute(&mut node.owner().await).await.unwrap();

    let mut web = db.connect(DbRole::Web).await;
    hop(&mut web, &node).await.unwrap();
    assert_eq!(there(&mut web, "select current_user::text").await.unwrap(), "ashiato_web");
    let check_in = "with new as (insert into visit values (gen_random_uuid(), '2026-11-22', decode(repeat('01', 16), 'hex'), 1, 1, 'x')
        on conflict do nothing returning venue_id) select count(*)::text from new";
    assert_eq!(there(&mut web, check_in).await.unwrap(), "1", "a check-in");
    let read = there(&mut web, "select sealed::text from visit").await.unwrap_err();
    assert!(read.to_string().contains("permission denied"), "the node keeps web from sealed columns, too: {read}");

    let mut notifier = db.connect(DbRole::Notifier).await;
    hop(&mut notifier, &node).await.unwrap();
    assert_eq!(there(&mut notifier, "select count(sealed)::text from visit").await.unwrap(), "1");

    // As it was: every check-in, count and purge failed here, and was tried again for ever.
    let mut there_superuser = node.superuser().await;
    sqlx::raw_sql("alter role ashiato_web nologin; alter role ashiato_notifier nologin").execute(&mut there_superuser).await.unwrap();
    for role in [DbRole::Web, DbRole::Notifier] {
        let refused = hop(&mut db.connect(role).await, &node).await.unwrap_err();
        assert!(db::is_transient(&refused), "{refused}");
        let detail = refused.as_database_error().unwrap().downcast_ref::<sqlx::postgres::PgDatabaseError>().detail().unwrap_or_default();
        assert!(detail.contains("is not permitted to log in"), "{refused} {detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_has_the_rights_of_its_role_whether_it_wears_the_role_or_not() {
    const RIGHTS: &str = "select c.relname || ' ' || coalesce(a.attname, '') || ' ' || p as granted
        from pg_class c
        cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p
        left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and p in ('select', 'insert', 'update', 'references')
        where c.relkind in ('r', 'p', 'v') and c.relnamespace = 'public'::regnamespace
          and case when a.attnum is null then has_table_privilege($1, c.oid, p) else has_column_privilege($1, c.oid, a.attnum, p) end
        union all
        select p.oid::regprocedure::text from pg_proc p
        where p.pronamespace = 'public'::regnamespace and has_function_privilege($1, p.oid, 'execute')
        order by 1";
    let node = Node::new().await;
    let mut owner = node.owner().await;
    let (mut of_login, mut of_role): (Vec<String>, Vec<String>) = Default::default();
    for (role, rights) in [("ashiato_front", &mut of_login), ("ashiato_web", &mut of_role)] {
        *rights = sqlx::query_scalar(RIGHTS).bind(role).fetch_all(&mut owner).await.unwrap();
    }
    assert_eq!(of_login, of_role);
    assert!(of_role.iter().any(|right| right == "visit sealed insert") && !of_role.iter().any(|right| right == "visit sealed select"));
    let outside = "select count(*) from pg_roles where rolname in ('ashiato_front', 'ashiato_web', 'ashiato_notifier')
        and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication)";
    assert_eq!(sqlx::query_scalar::<_, i64>(outside).fetch_one(&mut owner).await.unwrap(), 0);

    // The web login as it connects in production, and the same without `set role`, as Citus has it where roles cannot be put on.
    let worn = db::connect(&node.url("ashiato_front"), DbRole::Web).await.unwrap();
    let bare = PgConnection::connect(&node.url("ashiato_front")).await.unwrap();
    for (mut connection, name) in [(worn, "ashiato_web"), (bare, "ashiato_front")] {
        let current: String = sqlx::query_scalar("select current_user::text").fetch_one(&mut connection).await.unwrap();
        assert_eq!(current, name);
        sqlx::query("select venue_id, visit_date, mac from visit").execute(&mut connection).await.unwrap();
        for denied in
            ["select sealed from visit", "select sealed from outbox", "delete from visit", "set role ashiato_notifier", "set role city"]
        {
            let error = sqlx::query(denied).execute(&mut connection).await.unwrap_err();
            let code = error.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
            assert_eq!(code.as_deref(), Some("42501"), "{name}: {denied}: {error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_group_roles_may_log_in_and_have_no_password() {
    let node = Node::new().await;
    let mut superuser = node.superuser().await;
    let roles = "select rolname::text, rolcanlogin, rolpassword is null, has_database_privilege(rolname, current_database(), 'connect')
        from pg_authid where rolname in ('ashiato_web', 'ashiato_notifier') order by 1";
    let expected = [("ashiato_notifier".to_owned(), true, true, true), ("ashiato_web".to_owned(), true, true, true)];
    assert_eq!(sqlx::query_as::<_, (String, bool, bool, bool)>(roles).fetch_all(&mut superuser).await.unwrap(), expected);

    // Roles that were made before: who may not alter them migrates nevertheless, an administrator's migration opens them.
    let migration = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/0062_roles_log_in.sql")).unwrap();
    sqlx::raw_sql("alter role ashiato_web nologin; alter role ashiato_notifier nologin").execute(&mut superuser).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(migration.clone())).execute(&mut node.owner().await).await.unwrap();
    let closed: i64 = sqlx::query_scalar("select count(*) from pg_roles where rolname like 'ashiato\\_%' and not rolcanlogin")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(closed, 2);
    sqlx::raw_sql(sqlx::AssertSqlSafe(migration)).execute(&mut superuser).await.unwrap();
    assert_eq!(sqlx::query_as::<_, (String, bool, bool, bool)>(roles).fetch_all(&mut superuser).await.unwrap(), expected);
}
