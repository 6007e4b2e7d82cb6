-- Sending as a whole: a stop that anybody who may trace can make, a counter that tells a restored database, corrections, what people
-- ask of a delivery, and what is left of it once its rows are gone.

-- While one of these is open, no notice and no correction leaves; letters (log-in, confirmation) go on.
create table sending_stop (
    id uuid primary key,
    kind text not null check (kind in ('asked', 'restored')),                   -- restored: written by the notifier itself
    reason text not null,                       -- as an official typed it; empty where the notifier stopped by itself
    stopped_by text,                            -- principal
    stopped_at timestamptz not null,
    told_at timestamptz,                        -- the letters to the approvers are posted
    resumed_by text,                            -- principal
    resumed_at timestamptz,
    check ((kind = 'asked') = (stopped_by is not null)),
    check ((resumed_by is null) = (resumed_at is null))
);
create unique index sending_stop_open on sending_stop (kind) where resumed_at is null;
select grant_to('ashiato_web', 'select on sending_stop');
select grant_to('ashiato_web', 'insert (id, kind, reason, stopped_by, stopped_at) on sending_stop');
select grant_to('ashiato_web', 'update (told_at, resumed_by, resumed_at) on sending_stop');
select grant_to('ashiato_notifier', 'select, insert on sending_stop');

-- Grows with every commit that says "these mails are about to be sent". The notifier remembers it in KEYS_DIR too, outside every
-- backup, and only after that commit: a database that knows less than the file was restored from an older state.
create table sending_counter (
    only_one boolean primary key default true check (only_one),
    value bigint not null check (value >= 0)
);
insert into sending_counter (value) values (0);
select grant_to('ashiato_notifier', 'select, insert, update on sending_counter');

-- A correction is an alert of its own: number, four eyes, hold, pause. Its recipients are not visits but those who got the first.
alter table alert add column corrects uuid references alert (id) on delete set null;
create unique index alert_corrects on alert (corrects) where cancelled_at is null;

alter table outbox drop constraint outbox_check;
alter table outbox add constraint outbox_bulk check ((kind in ('notice', 'correction')) = (alert_id is not null));
-- Nobody gets two corrections of one alert for the same venue and date.
create unique index outbox_correction_once on outbox (alert_id, venue_id, visit_date, mac) where kind = 'correction' and state <> 'cancelled';
drop index outbox_due;
create index outbox_due on outbox ((alert_id is not null), next_at)
    where state in ('queued', 'deferred', 'ambiguous') and finished_at is null;
drop policy outbox_letter on outbox;
create policy outbox_letter on outbox for insert with check (
    kind not in ('notice', 'correction') and state = 'queued' and attempts = 0 and ambiguous_attempts = 0);

-- What became of an alert's mails of one date, kept when the rows go with the date.
create table delivery_summary (
    alert_id uuid not null references alert (id) on delete cascade,
    visit_date date not null,
    sent integer not null default 0,
    ambiguous integer not null default 0,
    merged integer not null default 0,
    suppressed integer not null default 0,
    bounced integer not null default 0,
    cancelled integer not null default 0,
    dead integer not null default 0,
    ambiguous_attempts integer not null default 0,
    primary key (alert_id, visit_date)
);
select grant_to('ashiato_web', 'select on delivery_summary');
select grant_to('ashiato_notifier', 'select, insert, update, delete on delivery_summary');

-- How an alert's mails fared at the large providers. Counted apart from the rows and in lumps, so that no row's domain follows.
create table delivery_company (
    alert_id uuid not null references alert (id) on delete cascade,
    company text not null check (company in ('docomo', 'au', 'softbank', 'gmail', 'yahoo', 'icloud', 'other')),
    sent integer not null default 0,
    deferred integer not null default 0,        -- times a mail was put off, not mails
    ambiguous integer not null default 0,
    bounced integer not null default 0,
    dead integer not null default 0,
    primary key (alert_id, company)
);
select grant_to('ashiato_web', 'select on delivery_company');
select grant_to('ashiato_notifier', 'select, insert, update, delete on delivery_company');

-- What an approver asked of an alert's waiting mails. Web writes the wish, the notifier carries it out.
create table delivery_request (
    id uuid primary key default gen_random_uuid(),
    alert_id uuid not null references alert (id) on delete cascade,
    asked_at timestamptz not null,
    act text not null check (act in ('retry', 'give_up')),
    principal text not null,
    handled_at timestamptz,
    mails integer,                              -- for how many it was done
    check ((handled_at is null) = (mails is null))
);
create unique index delivery_request_open on delivery_request (alert_id) where handled_at is null;
select grant_to('ashiato_web', 'select, insert (alert_id, asked_at, act, principal) on delivery_request');
select grant_to('ashiato_notifier', 'select, update (handled_at, mails), delete on delivery_request');

-- The letters that tell a venue's contact that an alert concerned it; sealed at the approval, sent once the alert is.
create table alert_venue_letter (
    letter_id uuid primary key,                 -- the outbox row
    alert_id uuid not null references alert (id) on delete cascade,
    venue_id uuid not null,
    revision integer not null,                  -- of the approval; a later one writes its own
    told_at timestamptz                         -- the notifier chose this one of the alert's letters to the venue
);
create unique index alert_venue_told on alert_venue_letter (alert_id, venue_id) where told_at is not null;
select grant_to('ashiato_web', 'select, insert (letter_id, alert_id, venue_id, revision) on alert_venue_letter');
select grant_to('ashiato_notifier', 'select, update (told_at), delete on alert_venue_letter');
