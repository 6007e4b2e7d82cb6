//! The print kit: everything that a venue hangs, puts up or sticks on, as one PDF or each part alone. Pure: data in, bytes out,
//! the same bytes for the same data; it knows nothing of the database.
//!
//! Invariants: a module is never narrower than [`MIN_MODULE_MM`] (the level of error correction goes down first, and a part on
//! which not even that helps is not drawn and told), and four modules around a code stay white; nothing is filled but codes; what a person wrote is cleaned and fitted as on every poster; what the font lacks is shown as 〓 and told.
mod card;
mod grid;
mod guide;
mod label;
mod letter;
mod staff;
mod tent;
mod till;

pub use letter::{Activation, Letter};

use super::mark::{Mark, Sheet};
use super::pdf::{self, About, PdfError, Writer};
use super::qr::Qr;
use super::text::clean;
use super::{Place, Poster, PosterError, layout, svg};
use crate::base::locale::Locale;
use std::collections::BTreeSet;
use std::f64::consts::SQRT_2;
use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

/// Posters in one file, whatever the number of venues; as many as one venue has at most.
pub const MAX_POSTERS: usize = 5_000;

/// The narrowest module that is printed, in millimetres: six dots of a 300 dpi printer, and what a phone resolves at 15 cm.
pub const MIN_MODULE_MM: f64 = 0.5;

/// All that is printed for one venue.
#[derive(Clone, Default)]
pub struct Kit {
    /// Its posters, in the order of their numbers.
    pub posters: Vec<Poster>,
    /// The city's letter to a venue that it entered itself.
    pub letter: Option<Letter>,
}

/// One of the things that a kit is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// How to print and where to hang.
    Guide,
    /// Wall posters, 210 × 297 mm.
    A4,
    /// Wall posters, 297 × 420 mm.
    A3,
    /// Cards for the till, 148 × 210 mm.
    A5,
    /// 三角POP: A4, folded into a tent.
    Tent,
    /// Table cards of 91 × 55 mm on paper for name cards, ten on an A4 sheet; marks for cutting plain paper.
    Cards,
    /// Stickers of 70 × 42.3 mm, 21 on an A4 sheet, one of which is the ruler.
    Labels21,
    /// Stickers of 38.1 × 21.2 mm, 65 on an A4 sheet.
    Labels65,
    /// A card for the room of those who work there, 148 × 210 mm.
    Staff,
    /// The letter with the activation code, A4 for a window envelope.
    Letter,
}

impl Part {
    /// All parts in the order in which they are printed.
    pub const ALL: [Self; 10] =
        [Self::Guide, Self::A4, Self::A3, Self::A5, Self::Tent, Self::Cards, Self::Labels21, Self::Labels65, Self::Staff, Self::Letter];

    /// Its name in links.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guide => "guide",
            Self::A4 => "a4",
            Self::A3 => "a3",
            Self::A5 => "a5",
            Self::Tent => "tent",
            Self::Cards => "cards",
            Self::Labels21 => "labels21",
            Self::Labels65 => "labels65",
            Self::Staff => "staff",
            Self::Letter => "letter",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn label(self, locale: Locale) -> String {
        let w = locale.words();
        match self {
            Self::Guide => w.kit_part_guide(),
            Self::A4 => w.kit_part_a4(),
            Self::A3 => w.kit_part_a3(),
            Self::A5 => w.kit_part_a5(),
            Self::Tent => w.kit_part_tent(),
            Self::Cards => w.kit_part_cards(),
            Self::Labels21 => w.kit_part_labels21(),
            Self::Labels65 => w.kit_part_labels65(),
            Self::Staff => w.kit_part_staff(),
            Self::Letter => w.kit_part_letter(),
        }
    }

