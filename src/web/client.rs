//! Finds the client behind a request, where reverse proxies stand before us. This is the only place that looks at a peer's address or at
//! what a proxy says of it.
//!
//! - A peer that is no trusted proxy is the client; what it writes into headers counts for nothing.
//! - A trusted proxy says who came: in `X-Forwarded-For`, or where that is absent in `Forwarded` (RFC 7239). Both are
//!   read from the right, past the trusted proxies. So a proxy must overwrite or append to the one that it writes, and
//!   remove the other one: what a client wrote into a header that no proxy touched would be believed.
//! - A trusted proxy that says nothing readable hides its clients. They are not one client then: see
//!   [`super::limit`] for their budget, and [`ProxyWatch`] for how it is told.
use crate::web::state::State;
use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicI64, Ordering};

/// The part of an IPv6 address that one customer holds (RFC 6177).
const IPV6_PREFIX: u8 = 64;
/// Hops that are read; more proxies than that stand nowhere.
const MAX_HOPS: usize = 16;
/// For so many seconds after the last unreadable request a proxy counts as unreadable.
pub const UNREADABLE_SECONDS: i64 = 60;

/// The client of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    /// The client's network: an IPv4 address, or an IPv6 /64.
    Network(IpAddr),
    /// Somebody behind this proxy, who cannot be told from the others behind it.
    BehindProxy(IpAddr),
}

impl Client {
    /// The network to put a name's throttle into; of hidden clients it is their proxy's.
    pub(crate) fn network(self) -> IpAddr {
        match self {
            Self::Network(address) | Self::BehindProxy(address) => address,
        }
    }
}

/// Finds the client of a request.
pub(crate) fn of(request: &HttpRequest, state: &State) -> Client {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let client = behind(peer, request.headers(), &state.trusted_proxies);
    if is_trusted(&peer, &state.trusted_proxies) {
        state.proxies.note(matches!(client, Client::Network(_)), state.clock.now().timestamp());
    }
    client
}

fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Client {
    if !is_trusted(&peer, trusted) {
        return Client::Network(network(peer));
    }
    let hops = hops(headers);
    let mut client = None;
    for hop in hops.iter().rev().take(MAX_HOPS) {
        let Some(address) = hop else { return Client::BehindProxy(network(peer)) };
        client = Some(*address);
        if !is_trusted(address, trusted) {
            break;
        }
    }
    client.map_or(Client::BehindProxy(network(peer)), |address| Client::Network(network(address)))
}

fn is_trusted(address: &IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address.to_canonical()))
}

/// The proxies' statements, in the order of the way; `None` for a hop that cannot be read.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    type Read = fn(&str) -> Option<IpAddr>;
    type Split = fn(&str) -> Vec<&str>;
    let (name, split, read): (&str, Split, Read) = if headers.contains_key("x-forwarded-for") {
        // A list of addresses, in which a quote means nothing.
        ("x-forwarded-for", |line| line.split(',').collect(), node)
    } else {
        ("forwarded", elements, forwarded_for)
    };
    let mut hops = Vec::new();
    for line in headers.get_all(name) {
        // Bytes that are no text are a hop that cannot be read: what stands before it must not count.
        let Ok(line) = line.to_str() else {
            hops.push(None);
            continue;
        };
        hops.extend(split(line).into_iter().filter(|element| !element.trim().is_empty()).map(read));
    }
    hops
}

/// The elements of a line of `Forwarded`. The client writes the left part of it and may leave a quote open, so that it would swallow the
/// comma and what the proxy appended; no proxy does. Such a line is cut at every comma.
fn elements(line: &str) -> Vec<&str> {
    if line.matches('"').count().is_multiple_of(2) { outside_quotes(line, ',').collect() } else { line.split(',').collect() }
}

/// The `for` of one element of `Forwarded`: `for="[2001:db8::7]:443";proto=https`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    outside_quotes(element, ';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| node(value))
    })?
}

/// An address as proxies write it: alone, with a port, in brackets, in quotes. `unknown` and `_hidden` (RFC 7239 §6) are none.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).trim();
    if let Some(bracketed) = text.strip_prefix('[') {
        let (address, port) = bracketed.split_once(']')?;
        let port = port.trim();
        let whole = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return whole.then(|| address.trim().parse::<Ipv6Addr>().ok().map(IpAddr::V6))?;
    }
    if let Some((address, zone)) = text.split_once('%') {
        // It says on which of the proxy's cables the address is.
        return zone.bytes().all(is_plain).then(|| address.parse::<Ipv6Addr>().ok().map(IpAddr::V6))?;
    }
    let with_port = || text.split_once(':').filter(|(_, port)| is_port(port))?.0.trim().parse::<Ipv4Addr>().ok().map(IpAddr::V4);
    text.parse().ok().or_else(with_port)
}

