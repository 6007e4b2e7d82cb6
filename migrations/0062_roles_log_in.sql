-- Citus reaches its nodes as the current role, so the two group roles must be able to log in on every node. They have no
-- password, and so no way in but the one that the nodes' own authentication gives them (docs/OPERATIONS.md, "Growing: Citus").
do $$
declare
    role_name text;
begin
    for role_name in select rolname from pg_roles where rolname in ('ashiato_web', 'ashiato_notifier') and not rolcanlogin loop
        begin
            execute format('alter role %I login', role_name);
        exception
            when insufficient_privilege then
                raise notice 'role % may not log in; before Citus, an administrator types: alter role % login', role_name, role_name;
        end;
    end loop;
end $$;

select grant_to('ashiato_web', format('connect on database %I', current_database()));
select grant_to('ashiato_notifier', format('connect on database %I', current_database()));
