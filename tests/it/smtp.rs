//! The conversation with the mail server: what arrives, what is known when it does not, and what is never said in clear.
mod opening;
mod phases;

use crate::support::smtp_sink::SmtpSink;
use ashiato::base::email_address::EmailAddress;
use ashiato::base::locale::Locale;
use ashiato::mail::message::{Message, Sender};
use ashiato::mail::smtp::{Attempt, Connection, Deadlines, Envelope, SmtpError, SmtpUrl};
use chrono::DateTime;
use std::time::Duration;

const NAME: &str = "city.example.jp";
const SUBJECT: &str = "【千葉市】利用された施設についてのお知らせ（番号 ABCD-EFGH-JKMN）";
const BODY: &str = "利用登録をされた施設についてのお知らせです。\n.\n.. 点で始まる行\n電話してください。\n";

/// Long enough for a busy machine; no test here waits for it to pass.
const PATIENT: Deadlines = Deadlines::all(Duration::from_secs(20));
/// For those that do wait. The sink's right answers come in well under this, even on two busy cores.
const SHORT: Deadlines = Deadlines::all(Duration::from_millis(400));

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn url(text: &str) -> SmtpUrl {
    SmtpUrl::parse(text).unwrap_or_else(|e| panic!("{e}"))
}

async fn open(sink: &SmtpSink) -> Connection {
    try_open(&sink.url(), PATIENT).await.unwrap_or_else(|e| panic!("{e}"))
}

async fn try_open(smtp_url: &str, deadlines: Deadlines) -> Result<Connection, SmtpError> {
    Connection::open(&url(smtp_url), NAME, &deadlines).await
}

/// The error of a conversation that must not come about.
async fn refusal(smtp_url: &str, deadlines: Deadlines) -> SmtpError {
    try_open(smtp_url, deadlines).await.err().expect("it opened")
}

fn message(to: &EmailAddress, id: &str, body: &str) -> Vec<u8> {
    let from = Sender { name: "千葉市".to_owned(), address: address("no-reply@city.example.jp") };
    let message = Message { from: &from, to, subject: SUBJECT, body, message_id: id, date: DateTime::UNIX_EPOCH, locale: Locale::Ja };
    message.to_bytes().to_vec()
}

async fn send(connection: &mut Connection, to: &str, id: &str) -> Attempt {
    let to = address(to);
    let bytes = message(&to, id, BODY);
    send_bytes(connection, &to, &bytes).await
}

async fn send_bytes(connection: &mut Connection, to: &EmailAddress, bytes: &[u8]) -> Attempt {
    let from = address("no-reply@city.example.jp");
    let envelope = Envelope { from: &from, to };
    connection.send(&envelope, bytes).await
}
