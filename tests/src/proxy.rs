//! A proxy between one run of `sidekick` and its moto server: it counts the requests that may change something, and
//! catches one of them, so that the run can be killed at exactly that moment.
//!
//! A request is forwarded whole or not at all, each over a connection of its own. From the moment of the kill on nothing
//! is forwarded and no answer is passed on, so nothing that the dead process sent reaches the server late.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::moto::Call;

/// moto answers within milliseconds; what takes this long has been lost.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// On which side of a request its run is caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The server never sees the request.
    Before,
    /// The server has answered, and the run never sees that.
    After,
}

/// What becomes of the requests that are not the caught one, if they may change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They pass until the one is caught, and nothing at all after that: the run is about to be killed.
    PassUntilThen,
    /// None of them passes, so that the run makes at most this one step.
    Wait,
    /// They pass, for the run is to live on.
    Pass,
}

/// Which request is caught, and how.
#[derive(Clone, Debug)]
pub struct Trap {
    /// The call that counts; any that may change something, if it is not named.
    pub call: Option<Call>,
    /// Requests that pass like those that only read, word for word.
    pub known: BTreeSet<Request>,
    /// The first of these is 1.
    pub nth: usize,
    /// On which side.
    pub side: Side,
    /// What becomes of the others.
    pub others: Others,
}

/// A proxy that serves one run; dropping it ends its port.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    trap: Trap,
    state: Mutex<State>,
    answered: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whether nothing passes any more, in either direction.
    closed: bool,
    /// Whether the proxy is no more.
    ended: bool,
    /// The requests so far that count for the trap.
    counted: usize,
    caught: Option<Request>,
    /// Requests that the server has and has not answered.
    in_flight: usize,
    /// Connections that are kept open and get no answer.
    withheld: Vec<TcpStream>,
    /// The first failure to reach the server.
    trouble: Option<io::Error>,
}

/// What becomes of one request.
enum Fate {
    Withheld,
    Passed,
    /// It is passed, and its answer is caught.
    Caught,
}

/// One whole request. Two are equal if they ask for the same: a repeated one is signed anew.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// The AWS call that it is.
    pub call: Call,
    body: Vec<u8>,
}

/// A request as it came.
struct Received {
    head: String,
    body: Vec<u8>,
}

impl Proxy {
    /// A proxy in front of a server.
    pub fn start(server: SocketAddr, trap: Trap) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (state, answered) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { server, trap, state, answered });
        let proxy = Self { address: listener.local_addr()?, shared: shared.clone() };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.state().ended {
                    return;
                }
                let shared = shared.clone();
                // A client that dies has nothing to tell us; that it dies is what we are here for.
                thread::spawn(move || drop(shared.serve(client)));
            }
        });
        Ok(proxy)
    }

    /// Where it answers, as an AWS endpoint URL.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The request that was caught, once there is one.
    pub fn caught(&self) -> Option<Request> {
        self.shared.state().caught.clone()
    }

    /// Lets nothing pass any more, and waits until the server has answered everything that it was sent.
    pub fn close(self) -> io::Result<()> {
        let mut state = self.shared.state();
        state.closed = true;
        while state.in_flight > 0 {
            state = self.shared.answered.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.trouble.take().map_or(Ok(()), Err)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        (state.closed, state.ended) = (true, true);
        drop(state);
        // The listener waits for a connection; this one shows it that it is done.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        let Some(received) = Received::read(&mut client)? else { return Ok(()) };
        let request = Request { call: received.call(), body: received.body.clone() };
        let fate = self.admit(&request);
        if matches!(fate, Fate::Withheld) {
            self.state().withheld.push(client);
            return Ok(());
        }
        let answer = received.forward(self.server);
        let mut state = self.state();
        state.in_flight -= 1;
        self.answered.notify_all();
        if matches!(fate, Fate::Caught) {
            state.catch(request, &self.trap);
        }
        match answer {
            Ok(answer) if matches!(fate, Fate::Passed) && !state.closed => {
                drop(state);
                client.write_all(&answer)?;
            }
            Ok(_) => state.withheld.push(client),
            Err(error) => {
                state.trouble.get_or_insert(error);
            }
        }
        Ok(())
    }

    /// Counts a request and decides about it, at one moment for all.
    fn admit(&self, request: &Request) -> Fate {
        let mut state = self.state();
        if state.closed {
            return Fate::Withheld;
        }
        let (trap, call) = (&self.trap, &request.call);
        let known = trap.known.contains(request);
        let counts = !known && trap.call.as_ref().map_or(call.is_mutating(), |wanted| wanted == call);
        state.counted += usize::from(counts);
        let fate = match trap.side {
            Side::Before if counts && state.counted == trap.nth => {
                state.catch(request.clone(), trap);
                Fate::Withheld
            }
            Side::After if counts && state.counted == trap.nth => Fate::Caught,
            _ if !known && trap.others == Others::Wait && call.is_mutating() => Fate::Withheld,
            _ => Fate::Passed,
        };
        state.in_flight += usize::from(!matches!(fate, Fate::Withheld));
        fate
    }
}

impl State {
    fn catch(&mut self, request: Request, trap: &Trap) {
        self.caught = Some(request);
        self.closed |= trap.others != Others::Pass;
    }
}

