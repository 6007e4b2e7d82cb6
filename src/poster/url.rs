//! The link in a QR code, and the address for those who cannot scan. Both come from `BASE_URL`, never from a request.
use crate::base::code::PosterCode;

/// The link that a poster's QR code holds: `HTTPS://HOST/C/ABCDEFGHJKMN`.
///
/// Scheme and host are case-insensitive (RFC 3986 §3.1, §3.2.2) and our route takes `/C/`, so all is in upper case:
/// QR's alphanumeric mode needs 5.5 bits a character then instead of 8. A path of `base_url` keeps its case. A query,
/// a fragment and log-in data have no place on paper and are left out.
#[must_use]
pub fn check_in_url(base_url: &str, code: &PosterCode) -> String {
    let base = Base::of(base_url);
    format!("{}://{}{}/C/{code}", base.scheme.to_ascii_uppercase(), base.authority.to_ascii_uppercase(), base.path)
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
    fn scheme_and_host_are_upper_case_and_the_rest_is_kept() {
        for (base, want) in [
            ("https://trace.example.jp", "HTTPS://TRACE.EXAMPLE.JP/C/"),
            ("https://trace.example.jp/", "HTTPS://TRACE.EXAMPLE.JP/C/"),
            ("http://127.0.0.1:8080", "HTTP://127.0.0.1:8080/C/"),
            ("http://[::1]:8080/", "HTTP://[::1]:8080/C/"),
            ("https://city.example.jp/Trace/v2/", "HTTPS://CITY.EXAMPLE.JP/Trace/v2/C/"),
            ("https://city.example.jp:8443/a", "HTTPS://CITY.EXAMPLE.JP:8443/a/C/"),
            ("https://user:Pass@city.example.jp/?q=/x#y", "HTTPS://CITY.EXAMPLE.JP/C/"),
        ] {
            assert_eq!(url(base), format!("{want}000000000012"));
        }
    }

    #[test]
    fn the_address_to_type_is_short_and_small() {
        assert_eq!(typing_address("https://Trace.Example.JP/"), "trace.example.jp/c");
        assert_eq!(typing_address("http://127.0.0.1:8080/Sub"), "127.0.0.1:8080/Sub/c");
    }
}
