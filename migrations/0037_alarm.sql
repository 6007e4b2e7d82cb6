-- What is wrong with the service right now, so that somebody is told: a line on the dashboard, a gauge, one letter.
-- Any process may raise and clear. Nothing here decides what may be sent or erased.
create table alarm (
    id uuid primary key,
    kind text not null check (kind in
        ('clock', 'keys_run_out', 'worker_silent', 'check_ins_fail', 'proxy_unreadable', 'unvouched_release')),
    detail text not null check (char_length(detail) <= 200),                    -- dates and numbers, no personal data
    raised_at timestamptz not null,
    seen_at timestamptz not null,               -- when it was last found to hold; written once a minute
    told_at timestamptz,                        -- its letters are posted, or it came back too soon for another letter
    cleared_at timestamptz,
    check (cleared_at is null or cleared_at >= raised_at)
);
create unique index alarm_open on alarm (kind) where cleared_at is null;
create index alarm_told on alarm (kind, told_at);
select grant_to('ashiato_web', 'select, insert, update on alarm');
select grant_to('ashiato_notifier', 'select, insert, update, delete on alarm');
