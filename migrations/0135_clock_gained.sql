-- What was believed of the clock beyond running time, and is not paid back yet: slack is one budget, not one for each look.
-- A restart must not forget it.
alter table service_clock add column gained_milliseconds bigint not null default 0 check (gained_milliseconds >= 0);
