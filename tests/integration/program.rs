//! The real binary: one command to its end, or a server on port 0 with plain connections to it. Only children started here are ever stopped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::world::KEY;

/// Longer than anything here may take; only a broken test meets it.
const DEADLINE: Duration = Duration::from_secs(60);

/// The binary, free of the settings of whoever runs the tests.
pub(crate) fn phin() -> Command {
    clean(Command::new(binary()))
}

fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_phin")
}

pub(crate) fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PHIN_") {
            command.env_remove(name);
        }
    }
    command
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    #[track_caller]
    pub(crate) fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.err);
        self
    }

    /// Failed with this exit code and a sentence that says this.
    #[track_caller]
    pub(crate) fn refused(self, code: i32, says: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        for part in says {
            assert!(
                self.err.contains(part),
                "{part:?} is missing in: {}",
                self.err
            );
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }

    pub(crate) fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    pub(crate) fn json_lines(&self) -> Vec<serde_json::Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
            .collect()
    }
}

/// Runs a command to its end, with this on its standard input.
pub(crate) fn run_with(mut command: Command, input: &[u8]) -> Done {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    // Written beside the reading, or both sides would wait for each other; a program that does not care may close it early.
    let writing = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("the program ends");
    writing.join().expect("the input is written");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Done {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

pub(crate) fn run(args: &[&str]) -> Done {
    let mut command = phin();
    command.args(args);
    run_with(command, b"")
}

pub(crate) fn path_text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}

/// A file for a command to read.
pub(crate) fn write_file(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("the file can be written");
    path
}

/// A running `phin serve`; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Held, because a server whose standard output is closed could not greet.
    _stdout: BufReader<ChildStdout>,
    errors: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts on a data folder and waits for the greeting.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(clean(Command::new(binary())), data, &[])
    }

    /// The same behind another program (`nsenter ... phin`), or with settings.
    pub(crate) fn start_with(mut command: Command, data: &Path, settings: &[(&str, &str)]) -> Self {
        let errors = tempfile::NamedTempFile::new()
            .expect("a file")
            .into_temp_path()
            .keep()
            .expect("kept");
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data-dir",
            path_text(data),
        ]);
        command
            .env("PHIN_BOOTSTRAP_KEY", KEY)
            .envs(settings.iter().copied());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&errors).expect("a file"));
        let mut child = command.spawn().expect("the server starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut greeting = String::new();
        stdout
            .read_line(&mut greeting)
            .expect("the server can be heard");
        let address = greeting
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|address| address.parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            panic!(
                "no greeting but {greeting:?}; it said: {}",
                std::fs::read_to_string(&errors).unwrap_or_default()
            );
        };
        Self {
            child,
            _stdout: stdout,
            errors,
            address,
        }
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::to(self.address).expect("the server listens")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote on stderr so far.
    pub(crate) fn errors(&self) -> String {
        std::fs::read_to_string(&self.errors).expect("its stderr can be read")
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Asks it to stop; does not wait.
    pub(crate) fn terminate(&self) {
        let status = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .expect("kill can be run");
        assert!(status.success());
    }

    /// How it ended, if it has.
    pub(crate) fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("it can be asked")
    }

    /// Waits until it has ended.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        until("the server ends", || {
            status = self.child.try_wait().expect("it can be asked");
            status.is_some()
        });
        status.expect("it ended")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.errors);
    }
}

/// Polls until it is so.
#[track_caller]
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(
            began.elapsed() < DEADLINE,
            "it never came to pass that {what}"
        );
        std::thread::yield_now();
    }
}

/// What the server of a data folder tells its operator, on the socket there: the whole answer.
pub(crate) fn ask_operator(data: &Path, path: &str) -> String {
    let mut socket = UnixStream::connect(data.join("admin.sock")).expect("the server listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: phin\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).expect("it is heard");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("it is answered");
    answer
}

/// A connection that is kept open; speaks just enough HTTP/1.1, so that no client library smooths over what the server does.
pub(crate) struct Connection(BufReader<TcpStream>);

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Raw {
    /// Status line and headers, as sent.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Raw {
    pub(crate) fn status(&self) -> u16 {
        self.head
            .split_whitespace()
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or_else(|| panic!("no status in {:?}", self.head))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::with_capacity(1 << 16, stream)))
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    pub(crate) fn post(&mut self, path: &str, form: &str) -> std::io::Result<Raw> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            form.len()
        );
        self.write((head + form).as_bytes())?;
        self.read()
    }

    /// Sends JSON with the key, and reads JSON.
    pub(crate) fn tell(&mut self, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let body = body.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.write((head + &body).as_bytes())
            .expect("the server listens");
        let answer = self.read().expect("the server answers");
        serde_json::from_str(&answer.body).expect("JSON")
    }

    pub(crate) fn fetch(&mut self, path: &str) -> std::io::Result<Raw> {
        self.write(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())?;
        self.read()
    }

    /// Reads one answer of known length.
    pub(crate) fn read(&mut self) -> std::io::Result<Raw> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let mut raw = Raw {
            head,
            body: String::new(),
        };
        let length = raw
            .header("content-length")
            .map_or(0, |n| n.parse().expect("a number"));
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        raw.body = String::from_utf8(body).expect("answers are UTF-8");
        Ok(raw)
    }

    /// Reads until the server hangs up.
    pub(crate) fn read_to_end(&mut self) -> String {
        let mut rest = String::new();
        self.0
            .read_to_string(&mut rest)
            .expect("the server hangs up by itself");
        rest
    }
}

/// A public corpus, if it is here; says so by name if not.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PHIN_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"),
        PathBuf::from,
    );
    let file = folder.join(format!("{name}.jsonl.gz"));
    if file.is_file() {
        return Some(file);
    }
    println!("skipped: needs the corpus {name}");
    None
}
