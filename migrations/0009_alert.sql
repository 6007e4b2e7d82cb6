-- One release of notices over any number of stays. The web process writes what people decided; only the notifier writes what it did.
create table alert (
    id uuid primary key,
    number text not null unique,                -- random, printed in every notice, asked for at /alerts/check
    revision integer not null default 1,        -- each submission is a new one; an approval binds one
    until_date date not null,                   -- 'watch your health until'
    created_by text not null,                   -- principal
    created_at timestamptz not null,
    submitted_by text,
    submitted_at timestamptz,
    paused_at timestamptz,
    cancelled_at timestamptz,
    check ((submitted_by is null) = (submitted_at is null))
);
create index alert_created on alert (created_at);
create table alert_case (
    alert_id uuid not null references alert (id) on delete cascade,
    case_id uuid not null references case_report (id),
    primary key (alert_id, case_id)
);
create table alert_stay (
    alert_id uuid not null references alert (id) on delete cascade,
    venue_id uuid not null references venue (id),
    visit_date date not null,
    primary key (alert_id, venue_id, visit_date)
);
create index alert_stay_date on alert_stay (visit_date);
create index alert_case_case on alert_case (case_id);

-- Four eyes: binds the stays, the text and the counts of one revision.
create table alert_approval (
    alert_id uuid not null references alert (id) on delete cascade,
    revision integer not null,
    principal text not null,
    digest bytea not null check (octet_length(digest) = 32),    -- SHA-256 over stays and texts
    visits integer not null,                    -- how many visits the approver saw
    approved_at timestamptz not null,
    hold_until timestamptz not null,
    primary key (alert_id, revision)
);
-- One click releases the visits that appeared after the alert had gone out.
create table alert_late_release (
    alert_id uuid not null references alert (id) on delete cascade,
    released_at timestamptz not null,
    principal text not null,
    visits integer not null,                    -- how many late visits the approver saw
    handled_at timestamptz,                     -- by the notifier
    refused_reason text check (refused_reason in ('growth', 'cap')),            -- far more than was seen: look and click again
    primary key (alert_id, released_at),
    check (refused_reason is null or handled_at is not null)
);
-- One click at a time: the next one needs the count that this one leaves.
create unique index alert_late_release_open on alert_late_release (alert_id) where handled_at is null;
select grant_to('ashiato_web', 'select, insert, update on alert');
select grant_to('ashiato_web', 'select, insert on alert_case, alert_stay, alert_approval');
select grant_to('ashiato_web', 'select, insert (alert_id, released_at, principal, visits) on alert_late_release');
select grant_to('ashiato_notifier', 'select, delete on alert, alert_case, alert_stay, alert_approval');
select grant_to('ashiato_notifier', 'select, update (handled_at, refused_reason), delete on alert_late_release');

-- What the notifier did with an alert.
create table alert_dispatch (
    alert_id uuid primary key references alert (id) on delete cascade,
    revision integer,                           -- the approval under which it runs
    started_at timestamptz,                     -- released: from now on its notices are queued
    texts json,                                 -- the words as approved, per language; every notice and /alerts/check take them from here
    finished_at timestamptz,                    -- every row has its final state and no date still accepts check-ins
    refused_revision integer,                   -- sent back to `submitted`: this approval no longer fits
    refused_reason text check (refused_reason in ('same_principal', 'digest', 'growth', 'cap')),
    check ((refused_revision is null) = (refused_reason is null)),
    check ((started_at is null) = (texts is null) and (started_at is null) = (revision is null)),
    check (finished_at is null or started_at is not null)
);
create table alert_stay_match (
    alert_id uuid not null,
    venue_id uuid not null,
    visit_date date not null,
    matched_at timestamptz,                     -- its notices are in the outbox
    rematched_at timestamptz,                   -- last look for late visits
    closed_at timestamptz,                      -- last look after the date stopped accepting check-ins
    late integer not null default 0,            -- visits that wait for a click
    primary key (alert_id, venue_id, visit_date),
    foreign key (alert_id, venue_id, visit_date) references alert_stay on delete cascade
);
-- Which outbox row speaks to a person in this alert; every other row of that person is merged into it.
create table alert_person (
    alert_id uuid not null references alert (id) on delete cascade,
    person bytea not null check (octet_length(person) = 32),    -- keyed hash, a new key for each alert
    outbox_id uuid not null,
    primary key (alert_id, person)
);
select grant_to('ashiato_web', 'select on alert_dispatch, alert_stay_match');
select grant_to('ashiato_notifier', 'select, insert, update, delete on alert_dispatch, alert_stay_match, alert_person');
