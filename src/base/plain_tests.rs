use super::*;

const HOTLINE: &str = "0120-000-000";

fn judged(text: &str) -> Result<(), NotPlain> {
    check(text, HOTLINE)
}

#[test]
fn what_a_health_centre_writes_passes() {
    for good in [
        "",
        "11月20日（金）の18時から21時に2階を利用された方は、体調にとくに気をつけてください。",
        "18:00〜20:00 にホールにいた方へ。11/20（金）と11/21（土）です。",
        "期間は 11/20-11/22 です。2026/11/22 の分を含みます。2026-11-22 も同じです。",
        "検査は、保健所の窓口で無料で受けられます。PCR検査です。結果は2〜3日で分かります。",
        "くわしくは 0120-000-000 へ。０１２０－０００－０００でもかまいません。",
        "入場者は1,200人、うち3.5%です。7.5度以上の熱が目安です。",
        "People who were in the hall from 6 p.m. to 9 p.m. should get tested. Tests are free, e.g. at the health centre. It takes approx. 2 days.",
        "If you cough, stay at home. Call 0120-000-000.",
        "息苦しいときは119番へ。\nわからないときは窓口へ。",
        "期間は 2026.11.20〜2026.11.22 です。",
        "約二十五人の方です。一人ひとりにお送りしています。",
        "a. b. c.",
        "Version 1.2.3 の手引き",
    ] {
        assert_eq!(judged(good), Ok(()), "{good}");
    }
}

#[test]
fn whatever_leads_away_is_refused() {
    for (bad, why) in [
        ("https://example.jp/", NotPlain::Link),
        ("ｈｔｔｐｓ：／／ｅｘａｍｐｌｅ", NotPlain::Link),
        ("h t t p s : / / example", NotPlain::Link),
        ("//example", NotPlain::Link),
        ("city.example.jp をご覧ください", NotPlain::Link),
        ("ＣＩＴＹ．ＪＰ", NotPlain::Link),
        ("city。jp", NotPlain::Link),
        ("city｡example", NotPlain::Link),
        ("例え。jp へ", NotPlain::Link),
        ("例え.テスト", NotPlain::Link),
        ("例え.jp", NotPlain::Link),
        ("city .jp", NotPlain::Link),
        ("bit.ly/x", NotPlain::Link),
        ("t.me", NotPlain::Link),
        ("See www.city", NotPlain::Link),
        ("city[.]jp", NotPlain::Link),
        ("city (dot) jp", NotPlain::Link),
        ("あおばドットコム", NotPlain::Link),
        ("192.0.2.1 へ", NotPlain::Link),
        ("\\\\host\\share", NotPlain::Link),
        ("tel:119", NotPlain::Link),
        ("xn--eckwd4c7c.xn--zckzah", NotPlain::Link),
        ("taro@example.jp", NotPlain::Mail),
        ("taro＠example", NotPlain::Mail),
        ("taro ﹫ example", NotPlain::Mail),
        ("taro (at) example", NotPlain::Mail),
        ("taroアットマークexample", NotPlain::Mail),
        ("@city_official", NotPlain::Mail),
        ("043-238-1111 へ", NotPlain::Phone),
        ("０４３（２３８）１１１１", NotPlain::Phone),
        ("043 238 1111", NotPlain::Phone),
        ("043.238.1111", NotPlain::Phone),
        ("043ー238ー1111", NotPlain::Phone),
        ("043−238−1111", NotPlain::Phone),
        ("043/238/1111", NotPlain::Phone),
        ("2381111", NotPlain::Phone),
        ("238-1111", NotPlain::Phone),
        ("238\n1111", NotPlain::Phone),
        ("+81 43 238 1111", NotPlain::Phone),
        ("〇九〇一二三四五六七八", NotPlain::Phone),
        ("〇九〇-1234-5678", NotPlain::Phone),
        ("٠٩٠١٢٣٤٥٦٧٨", NotPlain::Phone),
        ("⓪⑨⓪①②③④⑤", NotPlain::Phone),
        ("0120-000-001", NotPlain::Phone),
        ("0120-000-000 1", NotPlain::Phone),
        ("#7119", NotPlain::Phone),
        ("＃8000", NotPlain::Phone),
        ("a\u{202E}b", NotPlain::Characters),
        ("a\u{200B}b", NotPlain::Characters),
        ("exa\u{AD}mple", NotPlain::Characters),
        ("a\u{200D}b", NotPlain::Characters),
        ("a\tb", NotPlain::Characters),
        ("a\0b", NotPlain::Characters),
        ("{venue}", NotPlain::Characters),
        ("\u{E000}", NotPlain::Characters),
    ] {
        assert_eq!(judged(bad), Err(why), "{bad:?}");
    }
}

#[test]
fn a_paragraph_stays_one_and_holds_its_limit() {
    assert_eq!(note(" \r\n\u{3000}\n", HOTLINE), Ok(None));
    assert_eq!(note("  一行目 \r\n\r\n 二行目\n", HOTLINE), Ok(Some("一行目\n二行目".to_owned())));
    assert_eq!(note(&"あ".repeat(MAX_NOTE_CHARS), HOTLINE).map(|note| note.unwrap().chars().count()), Ok(MAX_NOTE_CHARS));
    assert_eq!(note(&"あ".repeat(MAX_NOTE_CHARS + 1), HOTLINE), Err(NotPlain::TooLong));
    assert_eq!(note(&"あ".repeat(100_000), HOTLINE), Err(NotPlain::TooLong));
    assert_eq!(note("か\u{3099}", HOTLINE), Ok(Some("が".to_owned())));
}

#[test]
fn what_passed_passes_again() {
    for text in ["18時から\n21時まで", "0120-000-000", "Call us. Now."] {
        let once = note(text, HOTLINE).unwrap().unwrap();
        assert_eq!(note(&once, HOTLINE), Ok(Some(once)));
    }
}

#[test]
fn a_shops_own_line_leads_nowhere_and_may_give_its_telephone() {
    assert_eq!(
        line("　ラストオーダーは21時です。ご予約は 0123-45-6789 へ。 ", 80).unwrap().unwrap(),
        "ラストオーダーは21時です。ご予約は 0123-45-6789 へ。"
    );
    assert_eq!(line(" ", 80), Ok(None));
    assert!(line(&"あ".repeat(80), 80).is_ok());
    assert_eq!(line(&"あ".repeat(81), 80), Err(NotPlain::TooLong));
    for (bad, why) in [
        ("https://example.jp", NotPlain::Link),
        ("ｅｘａｍｐｌｅ．ｊｐへ", NotPlain::Link),
        ("shop@example", NotPlain::Mail),
        ("一行目\n二行目", NotPlain::Characters),
        ("{{7*7}}", NotPlain::Characters),
        ("a\u{202E}b", NotPlain::Characters),
        ("a\u{3164}b", NotPlain::Characters),
    ] {
        assert_eq!(line(bad, 80), Err(why), "{bad:?}");
    }
}
