use super::*;
use crate::venue::poster::{MAX_LABEL_CHARS, MAX_POSTERS_AT_ONCE};

fn raw() -> RawVenue {
    RawVenue {
        name: "喫茶 ひだまり".into(),
        kind: "restaurant".into(),
        address: "あおば市中央1-2-3".into(),
        contact_email: "shop@example.jp".into(),
        ..RawVenue::default()
    }
}

fn problems(raw: &RawVenue) -> Vec<(Field, Option<usize>, Problem)> {
    let errors = NewVenue::parse(raw).err().unwrap_or_default();
    errors.into_iter().map(|error| (error.field, error.entry, error.problem)).collect()
}

#[test]
fn the_short_form_is_enough() {
    let venue = NewVenue::parse(&raw()).ok().unwrap();
    assert_eq!(venue.labels, ["入口"]);
    assert_eq!((venue.locale, venue.day_starts_minutes), (Locale::Ja, 0));
    let bar = NewVenue::parse(&RawVenue { kind: "bar".into(), locale: "en".into(), ..raw() }).ok().unwrap();
    assert_eq!((bar.day_starts_minutes, bar.labels[0].as_str()), (300, "Entrance"));
}

#[test]
fn an_empty_form_is_told_everything_at_once() {
    use Field::{Address, ContactEmail, Kind, Name};
    let empty = Problem::Text(TextError::Empty);
    let expected = [
        (Name, None, empty),
        (Kind, None, Problem::UnknownChoice),
        (Address, None, empty),
        (ContactEmail, None, Problem::Address(AddressError::Empty)),
    ];
    assert_eq!(problems(&RawVenue::default()), expected);
}

#[test]
fn limits_hold_at_their_edges() {
    let with = |change: fn(&mut RawVenue, usize), size: usize| {
        let mut raw = raw();
        change(&mut raw, size);
        problems(&raw).first().map(|(field, _, problem)| (*field, *problem))
    };
    let too_long = Problem::Text(TextError::TooLong);
    let name: fn(&mut RawVenue, usize) = |raw, size| raw.name = "あ".repeat(size);
    assert_eq!((with(name, MAX_NAME_CHARS), with(name, MAX_NAME_CHARS + 1)), (None, Some((Field::Name, too_long))));
    let address: fn(&mut RawVenue, usize) = |raw, size| raw.address = "あ".repeat(size);
    assert_eq!((with(address, MAX_ADDRESS_CHARS), with(address, MAX_ADDRESS_CHARS + 1)), (None, Some((Field::Address, too_long))));
    let label: fn(&mut RawVenue, usize) = |raw, size| raw.posters = vec!["あ".repeat(size)];
    assert_eq!((with(label, MAX_LABEL_CHARS), with(label, MAX_LABEL_CHARS + 1)), (None, Some((Field::Posters, too_long))));
    let count: fn(&mut RawVenue, usize) = |raw, size| raw.posters = vec!["席".into(); size];
    let too_many = Some((Field::Posters, Problem::TooMany));
    assert_eq!((with(count, MAX_POSTERS_AT_ONCE), with(count, MAX_POSTERS_AT_ONCE + 1)), (None, too_many));
}

#[test]
fn a_business_day_begins_between_midnight_and_six() {
    for (minutes, good) in [(0, true), (360, true), (361, false), (-1, false)] {
        assert_eq!(NewVenue::parse(&RawVenue { day_starts_minutes: Some(minutes), ..raw() }).is_ok(), good, "{minutes}");
    }
}

#[test]
fn hostile_names_are_refused_or_kept_as_they_are() {
    for bad in ["a\r\nBcc: x@example.jp", "a\0", "a\u{202E}b", "\u{2066}"] {
        let found = problems(&RawVenue { name: bad.into(), ..raw() });
        assert_eq!(found, [(Field::Name, None, Problem::Text(TextError::Forbidden))], "{bad:?}");
    }
    for inert in ["<svg onload=alert(1)>", "=HYPERLINK(\"x\")", "{{7*7}}", "'; drop table venue; --"] {
        assert_eq!(NewVenue::parse(&RawVenue { name: inert.into(), ..raw() }).ok().unwrap().name, inert);
    }
}

