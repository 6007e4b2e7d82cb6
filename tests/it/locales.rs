//! Every language holds the same messages with the same variables: a missing translation is a failed build, not a gap.
use ashiato::base::locale::Locale;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Messages of a language: key → variables it uses.
fn messages(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/locale").join(locale.tag());
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for file in std::fs::read_dir(folder).unwrap() {
        for line in std::fs::read_to_string(file.unwrap().path()).unwrap().lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
                key = line.split('=').next().unwrap().trim().to_owned();
                assert!(messages.insert(key.clone(), BTreeSet::new()).is_none(), "{key} twice in {}", locale.tag());
            }
            let variables = line
                .split('$')
                .skip(1)
                .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').collect());
            if let Some(known) = messages.get_mut(&key) {
                known.extend(variables);
            }
        }
    }
    messages
}

#[test]
fn all_languages_say_the_same_things() {
    let first = messages(Locale::ALL[0]);
    assert!(first.len() > 80);
    for locale in &Locale::ALL[1..] {
        let other = messages(*locale);
        let keys = |messages: &BTreeMap<String, _>| messages.keys().cloned().collect::<BTreeSet<_>>();
        let apart: Vec<_> = keys(&first).symmetric_difference(&keys(&other)).cloned().collect();
        assert!(apart.is_empty(), "only in one language: {apart:?}");
        for (key, variables) in &first {
            assert_eq!(variables, &other[key], "{key}: other variables in {}", locale.tag());
        }
    }
}

#[test]
fn words_that_blame_or_frighten_are_not_used() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/locale/ja");
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for word in ["陽性者", "濃厚接触", "クラスター", "させていただ", "削除", "期限の"] {
            assert!(!text.contains(word), "docs/LOOK.md §4: {word}");
        }
    }
}
