-- The last business day on which somebody checked in with a poster. Which poster a visit holds is the day's first of that person:
-- shown to an owner, it would tell him whether somebody whose address he knows had been there (venue::scans).
alter table poster add column scanned_on date;
update poster p set scanned_on = s.scanned_on
from (select venue_id, poster_no, max(visit_date) as scanned_on from visit group by venue_id, poster_no) s
where s.venue_id = p.venue_id and s.poster_no = p.no and p.status = 'active';

do $$
begin
    if exists (select from pg_roles where rolname = 'ashiato_web') then
        revoke select (poster_no) on visit from ashiato_web;
    end if;
end $$;
