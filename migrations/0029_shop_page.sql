-- A shop's own page. Who proves its contact mailbox, by a mailed link or eight digits, gets a session of twelve hours. It belongs
-- to the mailbox, which may hold many venues. Contacts stand here as account data, in lower case.
create index venue_contact on venue (lower(contact_email));

create table shop_link (
    id uuid primary key,                        -- stands in the page that asked: the digits are typed there
    contact text,                               -- null: no venue has this mailbox, or it got its letters; then none is sent
    token_sha256 bytea not null unique check (octet_length(token_sha256) = 32),
    code_hash text not null,                    -- argon2id (PHC string) of the 8 digits
    tries smallint not null default 0 check (tries between 0 and 5),
    sent_at timestamptz not null,
    expires_at timestamptz not null             -- used once; kept until then, so that letters can be counted
);
create index shop_link_contact on shop_link (contact, sent_at);
create index shop_link_expires on shop_link (expires_at);

create table shop_session (
    token_sha256 bytea primary key check (octet_length(token_sha256) = 32),
    contact text not null,
    expires_at timestamptz not null
);
create index shop_session_expires on shop_session (expires_at);

-- While an owner checks his posters, each code that he scans says which poster it is.
create table shop_check (
    token_sha256 bytea primary key check (octet_length(token_sha256) = 32),
    venue_id uuid not null references venue (id) on delete cascade,
    expires_at timestamptz not null
);
create index shop_check_expires on shop_check (expires_at);

alter table venue_confirmation add column opened_at timestamptz;    -- link or digits opened the owner's page with it: once
alter table venue_question add column answer text, add column answered_at timestamptz,
    add check ((answer is null) = (answered_at is null));
alter table venue add column refused_because text;                  -- an official's words, as the letter said them

select grant_to('ashiato_web', 'select, insert, update, delete on shop_link, shop_session, shop_check');
select grant_to('ashiato_notifier', 'select, delete on shop_link, shop_session, shop_check');
select grant_to('ashiato_web', 'update (answer, answered_at) on venue_question');
-- Which poster was scanned on which day: its owner sees that one hangs where nobody finds it.
select grant_to('ashiato_web', 'select (poster_no) on visit');
