//! Nobody holds two valid notices for one venue and date, and nobody who should hold one is left out, in whatever order alerts,
//! cancellations, pauses, corrections and late visits come. Stories for the orders that people meet, and a model for all others.
use super::fixture::{AlertFixture, Mail, NOON};
use ashiato::alert::{AlertError, AlertId, REMATCH_EVERY, State};
use ashiato::venue::VenueId;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};

/// What a person's mailbox tells of one mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Got {
    /// A notice of this alert; whether it says that it holds although an earlier one was withdrawn, and whether that was true.
    Notice { alert: usize, says_it_holds: bool, had_withdrawn: bool },
    /// The correction of this alert.
    Correction { of: usize },
}

/// An alert of the model.
struct Told {
    id: AlertId,
    number: String,
    venues: BTreeSet<usize>,
    /// Its corrections: identifier and number.
    corrections: Vec<(AlertId, String)>,
}

/// Two venues, some people, and all that was done.
struct Model<'a> {
    fixture: &'a AlertFixture,
    name: String,
    venues: [VenueId; 2],
    people: BTreeMap<String, BTreeSet<usize>>,
    alerts: Vec<Told>,
    mailboxes: BTreeMap<String, Vec<Got>>,
    withdrawn: BTreeSet<usize>,
}

/// What may happen.
const ACTS: [char; 11] = ['a', 'b', 'd', 'D', 'c', 'x', 'k', 'p', 'r', 'l', 't'];

impl<'a> Model<'a> {
    async fn new(fixture: &'a AlertFixture, name: &str) -> Self {
        let venues = [fixture.venue().await, fixture.venue().await];
        let mut model = Self {
            fixture,
            name: name.to_owned(),
            venues,
            people: BTreeMap::new(),
            alerts: Vec::new(),
            mailboxes: BTreeMap::new(),
            withdrawn: BTreeSet::new(),
        };
        for (person, venues) in [("both", vec![0, 1]), ("first", vec![0]), ("second", vec![1])] {
            model.come(person, &venues).await;
        }
        model
    }

    async fn come(&mut self, person: &str, venues: &[usize]) {
        // Nobody lives in two models.
        let address = format!("{person}.{}@example.jp", self.venues[0].0.simple());
        for venue in venues {
            self.fixture.visit(self.venues[*venue], &address).await;
        }
        self.people.entry(address).or_default().extend(venues);
    }

    async fn act(&mut self, act: char) {
        match act {
            'a' => self.release(&[0, 1]).await,
            'b' => self.release(&[0]).await,
            'd' => self.deliver(1).await,
            'D' => self.deliver(i64::MAX).await,
            'c' => self.cancel().await,
            'x' => self.correct().await,
            'k' => self.cancel_correction().await,
            'p' | 'r' => self.pause_or_resume(act == 'p').await,
            'l' => {
                let person = format!("late{}", self.people.len());
                self.come(&person, &[0]).await;
                self.pass().await;
            }
            't' => self.release_late().await,
            other => panic!("no act {other}"),
        }
    }

    async fn release(&mut self, venues: &[usize]) {
        let stays: Vec<_> = venues.iter().map(|venue| (self.venues[*venue], self.fixture.today())).collect();
        let id = self.fixture.report(&stays).await.alert_id;
        self.fixture.approved(id).await;
        let number = self.fixture.status(id).await.number.to_string();
        self.alerts.push(Told { id, number, venues: venues.iter().copied().collect(), corrections: Vec::new() });
        self.dispatch().await;
    }

    async fn dispatch(&mut self) {
        self.fixture.dispatch().await;
        for (index, told) in self.alerts.iter().enumerate() {
            if self.fixture.status(told.id).await.withdrawn_at.is_some() {
                self.withdrawn.insert(index);
            }
        }
    }

    /// The time after which dates are looked at again.
    async fn pass(&mut self) {
        self.fixture.clock.advance(REMATCH_EVERY);
        self.dispatch().await;
    }

    async fn deliver(&mut self, limit: i64) {
        let mails = self.fixture.deliver_some(1, limit).await;
        for mail in &mails {
            self.read(mail);
        }
    }