    /// The parts that a link asks for: names with commas between them; nothing or `all` is all of them.
    ///
    /// # Errors
    /// [`UnknownPart`].
    pub fn parse_list(names: &str) -> Result<Vec<Self>, UnknownPart> {
        match names.trim() {
            "" | "all" => Ok(Self::ALL.to_vec()),
            names => {
                let parts: BTreeSet<Self> = names.split(',').map(str::parse).collect::<Result<_, _>>()?;
                Ok(parts.into_iter().collect())
            }
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Part {
    type Err = UnknownPart;

    fn from_str(name: &str) -> Result<Self, UnknownPart> {
        Self::ALL.into_iter().find(|part| part.as_str() == name.trim()).ok_or(UnknownPart)
    }
}

/// No part of a kit has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parts of a kit are guide, a4, a3, a5, tent, cards, labels21, labels65, staff, letter")]
pub struct UnknownPart;

/// A drawn kit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitFile {
    /// The PDF.
    pub bytes: Vec<u8>,
    /// Its pages.
    pub pages: usize,
    /// Characters that the font lacks and that are drawn as 〓, in the order of Unicode: to be told to the owner.
    pub missing: Vec<char>,
    /// Parts that were asked for among others and could not be drawn: no letter is due, or a module would be too narrow.
    pub left_out: Vec<Part>,
}

/// Why a kit is not drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KitError {
    /// More than [`MAX_POSTERS`].
    #[error("one file holds at most {MAX_POSTERS} posters")]
    TooMany,
    /// There is nothing to draw: no poster hangs there, or no letter is due.
    #[error("there is nothing to print")]
    Nothing,
    /// Its code holds so long a link that a module would be narrower than [`MIN_MODULE_MM`].
    #[error("on {0} a module of the code would be narrower than {MIN_MODULE_MM} mm: the host name is too long")]
    TooNarrow(Part),
    /// A code cannot be drawn at all.
    #[error(transparent)]
    Code(#[from] PosterError),
    /// The PDF.
    #[error(transparent)]
    Pdf(#[from] PdfError),
}

/// Draws these parts for these venues, one venue after the other: a kit, one part of it, or a whole city.
///
/// # Errors
/// [`KitError`]. What cannot be drawn fails only where nothing else was asked for; otherwise it is left out and told.
pub fn pdf(kits: &[Kit], parts: &[Part]) -> Result<KitFile, KitError> {
    if kits.iter().map(|kit| kit.posters.len()).sum::<usize>() > MAX_POSTERS {
        return Err(KitError::TooMany);
    }
    if parts.is_empty() {
        return Err(KitError::Nothing);
    }
    let (title, author) = about(kits);
    let mut writer = Writer::new(&About { title: &title, language: Locale::Ja.tag(), author: &author });
    let mut left_out = BTreeSet::new();
    let mut reason = KitError::Nothing;
    for kit in kits {
        let prints = Prints::of(kit)?;
        let mut drawn = Vec::with_capacity(parts.len());
        for &part in parts {
            match prints.check(part) {
                Ok(()) => drawn.push(part),
                Err(error) => {
                    reason = error;
                    left_out.insert(part);
                }
            }
        }
        let first = writer.pages() + 1;
        for &part in &drawn {
            prints.sheets(part, &drawn, first).try_for_each(|sheet| writer.page(&sheet))?;
        }
    }
    let pages = writer.pages();
    if pages == 0 {
        return Err(reason);
    }
    let (bytes, missing) = writer.finish()?;
    Ok(KitFile { bytes, pages, missing: missing.into_iter().collect(), left_out: left_out.into_iter().collect() })
}

/// The sheets of one part as SVG at true size.
///
/// # Errors
/// [`KitError`].
pub fn svgs(kit: &Kit, part: Part) -> Result<Vec<String>, KitError> {
    if kit.posters.len() > MAX_POSTERS {
        return Err(KitError::TooMany);
    }
    let prints = Prints::of(kit)?;
    prints.check(part)?;
    let title = about(std::slice::from_ref(kit)).0;
    Ok(prints.sheets(part, &[part], 1).map(|sheet| svg::sheet(&sheet, &title)).collect())
}

/// The sheets of one part as marks.
#[cfg(test)]
pub(super) fn sheets_of(kit: &Kit, part: Part) -> Result<Vec<Sheet>, KitError> {
    let prints = Prints::of(kit)?;
    prints.check(part)?;
    Ok(prints.sheets(part, &Part::ALL, 1).collect())
}

/// Characters that the kit shows as 〓, without drawing it.
#[must_use]
pub fn missing(kit: &Kit) -> Vec<char> {
    let posters = kit.posters.iter().flat_map(|poster| [&poster.venue_name, &poster.label]);
    let letter = kit.letter.iter().flat_map(|letter| [&letter.venue_name, &letter.address]);
    let all: BTreeSet<char> = posters.chain(letter).flat_map(|text| pdf::missing(&clean(text))).collect();
    all.into_iter().collect()
}

/// Parts that cannot be printed since a module would be narrower than [`MIN_MODULE_MM`], without drawing the kit.
#[must_use]
pub fn too_narrow(kit: &Kit) -> Vec<Part> {
    let Ok(prints) = Prints::of(kit) else { return Vec::new() };
    Part::ALL.into_iter().filter(|part| matches!(prints.check(*part), Err(KitError::TooNarrow(_)))).collect()
}

/// Title and author of a file.
fn about(kits: &[Kit]) -> (String, String) {
    let w = Locale::Ja.words();
    let first = kits.iter().find_map(|kit| {
        let poster = kit.posters.first().map(|poster| (&poster.venue_name, &poster.city_name));
        poster.or_else(|| kit.letter.as_ref().map(|letter| (&letter.venue_name, &letter.city_name)))
    });
    let (venue, city) = first.map(|(venue, city)| (clean(venue), clean(city))).unwrap_or_default();
    let title = if kits.len() > 1 { w.kit_title_city(&city) } else { w.kit_title(&venue) };
    (title, city)
}

/// A poster with its code at level Q.
struct Print<'a> {
    poster: &'a Poster,
    code: Rc<Qr>,
}

impl Print<'_> {
    /// The code for a part. Where little room would make its modules too narrow, the level goes down first, from Q to M
    /// to L: a camera that cannot tell two modules apart is not helped by any correction. `None`: not even that does.
    fn code_for(&self, part: Part) -> Result<Option<Rc<Qr>>, PosterError> {
        let room = match part {
            Part::Labels65 => label::SMALL_CODE_ROOM,
            Part::Labels21 => label::CODE_ROOM,
            Part::Cards => card::CODE_ROOM,
            // From 44 mm on, every link that can be encoded has modules of more than 0.7 mm.
            _ => return Ok(Some(Rc::clone(&self.code))),
        };
        if self.code.module_in(room) >= MIN_MODULE_MM - 1e-9 {
            return Ok(Some(Rc::clone(&self.code)));
        }
        Ok(Qr::fitting(&self.poster.url(), room, MIN_MODULE_MM)?.map(Rc::new))
    }

    /// What `draw` makes of the poster with the code for a part; nothing where there is none, which [`Prints::check`]
    /// has found out before.
    fn drawn(&self, part: Part, draw: fn(&Poster, &Rc<Qr>) -> Vec<Mark>) -> Vec<Mark> {
        self.code_for(part).ok().flatten().map_or_else(Vec::new, |code| draw(self.poster, &code))
    }
}

/// The prints of one venue.
struct Prints<'a> {
    all: Vec<Print<'a>>,
    letter: Option<(&'a Letter, Rc<Qr>)>,
    missing: Vec<char>,
}

impl<'a> Prints<'a> {
    fn of(kit: &'a Kit) -> Result<Self, KitError> {
        let code = |url: &str| Qr::encode(url).map(Rc::new);
        let print = |poster: &'a Poster| Ok(Print { poster, code: code(&poster.url())? });
        let all = kit.posters.iter().map(print).collect::<Result<_, PosterError>>()?;
        let letter = kit.letter.as_ref().map(|letter| Ok((letter, code(&letter.activation.url)?)));
        let letter = letter.transpose().map_err(KitError::Code)?;
        Ok(Self { all, letter, missing: missing(kit) })
    }

