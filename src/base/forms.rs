//! Forms in which people write settings: taken as they were meant, or refused with one sentence that names the form and
//! an example. clap puts the name of the setting before it.
use crate::base::email_address::EmailAddress;
use ipnet::IpNet;
use sqlx::postgres::PgConnectOptions;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// An example for whoever wrote something else.
const BASE_URL_EXAMPLE: &str = "https://trace.city.example.jp";

const MAIL_FROM_EXAMPLE: &str = "notice@city.example.jp";
const DATABASE_URL_EXAMPLE: &str = "postgres://user:password@host:5432/database";

/// `TRUSTED_PROXIES`: networks, and addresses that stand alone, with commas or spaces between them. May be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNet>);

impl std::str::FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = |word: &str| format!("{word:?} is no address or network: write them as in 10.0.0.1,10.1.0.0/16,2001:db8::/32");
        let words = text.split([',', ';', ' ', '\t', '\u{3000}']).filter(|word| !word.is_empty());
        let network = |word: &str| {
            let bare = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')).unwrap_or(word);
            bare.parse().or_else(|_| bare.parse::<IpAddr>().map(IpNet::from)).map_err(|_| bad(word))
        };
        words.map(network).collect::<Result<_, _>>().map(Self)
    }
}

/// `LISTEN_ADDR` and `METRICS_ADDR`: an address and a port; without an address all of the machine's own are meant.
pub fn socket_address(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let whole = match text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}")) {
        Some(local) => local,
        None if text.starts_with(':') => format!("0.0.0.0{text}"),
        None => text.to_owned(),
    };
    whole.parse().map_err(|_| format!("{text:?} is no address with a port: write it as in 127.0.0.1:8080 or 0.0.0.0:8080"))
}

/// `TZ_NAME`, in whatever case.
pub fn time_zone(text: &str) -> Result<chrono_tz::Tz, String> {
    let known = chrono_tz::TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(text.trim()));
    known.copied().ok_or_else(|| format!("{text:?} is no time zone: write it as in Asia/Tokyo"))
}

/// `RUST_LOG`. A word that is neither a level nor a part of the program would silence every line.
pub fn log_filter(text: &str) -> Result<String, String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_bare = |word: &str| !word.contains(['=', '[']) && !word.contains("::") && !word.starts_with("ashiato");
    let wrong = text.split(',').map(str::trim).find(|word| is_bare(word) && !LEVELS.contains(&word.to_ascii_lowercase().as_str()));
    match wrong {
        Some(word) if !word.is_empty() => {
            Err(format!("{word:?} is no level: write one of error, warn, info, debug, trace, or as in info,ashiato::mail=debug"))
        }
        _ => Ok(text.to_owned()),
    }
}

/// Checks `BASE_URL`. Returns it in lower case without a slash at its end, and its host with its port.
///
/// Every link, every form and every poster is built from it, and the service answers at the root of its host alone: a
/// path would stand on paper and lead nowhere.
pub fn base_url(text: &str) -> Result<(String, String), String> {
    let bad = |why: &str| format!("{why}: write it as in {BASE_URL_EXAMPLE}");
    let text = text.trim();
    let scheme =
        ["https://", "http://"].into_iter().find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let scheme = scheme.ok_or_else(|| bad("it must begin with https:// (or http:// for a trial)"))?;
    let rest = &text[scheme.len()..];
    let (authority, after) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
    if !after.trim_end_matches('/').is_empty() {
        return Err(bad("the service answers at the root of its host, so it has no path, query or fragment"));
    }
    if authority.contains('@') {
        return Err(bad("it holds no user and no password"));
    }
    if !authority.is_ascii() {
        return Err(bad("a host with other letters is written in its ASCII form, which begins with xn--"));
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if !is_host(host) {
        return Err(bad("it needs the name or the address of a host"));
    }
    let number =
        port.map(|port| port.parse::<u16>().ok().filter(|number| *number > 0).ok_or_else(|| bad("its port is a number up to 65535")));
    let usual = if scheme == "https://" { 443 } else { 80 };
    let port = number.transpose()?.filter(|number| *number != usual).map(|number| format!(":{number}")).unwrap_or_default();
    let host = format!("{}{port}", host.to_ascii_lowercase());
    Ok((format!("{scheme}{host}"), host))
}

/// Whether what people send to this [`base_url`] can be read on the way: it has no TLS, and leads off this machine.
#[must_use]
pub fn is_open_to_readers(base_url: &str) -> bool {
    let Some(authority) = base_url.strip_prefix("http://") else { return false };
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    };
    let host = host.trim_end_matches('.');
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    !(host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback()))
}

/// `MAIL_FROM`: the address alone. What is refused is not said back: it may be somebody's address.
pub fn mail_from(text: &str) -> Result<EmailAddress, String> {
    if text.contains(['<', '>', '"']) {
        return Err(format!(
            "write the address alone, as in {MAIL_FROM_EXAMPLE}: the name before it is made of CITY_NAME and SERVICE_NAME"
        ));
    }
    EmailAddress::parse(text).map_err(|error| format!("{error}: write it as in {MAIL_FROM_EXAMPLE}"))
}

