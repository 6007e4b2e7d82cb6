-- What is sealed has the size that sealing makes. The notifier loads whole rows, a batch at a time: whoever has web's login could
-- fill its memory with a few that are as large as Postgres lets a row be. `visit` has no CHECK (README.md); the statement that
-- copies visits into the outbox looks at their size.
update outbox set sealed = '' where octet_length(sealed) > 4124;
alter table outbox
    add constraint outbox_sealed_size check (octet_length(sealed) <= 4124),     -- `keys::MAX_SEALED_BYTES`
    add constraint outbox_kind_size check (octet_length(kind) <= 64);           -- no kind of a letter has half of it
update my_request set sealed = '' where octet_length(sealed) > 4124;
alter table my_request add constraint my_request_sealed_size check (octet_length(sealed) <= 4124);