    fn read(&mut self, mail: &Mail) {
        let mailbox = self.mailboxes.entry(mail.to.clone()).or_default();
        for (index, told) in self.alerts.iter().enumerate() {
            if told.corrections.iter().any(|(_, number)| mail.subject.contains(number)) {
                return mailbox.push(Got::Correction { of: index });
            }
        }
        let alert = self.alerts.iter().position(|told| mail.subject.contains(&told.number)).expect("a mail of a known alert");
        let had = |got: &Got| matches!(got, Got::Notice { alert, .. } if self.withdrawn.contains(alert));
        let had_withdrawn = mailbox.iter().any(had);
        mailbox.push(Got::Notice { alert, says_it_holds: mail.body.contains("は有効です"), had_withdrawn });
    }

    /// The newest alert that is out.
    async fn newest(&self, states: &[State]) -> Option<usize> {
        for (index, told) in self.alerts.iter().enumerate().rev() {
            let status = self.fixture.status(told.id).await;
            if states.contains(&status.state) && status.started_at.is_some() && status.corrected_by.is_none() {
                return Some(index);
            }
        }
        None
    }

    async fn cancel(&mut self) {
        if let Some(index) = self.newest(&[State::Sending, State::Paused]).await {
            self.fixture.cancel(self.alerts[index].id).await.unwrap();
            self.dispatch().await;
        }
    }

    async fn correct(&mut self) {
        let Some(index) = self.newest(&[State::Sending, State::Paused, State::Done, State::Cancelled]).await else { return };
        let correction = match self.fixture.correct(self.alerts[index].id).await {
            Ok(correction) => correction,
            Err(AlertError::NobodyToCorrect) => return,
            Err(error) => panic!("{}: {error}", self.name),
        };
        let number = self.fixture.status(correction).await.number.to_string();
        self.alerts[index].corrections.push((correction, number));
        self.fixture.approved(correction).await;
        self.dispatch().await;
    }

    async fn cancel_correction(&mut self) {
        for (correction, _) in self.alerts.iter().rev().flat_map(|told| told.corrections.iter().rev()) {
            if self.fixture.status(*correction).await.state == State::Sending {
                self.fixture.cancel(*correction).await.unwrap();
                return self.dispatch().await;
            }
        }
    }

    async fn pause_or_resume(&mut self, pause: bool) {
        let state = if pause { State::Sending } else { State::Paused };
        if let Some(index) = self.newest(&[state]).await {
            let id = self.alerts[index].id;
            let done = if pause { self.fixture.pause(id).await } else { self.fixture.resume(id).await };
            done.unwrap();
            self.dispatch().await;
        }
    }

    /// Clicks on whatever waits for a click. Says whether there was anything.
    async fn release_late(&mut self) {
        for index in 0..self.alerts.len() {
            let id = self.alerts[index].id;
            let status = self.fixture.status(id).await;
            let out = matches!(status.state, State::Sending | State::Done);
            if out && status.late > 0 && !status.is_mistaken() {
                self.fixture.release_late(id, status.late).await.unwrap();
                self.dispatch().await;
            }
        }
    }

    /// Lets everything come to its end.
    async fn settle(&mut self) {
        while self.newest(&[State::Paused]).await.is_some() {
            self.pause_or_resume(false).await;
        }
        for _ in 0..3 {
            self.deliver(i64::MAX).await;
            self.pass().await;
            self.release_late().await;
            self.deliver(i64::MAX).await;
        }
    }

