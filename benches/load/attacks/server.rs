//! The real program as a child with a data folder of its own; killed when dropped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, bail, ensure};

/// The key of the honest client.
pub(crate) const HONEST_KEY: &str = "honestkey001";
const ATTACKERS_KEY: &str = "attackerkey1";

pub(crate) struct Server {
    child: Child,
    /// Held, because a server whose standard output is closed could not greet.
    _stdout: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts it, with a limit of open files if one is given, and waits for its greeting.
    pub(crate) fn start(binary: &Path, open_files: Option<u32>) -> anyhow::Result<Self> {
        ensure!(binary.is_file(), "there is no program {}", binary.display());
        let folder = tempfile::tempdir()?;
        let errors = folder.path().join("stderr");
        let mut command = clean(match open_files {
            None => Command::new(binary),
            Some(most) => {
                let mut shell = Command::new("sh");
                shell
                    .args(["-c", &format!("ulimit -n {most} && exec \"$0\" \"$@\"")])
                    .arg(binary);
                shell
            }
        });
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.path().join("data"))
            .env("PHIN_BOOTSTRAP_KEY", HONEST_KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&errors)?)
            .spawn()
            .context("the server does not start")?;
        let mut stdout = BufReader::new(child.stdout.take().context("its output is piped")?);
        let mut greeting = String::new();
        stdout.read_line(&mut greeting)?;
        let address = greeting.split("http://").nth(1);
        let address = address.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            let said = std::fs::read_to_string(&errors).unwrap_or_default();
            bail!("the server said {greeting:?} instead of its address, and: {said}");
        };
        Ok(Self {
            child,
            _stdout: stdout,
            folder,
            address,
        })
    }

    /// A second key, of somebody who is not trusted.
    pub(crate) fn another_key(&self, binary: &Path) -> anyhow::Result<String> {
        let made = clean(Command::new(binary))
            .args([
                "keys",
                "create",
                "attacker",
                "--key",
                ATTACKERS_KEY,
                "--data-dir",
            ])
            .arg(self.folder.path().join("data"))
            .output()?;
        let said = String::from_utf8_lossy(&made.stderr);
        ensure!(made.status.success(), "phin keys create says: {said}");
        Ok(ATTACKERS_KEY.to_owned())
    }

    /// Memory in use, in megabytes.
    pub(crate) fn memory(&self) -> anyhow::Result<u64> {
        self.status("VmRSS:").context("the server has ended")
    }

    /// The most since the peak was forgotten.
    pub(crate) fn peak(&self) -> Option<u64> {
        self.status("VmHWM:")
    }

    /// From now on the peak is that of what follows. A system that cannot do that shows the peak
    /// since the start.
    pub(crate) fn forget_peak(&self) {
        let _ = std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5");
    }

    fn status(&self, name: &str) -> Option<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kilobytes / 1_024)
    }

    /// How it ended, if it has.
    pub(crate) fn has_ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        Some(status.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command without the settings of the user's environment.
fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PHIN_") {
            command.env_remove(name);
        }
    }
    command
}
