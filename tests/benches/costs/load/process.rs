//! What Linux tells of a process, in `/proc`.

use std::time::Duration;

/// A tick of `/proc/<pid>/stat`: Linux gives them to programs in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// The time of processors that a process has used so far.
pub(super) fn cpu(id: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("it runs");
    // The name, in brackets, may hold blanks.
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let fields: Vec<_> = fields.split_whitespace().collect();
    // The 14th and the 15th field of proc(5): its own time, and the kernel's for it.
    let ticks = |index: usize| fields[index].parse::<u32>().expect("a number");
    TICK * (ticks(11) + ticks(12))
}

/// The most memory that a process has held at once, in MiB.
pub(super) fn most_memory(id: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    let kib: u32 = kib.and_then(|kib| kib.parse().ok()).expect("a number");
    f64::from(kib) / 1024.0
}
