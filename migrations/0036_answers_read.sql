-- When an official has read what a shop answered. Until then the answer stands in the queue: nobody looks at a venue's page by chance.
alter table venue_question add column read_at timestamptz;
update venue_question set read_at = answered_at where answered_at is not null;
create index venue_question_unread on venue_question (venue_id) where answered_at is not null and read_at is null;

select grant_to('ashiato_web', 'update (read_at) on venue_question');
