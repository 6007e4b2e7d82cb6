-- What people decide about the words of an alert, and about the hour at which it leaves.
alter table alert
    add column advice text not null default 'watch' check (advice in ('watch', 'test', 'stay_home')),
    add column until_chosen boolean not null default false,     -- false: `until_date` follows the day of the submission
    add column note_ja text check (char_length(note_ja) <= 500),    -- the city's own paragraph; the notifier looks at it again before it sends
    add column note_en text check (char_length(note_en) <= 500),
    add column name_venues boolean not null default false,      -- venues that agreed are named to those who were there
    add column tonight_reason text,             -- the submitter's wish to send outside SEND_WINDOW; it takes two
    add column replaced_by uuid references alert (id) on delete set null,   -- a draft that was joined into another
    add column returned_at timestamptz,         -- sent back by an approver: a draft again
    add column returned_by text,
    add column return_reason text,
    add check ((returned_at is null) = (returned_by is null) and (returned_at is null) = (return_reason is null));
alter table alert_approval add column tonight_reason text;      -- the approver's
-- What was promised to leave outside the window may do so until then; the notifier's own note.
alter table alert_dispatch add column tonight_until timestamptz;
alter table alert_dispatch drop constraint alert_dispatch_refused_reason_check;
alter table alert_dispatch add constraint alert_dispatch_refused_reason_check
    check (refused_reason in ('same_principal', 'digest', 'growth', 'cap', 'wording'));
-- Which alerts another one overlaps.
create index alert_stay_place on alert_stay (venue_id, visit_date);
-- MAX_NOTICES_PER_DAY: the notices of one day.
create index outbox_notice_day on outbox (created_at) where kind = 'notice';