    /// Those that hang or stand where this asks for; all of them where none does.
    fn preferred(&self, wanted: impl Fn(Place) -> bool) -> Vec<&Print<'a>> {
        let some: Vec<_> = self.all.iter().filter(|print| wanted(print.poster.place)).collect();
        if some.is_empty() { self.all.iter().collect() } else { some }
    }

    /// Which posters a part shows.
    fn of_part(&self, part: Part) -> Vec<&Print<'a>> {
        match part {
            Part::A4 | Part::A3 | Part::A5 => self.preferred(|place| !matches!(place, Place::Seat | Place::Staff)),
            Part::Tent | Part::Cards => self.preferred(|place| place == Place::Seat),
            Part::Labels21 | Part::Labels65 => self.all.iter().collect(),
            Part::Staff => self.preferred(|place| place == Place::Staff).into_iter().take(1).collect(),
            Part::Guide => self.all.iter().take(1).collect(),
            Part::Letter => Vec::new(),
        }
    }

    /// Whether a part can be drawn.
    fn check(&self, part: Part) -> Result<(), KitError> {
        if part == Part::Letter {
            return self.letter.as_ref().map(|_| ()).ok_or(KitError::Nothing);
        }
        if self.all.is_empty() {
            return Err(KitError::Nothing);
        }
        for print in &self.all {
            print.code_for(part)?.ok_or(KitError::TooNarrow(part))?;
        }
        Ok(())
    }

    /// How many pages a part has.
    fn pages(&self, part: Part) -> usize {
        let count = self.of_part(part).len();
        match part {
            Part::Guide | Part::Letter => 1,
            Part::A4 | Part::A3 | Part::A5 | Part::Tent | Part::Staff => count,
            Part::Cards => grid::CARDS.sheets(count),
            Part::Labels21 => grid::LABELS_21.sheets(count),
            Part::Labels65 => grid::LABELS_65.sheets(count),
        }
    }

    /// The sheets of a part, drawn one by one as they are asked for. The guide tells on which pages the others are.
    fn sheets<'b>(&'b self, part: Part, among: &'b [Part], first: usize) -> Box<dyn Iterator<Item = Sheet> + 'b> {
        let prints = self.of_part(part);
        match part {
            Part::Guide => {
                let contents = contents(self, among, first);
                Box::new(prints.into_iter().map(move |print| guide::sheet(print.poster, &self.all, &contents, &self.missing)))
            }
            Part::A4 => Box::new(prints.into_iter().map(|print| layout::a4(print.poster, &print.code))),
            Part::A3 => Box::new(prints.into_iter().map(|print| layout::a4(print.poster, &print.code).enlarged(SQRT_2))),
            Part::A5 => Box::new(prints.into_iter().map(|print| till::sheet(print.poster, &print.code))),
            Part::Tent => Box::new(prints.into_iter().map(|print| tent::sheet(print.poster, &print.code))),
            Part::Cards => Box::new(grid::CARDS.filled(prints, move |print| print.drawn(part, card::marks))),
            Part::Labels21 => Box::new(grid::LABELS_21.filled(prints, move |print| print.drawn(part, label::marks))),
            Part::Labels65 => Box::new(grid::LABELS_65.filled(prints, move |print| print.drawn(part, label::small_marks))),
            Part::Staff => Box::new(prints.into_iter().map(|print| staff::sheet(print.poster, &print.code))),
            Part::Letter => Box::new(self.letter.iter().map(|(letter, code)| letter::sheet(letter, code))),
        }
    }
}

/// The parts with their first and last pages.
fn contents(prints: &Prints<'_>, parts: &[Part], first: usize) -> Vec<(Part, usize, usize)> {
    let mut next = first;
    let place = |part: &Part| {
        let from = next;
        next += prints.pages(*part);
        (*part, from, next - 1)
    };
    parts.iter().map(place).collect()
}
