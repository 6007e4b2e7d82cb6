-- A reported infection, known only by the health centre's own reference. `case` is a word of SQL, hence the longer name.
create table case_report (
    id uuid primary key,
    reference text not null,
    reported_by text not null,                  -- principal, such as `official:<uuid>` or `token:<name>`
    created_at timestamptz not null
);
create table stay (
    case_id uuid not null references case_report (id) on delete cascade,
    venue_id uuid not null references venue (id),
    visit_date date not null,
    primary key (case_id, venue_id, visit_date)
);
create index stay_date on stay (visit_date);
create index case_report_created on case_report (created_at);
select grant_to('ashiato_web', 'select, insert on case_report, stay');
select grant_to('ashiato_notifier', 'select, delete on case_report, stay');
