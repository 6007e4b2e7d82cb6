-- The letter of each month, once for each venue: web seals it, the notifier counts and words it when it leaves.
create table shop_monthly (
    venue_id uuid not null references venue (id) on delete cascade,
    month date not null check (extract(day from month) = 1),
    posted_at timestamptz not null,
    off_sha256 bytea not null unique check (octet_length(off_sha256) = 32),     -- the link in the letter that stops them
    primary key (venue_id, month)
);
create index shop_monthly_month on shop_monthly (month);
select grant_to('ashiato_web', 'select, insert on shop_monthly');
select grant_to('ashiato_notifier', 'select, delete on shop_monthly');
