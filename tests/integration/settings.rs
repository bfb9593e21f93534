//! Settings from where a server finds them: an environment that is not its own, names for addresses, ports it may not have.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::program::{Done, Server, path_text, phin, run_with};

/// `phin serve` with these variables, which shall end by itself.
fn refused(data: &Path, listen: &str, variables: &[(&str, &str)]) -> Done {
    let mut command = phin();
    command
        .args(["serve", "--listen", listen, "--data-dir", path_text(data)])
        .envs(variables.iter().copied());
    run_with(command, b"")
}

#[test]
fn what_kubernetes_sets_for_a_service_named_phin_is_passed_over_with_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start_with(
        phin(),
        folder.path(),
        &[
            ("PHIN_PORT", "tcp://10.0.0.7:8080"),
            ("PHIN_SERVICE_HOST", "10.0.0.7"),
            ("PHIN_PORT_8080_TCP_PROTO", "tcp"),
            ("PHIN_MAX_BODY_BYTES", "100000"),
        ],
    );
    let log = server.errors();
    for name in [
        "PHIN_PORT ",
        "PHIN_SERVICE_HOST",
        "PHIN_PORT_8080_TCP_PROTO",
    ] {
        assert!(log.contains(name), "{log}");
    }
    assert!(
        log.contains("WARN") && !log.contains("PHIN_MAX_BODY_BYTES"),
        "{log}"
    );
}

#[test]
fn a_setting_that_is_misspelt_is_refused_with_its_right_name() {
    let folder = tempfile::tempdir().expect("a folder");
    for (given, meant) in [
        ("PHIN_LISTN", "PHIN_LISTEN"),
        ("PHIN_RETENTION_DAY", "PHIN_RETENTION_DAYS"),
    ] {
        refused(folder.path(), "127.0.0.1:0", &[(given, "7")])
            .refused(1, &[given, &format!("is {meant} meant?")]);
    }
    // A value that is wrong stays an error.
    refused(
        folder.path(),
        "127.0.0.1:0",
        &[("PHIN_RETAIN", ""), ("PHIN_RETENTION_DAYS", "x")],
    )
    .refused(1, &["RETENTION_DAYS"]);
}

#[test]
fn an_empty_first_key_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = serve(folder.path(), "127.0.0.1:0", |command| {
        command.env("PHIN_BOOTSTRAP_KEY", "");
    });
    assert!(
        server.greeting(5).contains("Your key: "),
        "a key is made, as without the variable"
    );
}

#[test]
fn a_host_is_listened_on_by_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = serve(folder.path(), "localhost:0", |_| {});
    let greeting = server.greeting(1);
    let address = greeting
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .expect("an address");
    std::net::TcpStream::connect(address).expect("it listens there");
    refused(folder.path(), "no-such-host.invalid:8080", &[]).refused(
        1,
        &["nobody here knows an address of that host", "--listen"],
    );
    refused(folder.path(), "8080", &[]).refused(1, &["localhost:8080"]);
}

#[test]
fn a_port_that_is_taken_or_not_for_us_is_said_with_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken
        .local_addr()
        .map(|address| (taken, address))
        .expect("bound");
    let folder = tempfile::tempdir().expect("a folder");
    refused(folder.path(), &taken.1.to_string(), &[]).refused(1, &["another program", "--listen"]);
    let first_free = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let needs_a_right =
        first_free.is_ok_and(|port| port.trim().parse().is_ok_and(|port: u16| port > 80));
    // Even the superuser has no rights outside its bounds.
    let mut command = crate::program::clean(Command::new("setpriv"));
    command.args([
        "--bounding-set=-all",
        "--inh-caps=-all",
        env!("CARGO_BIN_EXE_phin"),
    ]);
    if !needs_a_right || Command::new("setpriv").arg("--version").output().is_err() {
        println!("skipped: needs setpriv, and ports for the system alone");
        return;
    }
    command.args([
        "serve",
        "--listen",
        "127.0.0.1:80",
        "--data-dir",
        path_text(folder.path()),
    ]);
    run_with(command, b"").refused(
        1,
        &[
            "ports below 1024",
            "--listen with a higher port",
            "cap_net_bind_service",
        ],
    );
}

/// A server whose whole greeting is heard; killed when dropped.
pub(crate) struct Greeter {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

pub(crate) fn serve(data: &Path, listen: &str, set: impl FnOnce(&mut Command)) -> Greeter {
    let mut command = phin();
    command
        .args(["serve", "--listen", listen, "--data-dir", path_text(data)])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    set(&mut command);
    let mut child = command.spawn().expect("the server starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    Greeter { child, lines }
}

impl Greeter {
    /// Its first lines.
    pub(crate) fn greeting(&mut self, lines: usize) -> String {
        let heard: Result<Vec<String>, _> = self.lines.by_ref().take(lines).collect();
        heard.expect("it can be heard").join("\n")
    }
}

impl Drop for Greeter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
