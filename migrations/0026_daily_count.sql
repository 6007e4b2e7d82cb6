-- Check-ins of each business date over the whole city: a number that outlives the visits, so that today can be set against the
-- usual of the same weekday. Written by the notifier, each minute for dates that still accept check-ins and once after.
create table daily_count (
    date date primary key,
    check_ins bigint not null check (check_ins >= 0),
    counted_at timestamptz not null,
    closed boolean not null                     -- counted after the date's last check-in: final
);
select grant_to('ashiato_web', 'select on daily_count');
select grant_to('ashiato_notifier', 'select, insert, update on daily_count');
