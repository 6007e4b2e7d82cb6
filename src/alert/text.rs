//! The words of an alert's notices, in every language.
use super::AlertNumber;
use super::wording::{Advice, Wording};
use crate::base::config::Service;
use crate::base::locale::Locale;
use crate::base::plain;
use crate::venue::VenueId;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Stands for the venue's name in the words of a named notice. No paragraph may hold it: [`plain`] refuses braces.
const VENUE_MARK: &str = "{venue}";
/// Between two paragraphs.
const GAP: &str = "\n\n";
/// Stands for the business date.
const DATE_MARK: &str = "{date}";

/// Subject and body of a notice in one language.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NoticeText {
    /// One line.
    pub subject: String,
    /// Paragraphs, with empty lines between.
    pub body: String,
}

/// The text of an alert in every language. `ja` and `en` name neither venue nor date; they are for everybody, and for `/alerts/check`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Texts {
    /// Japanese.
    pub ja: NoticeText,
    /// English.
    pub en: NoticeText,
    /// For those who were at a venue that agreed to be named, if the alert asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<Named>,
    /// The sentence more for those who once got a notice that was withdrawn. Texts stored before there was one have none, and a
    /// correction has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Holds>,
}

/// One sentence, in every language: an earlier notice was withdrawn, this one holds. It stands behind the first paragraph.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Holds {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Holds {
    fn render(number: &AlertNumber) -> Self {
        let sentence = |locale: Locale| locale.words().alert_notice_holds(number.to_string());
        Self { ja: sentence(Locale::Ja), en: sentence(Locale::En) }
    }

    /// The sentence in one language.
    #[must_use]
    pub fn of(&self, locale: Locale) -> &str {
        match locale {
            Locale::Ja => &self.ja,
            Locale::En => &self.en,
        }
    }

    /// The mail with the sentence in its place.
    fn put_into(&self, locale: Locale, text: &mut NoticeText) {
        let at = text.body.find(GAP).unwrap_or(text.body.len());
        text.body.insert_str(at, &format!("{GAP}{}", self.of(locale)));
    }
}

/// The text with two gaps, `{venue}` and `{date}`, and the names that may fill the first.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Named {
    /// Japanese.
    pub ja: NoticeText,
    /// English.
    pub en: NoticeText,
    /// Names of the venues that agreed.
    pub venues: BTreeMap<VenueId, String>,
}

impl Texts {
    /// The exact words of the alert `number`. `names` are the names of those of its venues that agreed to be named; a name that
    /// reads as a link, an address or a telephone number stays out, whoever agreed.
    #[must_use]
    pub fn render(service: &Service, number: &AlertNumber, wording: &Wording, names: &BTreeMap<VenueId, String>) -> Self {
        let text = |locale, gaps| render_in(locale, service, number, wording, gaps);
        let plain = |name: &String| plain::check(name, &service.hotline).is_ok() && !name.contains('\n');
        let venues: BTreeMap<VenueId, String> = if wording.name_venues {
            names.iter().filter(|(_, name)| plain(name)).map(|(id, name)| (*id, name.clone())).collect()
        } else {
            BTreeMap::new()
        };
        let named = (!venues.is_empty()).then(|| Named { ja: text(Locale::Ja, true), en: text(Locale::En, true), venues });
        Self { ja: text(Locale::Ja, false), en: text(Locale::En, false), named, holds: Some(Holds::render(number)) }
    }

    /// The words in one language that name neither venue nor date.
    #[must_use]
    pub fn of(&self, locale: Locale) -> &NoticeText {
        match locale {
            Locale::Ja => &self.ja,
            Locale::En => &self.en,
        }
    }

    /// The words for somebody who was at `venue` on `date`: with their names where the venue agreed, without otherwise; and
    /// with the sentence that this one holds for who was `told_before` by a notice that was withdrawn.
    #[must_use]
    pub fn for_visit(&self, locale: Locale, venue: VenueId, date: NaiveDate, told_before: bool) -> NoticeText {
        let mut text = self.for_place(locale, venue, date);
        if let Some(holds) = self.holds.as_ref().filter(|_| told_before) {
            holds.put_into(locale, &mut text);
        }
        text
    }

