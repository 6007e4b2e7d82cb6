//! The link in a QR code, and the address for those who cannot scan. Both come from `BASE_URL`, never from a request.
use crate::base::code::PosterCode;

/// The link that a poster's QR code holds: `https://host/c/ABCDEFGHJKMN`.
///
/// Scheme and host are in lower case (RFC 3986 §3.1: producers should write schemes so): many phone cameras show a
/// link in capitals as text, or search the web for it. The code stays in capitals, for QR's alphanumeric mode needs
/// 5.5 bits for a character of it instead of 8. A query, a fragment and log-in data have no place on paper and are
/// left out. Posters of earlier editions say `HTTPS://HOST/C/…`; the routes take both spellings for ever.
#[must_use]
pub fn check_in_url(base_url: &str, code: &PosterCode) -> String {
    let base = Base::of(base_url);
    format!("{}://{}{}/c/{code}", base.scheme.to_ascii_lowercase(), base.authority.to_ascii_lowercase(), base.path)
}

/// Where a code is typed, as people write it: `host/c`.
#[must_use]
pub fn typing_address(base_url: &str) -> String {
    let base = Base::of(base_url);
    format!("{}{}/c", base.authority.to_ascii_lowercase(), base.path)
}

struct Base<'a> {
    scheme: &'a str,
    authority: &'a str,
    path: &'a str,
}

impl<'a> Base<'a> {
    /// Never fails: `base::config` has already refused what is no http(s) URL.
    fn of(base_url: &'a str) -> Self {
        let url = base_url.trim();
        let url = url.split(['?', '#']).next().unwrap_or(url);
        let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Self { scheme, authority: authority.rsplit('@').next().unwrap_or(authority), path: path.trim_end_matches('/') }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(base: &str) -> String {
        check_in_url(base, &PosterCode::parse("000000000012").unwrap())
    }

    #[test]
    fn scheme_and_host_are_lower_case_and_the_code_in_capitals() {
        for (base, want) in [
            ("https://trace.example.jp", "https://trace.example.jp/c/"),
            ("HTTPS://Trace.Example.JP/", "https://trace.example.jp/c/"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/c/"),
            ("http://[::1]:8080/", "http://[::1]:8080/c/"),
            ("https://user:Pass@city.example.jp/?q=/x#y", "https://city.example.jp/c/"),
        ] {
            assert_eq!(url(base), format!("{want}000000000012"));
        }
        let endings = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars();
        let lettered = endings.filter_map(|end| PosterCode::parse(&format!("abcd-efgh-jkm{end}")).ok()).next().unwrap();
        assert!(check_in_url("https://trace.example.jp", &lettered).starts_with("https://trace.example.jp/c/ABCDEFGHJKM"));
    }

    #[test]
    fn the_address_to_type_is_short_and_small() {
        assert_eq!(typing_address("https://Trace.Example.JP/"), "trace.example.jp/c");
        assert_eq!(typing_address("http://127.0.0.1:8080/Sub"), "127.0.0.1:8080/Sub/c");
    }
}
