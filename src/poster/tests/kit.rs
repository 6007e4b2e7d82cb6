//! The print kit.
use super::*;
use crate::poster::kit::{self, Activation, Kit, KitError, Letter, Part};

fn posters(labels: &[&str]) -> Vec<Poster> {
    let codes = (0..).filter_map(|number: u32| {
        "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().find_map(|end| PosterCode::parse(&format!("7K3M9QXZ{number:03}{end}")).ok())
    });
    let hang = |(index, (&label, code)): (usize, (&&str, PosterCode))| Poster {
        label: label.into(),
        place: Place::from_label(label),
        no: i16::try_from(index + 1).unwrap(),
        code,
        ..poster()
    };
    labels.iter().zip(codes).enumerate().map(hang).collect()
}

fn letter() -> Letter {
    Letter {
        venue_name: "喫茶 ひだまり".into(),
        postal_code: Some("2600026".into()),
        address: "あおば市中央区千葉港1番1号　あおばビル2階".into(),
        city_name: "あおば市".into(),
        service_name: "感染症お知らせサービス".into(),
        operator: "あおば市 保健福祉局 医療衛生部".into(),
        hotline: "0120-000-000".into(),
        hotline_hours: "毎日 9:00〜21:00".into(),
        written: NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
        activation: Activation {
            url: "HTTPS://TRACE.CITY.EXAMPLE.JP/VENUES/ACTIVATE/ABCDEFGHJKMN".into(),
            page: "trace.city.example.jp/venues/activate".into(),
            code: "ABCD-EFGH-JKMN".into(),
            valid_until: NaiveDate::from_ymd_opt(2027, 1, 31).unwrap(),
        },
    }
}

/// A café with a door, a till, a room for its staff and four tables.
fn cafe() -> Kit {
    Kit {
        posters: posters(&["入口", "レジ", "従業員 休憩室", "テーブル 1", "テーブル 2", "テーブル 3", "テーブル 4"]),
        letter: Some(letter()),
    }
}

#[test]
fn a_kit_holds_every_part_and_is_the_same_each_time() {
    let draw = || kit::pdf(&[cafe()], &Part::ALL).unwrap();
    let file = draw();
    assert!(file.bytes.starts_with(b"%PDF-") && file == draw());
    assert_eq!((file.left_out, file.missing), (vec![], vec![]));
    assert_eq!(kit::pdf(&[], &[Part::A4]).err(), Some(KitError::Nothing));
}
