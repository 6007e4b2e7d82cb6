//! Confirmation pages with blanks. On one day they differ in few places only: the venue's name, the poster's label, its code,
//! and the venue's own words if it has any. So the template is rendered once per [`Kind`] of page, and a check-in merely fills in the blanks: words are looked up
//! and escaped once a day instead of once a visitor.
use crate::base::locale::Locale;
use crate::venue::VenueKind;
use crate::web::page::Language;
use askama::filters::{Escaper, Html};
use chrono::NaiveDate;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// Placeholders for texts that will be filled in: private use characters, which no setting has a reason to hold.
pub(super) const NAME: &str = "\u{E000}";
/// Stands for the label.
pub(super) const LABEL: &str = "\u{E001}";
/// Stands for the code.
pub(super) const CODE: &str = "\u{E002}";
/// Stands for the venue's own words.
pub(super) const MESSAGE: &str = "\u{E003}";

/// All that a confirmation page depends on besides its blanks and the settings. Few at a time: languages, venue kinds, and
/// two dates while bars are open.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    pub(super) locale: Locale,
    pub(super) chosen: bool,
    pub(super) venue: VenueKind,
    /// Whether the venue says something of its own.
    pub(super) speaks: bool,
    pub(super) date: NaiveDate,
    pub(super) until: NaiveDate,
}

impl Kind {
    pub(super) fn new(language: Language, venue: VenueKind, speaks: bool, date: NaiveDate, until: NaiveDate) -> Self {
        Self { locale: language.locale, chosen: language.chosen, venue, speaks, date, until }
    }
}

/// The pages in use; shared by all threads.
#[derive(Default)]
pub struct PageCache(RwLock<HashMap<Kind, Arc<CachedPage>>>);

impl PageCache {
    /// The page of this kind, made by `render` when it is the first.
    pub(super) fn get<E>(&self, kind: Kind, render: impl FnOnce() -> Result<String, E>) -> Result<Arc<CachedPage>, E> {
        if let Some(cached) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&kind) {
            return Ok(Arc::clone(cached));
        }
        let cached = Arc::new(CachedPage::of(&render()?));
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Only neighbouring dates are open at once; what is older goes.
        kept.retain(|known, _| (known.date - kind.date).num_days().abs() <= 1);
        kept.insert(kind, Arc::clone(&cached));
        Ok(cached)
    }

    /// How many pages are kept.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// A page with blanks.
pub(super) struct CachedPage {
    /// Finished text, and what comes after it.
    parts: Vec<(String, Blank)>,
    length: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Blank {
    Name,
    Label,
    Code,
    Message,
    End,
}

impl CachedPage {
    fn of(page: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = page;
        while let Some((at, blank)) = next_blank(rest) {
            parts.push((rest[..at].to_owned(), blank));
            rest = &rest[at + NAME.len()..];
        }
        parts.push((rest.to_owned(), Blank::End));
        Self { parts, length: page.len() }
    }

    /// The page with its blanks filled in, escaped. It cannot fail: nothing but memory is written to.
    pub(super) fn fill(&self, name: &str, label: &str, code: &str, message: &str) -> Result<String, fmt::Error> {
        let mut page = String::with_capacity(self.length + 4 * (name.len() + label.len() + code.len() + message.len()));
        for (text, blank) in &self.parts {
            page.push_str(text);
            match blank {
                Blank::Name => Html.write_escaped_str(&mut page, name)?,
                Blank::Label => Html.write_escaped_str(&mut page, label)?,
                Blank::Code => Html.write_escaped_str(&mut page, code)?,
                Blank::Message => Html.write_escaped_str(&mut page, message)?,
                Blank::End => {}
            }
        }
        Ok(page)
    }
}

fn next_blank(text: &str) -> Option<(usize, Blank)> {
    [(NAME, Blank::Name), (LABEL, Blank::Label), (CODE, Blank::Code), (MESSAGE, Blank::Message)]
        .into_iter()
        .filter_map(|(mark, blank)| text.find(mark).map(|at| (at, blank)))
        .min_by_key(|(at, _)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn kind(date: &str) -> Kind {
        let date = date.parse().unwrap();
        Kind { locale: Locale::Ja, chosen: false, venue: VenueKind::Shop, speaks: false, date, until: date }
    }

    fn page() -> String {
        format!("<title>{NAME}</title>{NAME}, {LABEL} <a href=\"/c/{CODE}\">")
    }

    #[test]
    fn blanks_are_filled_in_their_order_and_escaped() {
        let filled = CachedPage::of(&page()).fill("<b>&", "\"a\u{E002}'", "X", "").unwrap();
        let escaped = "&#60;b&#62;&#38;";
        assert_eq!(filled, format!("<title>{escaped}</title>{escaped}, &#34;a\u{E002}&#39; <a href=\"/c/X\">"));
    }

    #[test]
    fn a_page_is_rendered_once_and_goes_with_its_date() {
        let kept = PageCache::default();
        let render = |page: &str| Ok::<_, Infallible>(page.to_owned());
        kept.get(kind("2026-11-21"), || render("bar")).unwrap();
        kept.get(kind("2026-11-22"), || render("first")).unwrap();
        let again = kept.get(kind("2026-11-22"), || render("second")).unwrap();
        assert_eq!((again.fill("", "", "", "").unwrap().as_str(), kept.len()), ("first", 2));
        kept.get(kind("2026-11-23"), || render("next")).unwrap();
        assert_eq!(kept.len(), 2, "the day before yesterday is gone");
    }
}
