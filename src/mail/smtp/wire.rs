//! The message as it goes over the wire after DATA.

/// Appends `message` with every line end as CRLF, leading dots doubled (RFC 5321 §4.5.2), and the final dot.
///
/// A bare CR and a bare LF each become CRLF. So no server, however lenient about line ends, can read a final dot in the
/// middle and take what follows as commands ("SMTP smuggling", CVE-2023-51764).
pub(crate) fn append_message(out: &mut Vec<u8>, message: &[u8]) {
    // Each byte becomes two at most (an LF, or a dot at the start of a line): no regrowth leaves a copy behind.
    out.reserve(message.len() * 2 + 5);
    let mut line_start = true;
    let mut bytes = message.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if matches!(byte, b'\r' | b'\n') {
            if byte == b'\r' {
                bytes.next_if_eq(&b'\n');
            }
            out.extend_from_slice(b"\r\n");
            line_start = true;
            continue;
        }
        if byte == b'.' && line_start {
            out.push(b'.');
        }
        out.push(byte);
        line_start = false;
    }
    out.extend_from_slice(if line_start { b".\r\n" } else { b"\r\n.\r\n" });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn on_wire(message: &str) -> String {
        let mut out = Vec::new();
        append_message(&mut out, message.as_bytes());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_are_stuffed_and_ended() {
        assert_eq!(on_wire("a\r\n"), "a\r\n.\r\n");
        assert_eq!(on_wire("a"), "a\r\n.\r\n");
        assert_eq!(on_wire(""), ".\r\n");
        assert_eq!(on_wire(".\r\n..\r\na.b"), "..\r\n...\r\na.b\r\n.\r\n");
        assert_eq!(on_wire("\n\r\r\n"), "\r\n\r\n\r\n.\r\n");
    }

    #[test]
    fn no_line_end_smuggles_a_final_dot() {
        for end in ["\n.\n", "\r.\r", "\r.\r\n", "\n.\r\n", "\r\n.\r", "\r\n.\n", "\r\n.\r\n"] {
            let wire = on_wire(&format!("a{end}MAIL FROM:<x@example.jp>\r\n"));
            assert_eq!(wire, "a\r\n..\r\nMAIL FROM:<x@example.jp>\r\n.\r\n", "{end:?}");
        }
    }

    proptest! {
        #[test]
        fn the_only_final_dot_is_ours(message in "[a.\r\n]{0,40}") {
            let wire = on_wire(&message);
            prop_assert!(wire.len() <= message.len() * 2 + 5);
            let whole = format!("\r\n{wire}");
            prop_assert_eq!(whole.matches("\r\n.\r\n").count(), 1);
            prop_assert!(whole.ends_with("\r\n.\r\n"));
            let without_crlf = wire.replace("\r\n", "");
            prop_assert!(!without_crlf.contains(['\r', '\n']));
        }

        #[test]
        fn the_receiver_reads_what_was_meant(lines in proptest::collection::vec("[a-c.]{0,5}", 1..8)) {
            let wire = on_wire(&lines.join("\r\n"));
            let body = wire.strip_suffix(".\r\n").unwrap();
            let read: Vec<_> = body.lines().map(|l| l.strip_prefix('.').unwrap_or(l)).collect();
            let meant = if lines.last().is_some_and(String::is_empty) { &lines[..lines.len() - 1] } else { &lines[..] };
            prop_assert_eq!(read, meant);
        }
    }
}
