-- A place that people visit: a shop, a facility, an event.
create table venue (
    id uuid primary key,
    name text not null,
    kind text not null check (kind in ('restaurant', 'bar', 'shop', 'public', 'school', 'medical', 'office', 'event', 'other')),
    address text not null,
    contact_email text not null,                -- account data, in clear, never logged
    locale text not null check (locale in ('ja', 'en')),
    day_starts_minutes smallint not null default 0 check (day_starts_minutes between 0 and 360),  -- business day begins this long after midnight
    may_be_named boolean not null default false,                                -- consent that a notice names it
    status text not null check (status in ('unconfirmed', 'pending', 'active', 'refused', 'suspended', 'closed')),
    created_at timestamptz not null,
    confirmed_at timestamptz,
    decided_at timestamptz
);
create index venue_status on venue (status, created_at);
select grant_to('ashiato_web', 'select, insert, update on venue');
select grant_to('ashiato_notifier', 'select, delete on venue');        -- deletes applications that nobody confirmed

-- Proof that the applicant reads the contact mail: a link or an 8-digit code. Opening the link uses nothing up.
create table venue_confirmation (
    venue_id uuid primary key references venue (id) on delete cascade,
    token_sha256 bytea not null unique check (octet_length(token_sha256) = 32),
    code_hash text not null,                    -- argon2id (PHC string) of the 8 digits; empty: the letter held a link alone
    tries smallint not null default 0 check (tries between 0 and 5),
    letters smallint not null default 1 check (letters between 1 and 10),       -- sent so far: bounds both guessing and mail to a stranger
    sent_at timestamptz not null,
    expires_at timestamptz not null
);
select grant_to('ashiato_web', 'select, insert, update, delete on venue_confirmation');
select grant_to('ashiato_notifier', 'select, delete on venue_confirmation');

-- One QR code hung somewhere in a venue. A lost one is revoked; its code never comes back.
-- A rotated one keeps number and label: the new row is the next edition, so counts per number go on.
create table poster (
    id uuid primary key,
    venue_id uuid not null references venue (id),
    no smallint not null check (no > 0),        -- number inside the venue
    edition smallint not null default 1 check (edition > 0),
    label text not null,
    code text not null unique check (code ~ '^[0-9A-HJKMNP-TV-Z]{12}$'),
    status text not null check (status in ('active', 'revoked')),
    created_at timestamptz not null,
    revoked_at timestamptz,
    unique (venue_id, no, edition),
    check ((status = 'revoked') = (revoked_at is not null))
);
create unique index poster_hanging on poster (venue_id, no) where status = 'active';
select grant_to('ashiato_web', 'select, insert, update on poster');
select grant_to('ashiato_notifier', 'select, delete on poster');
