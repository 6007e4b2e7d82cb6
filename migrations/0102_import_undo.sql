-- An import can be taken back for some days where nobody has checked in (venue/import/undo.rs). Its venues are closed, not deleted.
alter table venue_import
    add column undone_at timestamptz,
    add column undone_by text,                  -- principal
    add constraint venue_import_undone check ((undone_at is null) = (undone_by is null));
-- Why a venue stayed when its import was undone; null: it did not, or none was.
alter table venue_import_row add column kept text check (kept in ('checked_in', 'opened', 'changed', 'closed'));

select grant_to('ashiato_web', 'update (kept) on venue_import_row');
