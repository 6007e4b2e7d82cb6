-- A relay that gives the same permanent answer to several people in a row says something about us, not about them. From then on
-- nothing is sent to it: a stop of the kind `refused`, written by the notifier. An approver lets one mail go on trial; once that
-- mail is taken, the notifier ends the stop.
alter table sending_stop drop constraint sending_stop_kind_check;
alter table sending_stop
    add constraint sending_stop_kind_check check (kind in ('asked', 'restored', 'refused')),
    add column answer text,                     -- refused: phase, numbers and known words, such as `rcpt 553 (exist)`; never a text
    add column mailbox boolean not null default false,  -- the answer is of those that speak of a mailbox
    add column trial_at timestamptz,            -- an approver lets one mail go; null again when that mail was refused
    add column trial_by text,                   -- principal
    add column trial_row uuid,                  -- the outbox row that is on trial
    add column trial_after timestamptz,         -- the last trial had no clear answer: the next not before this
    add column trial_refused_at timestamptz,    -- the last trial was refused
    add column end_told_at timestamptz,         -- the letters that sending goes on are posted
    add constraint sending_stop_answer check ((kind = 'refused') = (answer is not null)),
    add constraint sending_stop_trial check ((trial_at is null) = (trial_by is null) and (kind = 'refused' or trial_at is null));
select grant_to('ashiato_web', 'update (trial_at, trial_by, trial_after, end_told_at) on sending_stop');
select grant_to('ashiato_notifier',
    'update (trial_at, trial_by, trial_row, trial_after, trial_refused_at, resumed_by, resumed_at) on sending_stop');

-- Permanent answers since a mail was last taken, at most one of each mail: what the brake counts, in all notifiers together.
-- It is emptied by the first mail that is taken. The marks are keyed hashes, cut short, under a key that only notifiers hold.
create table sending_refusal (
    outbox_id uuid primary key,                 -- no foreign key: it is forgotten within a day, whatever becomes of the mail
    answer text not null,                       -- as in sending_stop
    mailbox boolean not null,
    person bytea not null check (octet_length(person) = 8),
    domain bytea not null check (octet_length(domain) = 8),
    provider boolean not null,                  -- one of the large providers, whose every domain has one mark
    in_row boolean not null,                    -- no mail was taken anywhere since
    refused_at timestamptz not null
);
select grant_to('ashiato_notifier', 'select, insert, update, delete on sending_refusal');
