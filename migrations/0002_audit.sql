-- Who did what. Append-only: nobody but the owner may change or delete, and each entry's hash covers the one before it.
create table audit_entry (
    id bigint primary key,                      -- 1, 2, 3 … without gaps: a missing number is a deleted entry
    at timestamptz not null,
    actor_kind text not null check (actor_kind in ('official', 'token', 'venue', 'visitor', 'system')),
    actor_id uuid,                              -- no foreign key: an entry outlives what it speaks of
    action text not null,                       -- `room.verb`, such as `alert.approve`
    target_kind text not null,
    target_id uuid,
    detail json not null,                       -- json, not jsonb: the hash covers the very text
    previous bytea not null check (octet_length(previous) = 32),
    hash bytea not null check (octet_length(hash) = 32)
);
create index audit_entry_target on audit_entry (target_kind, target_id);
select grant_to('ashiato_web', 'select, insert on audit_entry');
select grant_to('ashiato_notifier', 'select, insert on audit_entry');
