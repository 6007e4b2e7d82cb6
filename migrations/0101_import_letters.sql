-- The letters to the owners of imported venues wait until somebody releases them.
-- Nothing is sealed ahead: the row says that a letter is owed, and web posts it in its turn (venue/import/letters.rs).
alter table venue_import
    add column released_at timestamptz,
    add column released_by text,                -- principal
    add constraint venue_import_released check ((released_at is null) = (released_by is null));
alter table venue_import_row
    -- Null: invited by post. held: waits for the release, or released for its turn. posted: in the outbox. left_out: the venue was
    -- closed or suspended before its turn. withdrawn: the import was undone first. recalling, recalled: it was undone after the
    -- letter had gone, and the owner is to be told of that, or was.
    add column letter text check (letter in ('held', 'posted', 'left_out', 'withdrawn', 'recalling', 'recalled')),
    add column letter_id uuid;                  -- the outbox row; goes with its date
create index venue_import_row_owed on venue_import_row (import_id) where letter in ('held', 'recalling');
-- What was imported before was told at once.
update venue_import_row r set letter = 'posted'
from venue v where v.id = r.venue_id and v.contact_email is not null;
update venue_import set released_at = made_at, released_by = made_by where imported;

select grant_to('ashiato_web', 'update (letter, letter_id) on venue_import_row');
