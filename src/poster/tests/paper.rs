//! What stands on the paper: whose words, how large, and that no word does harm.
use super::*;
use std::collections::BTreeMap;

/// Every `<text>` of the drawing: attributes, and text with its five entities resolved.
fn texts(svg: &str) -> Vec<(BTreeMap<String, String>, String)> {
    let unescape = |text: &str| {
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        text.replace("&#39;", "'").replace("&amp;", "&")
    };
    svg.split("<text ")
        .skip(1)
        .map(|rest| {
            let (tag, rest) = rest.split_once('>').unwrap();
            let pairs = tag.split("\" ").map(|pair| pair.split_once("=\"").unwrap());
            let attributes = pairs.map(|(k, v)| (k.to_owned(), v.trim_end_matches('"').to_owned()));
            (attributes.collect(), unescape(rest.split_once("</text>").unwrap().0))
        })
        .collect()
}

const HOSTILE: [&str; 12] = [
    "<svg onload=alert(1)>",
    "</text><script>alert(1)</script>",
    "\"/><image href='https://evil.example/x.png'/>",
    "]]><!--&#0;&xxe;",
    "line one\r\nSubject: two\nthree",
    "nul\0 bell\x07 escape\x1b[31m",
    "\u{202E}moc.elpmaxe\u{202C}\u{2066}isolate\u{2069}",
    "zero\u{200B}width\u{FEFF}\u{FFFE}",
    "Z\u{0300}\u{0301}\u{0302}\u{0303}\u{0304}\u{0305}\u{0306}algo",
    "☕ カフェ 👨‍👩‍👧 \u{FDFD}\u{12031}",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "　",
];

pub(super) fn hostile(text: &str) -> Poster {
    Poster {
        venue_name: text.into(),
        label: text.into(),
        city_name: text.into(),
        service_name: text.into(),
        english_name: text.into(),
        hotline: text.into(),
        hotline_hours: text.into(),
        ..poster()
    }
}

pub(super) fn hostile_texts() -> Vec<String> {
    let long = ["あ", "ー", "W", "\u{0301}", "<", "a b", "👩", "\u{FDFA}"].map(|text| text.repeat(10_000));
    HOSTILE.iter().map(|&text| text.to_owned()).chain(long).collect()
}

#[test]
fn hostile_texts_are_inert() {
    for text in hostile_texts() {
        let svg = svg(&hostile(&text)).unwrap();
        inert(&svg);
        assert!(svg.len() < 20_000, "{} bytes", svg.len());
    }
}

/// Fails if a drawing does anything but show, or is broken up by what stands on it.
pub(super) fn inert(svg: &str) {
    let mut rest = svg;
    while let Some((_, tag)) = rest.split_once('<') {
        let known = ["svg", "/svg", "title", "/title", "path", "circle", "text", "/text", "g", "/g"];
        let end = tag.find([' ', '>']).unwrap();
        assert!(known.contains(&&tag[..end]), "<{}", &tag[..end]);
        rest = tag;
    }
    let outside: String = svg.split('>').map(|part| part.rsplit('<').next().unwrap()).collect();
    for name in ["onload", "href", "style=", "script"] {
        assert!(!outside.contains(name), "{name} in a tag");
    }
    let odd = |c: char| {
        c != '\n'
            && (c.is_control()
                || ('\u{200B}'..='\u{200F}').contains(&c)
                || ('\u{202A}'..='\u{202E}').contains(&c)
                || ('\u{2066}'..='\u{2069}').contains(&c)
                || c == '\u{FFFE}')
    };
    assert!(!svg.contains(odd));
    assert_eq!(svg.matches('\n').count(), 1, "only the last");
}

#[test]
fn no_text_leaves_the_paper_or_its_neighbour() {
    let long = [
        "独立行政法人あおば市総合文化スポーツ振興事業団中央体育館",
        "The International Congress Centre of Aoba City, North Wing, Second Floor",
        "スーパーマーケット・エブリデイ　あおば市中央駅前ショッピングセンター本店　食品売場",
    ];
    for text in hostile_texts().into_iter().chain(long.map(String::from)).chain([poster().venue_name]) {
        for place in [Place::Entrance, Place::Seat, Place::Till, Place::Event, Place::Staff] {
            let poster = Poster { place, edition: u16::MAX, no: i16::MAX, ..hostile(&text) };
            let qr = Rc::new(Qr::encode(&poster.url()).unwrap());
            let mut spans: Vec<(f64, f64, f64, f64)> = Vec::new();
            for mark in layout::a4(&poster, &qr).marks {
                let Mark::Text(line) = mark else {
                    continue;
                };
                let width = text::width_em(&line.text) * line.size + line.tracking * 14.0;
                assert!(width <= line.room + 1e-6, "{} is {width} of {}", line.text, line.room);
                let left = match line.anchor {
                    mark::Anchor::Start => line.x,
                    mark::Anchor::Middle => line.x - width / 2.0,
                    mark::Anchor::End => line.x - width,
                };
                assert!(left >= 14.99 && left + width <= 195.01, "{} leaves the paper", line.text);
                assert!(line.y <= 282.0);
                let (top, bottom) = (line.y - 0.8 * line.size, line.y + 0.1 * line.size);
                let clash = spans.iter().find(|&&(l, t, r, b)| left < r && l < left + width && top < b && t < bottom);
                assert_eq!(clash, None, "{}", line.text);
                spans.push((left, top, left + width, bottom));
            }
        }
    }
}

