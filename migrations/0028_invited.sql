-- The city enters a venue whose mailbox it does not know: `invited` until its owner scans or types the code of a printed letter.
alter table venue alter column contact_email drop not null;      -- null: nobody gave one yet; letters by mail are left out
alter table venue drop constraint venue_status_check;
alter table venue add constraint venue_status_check
    check (status in ('unconfirmed', 'invited', 'pending', 'active', 'refused', 'suspended', 'closed'));

-- The code on the printed letter. Made when the letter is first printed, and never stored: venue/activation.rs says how the same
-- letter can be printed again.
create table venue_activation (
    venue_id uuid primary key references venue (id) on delete cascade,
    edition smallint not null default 1 check (edition > 0),    -- the next one kills the code before it
    code_mac bytea not null unique check (octet_length(code_mac) = 32),     -- keyed hash of the code
    made_at timestamptz not null,               -- when the letter was last printed
    expires_at timestamptz not null,
    used_at timestamptz,                        -- when the owner activated the venue
    contact_email text                          -- given while activating, not proven yet: moves to `venue` once it is
);
select grant_to('ashiato_web', 'select, insert, update, delete on venue_activation');
select grant_to('ashiato_notifier', 'select, delete on venue_activation');
