-- Everything that leaves by mail. A *letter* answers something a person did (a confirmation, a link); a *notice* is one mail of an alert.
-- Nothing in clear: recipient, language and parameters are sealed for the notifier, which renders its own words.
create table outbox (
    id uuid primary key,                        -- random; also the Message-ID's left part
    kind text not null,                         -- 'notice', or which letter
    state text not null default 'queued' check (state in
        ('queued', 'leased', 'submitting', 'deferred', 'ambiguous', 'sent', 'merged', 'suppressed', 'bounced', 'cancelled', 'dead')),
    visit_date date not null,                   -- the visit's date; a letter's is the date whose key sealed it
    epoch_id bigint not null,
    sealed bytea not null,
    alert_id uuid,                              -- a notice's; no foreign key, the matcher inserts ten thousand at once
    venue_id uuid,
    mac bytea,
    attempts integer not null default 0,        -- times it entered `submitting`
    ambiguous_attempts integer not null default 0,
    created_at timestamptz not null,
    next_at timestamptz not null,               -- not before this
    expires_at timestamptz not null,            -- then dead(expired)
    lease uuid,                                 -- who holds it; results count only under the same lease
    lease_until timestamptz,
    reason text,                                -- why deferred, bounced, dead: a code such as `rcpt 450 4.2.1`, never a server's text
    finished_at timestamptz,                    -- set: never touched by delivery again
    check ((kind = 'notice') = (alert_id is not null)),
    check ((alert_id is null) = (venue_id is null) and (alert_id is null) = (mac is null)),
    check ((state in ('leased', 'submitting')) = (lease is not null)),
    check ((lease is null) = (lease_until is null)),
    -- `ambiguous` is final once its one retry was ambiguous too; until then it waits for that retry.
    check (state = 'ambiguous' or (state in ('sent', 'merged', 'suppressed', 'bounced', 'cancelled', 'dead')) = (finished_at is not null))
);
-- Nobody gets two notices for the same venue and date, whatever the number of cases and alerts.
create unique index outbox_notice_once on outbox (venue_id, visit_date, mac) where kind = 'notice' and state <> 'cancelled';
-- Letters come before notices: who waits for a confirmation must not wait for ten thousand notices.
create index outbox_due on outbox ((kind = 'notice'), next_at) where state in ('queued', 'deferred', 'ambiguous') and finished_at is null;
create index outbox_leased on outbox (lease_until) where state in ('leased', 'submitting');
create index outbox_alert on outbox (alert_id, state) where alert_id is not null;
create index outbox_date on outbox (visit_date);
alter table outbox set (fillfactor = 70);       -- states change often; room keeps the updates on the same page

-- The web process may put letters in and count states; it may write no notice and read no content.
alter table outbox enable row level security;
create policy outbox_read on outbox for select using (true);
create policy outbox_letter on outbox for insert with check (
    kind <> 'notice' and state = 'queued' and attempts = 0 and ambiguous_attempts = 0);
do $$ begin
    if exists (select from pg_roles where rolname = 'ashiato_notifier') then
        create policy outbox_notifier on outbox to ashiato_notifier using (true) with check (true);
    end if;
end $$;
select grant_to('ashiato_web', 'insert (id, kind, visit_date, epoch_id, sealed, created_at, next_at, expires_at) on outbox');
select grant_to('ashiato_web',
    'select (id, kind, state, visit_date, alert_id, venue_id, mac, attempts, ambiguous_attempts, created_at, next_at, reason, finished_at) on outbox');
select grant_to('ashiato_notifier', 'select, insert, update, delete on outbox');

-- Who wants no notices, or cannot be reached. A keyed hash; it holds only people who asked and addresses that bounced hard.
create table suppression (
    person bytea primary key check (octet_length(person) = 32),
    reason text not null check (reason in ('asked', 'bounced')),
    created_at timestamptz not null
);
select grant_to('ashiato_notifier', 'select, insert, update, delete on suppression');
