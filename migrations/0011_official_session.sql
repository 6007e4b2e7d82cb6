-- Log-ins of officials. The browser holds 256 random bits, the table their SHA-256; ending a session here ends it everywhere.
create table official_session (
    id uuid primary key,
    official_id uuid not null references official (id) on delete cascade,
    token_sha256 bytea not null unique check (octet_length(token_sha256) = 32),
    created_at timestamptz not null,            -- ends for good twelve hours later
    seen_at timestamptz not null,               -- ends half an hour after the last use; written once a minute
    proven_at timestamptz not null              -- when the second factor was shown last
);
create index official_session_official on official_session (official_id);
select grant_to('ashiato_web', 'select, insert, update, delete on official_session');
