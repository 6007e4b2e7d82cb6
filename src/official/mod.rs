//! Authority: accounts, log-ins, roles, API tokens. Authority is a type: what only an approver may do takes a `&Session<MayApprove>`.
//!
//! Invariants: a [`Caller`] exists only for a proven identity, a [`Session`] only for a caller whose role holds the permission.
//! Principals decide who is the *same person* where two are needed: a token that an official made is that official, and two
//! command-line tokens of one name are one person.
//! Officials prove themselves with a password and a second factor, in [`log_in`] and again before weighty acts in
//! [`prove_again`]. Each code counts once, guessing is slowed down and nobody is ever locked out.
mod account;
mod act;
mod alarm;
mod credential_keys;
mod invitation;
mod kept_answer;
mod letters;
mod login;
mod mailbox;
mod own_account;
mod own_key;
mod password;
mod reads;
mod recovery;
mod role;
mod session;
mod statement;
mod store;
mod throttle;
mod token;
mod totp;
mod vouch;
mod web_session;

pub use account::{
    AccountError, AccountState, BadOfficial, By, Given, MAX_OFFICIAL_NAME, NewOfficial, Official, Trust, change_role, disable, enable,
    invite, official, official_by_email, officials, reset, withdraw,
};
pub use act::{Act, Letters};
pub use alarm::{
    Alarm, AlarmKind, LETTER_PAUSE, MAX_DETAIL_CHARS, STALE, clear, clear_if_quiet, clear_stale, measure_alarms, open_alarms, raise,
    render_alarm_raised, tell_of_alarms,
};
pub use credential_keys::{CredentialKeys, opens_second_factors};
pub use invitation::{INVITATION_DAYS, Invitation, InvitationError, Invited, choose_password, finish, peek, use_seed};
pub use kept_answer::{ANSWER_KEPT, MarkError, RequestMark, forget_answers};
pub use letters::{Change, post_invitation, prepare_invitation, render as render_letter, role_name, tell_admins};
pub use login::{Factor, LogInError, LoggedIn, Typed, log_in, prove_again};
pub use throttle::{FREE_ACCOUNT_TRIES, FREE_TRIES, KNOWN, LONGEST_ACCOUNT_PAUSE, LONGEST_PAUSE, MEMORY, Wait};

pub use mailbox::{ADMINS, APPROVERS, AUDITORS, MAX_READERS, is_reader, mailbox_of, readers};
pub use own_account::{
    OpenSession, OwnAccountError, PasswordChange, begin_second_factor, change_password, confirm_second_factor, end_other_sessions,
    end_own_session, new_recovery_codes, next_second_factor, recovery_codes_left, sessions,
};
pub use password::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, NewPassword, PasswordError};
pub use reads::{everybody, names, note_read, render_alarm};
pub use recovery::{RECOVERY_CODES, RecoveryCodes};
pub use role::{Role, UnknownRole};
pub use session::{BadPrincipal, Caller, Forbidden, MayAdmin, MayApprove, MayAudit, MayTrace, MayView, Permission, Principal, Session};
pub use statement::{SIGNED_LEN, Signed, Signer, Statement};
pub use token::{ApiToken, MAX_TOKEN_NAME, TokenError, caller_of, create_own_token, create_token, revoke_token, tokens};
pub use totp::{BadSeed, CODE_DIGITS, MAX_SEED_BYTES, MIN_SEED_BYTES, STEP_SECONDS, Seed, TotpHash, TotpSecret};
pub use vouch::{NotVouched, Voucher, believe_acts, confirm, confirm_by_operator, fingerprint, vouch, vouched};
pub use web_session::{ABSOLUTE, FRESH, IDLE, WebSession, end_session, login_of, open_session, still_logged_in};
