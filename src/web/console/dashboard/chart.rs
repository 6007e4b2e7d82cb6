//! Check-ins of the last days as bars, each with a mark for what is usual, and the same numbers as rows.
use crate::base::locale::Locale;
use crate::base::text::thousands;
use crate::stats::{Day, ShownCount};
use chrono::Datelike;

/// Height of the ground line and of the highest bar, in units of the picture.
const GROUND: f64 = 166.0;
const HIGHEST: f64 = 124.0;
/// From one bar to the next, where the first begins, and how wide they are.
const STEP: f64 = 45.7;
const FIRST: f64 = 8.7;
const WIDTH: f64 = 28.3;
/// From here on bars are labelled in thousands: four digits do not fit above one.
const THOUSAND: i64 = 1_000;

/// The picture and its table.
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    pub(super) rows: Vec<DayRow>,
    pub(super) caption: String,
}

/// One day of the picture.
pub(super) struct Bar {
    pub(super) x: String,
    pub(super) middle: String,
    /// Top and height; none for a day of few check-ins, and for one that was not counted.
    pub(super) rect: Option<(String, String)>,
    pub(super) day: String,
    /// The number above it, and how high that stands.
    pub(super) label: Option<(String, String)>,
    /// The path of the mark for the usual.
    pub(super) usual: Option<String>,
    pub(super) open: bool,
}

/// One day of the table.
pub(super) struct DayRow {
    pub(super) day: String,
    pub(super) check_ins: String,
    pub(super) usual: String,
}

/// Draws `days`, the last of which is today. Who only looks on gets rounded numbers.
pub(super) fn draw(locale: Locale, days: &[Day], exact: bool, time_of: impl Fn(&Day) -> Option<String>) -> Chart {
    let w = locale.words();
    let shown = |number: Option<i64>| number.map(|number| ShownCount::of(number, exact));
    let number = |shown: Option<ShownCount>| shown.and_then(ShownCount::number);
    let most = days.iter().flat_map(|day| [number(shown(day.check_ins)), number(shown(day.usual))]).flatten().max().unwrap_or(0);
    let in_thousands = most >= THOUSAND;
    let mut x = FIRST;
    let mut bars = Vec::with_capacity(days.len());
    for (index, day) in days.iter().enumerate() {
        let value = shown(day.check_ins);
        let height = |number: i64| tall(number, most);
        bars.push(Bar {
            x: one(x),
            middle: one(x + WIDTH / 2.0),
            rect: number(value).map(|number| (one(GROUND - height(number)), one(height(number)))),
            day: if index == 0 || day.date.day() == 1 {
                format!("{}/{}", day.date.month(), day.date.day())
            } else {
                day.date.day().to_string()
            },
            label: value.map(|value| (label(value, in_thousands), one(GROUND - number(Some(value)).map_or(0.0, height) - 7.0))),
            usual: number(shown(day.usual))
                .map(|number| format!("M{} {}h{}", one(x - 5.0), one(GROUND - height(number)), one(WIDTH + 10.0))),
            open: day.open,
        });
        x += STEP;
    }
    let none = || w.dash_not_counted();
    let text = |value: Option<ShownCount>| value.map_or_else(none, |value| full(locale, value));
    let rows = days
        .iter()
        .map(|day| DayRow {
            day: format!(
                "{}{}",
                locale.long_date(day.date),
                if day.open && day.check_ins.is_some() { w.dash_so_far() } else { String::new() }
            ),
            check_ins: text(shown(day.check_ins)),
            usual: text(shown(day.usual)),
        })
        .collect();
    let caption = match days.last().and_then(time_of) {
        None => w.dash_chart_waiting(),
        Some(time) if in_thousands => w.dash_chart_thousands(time),
        Some(time) => w.dash_chart_units(time),
    };
    Chart { bars, rows, caption }
}

/// A number in a table: `1,284`, or that it is few.
pub(super) fn full(locale: Locale, shown: ShownCount) -> String {
    shown.number().map_or_else(|| locale.words().console_few(), thousands)
}

fn label(shown: ShownCount, in_thousands: bool) -> String {
    match shown {
        ShownCount::Few => "<5".to_owned(),
        ShownCount::Number(number) if in_thousands => {
            let tenths = (number + THOUSAND / 20) / (THOUSAND / 10);
            if tenths == 0 { "<0.1".to_owned() } else { format!("{}.{}", tenths / 10, tenths % 10) }
        }
        ShownCount::Number(number) => number.to_string(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a picture of 124 units shows no more than three digits")]
fn tall(number: i64, most: i64) -> f64 {
    if most <= 0 { 0.0 } else { number.max(0) as f64 / most as f64 * HIGHEST }
}

fn one(number: f64) -> String {
    format!("{number:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn days(numbers: &[Option<i64>]) -> Vec<Day> {
        let first: NaiveDate = "2026-11-22".parse().unwrap();
        let last = numbers.len() - 1;
        let day = |(index, number): (usize, &Option<i64>)| Day {
            date: first.iter_days().nth(index).unwrap(),
            check_ins: *number,
            usual: Some(2_000),
            open: index == last,
            counted_at: None,
        };
        numbers.iter().enumerate().map(day).collect()
    }

    #[test]
    fn the_highest_number_reaches_the_top_and_few_have_no_bar() {
        assert_eq!(draw(Locale::Ja, &days(&[Some(4_000), Some(49)]), true, |_| None).bars[1].label.as_ref().unwrap().0, "<0.1");
        let chart = draw(Locale::Ja, &days(&[Some(4_000), Some(1_049), Some(4), None]), true, |_| Some("22:34".into()));
        assert_eq!(chart.bars[0].rect, Some(("42.0".into(), "124.0".into())));
        assert_eq!(chart.bars[0].usual.as_deref(), Some("M3.7 104.0h38.3"));
        let labels: Vec<_> = chart.bars.iter().map(|bar| bar.label.as_ref().map(|(text, _)| text.as_str())).collect();
        assert_eq!(labels, [Some("4.0"), Some("1.0"), Some("<5"), None]);
        assert!(chart.bars[2].rect.is_none() && chart.bars[3].rect.is_none() && chart.bars[3].open && !chart.bars[0].open);
        assert_eq!((chart.bars[0].day.as_str(), chart.bars[1].day.as_str()), ("11/22", "23"));
        assert_eq!(chart.rows[0].check_ins, "4,000");
        assert_eq!((chart.rows[2].check_ins.as_str(), chart.rows[3].check_ins.as_str()), ("5未満", "なし"));
        assert!(chart.caption.contains("千件") && chart.caption.contains("22:34"));
    }

    #[test]
    fn a_small_town_is_not_told_in_thousands_and_onlookers_see_round_numbers() {
        let mut small = days(&[Some(123), Some(58)]);
        small.iter_mut().for_each(|day| day.usual = None);
        let chart = draw(Locale::En, &small, false, |_| None);
        assert_eq!(chart.bars[0].label.as_ref().unwrap().0, "125");
        assert_eq!(chart.rows[1].check_ins, "60");
        assert_eq!(chart.caption, Locale::En.words().dash_chart_waiting());
        assert!(draw(Locale::Ja, &days(&[Some(0)]), true, |_| None).bars[0].rect.is_none());
    }
}