#[test]
fn names_keep_their_letters() {
    for name in ["喫茶 ひだまり", "髙﨑&Sons’ \"Café\" <3", "葛󠄀城　珈琲・バー", "100% O'Brien"] {
        let svg = svg(&Poster { venue_name: name.into(), ..poster() }).unwrap();
        assert!(texts(&svg).iter().any(|(_, text)| text == name), "{name}");
    }
}

#[test]
fn a_long_name_shrinks_then_wraps_then_is_cut() {
    let lines = |name: &str| -> Vec<(f64, String)> {
        let fitted = text::fit(name, 100.0, 7.4, 2);
        fitted.lines.into_iter().map(|line| (fitted.size, line)).collect()
    };
    assert_eq!(lines(&"あ".repeat(13)), [(7.4, "あ".repeat(13))]);
    let shrunk = lines(&"あ".repeat(15));
    assert!(shrunk.len() == 1 && shrunk[0].0 < 7.4 && shrunk[0].0 >= 7.4 * 0.85);
    let wrapped = lines(&"あ".repeat(30));
    assert_eq!(wrapped.iter().map(|(_, line)| line.chars().count()).sum::<usize>(), 30);
    assert_eq!(wrapped.len(), 2);
    let smaller = lines(&"あ".repeat(40));
    assert!(smaller.len() == 2 && smaller[0].0 < 7.4 * 0.85 && !smaller[1].1.ends_with('…'));
    let cut = lines(&"あ".repeat(60));
    assert_eq!(cut.len(), 2);
    assert!(cut[1].1.ends_with('…'));
    let phrases = lines("スーパーマーケット　あおば駅前ショッピング");
    assert_eq!(phrases[0].1, "スーパーマーケット");
    let small_kana = lines("ああああああああああああああっあああ");
    assert!(!small_kana[1].1.starts_with('っ'));
}

#[test]
fn the_poster_says_what_belongs_on_it_in_this_order() {
    let svg = svg(&poster()).unwrap();
    let order = [
        "あおば市　感染症お知らせサービス",
        "入るときに、",
        "読み取ってください",
        "Please scan when you come in",
        "scale(",
        "読み取れないときは　trace.city.example.jp/c　に",
        "0000-0000-0012",
        ">1<",
        ">2<",
        ">3<",
        "記録は31日で消えます。",
        "Erased after 31 days.",
        ">喫茶 ひだまり<",
        ">入口　1番<",
        "0120-000-000",
        "毎日 9:00〜21:00",
        "上に別のシールが",
        "第1版 2026-11-22　2027-03-31まで有効",
        "valid until 2027-03-31",
    ];
    let places: Vec<usize> = order.iter().map(|&part| svg.find(part).expect(part)).collect();
    assert!(places.is_sorted());
}

#[test]
fn what_a_city_has_not_set_leaves_no_hole() {
    let svg = svg(&Poster { valid_until: None, ..hostile("") }).unwrap();
    assert!(svg.contains("感染症お知らせサービス") && svg.contains(">Exposure Notice Service<"));
    assert!(!svg.contains("体調が心配") && !svg.contains("有効"));
    assert!(svg.contains(">1番<"));
    assert!(texts(&svg).iter().all(|(_, text)| !text.trim().is_empty()));
}

#[test]
fn a_label_tells_the_place() {
    for (label, place) in [
        ("入口", Place::Entrance),
        ("", Place::Entrance),
        ("テーブル 3", Place::Seat),
        ("Table 3", Place::Seat),
        ("カウンター席", Place::Seat),
        ("レジ横", Place::Till),
        ("従業員 休憩室", Place::Staff),
    ] {
        assert_eq!(Place::from_label(label), place, "{label}");
    }
}

#[test]
fn text_is_read_up_to_its_limit() {
    let at = "あ".repeat(text::MAX_CHARS);
    assert_eq!(text::clean(&at), at);
    let over = text::clean(&(at + "い"));
    assert_eq!((over.chars().count(), over.ends_with('…')), (text::MAX_CHARS, true));
}

#[test]
fn an_address_and_the_hotline_are_never_cut() {
    let host = format!("{}.example.jp", "w".repeat(63));
    let base_url = format!("https://{host}/a/longer/path");
    let hotline = "0120-000-000（あおば市 感染症お知らせサービス 相談センター）".to_owned();
    let svg = svg(&Poster { base_url, hotline: hotline.clone(), ..poster() }).unwrap();
    assert_eq!(svg.matches(&format!("{host}/a/longer/path/c")).count(), 2);
    assert!(texts(&svg).iter().any(|(_, text)| *text == hotline));
}

#[test]
fn ordinary_letters_are_as_large_as_the_look_asks() {
    let svg = svg(&poster()).unwrap();
    let size = |wanted: &str| {
        let all = texts(&svg);
        let (attributes, _) = all.iter().find(|(_, text)| text == wanted).unwrap();
        attributes["font-size"].parse::<f64>().unwrap()
    };
    assert_eq!(size("読み取ってください"), 18.0);
    assert_eq!(size("Please scan when you come in"), 7.0);
    assert_eq!(size("喫茶 ひだまり"), 7.4);
    assert_eq!(size("0000-0000-0012"), 8.4);
    let sizes = texts(&svg).into_iter().map(|(attributes, _)| attributes["font-size"].parse::<f64>().unwrap());
    assert!(sizes.fold(f64::MAX, f64::min) >= 3.2, "the smallest in docs/LOOK.md §7");
}
