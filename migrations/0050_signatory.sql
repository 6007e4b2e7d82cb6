-- Whose signature counts, in tables that the web process may read and never write. A database login of web can change every row
-- that web lives on (accounts, roles, sessions, tokens); it cannot make the notifier believe any of it.

-- Officials. Written by the notifier, which believes signed acts alone, and by the operator on the command line.
create table signatory (
    official_id uuid primary key,               -- no foreign key: what was ended stays ended when the account goes
    email_sha256 bytea not null check (octet_length(email_sha256) = 32),    -- the mailbox that was invited
    role text not null check (role in ('viewer', 'tracer', 'approver', 'auditor', 'admin')),
    standing bigint not null,                   -- number of the last grant that was believed; a signature names it, so none outlives it
    granted_by text,                            -- principal who made that grant; null: the operator
    confirmed boolean not null,                 -- false: counts as a tracer until a second administrator confirms
    invitation_key bytea unique check (octet_length(invitation_key) = 32),  -- who signs with this may bring a key in, once
    invited_until timestamptz,
    public_key bytea unique check (octet_length(public_key) = 32),          -- Ed25519; null: has not joined, or joined before keys
    was_admin boolean not null default false,   -- was once an administrator who could act: from then on grants take two
    since timestamptz not null,
    ended_at timestamptz,
    check ((invitation_key is null) = (invited_until is null))
);

-- API tokens. The key pair follows from the token's text, which only its holder has.
create table signatory_token (
    token_id uuid primary key,
    public_key bytea unique check (octet_length(public_key) = 32),          -- null: made before keys; signs nothing
    principal text not null,                    -- official:<uuid> of the maker, or token:<name> from the command line
    role text not null check (role in ('viewer', 'tracer', 'approver', 'auditor', 'admin')),
    since timestamptz not null,
    ended_at timestamptz
);
select grant_to('ashiato_web', 'select on signatory, signatory_token');
select grant_to('ashiato_notifier', 'select, insert, update, delete on signatory, signatory_token');

-- What people did to accounts, each signed by who did it. Web appends; the notifier looks at each once and says what it believed.
create table official_act (
    id bigint generated always as identity primary key,
    kind text not null check (kind in
        ('invite', 'join', 'role', 'reset', 'enable', 'confirm', 'token', 'disable', 'withdraw', 'revoke')),
    official_id uuid not null,                  -- whom it is about; a token's maker
    standing bigint not null,                   -- the number that a grant takes; for others, of the grant they belong to
    role text check (role in ('viewer', 'tracer', 'approver', 'auditor', 'admin')),
    email_sha256 bytea check (octet_length(email_sha256) = 32),
    public_key bytea check (octet_length(public_key) = 32),
    until timestamptz,
    token_id uuid,
    acted_at timestamptz not null,
    signed bytea check (octet_length(signed) = 104),    -- public key, standing, signature; null: what only takes away needs none
    believed boolean,                           -- null: the notifier has not looked yet
    looked_at timestamptz,
    check ((believed is null) = (looked_at is null))
);
create index official_act_new on official_act (id) where believed is null;
create index official_act_official on official_act (official_id);
select grant_to('ashiato_web', 'select on official_act');
select grant_to('ashiato_web',
    'insert (kind, official_id, standing, role, email_sha256, public_key, until, token_id, acted_at, signed) on official_act');
select grant_to('ashiato_notifier', 'select, update (believed, looked_at), delete on official_act');
select grant_to('ashiato_notifier', 'select on api_token, official_credential, official_invitation');

-- An official's signing key lies here sealed under the password, twice over, and for the time of a session under its token.
alter table official_credential
    add column key_salt bytea check (octet_length(key_salt) = 16),
    add column key_sealed bytea,
    add column public_key bytea check (octet_length(public_key) = 32),
    add check ((key_salt is null) = (key_sealed is null) and (key_salt is null) = (public_key is null));
alter table official_invitation
    add column key_salt bytea check (octet_length(key_salt) = 16),
    add column key_sealed bytea,
    add column public_key bytea check (octet_length(public_key) = 32),
    add column join_signed bytea check (octet_length(join_signed) = 104),      -- made with the invitation's own key
    add column join_signed_at timestamptz,
    add check ((key_salt is null) = (key_sealed is null) and (key_salt is null) = (public_key is null)
               and (key_salt is null) = (join_signed is null) and (key_salt is null) = (join_signed_at is null));
-- Sessions from before have no key in them: everybody logs in once more.
delete from official_session;
alter table official_session add column key_sealed bytea not null;

-- Whoever is there now keeps the role, but has no key: the key is made at the next log-in and counts once the operator has
-- compared it (`ashiato official vouch`). Tokens from before work on and sign nothing.
insert into signatory (official_id, email_sha256, role, standing, confirmed, was_admin, since, ended_at)
select o.id, sha256(convert_to(o.email, 'UTF8')), o.role, 1, true,
       o.role = 'admin' and exists (select from official_credential c where c.official_id = o.id), now(), o.disabled_at
from official o;
insert into signatory_token (token_id, principal, role, since, ended_at)
select id, coalesce('official:' || made_by, 'token:' || name), role, now(), revoked_at from api_token;
