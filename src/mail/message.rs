//! One mail as bytes: header and text, in plain MIME (RFC 5322, RFC 2045, RFC 2047).
//!
//! lettre does the encoding; this file decides which fields there are, and lets nothing through that breaks one. lettre
//! 0.11 panics on CR, LF and NUL in a display name, which would make one bad name a poison for the whole worker.
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, From, HeaderName, HeaderValue, Headers, MIME_VERSION_1_0, Subject, To};
use lettre::message::{Body, Mailbox, Mailboxes};
use zeroize::Zeroizing;

/// Most characters of a subject or a name that are sent. One word of ASCII cannot be folded, and a line holds 998 bytes
/// (RFC 5322 §2.1.1); no mail program shows more than this anyway.
pub const MAX_LINE_CHARS: usize = 250;

/// From whom the mails come: `MAIL_FROM` and the city's name.
#[derive(Clone)]
pub struct Sender {
    /// The name shown; any text, an empty one is left out.
    pub name: String,
    /// The address shown, and the return path.
    pub address: EmailAddress,
}

/// One mail to one person. It has no Cc, no Bcc, no List-Unsubscribe and no HTML (docs/DESIGN.md §3 "Mail").
pub struct Message<'a> {
    /// The sender.
    pub from: &'a Sender,
    /// The only recipient.
    pub to: &'a EmailAddress,
    /// The subject in plain text.
    pub subject: &'a str,
    /// The text, with any line ends.
    pub body: &'a str,
    /// `left@right`, with or without angle brackets. The same in every attempt, so that mail servers and people can
    /// tell a second copy for what it is.
    pub message_id: &'a str,
    /// When it was written.
    pub date: DateTime<Utc>,
    /// The language of the text, for `Content-Language` (RFC 3282).
    pub locale: Locale,
}

impl Message<'_> {
    /// Header, empty line and encoded text: ASCII only, lines of at most 998 bytes (RFC 5322 §2.1.1) that end in CRLF.
    ///
    /// Never fails: characters that have no place in a header field are left out or become spaces.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let body = Body::new(clean_text(self.body));
        let headers = Zeroizing::new(self.headers(body.encoding()).to_string());
        let mut bytes = Zeroizing::new(Vec::with_capacity(headers.len() + 2 + body.len()));
        bytes.extend_from_slice(headers.as_bytes());
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body.as_ref());
        bytes
    }

    fn headers(&self, encoding: ContentTransferEncoding) -> Headers {
        let mut headers = Headers::new();
        let name = Some(clean_line(&self.from.name)).filter(|name| !name.is_empty());
        headers.set(From::from(mailbox(name, &self.from.address)));
        headers.set(To::from(mailbox(None, self.to)));
        headers.set(Subject::from(clean_line(self.subject)));
        headers.insert_raw(field(HeaderName::new_from_ascii_str("Date"), date(self.date)));
        let message_id = format!("<{}>", clean_id(self.message_id));
        headers.insert_raw(field(HeaderName::new_from_ascii_str("Message-ID"), message_id));
        headers.set(MIME_VERSION_1_0);
        let content_type = "text/plain; charset=utf-8".to_owned();
        headers.insert_raw(field(HeaderName::new_from_ascii_str("Content-Type"), content_type));
        headers.set(encoding);
        headers.insert_raw(field(HeaderName::new_from_ascii_str("Content-Language"), self.locale.tag().to_owned()));
        // RFC 3834 §5: vacation answers and ticket systems leave such mails alone.
        headers.insert_raw(field(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
        headers
    }
}

/// A field whose value is already ASCII without line ends and must not be folded.
fn field(name: HeaderName, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value)
}

/// The local part goes in as it stands on the wire, quotes included; [`EmailAddress`] has proved it safe.
fn mailbox(name: Option<String>, address: &EmailAddress) -> Mailboxes {
    let form = address.envelope_form();
    let local = &form[..form.len() - address.domain().len() - 1];
    let address = Address::new_dangerous(local, address.domain());
    Mailboxes::from(Mailbox::new(name, address))
}

