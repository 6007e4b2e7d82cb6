//! Whether two entries speak of the same place: names and addresses in one form, more than the search
//! needs. Lists are written by different hands, so a company's form, a prefecture before the city,
//! 丁目, 番地 and 号 for hyphens, and numbers in kanji before them make no difference.
//!
//! Pure functions; a change of their rules needs a new [`super::search_key::VERSION`].
use super::search_key::search_key;
use unicode_normalization::UnicodeNormalization;

/// Company forms, which one list writes and another leaves out.
const FORMS: [&str; 14] = [
    "株式会社",
    "有限会社",
    "合同会社",
    "合資会社",
    "合名会社",
    "医療法人",
    "社会福祉法人",
    "(株)",
    "(有)",
    "(同)",
    "(資)",
    "(名)",
    "(医)",
    "(福)",
];
/// The prefectures; a city's own list often leaves its own out.
const PREFECTURES: [&str; 47] = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
];
/// Between the numbers of an address, the longer first.
const BETWEEN: [&str; 8] = ["丁目", "番地の", "番地", "番", "号", "の", "之", "-"];
/// Characters before a 号 that counts rooms or buildings.
const COUNTED: [char; 5] = ['館', '室', '棟', '店', '線'];

/// A name without its company form; a name that is nothing else keeps it.
pub(super) fn name(text: &str) -> String {
    let mut bare: String = text.nfkc().collect();
    for form in FORMS {
        bare = bare.replace(form, "");
    }
    let bare = search_key(&bare);
    if bare.is_empty() { search_key(text) } else { bare }
}

/// An address with its numbers as `1-2-3`, from the city on.
pub(super) fn address(text: &str) -> String {
    let key = search_key(&separated(text)).replace("大字", "");
    let from_city = PREFECTURES.iter().find_map(|prefecture| key.strip_prefix(prefecture)).unwrap_or(&key);
    numbered(&from_city.chars().collect::<Vec<_>>())
}

/// The text with a hyphen where only white space or a mark stands between two numbers: `2 101` is not `2101`.
fn separated(text: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for c in text.nfkc() {
        if c.is_whitespace() || matches!(c, ',' | '、' | '・' | '.') {
            gap = true;
            continue;
        }
        if gap && c.is_ascii_digit() && out.ends_with(|last: char| last.is_ascii_digit()) {
            out.push('-');
        }
        gap = false;
        out.push(c);
    }
    out
}

fn numbered(text: &[char]) -> String {
    let mut out = String::new();
    let mut at = 0;
    while let Some(c) = text.get(at) {
        if let Some((number, next)) = kanji_number(text, at, &out) {
            out.push_str(&number.to_string());
            at = next;
        } else if let Some(next) = between(text, at).filter(|_| out.ends_with(|last: char| last.is_ascii_digit())) {
            if text.get(next).is_some_and(char::is_ascii_digit) || kanji_number(text, next, "-").is_some() {
                out.push('-');
            }
            at = next;
        } else if *c == '階' && out.ends_with(|last: char| last.is_ascii_digit()) {
            out.push('f');
            at += 1;
        } else {
            out.push(*c);
            at += 1;
        }
    }
    out
}

/// Where what stands between two numbers ends, if it begins here.
fn between(text: &[char], at: usize) -> Option<usize> {
    let sign = BETWEEN.iter().find(|sign| starts_with(text, at, sign))?;
    let next = at + sign.chars().count();
    let after = text.get(next);
    let is_digit = after.is_some_and(char::is_ascii_digit);
    let ends = match *sign {
        "番" => after.is_none() || is_digit || kanji_number(text, next, "-").is_some(),
        "号" => !after.is_some_and(|c| COUNTED.contains(c)),
        "の" | "之" => is_digit,
        "-" => is_digit || after.is_none(),
        _ => true,
    };
    ends.then_some(next)
}

fn starts_with(text: &[char], at: usize, word: &str) -> bool {
    word.chars().enumerate().all(|(place, c)| text.get(at + place) == Some(&c))
}

