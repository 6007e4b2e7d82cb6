-- With what an official proves who he is. An account without a row here has been invited and cannot log in.
create table official_credential (
    official_id uuid primary key references official (id) on delete cascade,
    password text not null,                     -- argon2id (PHC string)
    totp_sealed bytea not null,                 -- the second factor's secret, under a key derived from SECRET_KEY, bound to the official
    totp_hash text not null check (totp_hash in ('sha1', 'sha256')),
    totp_last_step bigint not null,             -- the newest 30-second step whose code was used: each code counts once
    set_at timestamptz not null,
    next_totp_sealed bytea,                     -- a new second factor that was shown and waits for its first code
    next_totp_hash text check (next_totp_hash in ('sha1', 'sha256')),
    check ((next_totp_sealed is null) = (next_totp_hash is null))
);
select grant_to('ashiato_web', 'select, insert, update, delete on official_credential');

-- Recovery codes, as a keyed hash: whoever holds a dump without SECRET_KEY cannot try them.
create table official_recovery_code (
    official_id uuid not null references official (id) on delete cascade,
    mac bytea not null check (octet_length(mac) = 32),
    used_at timestamptz,
    primary key (official_id, mac)
);
select grant_to('ashiato_web', 'select, insert, update, delete on official_recovery_code');

-- A one-time link with which an official chooses a password and a second factor. Opening it uses nothing up; the first code does.
create table official_invitation (
    official_id uuid primary key references official (id) on delete cascade,
    token_sha256 bytea not null unique check (octet_length(token_sha256) = 32),
    made_at timestamptz not null,
    expires_at timestamptz not null,
    password text,                              -- chosen in the first step
    totp_sealed bytea,                          -- shown in the second step, until its first code was typed
    totp_hash text check (totp_hash in ('sha1', 'sha256')),
    check ((password is null) = (totp_sealed is null) and (password is null) = (totp_hash is null))
);
select grant_to('ashiato_web', 'select, insert, update, delete on official_invitation');

-- How often somebody was not let in, so that the next try is slower. A lane is a keyed hash of an account, real or not, alone or
-- with a client's network: nobody's name or address stands here. Never a lock: a pause is bounded and another network has its own lane.
create table login_lane (
    lane bytea primary key check (octet_length(lane) = 32),
    tries integer not null,                     -- since the last success
    tried_at timestamptz not null,
    known_until timestamptz not null,           -- the account was logged in to from this network: strangers do not slow it down
    forget_at timestamptz not null
);
create index login_lane_forget on login_lane (forget_at);
select grant_to('ashiato_web', 'select, insert, update, delete on login_lane');

-- The console makes accounts and tokens.
select grant_to('ashiato_web', 'insert, update on official');
select grant_to('ashiato_web', 'insert, update on api_token');
