//! The ways to attack: connections that are held, requests in a flood, requests broken off.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::wire;

/// One attack.
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    /// Whether it takes a key.
    pub(crate) key: bool,
    /// How many files the server may open, if that matters.
    pub(crate) open_files: Option<u32>,
    pub(crate) how: How,
}

pub(crate) enum How {
    Nothing,
    /// Threads that compute and touch no server.
    Spin(usize),
    Hold(Hold),
    Flood(Flood),
    /// Connections that are dropped after these bytes, at most so many a second.
    BreakOff {
        a_second: usize,
        bytes: Vec<u8>,
    },
}

/// Connections that stay open and never finish; those that the server closes are opened again.
pub(crate) struct Hold {
    pub(crate) connections: usize,
    pub(crate) opening: Vec<u8>,
    /// Bytes sent after the opening, as fast as they are taken.
    pub(crate) then: usize,
    /// Whether a byte more is sent each second.
    pub(crate) drip: bool,
}

/// Makes the request of a number, with a key.
pub(crate) type Request = Box<dyn Fn(&str, usize) -> Vec<u8> + Sync>;

/// Requests, each after the answer of the one before, over connections that are kept.
pub(crate) struct Flood {
    pub(crate) connections: usize,
    /// On all connections together.
    pub(crate) a_second: Option<usize>,
    /// Altogether.
    pub(crate) most: usize,
    pub(crate) request: Request,
}

/// What became of an attack.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Done {
    /// Answered with 2xx.
    pub(crate) taken: usize,
    /// Answered otherwise.
    pub(crate) refused: usize,
    /// Connections closed by the server, or not answered.
    pub(crate) broken: usize,
}

impl Attack {
    pub(crate) fn is_control(&self) -> bool {
        matches!(self.how, How::Nothing | How::Spin(_))
    }

    /// Attacks to the end, and then hangs up.
    pub(crate) fn run(&self, server: SocketAddr, key: &str, end: Instant) -> Done {
        match &self.how {
            How::Nothing => Done::default(),
            How::Spin(threads) => spin(*threads, end),
            How::Hold(hold) => hold.run(server, end),
            How::Flood(flood) => flood.run(server, key, end),
            How::BreakOff { a_second, bytes } => break_off(server, *a_second, bytes, end),
        }
    }
}

fn spin(threads: usize, end: Instant) -> Done {
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while Instant::now() < end {
                    std::hint::black_box((0..10_000_u32).fold(1, u32::wrapping_add));
                }
            });
        }
    });
    Done::default()
}

/// Sleeps until the request of this number is due; says whether that is before the end.
fn due(began: Instant, number: usize, a_second: usize, end: Instant) -> bool {
    let due = began + Duration::from_secs_f64(number as f64 / a_second as f64);
    std::thread::sleep(due.min(end).saturating_duration_since(Instant::now()));
    Instant::now() < end
}

fn break_off(server: SocketAddr, a_second: usize, bytes: &[u8], end: Instant) -> Done {
    let (began, mut done) = (Instant::now(), Done::default());
    for number in 0.. {
        if !due(began, number, a_second, end) {
            break;
        }
        let sent = wire::connect(server, end).and_then(|mut stream| stream.write_all(bytes));
        match sent {
            Ok(()) => done.taken += 1,
            Err(_) => done.broken += 1,
        }
    }
    done
}

impl Flood {
    fn run(&self, server: SocketAddr, key: &str, end: Instant) -> Done {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let one = || self.one_connection(server, key, end, &next);
            let all: Vec<_> = (0..self.connections).map(|_| scope.spawn(one)).collect();
            let all = all
                .into_iter()
                .map(|one| one.join().expect("no attacker panics"));
            all.fold(Done::default(), |sum, one| Done {
                taken: sum.taken + one.taken,
                refused: sum.refused + one.refused,
                broken: sum.broken + one.broken,
            })
        })
    }

    fn one_connection(
        &self,
        server: SocketAddr,
        key: &str,
        end: Instant,
        next: &AtomicUsize,
    ) -> Done {
        let (began, mut done, mut open) = (Instant::now(), Done::default(), None);
        while Instant::now() < end {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= self.most
                || self
                    .a_second
                    .is_some_and(|pace| !due(began, number, pace, end))
            {
                break;
            }
            let request = (self.request)(key, number);
            let answer = match open.take() {
                Some(stream) => Ok(stream),
                None => wire::connect(server, end),
            }
            .and_then(|mut stream: TcpStream| {
                let status = wire::ask(&mut stream, &request, end)?;
                // A refused connection is mostly closed, too.
                if (200..300).contains(&status) {
                    open = Some(stream);
                }
                Ok(status)
            });
            match answer {
                Ok(200..300) => done.taken += 1,
                Ok(_) => done.refused += 1,
                Err(_) => {
                    done.broken += 1;
                    // A refused attacker waits a moment, otherwise this would measure how fast it
                    // tries again.
                    std::thread::sleep(
                        Duration::from_millis(5).min(end.saturating_duration_since(Instant::now())),
                    );
                }
            }
        }
        done
    }
}

/// A connection, and how much was sent on it.
struct Held {
    stream: TcpStream,
    sent: usize,
    dripped: Instant,
}

impl Hold {
    fn run(&self, server: SocketAddr, end: Instant) -> Done {
        let mut all: Vec<Option<Held>> = (0..self.connections).map(|_| None).collect();
        let mut done = Done::default();
        let whole = [self.opening.as_slice(), &vec![b'y'; self.then]].concat();
        while Instant::now() < end {
            for held in &mut all {
                match held.as_mut().map(|held| self.go_on(held, &whole)) {
                    Some(true) => {}
                    Some(false) => {
                        done.broken += 1;
                        *held = None;
                    }
                    None => match open(server, end) {
                        Some(new) => *held = Some(new),
                        // A server that takes nobody in: the others wait for the next round.
                        None => break,
                    },
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        done.taken = all.iter().flatten().count();
        done
    }

    /// Sends what is due; says whether the connection still stands.
    fn go_on(&self, held: &mut Held, whole: &[u8]) -> bool {
        let waits = |e: &std::io::Error| e.kind() == std::io::ErrorKind::WouldBlock;
        match held.stream.read(&mut [0; 512]) {
            Ok(0) => return false,
            Err(e) if !waits(&e) => return false,
            _ => {}
        }
        let rest = &whole[held.sent..];
        let wanted = match rest.is_empty() {
            false => &rest[..rest.len().min(1 << 20)],
            true if self.drip && held.dripped.elapsed() >= Duration::from_secs(1) => b"b",
            true => return true,
        };
        match held.stream.write(wanted) {
            Ok(written) => {
                held.sent = (held.sent + written).min(whole.len());
                held.dripped = Instant::now();
                true
            }
            Err(e) => waits(&e),
        }
    }
}

fn open(server: SocketAddr, end: Instant) -> Option<Held> {
    let soon = end.min(Instant::now() + Duration::from_millis(100));
    let stream = wire::connect(server, soon).ok()?;
    stream.set_nonblocking(true).ok()?;
    Some(Held {
        stream,
        sent: 0,
        dripped: Instant::now(),
    })
}
