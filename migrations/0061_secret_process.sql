-- Which SECRET_KEY each running process has, so that a change of it ends only when no process needs the old one. Written
-- by the process itself each minute or oftener.
create table secret_process (
    id uuid primary key,                                             -- one life of one process
    kind text not null check (kind in ('web', 'worker')),
    key_id bytea not null check (octet_length(key_id) = 8),
    seen_at timestamptz not null
);
select grant_to('ashiato_web', 'select, insert, update (key_id, seen_at) on secret_process');
select grant_to('ashiato_notifier', 'select, insert, update, delete on secret_process');
