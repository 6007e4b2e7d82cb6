-- Who looked at numbers that come from visits. The chain tells the first look of a person at a thing in a minute at once; further
-- looks in that minute are counted here and told in the chain by the notifier a minute later, so that reading takes the chain's
-- lock at most once a minute for each person and thing. Kept two hours: what an alarm on many reads looks back on.
create table audit_read (
    actor_kind text not null,
    actor_id uuid not null,                     -- nil where the kind has none
    minute timestamptz not null,
    what text not null,                         -- an action of the chain, such as `read.alert_preview`
    target_id uuid not null,                    -- nil where there is none
    reason text not null,                       -- '' where none was asked for
    reads integer not null check (reads > 0),
    chained integer not null default 1,         -- how many of these reads the chain tells of
    primary key (actor_kind, actor_id, minute, what, target_id, reason)
);
create index audit_read_minute on audit_read (minute);
select grant_to('ashiato_web', 'select, insert (actor_kind, actor_id, minute, what, target_id, reason, reads), update (reads) on audit_read');
select grant_to('ashiato_notifier', 'select, update, delete on audit_read');

-- The auditor's page: by time, by what was done, by who did it.
create index audit_entry_at on audit_entry (at);
create index audit_entry_action on audit_entry (action, id);
create index audit_entry_actor on audit_entry (actor_id, id);
