-- What the notifier remembers of time: one row, which web reads and cannot write. A purge goes by it and by two clocks.
create table service_clock (
    id smallint primary key default 1 check (id = 1),
    lived_at timestamptz not null,              -- up to which moment time is believed to have passed; beyond it nothing is destroyed
    seen_at timestamptz not null,               -- what the clocks said at the last look; also the notifier's last sign of life
    doubted_seconds bigint not null default 0,  -- running time since a doubt about the clock began; 0 = no doubt
    purged_at timestamptz not null,             -- `lived_at` of the last purge that went through
    first_kept date,                            -- the oldest date that it kept
    crowd integer not null default 0            -- dates that were due at once and were held back for it; 0 = none
);
select grant_to('ashiato_web', 'select on service_clock');
select grant_to('ashiato_notifier', 'select, insert, update on service_clock');
