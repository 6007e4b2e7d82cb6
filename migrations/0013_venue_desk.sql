-- What the officials' desk needs of venues: how a name is read, who was looked at, a search that forgives, questions to shops.
alter table venue
    add column kana text,                       -- how the name is read, in kana; optional
    add column reviewed_at timestamptz;         -- when an official first looked at it; null: active by policy `instant` alone
update venue set reviewed_at = coalesce(decided_at, created_at)
where decided_at is not null or (confirmed_at is null and status <> 'unconfirmed');   -- the latter: an official entered it
create index venue_unreviewed on venue (created_at) where status = 'active' and reviewed_at is null;

-- A venue's words as the search compares them (venue/fold.rs). A table of its own: who looks up a poster reads none of it.
-- Made by the service, no trigger: the same code folds what is stored and what is typed, and plain Postgres is enough (no extension).
create table venue_search (
    venue_id uuid primary key references venue (id) on delete cascade,
    version smallint not null,                  -- of the folding; older ones are folded anew at the next start
    folded text not null,                       -- name, kana and address, a line each
    grams text[] not null,                      -- every character and every pair of neighbours in it
    twin bytea not null check (octet_length(twin) = 16)     -- hash of folded name and address: equal for an application made twice
);
create index venue_search_grams on venue_search using gin (grams);
create index venue_search_twin on venue_search (twin);
-- The beginning of a code finds its poster, whatever the database's collation.
create index poster_code_begins on poster (code text_pattern_ops);

-- What an official asked a shop about its application, by letter.
create table venue_question (
    venue_id uuid not null references venue (id) on delete cascade,
    asked_at timestamptz not null,
    asked_by text not null,                     -- principal
    question text not null,
    primary key (venue_id, asked_at)
);
select grant_to('ashiato_web', 'select, insert, update on venue_search');
select grant_to('ashiato_web', 'select, insert on venue_question');
