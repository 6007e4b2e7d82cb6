-- One person at one venue on one business date. No name, no time of day, no address in clear, nothing that links two visits.
-- Citus may distribute this table by venue_id: see README.md before you change it.
create table visit (
    venue_id uuid not null,
    visit_date date not null,
    mac bytea not null,                         -- 16 bytes of HMAC-SHA256 under the date's mac key
    epoch_id bigint not null,                   -- which seal_epoch opens it
    poster_no smallint not null,                -- the day's first poster of this person; a hint, never matched on
    sealed bytea not null,
    primary key (venue_id, visit_date, mac)
) partition by range (visit_date);
select grant_to('ashiato_web', 'insert, select (venue_id, visit_date, mac) on visit');
select grant_to('ashiato_notifier', 'select, delete on visit');

-- Partitions by day. The functions run with their owner's rights, so that the notifier needs none on the schema.
-- Making and dropping one locks all of visit, and while such a lock waits, check-ins wait behind it. So it waits shorter than
-- they do (1.5 s, visit::recorder), yet longer than deadlock_timeout (1 s), after which autovacuum steps aside from a drop.
-- The lock of cluster touches only a closed day.
create function visit_day_name(day date) returns text
language sql immutable set search_path = public as $$
    select 'visit_' || to_char(day, 'YYYYMMDD')
$$;

create function create_visit_day(day date) returns void
language plpgsql security definer set search_path = public set lock_timeout = '1s' as $$
begin
    execute format('create table if not exists %I partition of visit for values from (%L) to (%L)', visit_day_name(day), day, day + 1);
end $$;

create function drop_visit_day(day date) returns void
language plpgsql security definer set search_path = public set lock_timeout = '1200ms' as $$
begin
    execute format('drop table if exists %I', visit_day_name(day));
end $$;

-- A closed day never changes again: its rows get their key's order, so that one venue's day lies together on disk.
create function cluster_visit_day(day date) returns void
language plpgsql security definer set search_path = public set lock_timeout = '5s' as $$
begin
    if to_regclass(visit_day_name(day)) is not null then
        execute format('cluster %I using %I', visit_day_name(day), visit_day_name(day) || '_pkey');
        execute format('analyze %I', visit_day_name(day));
    end if;
end $$;

create function visit_days() returns setof date
language sql stable security definer set search_path = public as $$
    select to_date(substr(c.relname, 7), 'YYYYMMDD')
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'visit'::regclass
    order by 1
$$;

revoke all on function create_visit_day(date), drop_visit_day(date), cluster_visit_day(date) from public;
select grant_to('ashiato_notifier', 'execute on function create_visit_day(date), drop_visit_day(date), cluster_visit_day(date)');
