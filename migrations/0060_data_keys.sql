-- What hangs on SECRET_KEY hangs on data keys, one for each use, wrapped under SECRET_KEY: another SECRET_KEY re-wraps
-- these few rows and nothing else. During a change a use has two rows, one under each key.
create table data_key (
    use_label text not null,
    key_id bytea not null check (octet_length(key_id) = 8),          -- which SECRET_KEY wraps it; a hash, tells nothing of it
    wrapped bytea not null check (octet_length(wrapped) = 60),       -- nonce, 32 bytes under AES-256-GCM, tag
    wrapped_at timestamptz not null,
    primary key (use_label, key_id)
);
select grant_to('ashiato_web', 'select on data_key');
select grant_to('ashiato_notifier', 'select, insert, update, delete on data_key');

-- Where values were stored before there were data keys, they hang on keys derived from SECRET_KEY: these become the data
-- keys, so that nobody is locked out. A new installation gets random ones.
create table data_key_origin (
    grown boolean not null                                           -- whether the first data keys are the derived ones
);
insert into data_key_origin
select exists (select from official_credential) or exists (select from official_invitation)
    or exists (select from venue_activation) or exists (select from day_key);
select grant_to('ashiato_notifier', 'select, update on data_key_origin');
