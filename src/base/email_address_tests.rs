use super::*;
use proptest::prelude::*;

fn parsed(input: &str) -> EmailAddress {
    EmailAddress::parse(input).unwrap()
}

fn error(input: &str) -> AddressError {
    EmailAddress::parse(input).unwrap_err()
}

#[test]
fn one_person_however_typed() {
    let forms = [
        "Taro@EXAMPLE.jp",
        " taro@example.jp ",
        "ｔａｒｏ＠ｅｘａｍｐｌｅ.jp",
        "ｔａｒｏ@ｅｘａｍｐｌｅ．ｊｐ",
        "\u{3000}taro @ example.jp\r\n",
        "taro@example。jp",
        "\"taro\"@example.jp",
    ];
    for form in forms {
        assert_eq!(*parsed(form).normalised(), "taro@example.jp", "typed as {form:?}");
        assert_eq!(parsed(form), parsed("taro@example.jp"));
    }
    assert_ne!(parsed("jiro@example.jp"), parsed("taro@example.jp"));
}

#[test]
fn the_local_part_is_sent_as_typed() {
    assert_eq!(parsed("Taro@EXAMPLE.jp").expose(), "Taro@example.jp");
    assert_eq!(*parsed("Taro@EXAMPLE.jp").envelope_form(), "Taro@example.jp");
}

#[test]
fn old_carrier_addresses_are_accepted_and_quoted() {
    for (typed, quoted) in [
        ("ta..ro@docomo.ne.jp", "\"ta..ro\"@docomo.ne.jp"),
        (".taro@docomo.ne.jp", "\".taro\"@docomo.ne.jp"),
        ("taro.@ezweb.ne.jp", "\"taro.\"@ezweb.ne.jp"),
    ] {
        assert_eq!(*parsed(typed).envelope_form(), quoted);
        assert_eq!(parsed(quoted), parsed(typed), "quotes change nobody");
        assert_eq!(parsed(quoted).expose(), typed);
    }
    assert_eq!(*parsed("ta.ro+x@example.jp").envelope_form(), "ta.ro+x@example.jp");
}

#[test]
fn each_mistake_has_its_own_error() {
    for input in ["", "   ", "\u{3000}", "\r\n"] {
        assert_eq!(error(input), AddressError::Empty);
    }
    for input in ["taro", "taro.example.jp", "\0"] {
        assert_eq!(error(input), AddressError::NoAt);
    }
    for input in ["a@localhost", "a@", "a@example", "a@example.", "a@.", "a@."] {
        assert_eq!(error(input), AddressError::NoDotAfterAt, "{input:?}");
    }
}

#[test]
fn what_cannot_or_must_not_receive_is_refused() {
    for input in [
        "@example.jp",
        "\"\"@example.jp",
        "太郎@example.jp",
        "taro@@example.jp",
        "taro@jiro@example.jp",
        "ta ro@example.jp",
        "ta\tro@example.jp",
        "taro@exa mple.jp",
        "taro@example.jp\r\nBcc: x@example.jp",
        "taro\r\nRCPT TO:<x@example.jp>@example.jp",
        "taro\0@example.jp",
        "taro@example.jp\u{202e}",
        "ta\u{200b}ro@example.jp",
        "<taro@example.jp>",
        "Taro <taro@example.jp>",
        "taro@example.jp>",
        "taro@example.jp,jiro@example.jp",
        "\"ta ro\"@example.jp",
        "\"ta\\\"ro\"@example.jp",
        "\"ta@ro\"@example.jp",
        "\"taro@example.jp",
        "(x)taro@example.jp",
        "taro@[127.0.0.1]",
        "taro@[IPv6:::1]",
        "taro@127.0.0.1",
        "taro@example.123",
        "taro@example.j",
        "taro@.example.jp",
        "taro@example..jp",
        "taro@example.jp.",
        "taro@-example.jp",
        "taro@example-.jp",
        "taro@exa_mple.jp",
        "taro@xn--.jp",
        "taro@mail.localhost",
        "taro@printer.local",
        "taro@example.invalid",
        "taro@example.onion",
    ] {
        let outcome = EmailAddress::parse(input).err();
        assert!(matches!(outcome, Some(AddressError::Refused | AddressError::NoDotAfterAt)), "{input:?} gave {outcome:?}");
    }
}