impl Received {
    /// Reads one request, or nothing from a connection that is closed without any.
    fn read(client: &mut TcpStream) -> io::Result<Option<Self>> {
        let (mut read, mut part) = (Vec::new(), [0; 16 * 1024]);
        loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&read[..end]).into_owned();
                let request = Self { head, body: read[end + 4..].to_vec() };
                let length = request.header("content-length").and_then(|length| length.parse().ok());
                if request.body.len() >= length.unwrap_or(0) {
                    return Ok(Some(request));
                }
            }
            match client.read(&mut part)? {
                0 if read.is_empty() => return Ok(None),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                more => read.extend_from_slice(&part[..more]),
            }
        }
    }

    fn header(&self, wanted: &str) -> Option<&str> {
        let headers = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut found = headers.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.next().map(|(_, value)| value.trim())
    }

    /// The AWS call that it is; the service stands in the signature's scope.
    fn call(&self) -> Call {
        let scope = self.header("authorization").and_then(|it| it.split("Credential=").nth(1));
        let service = scope.and_then(|scope| scope.split('/').nth(3)).unwrap_or_default().to_owned();
        let target = self.header("x-amz-target").and_then(|target| target.rsplit('.').next());
        let body = String::from_utf8_lossy(&self.body);
        let action = target.or_else(|| body.split('&').find_map(|field| field.strip_prefix("Action=")));
        Call { service, action: action.unwrap_or("?").to_owned() }
    }

    /// Sends it whole, and waits for the whole answer.
    fn forward(&self, server: SocketAddr) -> io::Result<Vec<u8>> {
        let mut server = TcpStream::connect(server)?;
        server.set_read_timeout(Some(ANSWER_LIMIT))?;
        let mut bytes = format!("{}\r\nConnection: close\r\n\r\n", self.head).into_bytes();
        bytes.extend_from_slice(&self.body);
        server.write_all(&bytes)?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers each request with its number, and how many it got.
    fn server() -> io::Result<(SocketAddr, Arc<Mutex<usize>>)> {
        let (listener, got) = (TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?, Arc::new(Mutex::new(0)));
        let (address, counted) = (listener.local_addr()?, got.clone());
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                if let Ok(Some(_)) = Received::read(&mut client) {
                    let mut got = counted.lock().unwrap();
                    *got += 1;
                    write!(client, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{got}").unwrap();
                }
            }
        });
        Ok((address, got))
    }

    /// Sends a call; gives the connection on which its answer comes, or does not.
    fn send(proxy: &Proxy, action: &str) -> io::Result<TcpStream> {
        let mut client = TcpStream::connect(proxy.address)?;
        let body = format!("Action={action}&Version=1");
        let length = body.len();
        write!(
            client,
            "POST / HTTP/1.1\r\nAuthorization: A Credential=K/d/r/ec2/a\r\ncontent-length: {length}\r\n\r\n{body}"
        )?;
        Ok(client)
    }

    fn answer(mut client: TcpStream) -> io::Result<String> {
        let mut answer = String::new();
        client.read_to_string(&mut answer)?;
        Ok(answer.rsplit("\r\n").next().unwrap_or_default().to_owned())
    }

    /// Whether no answer comes for a while.
    fn is_withheld(client: TcpStream) -> io::Result<bool> {
        client.set_read_timeout(Some(Duration::from_millis(300)))?;
        Ok(answer(client).is_err())
    }

    fn trap(side: Side, others: Others) -> Trap {
        Trap { call: None, known: BTreeSet::new(), nth: 2, side, others }
    }

    #[test]
    fn what_is_caught_before_does_not_reach_the_server_and_nothing_does_after_it() -> io::Result<()> {
        let (server, got) = server()?;
        let proxy = Proxy::start(server, trap(Side::Before, Others::PassUntilThen))?;
        assert_eq!(answer(send(&proxy, "CreateVpc")?)?, "1");
        assert_eq!(answer(send(&proxy, "DescribeVpcs")?)?, "2", "what reads does not count");
        assert_eq!(proxy.caught(), None);
        assert!(is_withheld(send(&proxy, "CreateSubnet")?)?);
        let call = proxy.caught().map(|request| request.call);
        assert_eq!(call, Some(Call { service: "ec2".into(), action: "CreateSubnet".into() }));
        assert!(is_withheld(send(&proxy, "DescribeVpcs")?)?);
        proxy.close()?;
        assert_eq!(*got.lock().unwrap(), 2);
        Ok(())
    }

    #[test]
    fn what_is_caught_after_has_reached_the_server_and_its_answer_comes_nowhere() -> io::Result<()> {
        let (server, got) = server()?;
        let proxy = Proxy::start(server, trap(Side::After, Others::Pass))?;
        assert_eq!(answer(send(&proxy, "CreateVpc")?)?, "1");
        assert!(is_withheld(send(&proxy, "CreateSubnet")?)?);
        assert_eq!(answer(send(&proxy, "CreateSubnet")?)?, "3", "the others pass");
        proxy.close()?;
        assert_eq!(*got.lock().unwrap(), 3);
        Ok(())
    }

    #[test]
    fn a_request_that_has_to_be_alone_lets_only_what_reads_pass() -> io::Result<()> {
        let (server, got) = server()?;
        let call = Some(Call { service: "ec2".into(), action: "CreateVpc".into() });
        let alone = Trap { call, nth: 1, ..trap(Side::After, Others::Wait) };
        let proxy = Proxy::start(server, alone)?;
        assert!(is_withheld(send(&proxy, "CreateSubnet")?)?);
        assert_eq!(answer(send(&proxy, "DescribeVpcs")?)?, "1");
        assert!(is_withheld(send(&proxy, "CreateVpc")?)?);
        let caught = proxy.caught().expect("it was caught");
        assert_eq!(caught.call.action, "CreateVpc");
        proxy.close()?;
        assert_eq!(*got.lock().unwrap(), 2);

        let known = Trap { known: [caught].into(), nth: 1, ..trap(Side::Before, Others::Wait) };
        let proxy = Proxy::start(server, known)?;
        assert_eq!(answer(send(&proxy, "CreateVpc")?)?, "3", "it is known");
        assert!(is_withheld(send(&proxy, "CreateSubnet")?)?);
        proxy.close()
    }
}
