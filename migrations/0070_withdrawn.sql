-- Nobody holds two *valid* notices for one venue and date. A notice is withdrawn from the moment the correction of its alert is
-- released: from then on it does not count as told, and the next true alert reaches that person.
alter table outbox
    add column withdrawn_at timestamptz,        -- a notice's: its alert's correction was released then
    add constraint outbox_withdrawn check (withdrawn_at is null or kind = 'notice');

-- Corrections that were released before this column was there.
update outbox o set withdrawn_at = k.started_at
from alert c join alert_dispatch k on k.alert_id = c.id
where c.corrects = o.alert_id and k.started_at is not null and o.kind = 'notice' and o.state <> 'cancelled';

drop index outbox_notice_once;
create unique index outbox_notice_once on outbox (venue_id, visit_date, mac)
    where kind = 'notice' and state <> 'cancelled' and withdrawn_at is null;
-- Who of a stay once got a notice that was withdrawn.
create index outbox_notice_withdrawn on outbox (venue_id, visit_date, mac) where withdrawn_at is not null;

-- Dates that are to be looked at again; few at any time.
create index alert_stay_match_open on alert_stay_match (alert_id) where closed_at is null;
-- Other alerts over the same stays look again: what they took for told is not told any more.
update alert_stay_match m set closed_at = null
from alert b
where b.id = m.alert_id and b.corrects is null and b.cancelled_at is null and m.matched_at is not null
  and exists (select from outbox o
              where o.venue_id = m.venue_id and o.visit_date = m.visit_date and o.withdrawn_at is not null and o.alert_id <> m.alert_id);

select grant_to('ashiato_web', 'select (withdrawn_at) on outbox');