#[test]
fn international_domains_become_ascii() {
    assert_eq!(parsed("taro@日本語.jp").expose(), "taro@xn--wgv71a119e.jp");
    assert_eq!(parsed("taro@日本語.ＪＰ").domain(), "xn--wgv71a119e.jp");
}

#[test]
fn lengths_hold_at_their_edges() {
    let local = |bytes: usize| format!("{}@example.jp", "a".repeat(bytes));
    assert!(EmailAddress::parse(&local(MAX_LOCAL_BYTES)).is_ok());
    assert_eq!(error(&local(MAX_LOCAL_BYTES + 1)), AddressError::Refused);
    let dotted = |bytes: usize| format!(".{}@example.jp", "a".repeat(bytes - 1));
    assert!(EmailAddress::parse(&dotted(MAX_LOCAL_BYTES - 2)).is_ok());
    assert_eq!(error(&dotted(MAX_LOCAL_BYTES - 1)), AddressError::Refused);

    let whole = |bytes: usize| {
        let labels = format!("{0}.{0}.{0}.", "b".repeat(62));
        let local = "a".repeat(bytes - labels.len() - "@jp".len());
        format!("{local}@{labels}jp")
    };
    assert!(EmailAddress::parse(&whole(MAX_ADDRESS_BYTES)).is_ok());
    assert_eq!(error(&whole(MAX_ADDRESS_BYTES + 1)), AddressError::TooLong);
    let label = |bytes: usize| format!("a@{}.jp", "b".repeat(bytes));
    assert!(EmailAddress::parse(&label(63)).is_ok());
    assert_eq!(error(&label(64)), AddressError::Refused);
    let padded = |bytes: usize| format!("{:<bytes$}", "taro@example.jp");
    assert!(EmailAddress::parse(&padded(MAX_INPUT_BYTES)).is_ok());
    assert_eq!(error(&padded(MAX_INPUT_BYTES + 1)), AddressError::TooLong);
}

#[test]
fn debug_shows_nothing() {
    let address = parsed("taro@example.jp");
    assert_eq!(format!("{address:?}"), "***");
    assert_eq!(format!("{:?}", Some(&address)), "Some(***)");
}

/// Texts that are near to addresses, with the characters that have broken parsers before.
fn near_addresses() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~\" -]{0,20}",
        "[ａ-ｚ．＠。\u{200b}\u{202e}\u{3000}ßİ①ﷺ]{0,6}",
        Just("\r\n".to_owned()),
        ".{0,10}",
    ];
    let domain = prop_oneof!["[a-zA-Z0-9-]{1,12}\\.(jp|co\\.jp|example|ＪＰ)", "(xn--)?[a-z0-9-]{0,9}\\.[日本語a-z]{1,4}", ".{0,12}",];
    (piece, domain).prop_map(|(local, domain)| format!("{local}@{domain}"))
}

proptest! {
    #[test]
    fn any_text_is_answered_without_panic(input in ".{0,300}") {
        let _ = EmailAddress::parse(&input);
    }

    #[test]
    fn what_parses_is_stable_and_safe_to_send(input in near_addresses()) {
        let Ok(address) = EmailAddress::parse(&input) else { return Ok(()) };
        let again = EmailAddress::parse(address.expose()).unwrap();
        prop_assert_eq!(again.expose(), address.expose());
        let wire = address.envelope_form();
        let unquoted = EmailAddress::parse(&wire).unwrap();
        prop_assert_eq!(unquoted.expose(), address.expose());
        prop_assert!(wire.parse::<lettre::Address>().is_ok(), "lettre refuses it");
        prop_assert!(wire.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>'));
        prop_assert!(wire.len() <= MAX_ADDRESS_BYTES);
        let person = EmailAddress::parse(&address.normalised()).unwrap();
        prop_assert_eq!(person.normalised(), address.normalised());
    }
}
