-- What officials write down about a case: dates, notes, whether it is closed. Never who it is (case/note.rs).
alter table case_report
    add column onset date,                      -- first symptoms; null: none, or not known
    add column tested date,                     -- the positive test was taken
    add column closed_at timestamptz,
    -- Hash of the form's nonce and the reference: a form that was sent twice reports one case.
    add column form_key bytea unique check (octet_length(form_key) = 32);
create index case_report_list on case_report ((closed_at is not null), created_at desc, id);
create index case_report_reference on case_report (reference);

create table case_note (
    case_id uuid not null references case_report (id) on delete cascade,
    no smallint not null check (no > 0),
    note text not null,
    noted_by text not null,                     -- principal
    noted_at timestamptz not null,
    primary key (case_id, no)
);
select grant_to('ashiato_web', 'update (onset, tested, closed_at) on case_report');
select grant_to('ashiato_web', 'delete on stay');
select grant_to('ashiato_web', 'select, insert on case_note');

-- A draft follows the stays of its cases. The web process may take stays from nothing else: what was submitted stays as it was
-- looked at. A stay that another alert of its case was submitted with is that alert's business.
create function withdraw_draft_stays(draft uuid) returns void
language sql security definer set search_path = public as $$
    delete from alert_stay s using alert a
    where a.id = draft and s.alert_id = a.id and a.submitted_at is null and a.cancelled_at is null
      and not exists (
          select from alert_case l join stay t on t.case_id = l.case_id
          where l.alert_id = draft and t.venue_id = s.venue_id and t.visit_date = s.visit_date
            and not exists (
                select from alert_case k join alert b on b.id = k.alert_id
                join alert_stay u on u.alert_id = b.id and u.venue_id = t.venue_id and u.visit_date = t.visit_date
                where k.case_id = t.case_id and b.submitted_at is not null and b.cancelled_at is null))
$$;
revoke all on function withdraw_draft_stays(uuid) from public;
select grant_to('ashiato_web', 'execute on function withdraw_draft_stays(uuid)');
