-- Public half of each business date's key pair, signed by the notifier. The private half never enters Postgres.
create table day_key (
    visit_date date primary key,
    public_key bytea not null check (octet_length(public_key) = 65),            -- P-256, uncompressed
    mac_key_hash bytea not null check (octet_length(mac_key_hash) = 32),        -- SHA-256 of that date's mac key
    signature bytea not null check (octet_length(signature) = 64),              -- Ed25519 over label, date, public_key, mac_key_hash
    created_at timestamptz not null
);
select grant_to('ashiato_web', 'select on day_key');
select grant_to('ashiato_notifier', 'select, insert, delete on day_key');

-- The mac keys of D-2 … D+1 for the web processes, wrapped under SECRET_KEY. UNLOGGED: in no WAL and no base backup;
-- empty after a crash, and the notifier refills it every minute.
create unlogged table day_mac_key (
    visit_date date primary key,
    wrapped bytea not null
);
select grant_to('ashiato_web', 'select on day_mac_key');
select grant_to('ashiato_notifier', 'select, insert, update, delete on day_mac_key');

-- One HPKE encapsulation by one web process for one business date. Its row key lives only in that process's memory.
create table seal_epoch (
    id bigint primary key,                                                      -- random 64 bits
    visit_date date not null,
    enc bytea not null check (octet_length(enc) = 65),                          -- encapsulated P-256 key (RFC 9180)
    canary bytea not null,                                                      -- a known text, sealed like a row
    created_at timestamptz not null,
    canary_checked_at timestamptz,
    canary_opened boolean,
    check ((canary_checked_at is null) = (canary_opened is null))
);
create index seal_epoch_date on seal_epoch (visit_date);
create index seal_epoch_unchecked on seal_epoch (created_at) where canary_checked_at is null;
select grant_to('ashiato_web', 'select, insert (id, visit_date, enc, canary, created_at) on seal_epoch');
select grant_to('ashiato_notifier', 'select, update (canary_checked_at, canary_opened), delete on seal_epoch');
