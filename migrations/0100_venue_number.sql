-- The number by which a list knows a venue again (a licence's, a facility's), folded; a running number is none. Null: the list has
-- no such column, or it was imported before this was kept. The name or the address must agree too (venue/import/known.rs).
alter table venue_import_row add column number_key text check (char_length(number_key) between 5 and 600);
create index venue_import_row_number on venue_import_row (number_key) where number_key is not null;
