-- Officials are people who log in; their passwords and second factors come with the console.
create table official (
    id uuid primary key,
    email text not null unique,                 -- account data, in clear, never logged
    name text not null,
    role text not null check (role in ('viewer', 'tracer', 'approver', 'auditor', 'admin')),
    created_at timestamptz not null,
    disabled_at timestamptz
);
select grant_to('ashiato_web', 'select on official');
select grant_to('ashiato_notifier', 'select on official');

-- API tokens: 256 random bits, of which only the SHA-256 is kept. One that an official made counts as that official;
-- one from the command line counts as a principal by its name, so two tokens of one name are one person (four eyes).
create table api_token (
    id uuid primary key,
    name text not null,
    role text not null check (role in ('viewer', 'tracer', 'approver', 'auditor', 'admin')),
    sha256 bytea not null unique check (octet_length(sha256) = 32),
    made_by uuid references official (id),
    created_at timestamptz not null,
    revoked_at timestamptz
);
select grant_to('ashiato_web', 'select on api_token');
