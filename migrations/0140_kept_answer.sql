-- Answers to programs whose request bore an Idempotency-Key: the same request, sent again, is answered and done no second time.
-- Kept for 24 hours. The two hashes are of chance and of what web has stored anyway, so they tell nothing more.
create table kept_answer (
    request bytea primary key check (octet_length(request) = 32), -- SHA-256 of who asks, for what, and the key
    body bytea not null check (octet_length(body) = 32),          -- SHA-256 of the request's body
    answer jsonb not null check (length(answer::text) <= 4096),   -- the body of the 201
    made_at timestamptz not null
        constraint kept_answer_made_at_in_range check (made_at >= '0001-01-01 00:00:00+00' and made_at < '10000-01-01 00:00:00+00')
);
create index kept_answer_made_at on kept_answer (made_at);
select grant_to('ashiato_web', 'select, insert, update on kept_answer');
select grant_to('ashiato_notifier', 'select, delete on kept_answer');