#[test]
fn a_bad_label_is_named_by_its_place() {
    let found = problems(&RawVenue { posters: vec!["入口".into(), " ".into(), "a\nb".into()], ..raw() });
    let places: Vec<_> = found.iter().map(|(_, entry, _)| *entry).collect();
    assert_eq!(places, [Some(1), Some(2)]);
}

#[test]
fn the_page_asks_for_the_postal_code_and_an_events_days() {
    let fields = |raw: &RawVenue| -> Vec<(Field, Problem)> {
        let errors = NewVenue::parse_form(raw).err().unwrap_or_default();
        errors.iter().map(|error| (error.field, error.problem)).collect()
    };
    let empty = Problem::Text(TextError::Empty);
    assert_eq!(fields(&raw()), [(Field::PostalCode, empty)]);
    let event = RawVenue { kind: "event".into(), ..raw() };
    assert_eq!(fields(&event), [(Field::OpensOn, empty), (Field::ClosesOn, empty), (Field::PostalCode, empty)]);
    let half = RawVenue { name: String::new(), closes_on: "2026-11-28".into(), postal_code: "x".into(), ..event.clone() };
    assert_eq!(fields(&half), [(Field::Name, empty), (Field::OpensOn, empty), (Field::PostalCode, Problem::NotPostalCode)]);
    let whole =
        RawVenue {
            opens_on: "２０２６年１１月２８日".into(), closes_on: "20261129".into(), postal_code: "〒123-4567".into(), ..event
        };
    let venue = NewVenue::parse_form(&whole).ok().unwrap();
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    assert_eq!((venue.more.days, venue.more.postal_code.as_deref()), (Some((day(28), day(29))), Some("1234567")));
}

#[test]
fn only_events_have_days_both_of_them_and_in_order() {
    let with = |kind: &str, opens: &str, closes: &str| {
        let raw = RawVenue { kind: kind.into(), opens_on: opens.into(), closes_on: closes.into(), ..raw() };
        problems(&raw).into_iter().map(|(field, _, problem)| (field, problem)).collect::<Vec<_>>()
    };
    let (first, last) = ("2026-11-28", "2026-11-29");
    assert!(with("event", first, last).is_empty() && with("event", first, first).is_empty() && with("event", "", "").is_empty());
    assert_eq!(with("event", last, first), [(Field::ClosesOn, Problem::EndsBeforeBegin)]);
    assert_eq!(with("event", first, ""), [(Field::ClosesOn, Problem::Text(TextError::Empty))]);
    assert_eq!(with("shop", first, last), [(Field::OpensOn, Problem::OnlyForEvents)]);
    assert_eq!(with("event", "11/28", last), [(Field::OpensOn, Problem::NotDate)]);
}

#[test]
fn all_else_has_a_default_and_its_bounds() {
    let venue = NewVenue::parse(&raw()).ok().unwrap();
    assert!(venue.more.monthly_mail && !venue.more.may_be_named && !venue.more.listed);
    assert_eq!((venue.more.phone, venue.more.message, venue.more.guests_per_day), (None, None, None));
    for (guests, good) in [(1, true), (100_000, true), (0, false), (100_001, false)] {
        assert_eq!(NewVenue::parse(&RawVenue { guests_per_day: Some(guests), ..raw() }).is_ok(), good, "{guests}");
    }
    let linked = problems(&RawVenue { message: "example.jp へ".into(), phone: "119".into(), ..raw() });
    assert_eq!(linked, [(Field::Phone, None, Problem::NotPhone), (Field::Message, None, Problem::NotPlain(NotPlain::Link))]);
}

#[test]
fn unknown_fields_are_refused_in_json() {
    assert!(serde_json::from_str::<RawVenue>(r#"{"name":"a"}"#).is_ok());
    assert!(serde_json::from_str::<RawVenue>(r#"{"name":"a","status":"active"}"#).is_err());
}