/// RFC 5322 §3.3, in UTC.
fn date(instant: DateTime<Utc>) -> String {
    instant.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// One line of text: control characters and line separators become spaces, runs of spaces become one, and characters
/// that turn the direction of writing around are left out (they can make a sender look like another). Cut after
/// [`MAX_LINE_CHARS`].
fn clean_line(text: &str) -> String {
    let visible: String = text.chars().filter(|&c| !is_bidi_control(c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<_> = visible.split_whitespace().collect();
    words.join(" ").chars().take(MAX_LINE_CHARS).collect()
}

/// Lines of text: LF and tab stay, CRLF and CR become LF, other control characters are left out.
fn clean_text(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let keep = |c: &char| matches!(c, '\n' | '\t') || !c.is_control();
    lines.chars().filter(keep).collect()
}

/// The characters that may stand in a Message-ID without quotes (RFC 5322 §3.6.4), and its one `@`.
fn clean_id(id: &str) -> String {
    let keep = |c: &char| c.is_ascii_alphanumeric() || ".-_+=@".contains(*c);
    id.chars().filter(keep).collect()
}

/// Unicode UAX #9: marks, embeddings, overrides and isolates; and the zero-width no-break space.
fn is_bidi_control(c: char) -> bool {
    matches!(
        c,
        '\u{061c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use mail_parser::{HeaderName as Name, MessageParser};
    use proptest::prelude::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn bytes(name: &str, to: &str, subject: &str, body: &str) -> Vec<u8> {
        let from = Sender { name: name.to_owned(), address: address("no-reply@city.example.jp") };
        let message = Message {
            from: &from,
            to: &address(to),
            subject,
            body,
            message_id: "0123.abc@city.example.jp",
            date: Utc.with_ymd_and_hms(2026, 11, 22, 13, 41, 5).unwrap(),
            locale: Locale::Ja,
        };
        message.to_bytes().to_vec()
    }

    /// The names of the fields, in order. A field that was injected would be among them.
    fn fields(bytes: &[u8]) -> Vec<String> {
        let mail = MessageParser::default().parse(bytes).unwrap();
        mail.headers().iter().map(|h| h.name().to_owned()).collect()
    }

    const FIELDS: [&str; 10] = [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Language",
        "Auto-Submitted",
    ];

    #[test]
    fn a_japanese_mail_reads_as_it_was_written() {
        let subject = "【千葉市】利用された施設についてのお知らせ（番号 ABCD-EFGH-JKMN）とても長い件名でも折り返されて読めること";
        let body = "利用登録をされた施設を、同じ日に利用していました。\n.\n電話してください。\n";
        let bytes = bytes("千葉市, \"足あと\" (試験)", "taro@example.jp", subject, body);
        assert!(bytes.is_ascii());
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(mail.subject(), Some(subject));
        assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n"), body);
        let from = mail.from().unwrap().first().unwrap();
        assert_eq!(from.name(), Some("千葉市, \"足あと\" (試験)"));
        assert_eq!(from.address(), Some("no-reply@city.example.jp"));
        assert_eq!(mail.message_id(), Some("0123.abc@city.example.jp"));
        assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-11-22T13:41:05Z");
        assert_eq!(fields(&bytes), FIELDS);
    }

    #[test]
    fn the_fields_say_what_the_design_asks() {
        let text = String::from_utf8(bytes("City", "taro@example.jp", "Hello", "Hi\n")).unwrap();
        for line in [
            "From: City <no-reply@city.example.jp>\r\n",
            "To: taro@example.jp\r\n",
            "Date: Sun, 22 Nov 2026 13:41:05 +0000\r\n",
            "Message-ID: <0123.abc@city.example.jp>\r\n",
            "MIME-Version: 1.0\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Language: ja\r\n",
            "Auto-Submitted: auto-generated\r\n",
        ] {
            assert!(text.contains(line), "{line:?} is missing in {text}");
        }
    }

    #[test]
    fn an_old_carrier_address_keeps_its_quotes() {
        let bytes = bytes("市", "ta..ro@docomo.ne.jp", "s", "b");
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("To: \"ta..ro\"@docomo.ne.jp\r\n"), "{text}");
    }

    /// lettre 0.11.23: `Mailbox::new(Some("a\r\nb"), …)` in a From field panics (measured).
    #[test]
    fn line_ends_nul_and_bidi_neither_panic_nor_inject() {
        for bad in ["\r\n", "\r", "\n", "\0", "\u{2028}", "\u{85}", "\u{202e}", "\u{7f}", "\u{b}"] {
            let text = format!("a{bad}Bcc: x@example.jp");
            let bytes = bytes(&text, "taro@example.jp", &text, "b");
            assert_eq!(fields(&bytes), FIELDS, "{bad:?}");
            let mail = MessageParser::default().parse(&bytes).unwrap();
            let subject = mail.subject().unwrap().to_owned();
            assert!(!subject.contains(bad), "{bad:?} stayed in {subject:?}");
            let name = mail.from().unwrap().first().unwrap().name().unwrap();
            assert!(!name.contains(bad), "{bad:?} stayed in {name:?}");
        }
        let empty = bytes("\r\n\u{202e}", "taro@example.jp", "", "");
        let text = String::from_utf8(empty).unwrap();
        assert!(text.starts_with("From: no-reply@city.example.jp\r\n"));
    }

    #[test]
    fn a_subject_is_cut_at_its_limit() {
        for chars in [MAX_LINE_CHARS - 1, MAX_LINE_CHARS, MAX_LINE_CHARS + 1] {
            for letter in ["a", "あ"] {
                let bytes = bytes("City", "taro@example.jp", &letter.repeat(chars), "b");
                let mail = MessageParser::default().parse(&bytes).unwrap();
                let kept = mail.subject().unwrap().chars().count();
                assert_eq!(kept, chars.min(MAX_LINE_CHARS));
            }
        }
    }

    #[test]
    fn a_message_id_cannot_end_its_field() {
        let from = Sender { name: String::new(), address: address("no-reply@city.example.jp") };
        let message = Message {
            from: &from,
            to: &address("taro@example.jp"),
            subject: "s",
            body: "b",
            message_id: "<1@city.example.jp>\r\nBcc: x",
            date: DateTime::UNIX_EPOCH,
            locale: Locale::En,
        };
        assert_eq!(fields(&message.to_bytes()), FIELDS);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_sound_mail(
            name in "\\PC{0,60}|[\\x00-\\x7f]{0,60}|.{0,60}",
            subject in "\\PC{0,200}|[\\x00-\\x7f]{0,200}|.{0,200}|[a-z]{0,1200}",
            body in "(.{0,90}[\r\n]{0,2}){0,6}|[a-z]{0,1200}|[あ-ん]{0,400}",
        ) {
            let bytes = bytes(&name, "taro@example.jp", &subject, &body);
            prop_assert!(bytes.is_ascii());
            prop_assert!(!bytes.contains(&0));
            let text = String::from_utf8(bytes.clone()).unwrap();
            prop_assert!(text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
            prop_assert_eq!(fields(&bytes), FIELDS);
            let mail = MessageParser::default().parse(&bytes).unwrap();
            prop_assert!(mail.header(Name::Bcc).is_none());
        }
    }
}
