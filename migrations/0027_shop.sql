-- What a shop says of itself beyond the first form: asked on its own page once the first poster exists.
alter table venue
    add column postal_code text check (postal_code ~ '^[0-9]{7}$'),             -- null: entered by a program, or before this was asked
    add column phone text check (char_length(phone) between 1 and 24),          -- account data, like the contact mail
    add column guests_per_day integer check (guests_per_day between 1 and 100000),  -- its own estimate, to set scans against
    add column message text check (char_length(message) between 1 and 80),      -- its own words on the visitor's confirmation
    add column opens_on date,                   -- an event: first and last day on which its codes take check-ins
    add column closes_on date,
    add column monthly_mail boolean not null default true,
    add column paused_at timestamptz,           -- the shop itself takes no check-ins for now; null: it does
    add column listed boolean not null default false,                           -- consent to stand in the public list
    add constraint venue_days check ((opens_on is null) = (closes_on is null) and opens_on <= closes_on);

-- The business day on which its owner scanned it last and saw which poster it is.
alter table poster add column checked_on date;
