# Lists of venues in and out, venues that the city enters, and what is published about all of them.
bulk-status-invited = Invited by post
bulk-table = Table { $no }

## Columns of a list
bulk-col-name = Name
bulk-col-kana = Reading
bulk-col-kind = Kind
bulk-col-postal-code = Postal code
bulk-col-address = Address
bulk-col-contact-email = Email address
bulk-col-phone = Telephone
bulk-col-guests = Guests per day
bulk-col-tables = Tables
bulk-col-opens-on = First day
bulk-col-closes-on = Last day
bulk-col-reference = Reference
bulk-hint-name = Required. Up to 100 characters
bulk-hint-kana = In kana
bulk-hint-kind = Required. Restaurant or café, Bar or live house, and so on, or the name used in the API
bulk-hint-postal-code = 7 digits
bulk-hint-address = Required. Up to 200 characters
bulk-hint-contact-email = Leave empty if unknown (the owner is invited by post)
bulk-hint-phone = If known
bulk-hint-guests = If known. A number
bulk-hint-tables = Posters for tables. One for the entrance is always made
bulk-hint-opens-on = For an event. 2026-11-28
bulk-hint-closes-on = For an event. 2026-11-29
bulk-hint-reference = The city's own number. Up to 60 characters

## The letter to an owner whose venue the city entered
bulk-entered-subject = [{ $city }] Your posters are ready
bulk-entered-body =
    { $city } has entered "{ $name }" in { $service }.
    From today, people can scan your posters to check in.

    Print the posters here.
    { $page }
    The link works until { $until }.

    If this is not your venue, call { $hotline } ({ $hours }).