    async fn judge(&self) {
        let mut states = Vec::new();
        for told in &self.alerts {
            states.push(self.fixture.status(told.id).await);
        }
        for (person, venues) in &self.people {
            let got = self.mailboxes.get(person).map_or(&[][..], Vec::as_slice);
            let what = format!("{}: {person} got {got:?}", self.name);
            for (index, told) in self.alerts.iter().enumerate() {
                let notices = got.iter().filter(|got| matches!(got, Got::Notice { alert, .. } if *alert == index)).count();
                let corrections = got.iter().filter(|got| **got == Got::Correction { of: index }).count();
                assert!(notices <= 1, "one mail of an alert; {what}");
                let mut whole = false;
                for (correction, _) in &told.corrections {
                    whole |= matches!(self.fixture.status(*correction).await.state, State::Done);
                }
                assert!(corrections <= notices, "a correction goes to who was told, once; {what}");
                assert!(!whole || corrections == notices, "and to each of them; {what}");
                let holds = |got: &&Got| matches!(got, Got::Notice { alert, .. } if *alert == index);
                let covered = venues.iter().any(|venue| told.venues.contains(venue));
                assert!(covered || !got.iter().any(|got| holds(&got)), "told of a place where they were not; {what}");
            }
            let valid: Vec<usize> = got
                .iter()
                .filter_map(|got| match got {
                    Got::Notice { alert, .. } if !self.withdrawn.contains(alert) => Some(*alert),
                    _ => None,
                })
                .collect();
            assert!(valid.len() <= venues.len(), "two valid notices for one venue; {what}");
            for venue in venues {
                let stands = states.iter().zip(&self.alerts).any(|(status, told)| {
                    told.venues.contains(venue) && matches!(status.state, State::Sending | State::Done) && !status.is_mistaken()
                });
                let holds = valid.iter().any(|alert| self.alerts[*alert].venues.contains(venue));
                assert!(!stands || holds, "never told of a true alert; {what}");
            }
            self.judge_order(got, &what);
        }
    }

    fn judge_order(&self, got: &[Got], what: &str) {
        for (at, mail) in got.iter().enumerate() {
            let Got::Notice { alert, says_it_holds, had_withdrawn } = *mail else { continue };
            assert_eq!(says_it_holds, had_withdrawn, "alert {alert}; {what}");
            // A correction that comes later must not concern a notice that came before another said that it holds.
            for later in &got[at..] {
                if let Got::Correction { of } = later {
                    let earlier = got[..at].iter().any(|got| matches!(got, Got::Notice { alert, .. } if alert == of));
                    assert!(!(earlier && says_it_holds && self.withdrawn_before(got, at, *of)), "the correction came after; {what}");
                }
            }
        }
    }

    /// Whether the mail at `at` said that it holds because of this alert, and of no other.
    fn withdrawn_before(&self, got: &[Got], at: usize, of: usize) -> bool {
        let others = got[..at].iter().any(|got| matches!(got, Got::Notice { alert, .. } if *alert != of && self.withdrawn.contains(alert)));
        !others
    }

    /// Ends whatever is out, so that the next model in the same fixture starts with nothing due.
    async fn end(&self) {
        let ids = self.alerts.iter().flat_map(|told| told.corrections.iter().map(|(id, _)| *id).chain([told.id]));
        for id in ids {
            if !matches!(self.fixture.status(id).await.state, State::Done | State::Cancelled) {
                self.fixture.cancel(id).await.unwrap();
            }
        }
        self.fixture.dispatch().await;
    }
}

async fn play(fixture: &AlertFixture, acts: &str) {
    // Each model has the day to itself: nothing of the one before is due.
    fixture.clock.set(NOON.parse().unwrap());
    let mut model = Model::new(fixture, acts).await;
    for act in acts.chars() {
        model.act(act).await;
    }
    model.settle().await;
    model.judge().await;
    model.end().await;
}

/// Every two acts between an alert and another one, of those that matter most: a second alert, some or all mails, a cancellation,
/// a correction, a late visitor.
#[tokio::test]
async fn in_every_order_who_should_holds_one_valid_notice_and_nobody_two() {
    let fixture = AlertFixture::new().await;
    let acts = ['a', 'd', 'D', 'c', 'x', 'l'];
    for one in acts {
        for two in acts {
            play(&fixture, &format!("a{one}{two}b")).await;
        }
    }
}

/// Longer stories of all acts, pauses and cancelled corrections among them; the same ones on every machine.
#[tokio::test]
async fn in_long_stories_too() {
    let fixture = AlertFixture::new().await;
    let mut chance = StdRng::seed_from_u64(9);
    for _ in 0..20 {
        let length = chance.random_range(6..=10);
        let acts: String = (0..length).map(|_| *ACTS.choose(&mut chance).unwrap()).collect();
        play(&fixture, &format!("a{acts}")).await;
    }
}
