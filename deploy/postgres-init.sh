#!/bin/sh
# Run once by the postgres image, as its superuser. Also fit for any other server: see docs/OPERATIONS.md "Roles in Postgres".
#   ashiato        owns the schema; the worker logs in with it and puts on ashiato_notifier
#   ashiato_front  the web processes' login; a member of ashiato_web and of nothing else
# The group roles may log in and have no password: nobody gets in by one. On Citus the nodes reach each other as these roles.
set -eu
secret() { cat "${SECRETS_DIR:-/run/secrets}/$1"; }
psql -X -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    -v owner="$(secret owner_password)" -v web="$(secret web_password)" <<'SQL'
create role ashiato_web login;
create role ashiato_notifier login;
create role ashiato login password :'owner';
grant ashiato_web, ashiato_notifier to ashiato;
create role ashiato_front login password :'web' in role ashiato_web;
create database ashiato owner ashiato;
revoke connect, temporary on database ashiato from public;
grant connect on database ashiato to ashiato_front, ashiato_web, ashiato_notifier;
SQL
