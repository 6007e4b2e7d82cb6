-- Every time that is stored can be read. Postgres knows 'infinity' and years that our programs cannot hold: one such row, from
-- whoever may write it, would end every pass that reads its table. `visit` has no CHECK (README.md); its partitions bound it.
do $$
declare
    place record;
    lowest constant text := '''0001-01-01 00:00:00+00''';
    beyond constant text := '''10000-01-01 00:00:00+00''';
begin
    for place in
        select c.relname, a.attname, format_type(a.atttypid, null) as kind
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relispartition and c.relname <> '_sqlx_migrations'
          and a.atttypid in ('timestamptz'::regtype, 'date'::regtype)
        order by c.relname, a.attname
    loop
        -- Not valid: rows from before are not looked at, so that no table is locked for long.
        execute format('alter table %I add constraint %I check (%I >= %s::%s and %I < %s::%s) not valid',
            place.relname, place.relname || '_' || place.attname || '_in_range',
            place.attname, lowest, place.kind, place.attname, beyond, place.kind);
    end loop;
end $$;
