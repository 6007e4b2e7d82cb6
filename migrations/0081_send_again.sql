-- What ended as `bounced` or `dead` may get another turn: the brake puts back what it hit, an approver sends again what is mended.
-- Of every row that was sent: 1 <= accepted <= 1 + ambiguous_attempts + repeats.
alter table outbox
    add column repeats integer not null default 0,  -- turns after it had ended
    add column ended_as text check (ended_as in ('bounced', 'dead', 'sent'));  -- how it counts by provider until its next attempt
select grant_to('ashiato_web', 'select (repeats) on outbox');
create index outbox_again on outbox (alert_id) where ended_as is not null;
alter table delivery_summary add column repeats integer not null default 0;

alter table delivery_request drop constraint delivery_request_act_check;
alter table delivery_request
    add constraint delivery_request_act_check check (act in ('retry', 'give_up', 'send_again')),
    add column reasons text[],                  -- send_again: only what ended for these reasons; null: all
    add constraint delivery_request_reasons check (reasons is null or (act = 'send_again' and cardinality(reasons) between 1 and 50));
select grant_to('ashiato_web', 'insert (reasons) on delivery_request');
