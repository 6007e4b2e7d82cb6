-- A list of venues that the city hands in. Between the page that shows what would be made and the button that makes it, the file
-- lies here and not with the browser: what was checked is what is made. Afterwards the row is the batch's record.
create table venue_import (
    id uuid primary key,
    file_sha256 bytea not null check (octet_length(file_sha256) = 32),  -- the same file again soon is most likely a mistake
    file bytea check (octet_length(file) <= 2097152),                   -- checked and not imported yet; goes with the import or after an hour
    made_at timestamptz not null,               -- when it was checked; once imported, when that was
    made_by text not null,                      -- principal
    imported boolean not null default false,
    venues integer check (venues >= 0),         -- made by it
    posters integer check (posters >= 0),
    check (imported = (file is null) and imported = (venues is not null) and imported = (posters is not null))
);
create index venue_import_made on venue_import (made_at desc);
create table venue_import_row (
    venue_id uuid primary key references venue (id) on delete cascade,
    import_id uuid not null references venue_import (id) on delete cascade,
    row_no integer not null,                    -- as a spreadsheet shows it
    reference text check (char_length(reference) between 1 and 60)      -- the city's own number for it
);
create index venue_import_row_import on venue_import_row (import_id, row_no);
select grant_to('ashiato_web', 'select, insert, update, delete on venue_import');
select grant_to('ashiato_web', 'select, insert on venue_import_row');
select grant_to('ashiato_notifier', 'select, delete on venue_import');
select grant_to('ashiato_notifier', 'select, delete on venue_import_row');
-- A mailbox that nobody proved is forgotten.
select grant_to('ashiato_notifier', 'update (contact_email) on venue_activation');
