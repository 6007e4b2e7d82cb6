-- What releases an alert is signed by who decided it. The rows hold the signature; the notifier checks it against `signatory`.
create table alert_submission (
    alert_id uuid not null references alert (id) on delete cascade,
    revision integer not null,
    digest bytea not null check (octet_length(digest) = 32),
    visits bigint not null,
    submitted_at timestamptz not null,
    signed bytea not null check (octet_length(signed) = 104),
    primary key (alert_id, revision)
);
select grant_to('ashiato_web', 'select, insert on alert_submission');
select grant_to('ashiato_notifier', 'select, delete on alert_submission');

alter table alert_approval
    add column signed bytea check (octet_length(signed) = 104),
    add column pauses integer not null default 0;   -- pauses of the alert that the approval ended
alter table alert_late_release add column signed bytea check (octet_length(signed) = 104);
select grant_to('ashiato_web', 'insert (signed) on alert_late_release');
alter table delivery_request add column signed bytea check (octet_length(signed) = 104);
select grant_to('ashiato_web', 'insert (signed) on delivery_request');
-- A request that was carried out cannot be handed in again.
create unique index delivery_request_once on delivery_request (signed) where signed is not null;

-- A pause is ended by a signed row, not by emptying `paused_at`.
alter table alert add column pauses integer not null default 0;
update alert set pauses = 1 where paused_at is not null;
create table alert_resume (
    alert_id uuid not null references alert (id) on delete cascade,
    pause integer not null,                     -- the alert's how-manieth
    resumed_at timestamptz not null,
    signed bytea not null check (octet_length(signed) = 104),
    primary key (alert_id, pause)
);
select grant_to('ashiato_web', 'select, insert on alert_resume');
select grant_to('ashiato_notifier', 'select, delete on alert_resume');
alter table alert_dispatch
    add column resumed_pause integer not null default 0,    -- pauses whose end the notifier believed
    add column by_admin boolean not null default false;     -- an administrator approved what runs: no cap stops it

-- A stop of all sending holds until the notifier believed who ended it.
alter table sending_stop
    add column resume_signed bytea check (octet_length(resume_signed) = 104),
    add column ended_at timestamptz;            -- by the notifier
update sending_stop set ended_at = resumed_at;
create index sending_stop_holds on sending_stop (stopped_at) where ended_at is null;
select grant_to('ashiato_web', 'update (resume_signed) on sending_stop');
-- An end that nobody who counts has signed is taken back, so that people see that the stop holds.
select grant_to('ashiato_notifier', 'update (ended_at, resumed_at, resumed_by, resume_signed) on sending_stop');

-- What no process may do to an alert, whatever its login.
create function alert_guard() returns trigger
language plpgsql set search_path = public as $$
begin
    if old.cancelled_at is not null and new.cancelled_at is distinct from old.cancelled_at then
        raise exception 'an alert that was cancelled stays cancelled' using errcode = 'check_violation';
    end if;
    if new.id <> old.id or new.number <> old.number or new.revision < old.revision then
        raise exception 'an alert keeps its number, and its revision only grows' using errcode = 'check_violation';
    end if;
    -- What an alert corrects is settled before it is approved; it is forgotten only with the alert that was corrected.
    if new.corrects is distinct from old.corrects
       and (old.corrects is not null or exists (select from alert_approval where alert_id = old.id))
       and (new.corrects is not null or exists (select from alert where id = old.corrects)) then
        raise exception 'an alert keeps what it corrects' using errcode = 'check_violation';
    end if;
    new.pauses := old.pauses + case when old.paused_at is null and new.paused_at is not null then 1 else 0 end;
    return new;
end $$;
revoke all on function alert_guard() from public;
create trigger alert_guard before update on alert for each row execute function alert_guard();

alter table alert_dispatch drop constraint alert_dispatch_refused_reason_check;
alter table alert_dispatch add constraint alert_dispatch_refused_reason_check
    check (refused_reason in ('same_principal', 'digest', 'growth', 'cap', 'wording', 'unvouched'));
alter table alert_late_release drop constraint alert_late_release_refused_reason_check;
alter table alert_late_release add constraint alert_late_release_refused_reason_check
    check (refused_reason in ('growth', 'cap', 'unvouched'));