/// Digits, or a name that hides them (RFC 7239 §6.3).
fn is_port(text: &str) -> bool {
    match text.strip_prefix('_') {
        Some(name) => !name.is_empty() && name.bytes().all(is_plain),
        None => text.parse::<u16>().is_ok(),
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

/// Splits at `separator`, but not inside quotes.
fn outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |character| {
        quoted ^= character == '"';
        character == separator && !quoted
    })
}

/// IPv4 whole, IPv6 by its customer's prefix.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let kept = u128::from(address) >> (128 - IPV6_PREFIX) << (128 - IPV6_PREFIX);
            IpAddr::V6(Ipv6Addr::from(kept))
        }
    }
}

/// When trusted proxies were last readable and unreadable. Requests only set numbers; the upkeep raises and clears the
/// alarm, so that no request waits for the database.
#[derive(Default)]
pub struct ProxyWatch {
    readable: AtomicI64,
    unreadable: AtomicI64,
}

/// The state of the trusted proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyState {
    /// One of them hides its clients.
    Unreadable,
    /// They say who their clients are.
    Readable,
    /// No request came through one for a while.
    Unknown,
}

impl ProxyWatch {
    fn note(&self, readable: bool, now: i64) {
        if readable { &self.readable } else { &self.unreadable }.store(now, Ordering::Relaxed);
    }