/// A number up to 99 in kanji, where 丁目 follows it, or 番 or 号 after other numbers: 三番町 is a name.
fn kanji_number(text: &[char], at: usize, before: &str) -> Option<(u32, usize)> {
    const DIGITS: [char; 9] = ['一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let digit = |c: &char| (1..).zip(DIGITS).find(|(_, kanji)| kanji == c).map(|(digit, _)| digit);
    let rest = text.get(at..)?;
    let run = rest.iter().take_while(|c| **c == '十' || digit(c).is_some()).count();
    let number = match rest.get(..run)? {
        [one] => digit(one).unwrap_or(10),
        ['十', one] => 10 + digit(one)?,
        [ten, '十'] => digit(ten)? * 10,
        [ten, '十', one] => digit(ten)? * 10 + digit(one)?,
        _ => return None,
    };
    let next = at + run;
    let counted =
        starts_with(text, next, "丁目") || (before.ends_with('-') && ["番地", "番", "号"].iter().any(|sign| starts_with(text, next, sign)));
    counted.then_some((number, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_form() {
        for (same, form) in [
            (
                &[
                    "あおば市中央1-2-3",
                    "あおば市中央１丁目２番３号",
                    "あおば市中央一丁目2番地3",
                    "あおば市中央一丁目二番三号",
                    "あおば市中央1丁目2-3",
                    "あおば市 中央 １ー２ー３",
                    "千葉県あおば市中央1‐2‐3",
                    "あおば市中央1−2の3",
                    "あおば市中央1-2番地の3",
                    "あおば市中央1 2 3",
                ][..],
                "あおば市中央1-2-3",
            ),
            (&["あおば市三番町4", "あおば市三番町４番地", "あおば市三番町4番"], "あおば市三番町4"),
            (&["あおば市大字青葉12番地", "あおば市青葉12"], "あおば市青葉12"),
            (&["あおば市中央1-2 あおばビル3階", "あおば市中央1丁目2番地あおばビル3F"], "あおば市中央1-2あおばびる3f"),
            (&["あおば市中央1-2 301", "あおば市中央1-2-301"], "あおば市中央1-2-301"),
            (&["あおば市中央十二丁目3", "あおば市中央12-3"], "あおば市中央12-3"),
            (&["あおば市1番館2号室"], "あおば市1番館2号室"),
            (&["十条", "十条"], "十条"),
            (&["", "　"], ""),
        ] {
            for text in same {
                assert_eq!(address(text), form, "{text}");
            }
        }
    }

    #[test]
    fn other_addresses_stay_apart() {
        for (one, other) in [
            ("あおば市中央1-2-3", "あおば市中央1-23"),
            ("あおば市中央1-2 3", "あおば市中央1-23"),
            ("あおば市中央1丁目", "あおば市中央2丁目"),
            ("あおば市一番町2", "あおば市二番町2"),
            ("あおば市中央1-2 3階", "あおば市中央1-2 4階"),
            ("あおば市中央1", "みどり市中央1"),
        ] {
            assert_ne!(address(one), address(other), "{one}");
        }
    }

    #[test]
    fn a_company_form_makes_no_other_name() {
        for same in ["株式会社あおば 中央店", "㈱あおば中央店", "あおば（株）　中央店", "(株) アオバ・中央店", "㍿あおば中央店"]
        {
            assert_eq!(name(same), name("あおば中央店"), "{same}");
        }
        assert_eq!(name("㈲みどり"), "みどり");
        assert_eq!(name("株式会社"), "株式会社", "nothing else is left");
        assert_ne!(name("あおば中央店"), name("あおば本店"));
        assert_ne!(name("株"), name("有"));
    }

    #[test]
    fn a_hostile_text_ends() {
        for text in ["1番".repeat(5_000), "十".repeat(5_000), "1-".repeat(5_000), "\u{FDFA}1 ".repeat(500)] {
            assert!(address(&text).chars().count() <= 1_000);
            assert!(name(&text).chars().count() <= 1_000);
        }
    }
}