/// `DATABASE_URL` and `INGEST_DATABASE_URL`. No part of what is refused is said back: any may be of the password.
pub fn database_url(text: &str) -> Result<(), String> {
    let bad = |why: &str| Err(format!("{why}: write it as in {DATABASE_URL_EXAMPLE}"));
    let Some((scheme, rest)) = text.split_once("://") else {
        return bad(if text.contains('=') {
            "name=value pairs are not read (a socket's directory is given as in postgres:///database?host=/var/run/postgresql&user=name)"
        } else {
            "it must begin with postgres://"
        });
    };
    if !["postgres", "postgresql"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return bad("it must begin with postgres://, and with nothing before or after that word");
    }
    let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (login, host) = authority.rsplit_once('@').map_or((None, authority), |(login, host)| (Some(login), host));
    // A password that ends the authority too early leaves its own @ behind, in the path or in a parameter without a value.
    let (path, query) = after.split_once('?').unwrap_or((after, ""));
    let first_name = query.split(['=', '&']).next().unwrap_or_default();
    let is_cut = login.is_none() && (path.contains('@') || first_name.contains('@'));
    if is_cut || after.contains('#') || login.is_some_and(has_stray_percent) {
        return bad("user or password holds a character that is written in another way there, \
             / as %2F, ? as %3F, # as %23, @ as %40, : as %3A, % as %25");
    }
    let port = host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map(|(_, port)| port);
    if port.is_some_and(|port| !port.is_empty() && port.parse::<u16>().is_err()) {
        return bad("its port is a number up to 65535 (a : in user or password is written %3A)");
    }
    if query.split('&').any(|pair| pair == "sslrootcert=system") {
        return bad("sslrootcert=system is not known: leave it out to trust the public authorities, or name a file of your own");
    }
    text.parse::<PgConnectOptions>().map_or_else(|_| bad("it cannot be read"), |_| Ok(()))
}

