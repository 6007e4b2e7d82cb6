//! A field of a form (docs/LOOK.md §3 "Field"): label, hint, error, input; what was typed is kept, secrets are not.

/// One field of a page.
pub(crate) struct Field {
    /// Its identifier on the page; hint and error stand under `{id}h` and `{id}e`.
    pub(crate) id: &'static str,
    /// Its name in the form.
    pub(crate) name: &'static str,
    /// Its label.
    pub(crate) label: String,
    /// The hint; may be empty.
    pub(crate) hint: String,
    /// Its value.
    pub(crate) value: String,
    /// The mistake in it.
    pub(crate) error: Option<String>,
    /// Whether the cursor goes here: the first field that is wrong.
    pub(crate) focus: bool,
}

impl Field {
    /// An empty field without a hint.
    pub(crate) fn new(id: &'static str, name: &'static str, label: String) -> Self {
        Self { id, name, label, hint: String::new(), value: String::new(), error: None, focus: false }
    }

    /// With a hint.
    pub(crate) fn hint(self, hint: String) -> Self {
        Self { hint, ..self }
    }

    /// With what was typed.
    pub(crate) fn value(self, value: &str) -> Self {
        Self { value: value.to_owned(), ..self }
    }

    /// With what is wrong, if anything is.
    pub(crate) fn error(self, error: Option<String>) -> Self {
        Self { error, ..self }
    }

    /// The attributes that describe the input, and whether it is wrong. Plain ASCII of our own: it stands on the page unescaped.
    pub(crate) fn described(&self) -> String {
        let error = self.error.as_ref().map(|_| format!("{}e", self.id));
        let hint = (!self.hint.is_empty()).then(|| format!("{}h", self.id));
        let ids: Vec<String> = error.into_iter().chain(hint).collect();
        let mut text = if ids.is_empty() { String::new() } else { format!(" aria-describedby=\"{}\"", ids.join(" ")) };
        if self.error.is_some() {
            text.push_str(" aria-invalid=\"true\"");
        }
        if self.focus {
            text.push_str(" autofocus");
        }
        text
    }
}

/// Says whether a field is wrong, and puts the cursor there if it is the only one: where several are, a list of them comes first.
pub(crate) fn focus_first_wrong(fields: &mut [&mut Field]) -> bool {
    let mut wrong = fields.iter_mut().filter(|field| field.error.is_some());
    let (first, second) = (wrong.next(), wrong.next().is_some());
    let any = first.is_some();
    if let Some(field) = first.filter(|_| !second) {
        field.focus = true;
    }
    any
}

/// Identifiers and labels of the fields that are wrong, if there are several: the list above the form (docs/LOOK.md §3 "Field").
pub(crate) fn several_wrong<'a>(fields: &[&'a Field]) -> Vec<(&'static str, &'a str)> {
    let wrong: Vec<_> = fields.iter().filter(|field| field.error.is_some()).map(|field| (field.id, field.label.as_str())).collect();
    if wrong.len() > 1 { wrong } else { Vec::new() }
}
