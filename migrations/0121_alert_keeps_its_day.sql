-- An alert keeps the day it was made. The purge deletes what was never released by that day: with another one, a cancelled alert
-- would be gone within the hour, and could be written anew, not cancelled, with the signatures it had.
create or replace function alert_guard() returns trigger
language plpgsql set search_path = public as $$
begin
    if old.cancelled_at is not null and new.cancelled_at is distinct from old.cancelled_at then
        raise exception 'an alert that was cancelled stays cancelled' using errcode = 'check_violation';
    end if;
    if new.id <> old.id or new.number <> old.number or new.created_at <> old.created_at or new.revision < old.revision then
        raise exception 'an alert keeps its number and its day, and its revision only grows' using errcode = 'check_violation';
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