/// A % that no two hexadecimal digits follow.
fn has_stray_percent(text: &str) -> bool {
    let mut parts = text.split('%');
    parts.next();
    parts.any(|part| part.len() < 2 || !part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    host.len() <= 253 && host.split('.').all(|label| (1..=63).contains(&label.len()) && label.bytes().all(fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read_as_people_write_them() {
        let read =
            |text: &str| text.parse::<Networks>().map(|networks| networks.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        for (text, want) in [
            ("10.0.0.1", "10.0.0.1/32"),
            ("10.0.0.0/8, 127.0.0.1/32", "10.0.0.0/8 127.0.0.1/32"),
            ("10.0.0.0/8,127.0.0.1/32,", "10.0.0.0/8 127.0.0.1/32"),
            (" 10.0.0.1 10.0.0.2\u{3000}", "10.0.0.1/32 10.0.0.2/32"),
            ("::1,[2001:db8::7],2001:db8::/32", "::1/128 2001:db8::7/128 2001:db8::/32"),
            ("", ""),
            (" , ", ""),
        ] {
            assert_eq!(read(text).as_deref(), Ok(want), "{text:?}");
        }
        for text in ["nginx", "10.0.0.0/33", "10.0.0.1:80", "10.0.0", "http://10.0.0.1"] {
            let said = read(text).unwrap_err();
            assert!(said.contains(text) && said.contains("10.1.0.0/16"), "{said}");
        }
    }

    #[test]
    fn a_base_url_is_folded() {
        for (text, want) in [
            ("https://trace.city.example.jp", "https://trace.city.example.jp"),
            (" HTTPS://Trace.City.Example.JP/ ", "https://trace.city.example.jp"),
            ("https://trace.city.example.jp:443//", "https://trace.city.example.jp"),
            ("https://trace.city.example.jp:8443", "https://trace.city.example.jp:8443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://localhost:80", "http://localhost"),
            ("https://[2001:DB8::7]:8443/", "https://[2001:db8::7]:8443"),
            ("https://[::1]", "https://[::1]"),
            ("https://xn--u8jxb9ic.example.jp", "https://xn--u8jxb9ic.example.jp"),
        ] {
            let host = want.split_once("://").unwrap().1;
            assert_eq!(base_url(text), Ok((want.to_owned(), host.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_base_url_that_leads_nowhere_is_refused_with_a_reason_and_an_example() {
        for (text, why) in [
            ("https://city.example.jp/trace", "root of its host"),
            ("https://city.example.jp/trace/", "root of its host"),
            ("https://city.example.jp/?q=1", "root of its host"),
            ("https://city.example.jp#top", "root of its host"),
            ("https://user:secret@city.example.jp", "no user"),
            ("https://user@city.example.jp/trace", "root of its host"),
            ("trace.city.example.jp", "begin with https://"),
            ("javascript:alert(1)", "begin with https://"),
            ("ftp://city.example.jp", "begin with https://"),
            ("", "begin with https://"),
            ("https://", "a host"),
            ("https:///trace", "root of its host"),
            ("https://:8443", "a host"),
            ("https://city..example.jp", "a host"),
            ("https://ci ty.example.jp", "a host"),
            ("https://2001:db8::7", "a host"),
            ("https://[nonsense]", "a host"),
            ("https://city.example.jp:port", "port"),
            ("https://city.example.jp:", "port"),
            ("https://city.example.jp:65536", "port"),
            ("https://city.example.jp:0", "port"),
            ("https://追跡.example.jp", "xn--"),
            ("https://city.example.jp\\trace", "root of its host"),
        ] {
            let said = base_url(text).unwrap_err();
            assert!(said.contains(why) && said.contains(BASE_URL_EXAMPLE) && !said.contains("secret"), "{text}: {said}");
        }
    }

    #[test]
    fn what_can_be_read_on_the_way_is_known() {
        for (text, open) in [
            ("https://trace.city.example.jp", false),
            ("http://localhost:8080", false),
            ("http://trial.localhost", false),
            ("http://127.0.0.1:8080", false),
            ("http://127.9.9.9", false),
            ("http://[::1]:8080", false),
            ("http://trace.city.example.jp", true),
            ("http://10.0.0.1:8080", true),
            ("http://[2001:db8::7]", true),
            ("http://0.0.0.0:8080", true),
            ("http://localhost.example.jp", true),
            ("http://127.0.0.1.example.jp", true),
        ] {
            assert_eq!(is_open_to_readers(&base_url(text).unwrap().0), open, "{text}");
        }
    }

    #[test]
    fn a_sender_is_an_address_alone() {
        assert!(mail_from(" oshirase@city.example.jp ").is_ok());
        for text in
            ["あおば市 <secret@city.example.jp>", "<secret@city.example.jp>", "\"secret\"@city.example.jp", "secret", "secret@city", ""]
        {
            let said = mail_from(text).unwrap_err();
            assert!(said.contains(MAIL_FROM_EXAMPLE) && !said.contains("secret"), "{text}: {said}");
        }
        assert!(mail_from("City <notice@city.example.jp>").unwrap_err().contains("CITY_NAME"));
    }

    #[test]
    fn a_database_url_is_taken_as_meant() {
        for text in [
            "postgres://user@[::1]:5432/db",
            "postgresql://user:pass%2Fword@host/db?sslmode=verify-full",
            "postgres://user:p@ss:w@host:5432/db",
            "postgres:///db?host=/var/run/postgresql&user=u",
            "postgres:///db?host=%2Ftmp%2Fx&port=5432&user=a@b&sslmode=disable",
            "postgres://host",
            "Postgres://user:@host:/db",
        ] {
            assert_eq!(database_url(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_database_url_that_cannot_be_meant_is_refused_without_its_password() {
        let written = "written in another way";
        for (text, why) in [
            ("host=/var/run/postgresql dbname=db user=u password=s3cret", "name=value"),
            ("user:s3cret@host/db", "begin with postgres://"),
            ("localhost/db", "begin with postgres://"),
            ("mysql://user:s3cret@host/db", "begin with postgres://"),
            ("postgresql+asyncpg://user:s3cret@host/db", "begin with postgres://"),
            ("jdbc:postgresql://host/db?password=s3cret", "begin with postgres://"),
            ("postgres://user:s3cret/w@host/db", written),
            ("postgres://user:12/s3cret@host/db", written),
            ("postgres://user:s3cret?w@host/db", written),
            ("postgres://user:s3cret#w@host/db", written),
            ("postgres://user:100%s3cret@host/db", written),
            ("postgres://user:s3cret%@host/db", written),
            ("postgres://host:s3cret/db", "port"),
            ("postgres://user:s3cret@host:99999/db", "port"),
            ("postgres://u:s3cret@h/db?sslmode=verify-full&sslrootcert=system", "leave it out"),
            ("postgres://u:s3cret@h/db?sslmode=always", "cannot be read"),
        ] {
            let said = database_url(text).unwrap_err();
            assert!(said.contains(why) && said.contains(DATABASE_URL_EXAMPLE) && !said.contains("s3cret"), "{text}: {said}");
        }
    }

    #[test]
    fn addresses_zones_and_levels_are_taken_as_meant() {
        for (text, want) in
            [(":8080", "0.0.0.0:8080"), ("localhost:8080", "127.0.0.1:8080"), ("[::]:80", "[::]:80"), ("10.0.0.1:80 ", "10.0.0.1:80")]
        {
            assert_eq!(socket_address(text).map(|address| address.to_string()).as_deref(), Ok(want));
        }
        for text in ["8080", "nginx:80", "127.0.0.1", ""] {
            assert!(socket_address(text).unwrap_err().contains("127.0.0.1:8080"), "{text}");
        }
        assert_eq!(time_zone("asia/tokyo"), Ok(chrono_tz::Asia::Tokyo));
        assert!(time_zone("JST-9").unwrap_err().contains("Asia/Tokyo"));
        for text in ["info", "WARN", "info,ashiato::mail=debug", "ashiato=trace", "sqlx=off", ""] {
            assert!(log_filter(text).is_ok(), "{text}");
        }
        assert!(log_filter("verbose").unwrap_err().contains("debug"));
    }
}
