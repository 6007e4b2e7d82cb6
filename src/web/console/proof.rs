//! The second factor once more, before something weighty: a field that stands in a form only while the last proof is old.
use crate::base::code::PosterCode;
use crate::base::text;
use crate::official::{self, CODE_DIGITS, LogInError};
use crate::web::console::ConsoleRequest;
use crate::web::console::field::Field;
use crate::web::console::login::whole_seconds;
use crate::web::error::Error;
use crate::web::form::Form;

/// The field's name in every form.
pub(crate) const FIELD: &str = "totp";

/// The result of the proof that a form carried.
pub(crate) enum Proven {
    /// Fresh already, or just now.
    Yes,
    /// The page is shown again with this beside the field; the status belongs to it (422, or 429 during a pause).
    No(Refusal),
}

/// Why a proof was not taken.
pub(crate) struct Refusal {
    /// In the reader's words.
    pub(crate) text: String,
    /// Whole seconds of a pause, if there is one.
    pub(crate) wait: Option<i64>,
}

impl ConsoleRequest {
    /// The field, if the last proof is too old; `error` stands beside it.
    pub(crate) fn proof_field(&self, error: Option<String>) -> Option<Field> {
        let w = self.language.locale.words();
        let needed = !self.login.is_fresh(self.now) || error.is_some();
        let field = Field::new("proof", FIELD, w.official_login_code()).hint(w.official_proof_hint());
        needed.then(|| field.error(error))
    }

    /// Takes the proof that a form carries, where one is needed.
    pub(crate) async fn prove(&mut self, form: &Form) -> Result<Proven, Error> {
        if self.login.is_fresh(self.now) {
            return Ok(Proven::Yes);
        }
        let w = self.language.locale.words();
        let typed = form.get(FIELD);
        // A slip costs no try: this speaks of what was typed alone.
        if text::digits(typed, CODE_DIGITS).is_none() && PosterCode::parse(typed).is_err() {
            return Ok(Proven::No(Refusal { text: w.official_proof_empty(), wait: None }));
        }
        match official::prove_again(&self.state.pool, self.state.credential_keys()?, self.now, &self.login, typed).await {
            Ok(()) => {
                self.login.proven_at = self.now;
                Ok(Proven::Yes)
            }
            Err(LogInError::Refused) => Ok(Proven::No(Refusal { text: w.official_proof_refused(), wait: None })),
            Err(LogInError::Wait(wait)) => {
                let seconds = whole_seconds(wait);
                let text = w.official_proof_wait(seconds.to_string());
                Ok(Proven::No(Refusal { text, wait: Some(seconds) }))
            }
            Err(LogInError::Key) => Err(Error::key_unavailable()),
            Err(LogInError::Busy(_)) => Err(Error::unavailable()),
            Err(LogInError::Db(error)) => Err(error.into()),
        }
    }
}
