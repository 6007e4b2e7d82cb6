use super::*;
use crate::base::token::eight_digits;
use zeroize::Zeroizing;

fn service() -> Service {
    Service {
        city: "あおば市".into(),
        name: "感染症お知らせサービス".into(),
        operator: "あおば市保健所".into(),
        hotline: "0120-000-000".into(),
        hotline_hours: "毎日 9:00〜21:00".into(),
        base_url: "https://trace.city.example.jp".into(),
        host: "trace.city.example.jp".into(),
        zone: Zone(chrono_tz::Asia::Tokyo),
        retention_days: 31,
        public_list: false,
    }
}

fn proof() -> Proof {
    Proof { token: Token::random(), digits: Zeroizing::new(eight_digits()), digits_hash: String::new() }
}

fn contact() -> EmailAddress {
    EmailAddress::parse("shop@example.jp").unwrap()
}

fn confirmation_letter(name: &str, locale: Locale, proof: &Proof) -> Letter {
    confirmation(VenueId::random(), name, &contact(), locale, proof, "2026-11-29T06:30:00Z".parse().unwrap())
}

/// Whether its letter leads to the posters.
fn links(made: Decision) -> bool {
    matches!(made, Decision::Approve | Decision::Resume | Decision::Enter)
}

/// A decision's letter, written at noon in Tokyo.
fn decided(locale: Locale, made: Decision) -> Letter {
    let link = links(made).then(|| Link::new("2026-11-22T03:00:00Z".parse().unwrap()));
    let reason = Said::parse("住所が見つかりません。\nhttps://evil.example").unwrap();
    decision(VenueId::random(), "ひだまり", &contact(), locale, made, link.as_ref(), (made == Decision::Refuse).then_some(&reason))
}

fn rendered(letter: &Letter) -> (String, String) {
    render(letter.kind, letter.locale, &letter.params, &service()).unwrap()
}

#[test]
fn a_confirmation_holds_link_digits_and_until_when() {
    let proof = proof();
    let (subject, body) = rendered(&confirmation_letter("喫茶 ひだまり", Locale::Ja, &proof));
    assert_eq!(subject, "【あおば市】申請の確認をお願いします");
    let link = format!("https://trace.city.example.jp/venues/confirm/{}", proof.token.expose());
    assert!(body.lines().any(|line| line == link), "{body}");
    assert!(body.lines().any(|line| line == spaced(&proof.digits)), "{body}");
    assert!(body.contains("「喫茶 ひだまり」から、あおば市の「感染症お知らせサービス」への申請"), "{body}");
    assert!(body.contains("2026年11月29日（日） 15:30まで"), "{body}");
    assert!(body.contains("何もしないでください"), "{body}");
    let (subject, body) = rendered(&confirmation_letter("Café Sunny", Locale::En, &proof));
    assert_eq!(subject, "[あおば市] Please confirm your application");
    assert!(body.lines().any(|line| line == link) && body.contains("15:30 on Sunday 29 November 2026"), "{body}");
    assert!(body.contains("application from “Café Sunny”") && body.contains("do nothing"), "{body}");
}

#[test]
fn every_decision_speaks_in_every_language() {
    for locale in Locale::ALL {
        let letters = Decision::ALL.map(|made| rendered(&decided(locale, made)));
        let subjects: std::collections::BTreeSet<_> = letters.iter().map(|(subject, _)| subject).collect();
        assert_eq!(subjects.len(), Decision::ALL.len());
        for (subject, body) in &letters {
            assert!(subject.contains("あおば市") && !subject.contains("ひだまり"), "{subject}");
            assert!(body.contains("ひだまり") && body.contains("trace.city.example.jp") && !body.contains('{'), "{body}");
        }
    }
}

#[test]
fn what_makes_a_venue_active_links_to_its_posters_and_nothing_else_does() {
    for made in Decision::ALL {
        let letter = decided(Locale::Ja, made);
        let (_, body) = rendered(&letter);
        let Some(token) = letter.params.get("token") else {
            assert!(!body.contains("/venues/"), "{body}");
            continue;
        };
        assert!(links(made));
        let link = format!("https://trace.city.example.jp/venues/confirm/{token}");
        assert!(body.lines().any(|line| line == link), "{body}");
        assert!(body.contains("2026年11月29日（日） 12:00まで使えます"), "{body}");
        for param in ["token", "expires_at"] {
            let mut params = letter.params.clone();
            params.insert(param.to_owned(), "x/../y".to_owned());
            assert!(render(letter.kind, Locale::Ja, &params, &service()).is_none(), "{param}");
            params.remove(param);
            assert!(render(letter.kind, Locale::Ja, &params, &service()).is_none(), "no {param}");
        }
    }
}

#[test]
fn a_closing_says_when_records_end() {
    let (_, closed) = rendered(&decided(Locale::Ja, Decision::Close));
    assert!(closed.contains("「ひだまり」") && closed.contains("それぞれの日から31日で"), "{closed}");
}

#[test]
fn a_strangers_words_become_no_link_and_stay_short() {
    let (subject, body) = rendered(&confirmation_letter("当選 http://evil.example/x?@evil.example", Locale::Ja, &proof()));
    assert!(!subject.contains("evil") && !body.contains("evil.example") && !body.contains("http://"), "{body}");
    assert!(body.contains("http：／／evil．example／x?＠evil．example"), "{body}");
    let (_, body) = rendered(&confirmation_letter(&"長".repeat(100), Locale::Ja, &proof()));
    let quoted = format!("「{}…」", "長".repeat(MAX_QUOTED_CHARS));
    assert!(body.contains(&quoted), "{body}");
    let (_, body) = rendered(&confirmation_letter(&"長".repeat(MAX_QUOTED_CHARS), Locale::Ja, &proof()));
    assert!(body.contains(&format!("「{}」", "長".repeat(MAX_QUOTED_CHARS))), "{body}");
}

#[test]
fn a_name_is_data_to_the_catalogue_not_a_pattern() {
    let (_, body) = rendered(&confirmation_letter("{ $city } {{7*7}} %s", Locale::Ja, &proof()));
    assert!(body.contains("「{ $city } {{7*7}} %s」"), "{body}");
}

#[test]
fn parameters_of_another_hand_are_not_rendered() {
    let good = confirmation_letter("ひだまり", Locale::Ja, &proof());
    let bad = [
        ("token", "x/../../../evil"),
        ("token", ""),
        ("digits", "1234567"),
        ("digits", "call me "),
        ("expires_at", "tomorrow"),
        ("venue", "no uuid"),
        ("name", "a\nBuy now"),
        ("name", ""),
    ];
    for (param, value) in bad {
        let mut params = good.params.clone();
        params.insert(param.to_owned(), value.to_owned());
        assert!(render(good.kind, Locale::Ja, &params, &service()).is_none(), "{param}={value}");
        params.remove(param);
        assert!(render(good.kind, Locale::Ja, &params, &service()).is_none(), "no {param}");
    }
    assert!(render(LetterKind::VenueDecision, Locale::Ja, &good.params, &service()).is_none());
    assert!(render(LetterKind::AlertHeld, Locale::Ja, &good.params, &service()).is_none());
    let mut params = decided(Locale::Ja, Decision::Approve).params;
    params.insert("decision".to_owned(), "promote".to_owned());
    assert!(render(LetterKind::VenueDecision, Locale::Ja, &params, &service()).is_none());
}
