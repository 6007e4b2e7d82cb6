-- Two group roles keep the web process away from what only the notifier may read (DESIGN §3 "Database roles").
-- They belong to the cluster, so a managed Postgres may forbid them: then the service runs without, and `ashiato doctor` says so.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['ashiato_web', 'ashiato_notifier'] loop
        begin
            if not exists (select from pg_roles where rolname = role_name) then
                execute format('create role %I nologin', role_name);
            end if;
            -- Granted even to a member: since Postgres 16 who made a role may not yet `set role` to it.
            execute format('grant %I to current_user', role_name);
        exception
            when insufficient_privilege or duplicate_object or unique_violation then
                raise notice 'role % could not be made or granted: %', role_name, sqlerrm;
        end;
    end loop;
end $$;

-- `grant_to('ashiato_web', 'select on venue')`: a grant that is skipped where the role does not exist.
create function grant_to(role_name text, privileges text) returns void
language plpgsql set search_path = public as $$
begin
    if exists (select from pg_roles where rolname = role_name) then
        execute format('grant %s to %I', privileges, role_name);
    end if;
end $$;
revoke all on function grant_to(text, text) from public;

-- Readiness asks whether the schema is the one the binary was built for.
select grant_to('ashiato_web', 'select on _sqlx_migrations');
select grant_to('ashiato_notifier', 'select on _sqlx_migrations');