    fn for_place(&self, locale: Locale, venue: VenueId, date: NaiveDate) -> NoticeText {
        let Some((named, name)) = self.named.as_ref().and_then(|named| Some((named, named.venues.get(&venue)?))) else {
            return self.of(locale).clone();
        };
        let text = match locale {
            Locale::Ja => &named.ja,
            Locale::En => &named.en,
        };
        // The name last: whatever it holds is not looked through again.
        let body = text.body.replacen(DATE_MARK, &locale.long_date(date), 1).replacen(VENUE_MARK, name, 1);
        NoticeText { subject: text.subject.clone(), body }
    }
}

fn render_in(locale: Locale, service: &Service, number: &AlertNumber, wording: &Wording, gaps: bool) -> NoticeText {
    let (words, city, number) = (locale.words(), service.city.as_str(), number.to_string());
    let (until, hotline, hours) = (locale.date(wording.until), service.hotline.as_str(), service.hotline_hours.as_str());
    let advice = match wording.advice {
        Advice::Watch => words.alert_notice_watch(until, hotline, hours),
        Advice::Test => words.alert_notice_test(hotline, hours, until),
        Advice::StayHome => words.alert_notice_stay_home(until, hotline, hours),
    };
    let place = if gaps { words.alert_notice_named(VENUE_MARK, DATE_MARK) } else { words.alert_notice_unnamed() };
    let paragraphs = [
        Some(words.alert_notice_lead()),
        Some(advice),
        wording.note(locale).map(ToOwned::to_owned),
        Some(place),
        Some(words.alert_notice_genuine(city, number.as_str())),
    ];
    NoticeText {
        subject: words.alert_notice_subject(city, number.as_str()),
        body: paragraphs.into_iter().flatten().collect::<Vec<_>>().join(GAP),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> Service {
        Service::sample()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rendered(wording: &Wording, names: &BTreeMap<VenueId, String>) -> Texts {
        Texts::render(&service(), &AlertNumber::from_stored("AB3K9QXZ".into()), wording, names)
    }

    fn texts() -> Texts {
        rendered(&Wording::suggested(day("2026-12-06")), &BTreeMap::new())
    }

    fn id(number: u128) -> VenueId {
        VenueId(uuid::Uuid::from_u128(number))
    }

    /// docs/DESIGN.md §3 "Mail", word for word.
    #[test]
    fn the_japanese_notice_is_the_one_that_was_decided() {
        let text = texts().ja;
        assert_eq!(text.subject, "【あおば市】利用された施設についてのお知らせ（番号 AB3K-9QXZ）");
        let paragraphs: Vec<_> = text.body.split("\n\n").collect();
        assert_eq!(
            paragraphs,
            [
                "利用登録をされた施設を、同じ日に、のちに感染が分かった方が利用していました。あなたの感染が分かったという意味ではありません。",
                "2026年12月6日まで体調に注意してください。熱・せき・だるさなどがあるときは外出を控え、0120-000-000（毎日 9:00〜21:00）へ電話してください。息苦しいときは119番へ。",
                "施設名と日付は、感染した方を守るためお答えできません。このメールにリンクはありません。市から電話やSMSで個人情報やお金をお願いすることはありません。",
                "本物かどうかは、あおば市のホームページの「お知らせの確認」に番号 AB3K-9QXZ を入れて確かめられます。",
            ]
        );
    }

    #[test]
    fn every_language_says_the_same_things_and_holds_no_link() {
        for (locale, advice) in Locale::ALL.into_iter().flat_map(|locale| Advice::ALL.map(|advice| (locale, advice))) {
            let all = rendered(&Wording { advice, ..Wording::suggested(day("2026-12-06")) }, &BTreeMap::new());
            let text = all.of(locale);
            assert_eq!(text.subject.lines().count(), 1);
            assert_eq!(text.body.split("\n\n").count(), 4, "{locale:?}");
            for fact in ["あおば市", "AB3K-9QXZ", "0120-000-000", "毎日 9:00〜21:00", "119", &locale.date(day("2026-12-06"))] {
                assert!(text.body.contains(fact), "{locale:?} lacks {fact}");
            }
            let lower = text.body.to_lowercase();
            assert!(["http", "://", "www", ".jp", "trace.example"].iter().all(|link| !lower.contains(link)), "{locale:?}");
        }
    }

    #[test]
    fn each_advice_has_its_own_words_and_the_city_s_paragraph_stands_by_itself() {
        let of = |advice| {
            rendered(&Wording { advice, note_ja: Some("2階の方へ。".into()), ..Wording::suggested(day("2026-12-06")) }, &BTreeMap::new())
        };
        for (advice, ja, en) in [
            (Advice::Test, "検査を受けてください。", "Please get tested."),
            (Advice::StayHome, "外出を控えてください。", "Please stay at home"),
        ] {
            let text = of(advice);
            let paragraphs: Vec<_> = text.ja.body.split("\n\n").collect();
            assert!(paragraphs[1].contains(ja) && text.en.body.contains(en), "{advice}");
            assert_eq!((paragraphs.len(), paragraphs[2]), (5, "2階の方へ。"));
            assert_eq!(text.en.body.split("\n\n").count(), 4, "each language has its own paragraph");
        }
    }

    #[test]
    fn a_venue_is_named_only_where_the_alert_asks_and_the_venue_agreed() {
        let (agreed, other) = (id(1), id(2));
        let names = BTreeMap::from([(agreed, "喫茶 ひだまり".to_owned())]);
        let silent = rendered(&Wording::suggested(day("2026-12-06")), &names);
        assert_eq!((&silent.named, silent.for_visit(Locale::Ja, agreed, day("2026-11-22"), false)), (&None, silent.ja.clone()));
        let asks = Wording { name_venues: true, ..Wording::suggested(day("2026-12-06")) };
        let texts = rendered(&asks, &names);
        for (locale, date) in [(Locale::Ja, "2026年11月22日（日）"), (Locale::En, "Sunday 22 November 2026")] {
            let told = texts.for_visit(locale, agreed, day("2026-11-22"), false);
            assert!(told.body.contains("喫茶 ひだまり") && told.body.contains(date) && !told.body.contains('{'), "{}", told.body);
            assert_eq!(told.subject, texts.of(locale).subject);
            assert_eq!(&texts.for_visit(locale, other, day("2026-11-22"), false), texts.of(locale));
            assert!(!texts.of(locale).body.contains("ひだまり"));
        }
        assert_eq!(rendered(&asks, &BTreeMap::new()).named, None);
    }

    #[test]
    fn who_got_a_withdrawn_notice_reads_one_sentence_more_and_nothing_else_differs() {
        let agreed = id(1);
        let asks = Wording { name_venues: true, ..Wording::suggested(day("2026-12-06")) };
        let texts = rendered(&asks, &BTreeMap::from([(agreed, "喫茶 ひだまり".to_owned())]));
        for (locale, venue) in [(Locale::Ja, agreed), (Locale::En, agreed), (Locale::Ja, id(2)), (Locale::En, id(2))] {
            let of = |told_before| texts.for_visit(locale, venue, day("2026-11-22"), told_before);
            let (plain, again) = (of(false), of(true));
            let sentence = texts.holds.as_ref().unwrap().of(locale);
            assert!(sentence.contains("AB3K-9QXZ") && !plain.body.contains(sentence));
            assert_eq!(again.subject, plain.subject);
            let mut paragraphs: Vec<_> = again.body.split("\n\n").collect();
            assert_eq!(paragraphs.remove(1), sentence, "it stands behind the first paragraph");
            assert_eq!(paragraphs.join("\n\n"), plain.body);
        }
    }

    #[test]
    fn a_name_that_leads_away_is_not_told() {
        let asks = Wording { name_venues: true, ..Wording::suggested(day("2026-12-06")) };
        for name in ["https://evil.example", "電話 043-238-1111", "a@b", "喫茶\n\n市からのお知らせ", "{date}"] {
            assert_eq!(rendered(&asks, &BTreeMap::from([(id(1), name.to_owned())])).named, None, "{name}");
        }
    }
}
