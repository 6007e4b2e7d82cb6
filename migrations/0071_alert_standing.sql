-- How an alert stands, derived from what people decided and what the notifier did, in one place: lists are filtered by it before a
-- page is taken, so that nothing that waits is left out because newer alerts exist.
create view alert_standing as
select h.alert_id, h.state, h.late, h.withdrawn_at,
       -- The lists, in order: 0 somebody must decide, 1 out, 2 drafts, 3 ended.
       (case when h.state = 'submitted' or (h.state = 'draft' and h.returned) then 0
             when h.state in ('sending', 'done') and h.late > 0 and not h.mistaken then 0
             when h.state in ('held', 'sending', 'paused') then 1
             when h.state = 'draft' then 2
             else 3 end)::smallint as rank,
       -- A draft that an open case shows as its own: the newest of a case of which nothing was submitted.
       h.state = 'draft' and not h.returned and exists (
           select from alert_case l join case_report o on o.id = l.case_id and o.closed_at is null
           where l.alert_id = h.alert_id
             and not exists (select from alert_case u join alert b on b.id = u.alert_id
                             where u.case_id = o.id and b.cancelled_at is null and b.submitted_at is not null)
             and h.alert_id = (select e.id from alert_case t join alert e on e.id = t.alert_id
                               where t.case_id = o.id and e.cancelled_at is null and e.submitted_at is null
                               order by e.created_at desc, e.id desc limit 1)) as beside_case
from (
    select a.id as alert_id, a.returned_at is not null as returned,
           case when a.cancelled_at is not null then 'cancelled'
                when a.submitted_at is null then 'draft'
                when p.revision is null or d.refused_revision = a.revision then 'submitted'
                when d.finished_at is not null then 'done'
                -- Each pause needs a resumption or an approval that names it (web may take paused_at back, but not these).
                when a.paused_at is not null or a.pauses > greatest(coalesce(d.resumed_pause, 0), coalesce(p.pauses, 0),
                    (select coalesce(max(r.pause), 0) from alert_resume r where r.alert_id = a.id)) then 'paused'
                when d.revision is distinct from a.revision then 'held'
                else 'sending' end as state,
           -- Visits that wait for a click.
           (select coalesce(sum(m.late), 0) from alert_stay_match m where m.alert_id = a.id) as late,
           -- A correction is prepared, or was released: it tells nobody else.
           exists (select from alert c left join alert_dispatch k on k.alert_id = c.id
                   where c.corrects = a.id and (c.cancelled_at is null or k.started_at is not null)) as mistaken,
           -- From then on its notices do not count.
           (select min(k.started_at) from alert c join alert_dispatch k on k.alert_id = c.id where c.corrects = a.id) as withdrawn_at
    from alert a
    left join alert_approval p on p.alert_id = a.id and p.revision = a.revision
    left join alert_dispatch d on d.alert_id = a.id
) h;
select grant_to('ashiato_web', 'select on alert_standing');
select grant_to('ashiato_notifier', 'select on alert_standing');
