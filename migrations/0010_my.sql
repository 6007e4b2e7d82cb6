-- A visitor's own page, /my (DESIGN §4). A link is mailed to who asks; whoever opens it has proven the mailbox.
-- Nothing here says anything without the link's token, which only the mail holds: the address is sealed under a key made of the
-- token and the notifier's own key, the list under a key made of the token. So neither a dump nor a web host that was taken
-- over can look up where a person was. Everything ends with the link, an hour after its mail was prepared.
create table my_link (
    token_sha256 bytea primary key check (octet_length(token_sha256) = 32),
    address bytea not null,                     -- who asked; sealed, and only the notifier opens it, and only with the token
    found bytea,                                -- the person's visits; sealed under the token, written when the link is opened
    expires_at timestamptz not null
);
create index my_link_expires on my_link (expires_at);
select grant_to('ashiato_web', 'select (token_sha256, found, expires_at) on my_link');
select grant_to('ashiato_notifier', 'select, insert, update, delete on my_link');

-- What a person asked for on that page. The web process writes it down, the notifier does it within a second or two.
create table my_request (
    id uuid primary key,                        -- random; the seal is bound to it
    token_sha256 bytea not null references my_link (token_sha256) on delete cascade,
    kind text not null check (kind in ('my_look', 'my_forget', 'my_forget_all', 'my_stop', 'my_start')),
    visit_date date not null,                   -- the date whose key sealed it
    epoch_id bigint not null,
    sealed bytea not null,                      -- token, venue and date, for the notifier; emptied when done
    requested_at timestamptz not null,
    done_at timestamptz
);
create index my_request_link on my_request (token_sha256, requested_at);
create index my_request_waiting on my_request (requested_at) where done_at is null;
select grant_to('ashiato_web', 'insert (id, token_sha256, kind, visit_date, epoch_id, sealed, requested_at) on my_request');
select grant_to('ashiato_web', 'select (id, token_sha256, kind, requested_at, done_at) on my_request');
select grant_to('ashiato_notifier', 'select, update (sealed, done_at), delete on my_request');

-- Which letters with a link went to whom in the last 24 hours, so that nobody fills a stranger's mailbox through us.
create table my_letter (
    outbox_id uuid primary key,                 -- the letter; tried again, it counts once
    person bytea not null check (octet_length(person) = 32),    -- keyed hash; the key serves this table alone
    prepared_at timestamptz not null
);
create index my_letter_person on my_letter (person, prepared_at);
create index my_letter_prepared on my_letter (prepared_at);
select grant_to('ashiato_notifier', 'select, insert, update, delete on my_letter');
