//! Endpoints that are not AWS: one that is closed, one that is silent, one that says no to everything, one that says
//! back what it is told.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

/// What STS says to credentials whose time is over.
pub(crate) const EXPIRED: &str = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>\
    <Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the request is expired\
    </Message></Error><RequestId>0b6b7d3e-6a53-4b8a-9d5c-2f7a1f0f5f55</RequestId></ErrorResponse>";

/// A port at which nobody listens.
pub(crate) fn closed() -> io::Result<String> {
    endpoint(&TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?)
}

/// A port that takes connections and never answers, as long as the value lives.
pub(crate) struct Silent {
    _listener: TcpListener,
    pub(crate) endpoint: String,
}

pub(crate) fn silent() -> io::Result<Silent> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(Silent { endpoint: endpoint(&listener)?, _listener: listener })
}

/// A port that answers this to every request, for the rest of the process.
pub(crate) fn answering(body: &'static str) -> io::Result<String> {
    serving(move |_| body.to_owned())
}

/// A port that answers every request with the request, as a proxy under inspection may.
pub(crate) fn echoing() -> io::Result<String> {
    serving(|request| String::from_utf8_lossy(request).into_owned())
}

fn serving(body: impl Fn(&[u8]) -> String + Send + 'static) -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let endpoint = endpoint(&listener)?;
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A client that goes away in between has nothing to tell us.
            let _ = refuse(connection, &body);
        }
    });
    Ok(endpoint)
}

fn refuse(mut connection: impl Read + Write, body: &impl Fn(&[u8]) -> String) -> io::Result<()> {
    let mut request = [0; 16 * 1024];
    let length = connection.read(&mut request)?;
    let body = body(&request[..length]);
    write!(
        connection,
        "HTTP/1.1 403 Forbidden\r\nContent-Type: text/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn endpoint(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}
