-- Internal letters go to people who have joined, and to nobody else.
alter table official add column joined_at timestamptz;      -- when its owner first showed that the mailbox is theirs
update official o set joined_at = c.set_at from official_credential c where c.official_id = o.id;
update official o set joined_at = e.at from audit_entry e
where o.joined_at is null and e.action = 'official.join' and e.target_id = o.id;

-- Takes an account away whose owner never joined, so that a mistyped address is free again and forgotten.
create function forget_invited(invited uuid) returns boolean
language sql security definer set search_path = public as $$
    with gone as (
        delete from official o where o.id = invited and o.joined_at is null
            and not exists (select from official_credential c where c.official_id = o.id)
            and not exists (select from api_token t where t.made_by = o.id)
        returning 1)
    select exists (select from gone)
$$;
revoke all on function forget_invited(uuid) from public;
select grant_to('ashiato_web', 'execute on function forget_invited(uuid)');
