//! A server as a child on a free port; killed when dropped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

use anyhow::{Context, ensure};

use crate::forms::KEY;

pub(crate) struct Child {
    child: std::process::Child,
    /// Held, because a server whose standard output is closed could not greet.
    _stdout: BufReader<ChildStdout>,
    _folder: tempfile::TempDir,
    pub(crate) address: SocketAddr,
}

impl Child {
    pub(crate) fn bare() -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--bare");
        Self::start(command, tempfile::tempdir()?)
    }

    /// A new data folder, the shipped model, default settings.
    pub(crate) fn phin(binary: &Path) -> anyhow::Result<Self> {
        ensure!(binary.is_file(), "there is no program {}", binary.display());
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(binary);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PHIN_") {
                command.env_remove(name);
            }
        }
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.path().join("data"))
            .env("PHIN_BOOTSTRAP_KEY", KEY);
        Self::start(command, folder)
    }

    fn start(mut command: Command, folder: tempfile::TempDir) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .context("the server does not start")?;
        let mut stdout = BufReader::new(child.stdout.take().context("its output is piped")?);
        let mut greeting = String::new();
        stdout.read_line(&mut greeting)?;
        let address = greeting.split("http://").nth(1);
        let address = address.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        Ok(Self {
            child,
            _stdout: stdout,
            _folder: folder,
            address: address.with_context(|| format!("the server said {greeting:?}"))?,
        })
    }

    /// Seconds of processor time so far, user and system.
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // After the name, which may hold spaces; user and system time are fields 14 and 15.
        let fields = stat.rsplit_once(") ").context("as Linux writes it")?.1;
        let ticks = fields.split(' ').skip(11).take(2);
        let ticks: u64 = ticks.map(|field| field.parse().unwrap_or(0)).sum();
        // Linux tells programs in hundredths of a second, whatever its own clock does.
        Ok(ticks as f64 / 100.0)
    }

    /// Memory in use, in megabytes.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kilobytes / 1_024)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
