//! A million lines at once, in a container with a memory limit.
use crate::lines;
use crate::stage::{FULL, PATIENCE, each, memory};
use std::fs;
use std::path::{Path, PathBuf};

const LINES: usize = 1_000_000;

#[test]
fn flood() {
    each("flood", FULL, |stage| {
        let limit = u64::from(stage.router.config.router.settings.memory_mib);
        let process = stage.router.start();
        let group = Group::limit(process.pid(), limit << 20);
        let mut driver = stage.driver();
        lines::send(&mut driver, 0..LINES, None).expect("the socket");
        let reconnected = driver.reconnected;
        drop(driver);
        let census = stage.wait_for(0..LINES, LINES);
        let peak = process.peak();
        process.terminate(PATIENCE).expect("an end");
        // A destination that gets too much at once answers late, and what it was sent is sent again.
        let difference = census.difference(0..LINES);
        assert_eq!((difference.missing, difference.strays), (0, 0), "{difference}: {}", census.arrived());
        assert!(peak.resident < limit << 10, "{} of {limit} MiB", memory(peak));
        let limited = match &group {
            Some(group) => format!("a control group held it to {limit} MiB, it used {} MiB", group.peak() >> 20),
            None => format!("no control group could hold it to {limit} MiB"),
        };
        stage.report(
            "flood",
            &format!(
                "{}, {} doubled; {}; {limited}; {reconnected} reconnections",
                census.arrived(),
                difference.doubled,
                memory(peak)
            ),
        );
    });
}

/// A control group with a memory limit, as a container has one.
struct Group {
    dir: PathBuf,
    usage: &'static str,
}

impl Group {
    /// Puts a process into a new group, where this is allowed.
    fn limit(pid: u32, bytes: u64) -> Option<Group> {
        let name = format!("firelens-kit-{pid}");
        let kinds =
            [("memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes"), ("", "memory.max", "memory.peak")];
        kinds.into_iter().find_map(|(root, limit, usage)| {
            let dir = Path::new("/sys/fs/cgroup").join(root).join(&name);
            fs::create_dir(&dir).ok()?;
            let group = Group { dir, usage };
            fs::write(group.dir.join(limit), bytes.to_string()).ok()?;
            fs::write(group.dir.join("cgroup.procs"), pid.to_string()).ok()?;
            Some(group)
        })
    }

    /// The most memory that it had, page cache included.
    fn peak(&self) -> u64 {
        fs::read_to_string(self.dir.join(self.usage)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.dir);
    }
}
