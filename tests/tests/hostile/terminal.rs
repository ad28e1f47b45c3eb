//! The command, on pipes and on a terminal, and what of its output would steer a terminal.
use e2e::kit;
use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read as _},
    os::fd::{FromRawFd as _, OwnedFd},
    path::Path,
    process::{Command, Stdio},
    thread,
};

/// All that a run may be told.
pub struct Run<'a> {
    pub folder: &'a Path,
    pub args: &'a [OsString],
    pub endpoint: &'a str,
}

impl Run<'_> {
    fn command(&self) -> Command {
        let mut command = kit::command();
        command.current_dir(self.folder).args(self.args).env_remove("NO_COLOR").stdin(Stdio::null());
        command.env("AWS_ENDPOINT_URL", self.endpoint).env("AWS_REGION", "eu-west-1");
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_MAX_ATTEMPTS", "1");
        command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        command
    }

    /// Standard output and standard error, one after the other.
    pub fn on_pipes(&self, colours: bool) -> String {
        let mut command = self.command();
        if colours {
            command.env("CLICOLOR_FORCE", "1");
        }
        let output = command.output().expect("the kit runs");
        assert!(output.status.code().is_some_and(|code| code < 4), "{:?}: {}", self.args, output.status);
        String::from_utf8([output.stdout, output.stderr].concat()).expect("it prints UTF-8")
    }

    /// What a terminal of 200 columns is sent.
    pub fn on_a_terminal(&self) -> String {
        let (master, terminal) = open_terminal().expect("there are terminals");
        let copy = || Stdio::from(terminal.try_clone().expect("it is open"));
        let mut command = self.command();
        command.env("TERM", "xterm-256color").stdout(copy()).stderr(copy());
        let mut child = command.spawn().expect("the kit runs");
        drop((terminal, command));
        let reader = thread::spawn(move || {
            let (mut bytes, mut master) = (Vec::new(), File::from(master));
            // It ends with an error when nobody has the other side open any more.
            _ = master.read_to_end(&mut bytes);
            bytes
        });
        let status = child.wait().expect("it ends");
        assert!(status.code().is_some_and(|code| code < 4), "{:?}: {status}", self.args);
        String::from_utf8(reader.join().expect("it is read")).expect("it prints UTF-8")
    }
}

fn open_terminal() -> io::Result<(OwnedFd, OwnedFd)> {
    let (mut master, mut terminal) = (0, 0);
    let mut size = libc::winsize { ws_row: 50, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: both numbers and the size live through the call; a name and settings are not asked for.
    let opened = unsafe {
        libc::openpty(&raw mut master, &raw mut terminal, std::ptr::null_mut(), std::ptr::null_mut(), &raw mut size)
    };
    if opened != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has just opened both, and nobody else has them.
    Ok(unsafe { (OwnedFd::from_raw_fd(master), OwnedFd::from_raw_fd(terminal)) })
}

/// The first text that would steer a terminal, with what stands around it. Colours and, on a terminal, what draws progress
/// bars are the kit's own.
pub fn steers(output: &str, bars: bool) -> Option<String> {
    let mut rest = output;
    while let Some(at) = rest.find(is_steering) {
        let found = &rest[at..];
        match own(found, bars) {
            0 => {
                let before = rest[..at].char_indices().rev().nth(60).map_or(0, |(at, _)| at);
                return Some(format!("{:?}", rest[before..].chars().take(120).collect::<String>()));
            }
            own => rest = &found[own..],
        }
    }
    None
}

fn is_steering(c: char) -> bool {
    let bidi = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && c != '\n' && c != '\t') || bidi || matches!(c, '\u{2028}' | '\u{2029}')
}

/// How long a sequence of the kit's own is; 0 for any other. No hostile text of these tests holds one.
fn own(text: &str, bars: bool) -> usize {
    // The terminal itself makes "\r\n" of "\n".
    let Some(rest) = text.strip_prefix("\x1b[") else { return usize::from(bars && text.starts_with('\r')) };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(rest.len());
    let (numbers, last) = (&rest[..end], rest[end..].chars().next().unwrap_or(' '));
    let colour = last == 'm' && numbers != "8";
    let draws = bars && (matches!(last, 'A' | 'B') || (last == 'K' && numbers == "2"));
    if colour || draws { 2 + end + 1 } else { 0 }
}
