//! Where a list goes on: a place in an order that does not move when rows come or go.
use chrono::{DateTime, Datelike, Utc};
use data_encoding::BASE64URL_NOPAD;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use uuid::Uuid;

/// Bytes of a cursor: two of the rank, eight of the moment, sixteen of the identifier.
const LEN: usize = 26;

/// Years that a stored moment can have (`migrations/0120_times_in_range.sql`): the database refuses to compare with others.
const YEARS: Range<i32> = 1..10_000;

/// A row's place in a list that is ordered by a rank, a moment, and an identifier where moments are equal. Programs and links
/// carry it as it is written and read nothing from it; the row that it names may be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Which part of the list.
    pub rank: i16,
    /// The moment by which the part is ordered, to the microsecond, as the database keeps it.
    pub at: DateTime<Utc>,
    /// The row.
    pub id: Uuid,
}

/// Why a text is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this cursor was not given out by a list")]
pub struct BadCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; LEN];
        bytes[..2].copy_from_slice(&self.rank.to_be_bytes());
        bytes[2..10].copy_from_slice(&self.at.timestamp_micros().to_be_bytes());
        bytes[10..].copy_from_slice(self.id.as_bytes());
        f.write_str(&BASE64URL_NOPAD.encode(&bytes))
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| BadCursor)?;
        let bytes: [u8; LEN] = bytes.try_into().map_err(|_| BadCursor)?;
        let (rank, rest) = bytes.split_first_chunk().ok_or(BadCursor)?;
        let (at, id) = rest.split_first_chunk().ok_or(BadCursor)?;
        Ok(Self {
            rank: i16::from_be_bytes(*rank),
            at: DateTime::from_timestamp_micros(i64::from_be_bytes(*at)).filter(|at| YEARS.contains(&at.year())).ok_or(BadCursor)?,
            id: Uuid::from_slice(id).map_err(|_| BadCursor)?,
        })
    }
}

impl serde::Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One page of a list, and where it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Its rows, in the list's order.
    pub rows: Vec<T>,
    /// The last row's place, if more follow.
    pub next: Option<Cursor>,
    /// The first row's place, if more come before.
    pub prev: Option<Cursor>,
}

impl<T> Page<T> {
    /// A page of at most `limit` rows, from one row more than it holds: only that one tells whether there are more. `rows` stand
    /// in the order in which they were read, which for a page `back` from some place is the wrong way round.
    #[must_use]
    pub fn cut(mut rows: Vec<(T, Cursor)>, limit: usize, back: bool, begun: bool) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        if back {
            rows.reverse();
        }
        let (first, last) = (rows.first().map(|row| row.1), rows.last().map(|row| row.1));
        let (after, before) = if back { (true, more) } else { (more, begun) };
        let rows = rows.into_iter().map(|(row, _)| row).collect();
        Self { rows, next: last.filter(|_| after), prev: first.filter(|_| before) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(no: u128) -> Cursor {
        Cursor { rank: 1, at: "2026-11-22T03:00:00.123456Z".parse().unwrap(), id: Uuid::from_u128(no) }
    }

    #[test]
    fn a_cursor_is_read_back_to_the_microsecond() {
        for cursor in [place(7), Cursor { rank: -1, ..place(u128::MAX) }, Cursor { at: DateTime::UNIX_EPOCH, ..place(0) }] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
    }

    #[test]
    fn what_no_list_gave_out_is_no_cursor() {
        let good = place(7).to_string();
        let far = BASE64URL_NOPAD.encode(&[0x7f; LEN]);
        let at = |moment: &str| Cursor { at: moment.parse().unwrap(), ..place(7) }.to_string();
        assert!(at("9999-12-31T23:59:59Z").parse::<Cursor>().is_ok() && at("0001-01-01T00:00:00Z").parse::<Cursor>().is_ok());
        for beyond in ["+10000-01-01T00:00:00Z", "0000-12-31T23:59:59Z", "-4713-11-24T00:00:00Z"] {
            assert_eq!(at(beyond).parse::<Cursor>(), Err(BadCursor), "{beyond}");
        }
        for bad in ["", "x", "あ", &good[1..], &format!("{good}AA"), &good.replace('A', "="), &far, &Uuid::nil().to_string()] {
            assert_eq!(bad.parse::<Cursor>(), Err(BadCursor), "{bad}");
        }
    }

    #[test]
    fn a_page_knows_whether_more_follow_and_whether_more_come_before() {
        let rows = |count: u128| (0..count).map(|no| (no, place(no))).collect::<Vec<_>>();
        let cut = |count, back, begun| {
            let page = Page::cut(rows(count), 3, back, begun);
            (page.rows, page.next.map(|cursor| cursor.id.as_u128()), page.prev.map(|cursor| cursor.id.as_u128()))
        };
        assert_eq!(cut(0, false, false), (vec![], None, None));
        assert_eq!(cut(3, false, false), (vec![0, 1, 2], None, None));
        assert_eq!(cut(4, false, false), (vec![0, 1, 2], Some(2), None));
        assert_eq!(cut(4, false, true), (vec![0, 1, 2], Some(2), Some(0)));
        assert_eq!(cut(3, true, true), (vec![2, 1, 0], Some(0), None));
        assert_eq!(cut(4, true, true), (vec![2, 1, 0], Some(0), Some(2)));
    }
}
