//! The words of an alert's notices, in every language.
use super::AlertNumber;
use crate::base::config::Service;
use crate::base::locale::Locale;
use chrono::NaiveDate;

/// Subject and body of a notice in one language.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NoticeText {
    /// One line.
    pub subject: String,
    /// Paragraphs, one a line, with empty lines between.
    pub body: String,
}

/// The text of an alert in every language.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Texts {
    /// Japanese.
    pub ja: NoticeText,
    /// English.
    pub en: NoticeText,
}

impl Texts {
    /// The exact words of the alert `number`, which asks people to watch their health until `until`.
    #[must_use]
    pub fn render(service: &Service, number: &AlertNumber, until: NaiveDate) -> Self {
        let text = |locale| render_in(locale, service, number, until);
        Self { ja: text(Locale::Ja), en: text(Locale::En) }
    }

    /// The words in one language.
    #[must_use]
    pub fn of(&self, locale: Locale) -> &NoticeText {
        match locale {
            Locale::Ja => &self.ja,
            Locale::En => &self.en,
        }
    }
}

fn render_in(locale: Locale, service: &Service, number: &AlertNumber, until: NaiveDate) -> NoticeText {
    let (words, city, number) = (locale.words(), service.city.as_str(), number.to_string());
    NoticeText {
        subject: words.alert_notice_subject(city, number.as_str()),
        body: words.alert_notice_body(
            locale.date(until).as_str(),
            service.hotline.as_str(),
            service.hotline_hours.as_str(),
            city,
            number.as_str(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Zone;

    fn service() -> Service {
        Service {
            city: "あおば市".into(),
            name: "感染症お知らせサービス".into(),
            operator: "あおば市".into(),
            hotline: "0120-000-000".into(),
            hotline_hours: "毎日 9:00〜21:00".into(),
            base_url: "https://trace.example.jp".into(),
            host: "trace.example.jp".into(),
            zone: Zone(chrono_tz::Asia::Tokyo),
            retention_days: 31,
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn texts() -> Texts {
        Texts::render(&service(), &AlertNumber::from_stored("AB3K9QXZ".into()), day("2026-12-06"))
    }

    /// DESIGN §3 "Mail", word for word.
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
        for locale in Locale::ALL {
            let all = texts();
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
}