    /// The observations of the last [`UNREADABLE_SECONDS`].
    #[must_use]
    pub fn state(&self, now: i64) -> ProxyState {
        let lately = |seen: &AtomicI64| {
            let seen = seen.load(Ordering::Relaxed);
            seen != 0 && now - seen < UNREADABLE_SECONDS
        };
        if lately(&self.unreadable) {
            ProxyState::Unreadable
        } else if lately(&self.readable) {
            ProxyState::Readable
        } else {
            ProxyState::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// The client behind `peer` with these header lines, as text; `?` where it cannot be told.
    fn client(peer: &str, lines: &[(&'static str, &[u8])]) -> String {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap()).to_vec();
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
        }
        match behind(ip(peer), &headers, &trusted) {
            Client::Network(address) => address.to_string(),
            Client::BehindProxy(address) => format!("?{address}"),
        }
    }

    #[test]
    fn every_form_of_an_address_is_read() {
        for (said, want) in [
            ("203.0.113.7", "203.0.113.7"),
            (" 203.0.113.7 ", "203.0.113.7"),
            ("203.0.113.7:51000", "203.0.113.7"),
            ("\"203.0.113.7\"", "203.0.113.7"),
            ("\"203.0.113.7:51000\"", "203.0.113.7"),
            ("203.0.113.7,", "203.0.113.7"),
            ("[2001:db8::7]:443", "2001:db8::"),
            ("[2001:db8::7]", "2001:db8::"),
            ("\"[2001:db8::7]:443\"", "2001:db8::"),
            ("2001:db8::7", "2001:db8::"),
            ("fe80::7%eth0", "fe80::"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::ffff:203.0.113.7]:51000", "203.0.113.7"),
            ("6.6.6.6, 203.0.113.7:51000, 10.0.0.2:443", "203.0.113.7"),
            ("6.6.6.6, [fd00::1]:443", "6.6.6.6"),
            ("10.1.2.3, 10.0.0.2", "10.1.2.3"),
        ] {
            assert_eq!(client("10.0.0.1", &[("x-forwarded-for", said.as_bytes())]), want, "{said}");
        }
        for (said, want) in [
            ("for=203.0.113.7", "203.0.113.7"),
            ("For=\"203.0.113.7:51000\";proto=https;by=10.0.0.1", "203.0.113.7"),
            ("proto=https; for=\"[2001:db8::7]:443\"", "2001:db8::"),
            ("for=\"[2001:db8::7]:_port\"", "2001:db8::"),
            ("for=6.6.6.6, for=203.0.113.7;host=\"a,b;for=6.6.6.6\", for=10.0.0.2", "203.0.113.7"),
        ] {
            assert_eq!(client("10.0.0.1", &[("forwarded", said.as_bytes())]), want, "{said}");
        }
    }

    #[test]
    fn who_hides_its_clients_is_known_and_their_words_are_not_believed() {
        for said in
            ["unknown", "_hidden", "nonsense", "203.0.113.7 x", "6.6.6.6, unknown", "6.6.6.6, unknown, 10.0.0.2", "", ",", "[::1", "\""]
        {
            assert_eq!(client("10.0.0.1", &[("x-forwarded-for", said.as_bytes())]), "?10.0.0.1", "{said}");
        }
        for said in ["for=unknown", "for=\"_hidden\"", "proto=https", "for", "for=6.6.6.6, proto=https", "for=\"_SEVKISEK\";by=203.0.113.7"]
        {
            assert_eq!(client("10.0.0.1", &[("forwarded", said.as_bytes())]), "?10.0.0.1", "{said}");
        }
        assert_eq!(client("10.0.0.1", &[]), "?10.0.0.1");
        let bytes: &[u8] = b"\xFF\xFE";
        assert_eq!(client("10.0.0.1", &[("x-forwarded-for", b"6.6.6.6"), ("x-forwarded-for", bytes)]), "?10.0.0.1");
    }

    #[test]
    fn nothing_that_a_client_writes_swallows_what_the_proxy_appends() {
        for written in ["6.6.6.1:\"", "[2001:db8:1::1]:\"", "6.6.6.1%\"", "\"", "\"6.6.6.1", "\"\"\"", "6.6.6.1:x", "\\\"", "a\"b\"c\""] {
            let said = format!("{written}, 203.0.113.7");
            assert_eq!(client("10.0.0.1", &[("x-forwarded-for", said.as_bytes())]), "203.0.113.7", "{said}");
            assert_eq!(client("10.0.0.1", &[("x-forwarded-for", written.as_bytes())]), "?10.0.0.1", "alone it is nobody: {written}");
            for appended in ["for=203.0.113.7", "for=\"203.0.113.7:443\";proto=https"] {
                let said = format!("for={written}, {appended}");
                assert_eq!(client("10.0.0.1", &[("forwarded", said.as_bytes())]), "203.0.113.7", "{said}");
            }
        }
    }

    #[test]
    fn several_lines_are_one_list_and_x_forwarded_for_counts_first() {
        let lines: [(&'static str, &[u8]); 2] = [("x-forwarded-for", b"6.6.6.6"), ("x-forwarded-for", b"203.0.113.7, 10.0.0.2")];
        assert_eq!(client("10.0.0.1", &lines), "203.0.113.7");
        assert_eq!(client("10.0.0.1", &[("forwarded", b"for=6.6.6.6"), ("x-forwarded-for", b"203.0.113.7")]), "203.0.113.7");
        // A header that is there and says nothing is not made up for by the other, which the client may have written.
        assert_eq!(client("10.0.0.1", &[("forwarded", b"for=6.6.6.6"), ("x-forwarded-for", b"unknown")]), "?10.0.0.1");
    }

    #[test]
    fn a_header_counts_only_behind_a_trusted_proxy() {
        assert_eq!(client("203.0.113.9", &[("x-forwarded-for", b"198.51.100.7")]), "203.0.113.9", "anybody can write a header");
        assert_eq!(client("203.0.113.9", &[("forwarded", b"for=198.51.100.7")]), "203.0.113.9");
        assert_eq!(client("::ffff:10.0.0.1", &[("x-forwarded-for", b"198.51.100.7")]), "198.51.100.7", "a socket for both families");
        let far = ["10.0.0.2"; MAX_HOPS].join(", ");
        assert_eq!(client("10.0.0.1", &[("x-forwarded-for", format!("6.6.6.6, {far}").as_bytes())]), "10.0.0.2", "no way is that long");
    }

    #[test]
    fn an_unreadable_proxy_is_remembered_for_a_minute() {
        let watch = ProxyWatch::default();
        assert_eq!(watch.state(1_000), ProxyState::Unknown);
        watch.note(true, 1_000);
        assert_eq!(watch.state(1_001), ProxyState::Readable);
        watch.note(false, 1_002);
        watch.note(true, 1_003);
        assert_eq!(watch.state(1_002 + UNREADABLE_SECONDS - 1), ProxyState::Unreadable);
        watch.note(true, 1_002 + UNREADABLE_SECONDS);
        assert_eq!(watch.state(1_002 + UNREADABLE_SECONDS), ProxyState::Readable);
    }
}
