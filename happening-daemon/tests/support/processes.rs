//! The processor time that processes have used, and their memory. Unlike a rate these hardly depend on what else the machine
//! does.

use std::time::Duration;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// The processor time of a running process since it began.
pub fn processor_time_of(pid: u32) -> Duration {
    let pid = Pid::from_u32(pid);
    let system = look(ProcessesToUpdate::Some(&[pid]));
    Duration::from_millis(system.process(pid).expect("it runs").accumulated_cpu_time())
}

/// What a running process has in memory, in kB.
pub fn memory_of(pid: u32) -> u64 {
    let pid = Pid::from_u32(pid);
    let system = look(ProcessesToUpdate::Some(&[pid]));
    system.process(pid).expect("it runs").memory() / 1_024
}

/// The processor time of a daemon and of the servers beside it since each process began; that of processes which have ended is missing.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessorTime {
    pub daemon: Duration,
    pub postgresql: Duration,
    pub redis: Duration,
    pub rabbitmq: Duration,
}

impl ProcessorTime {
    /// Of this daemon, and of all servers on this machine.
    pub fn now(daemon: u32) -> Self {
        let mut used = Self::default();
        for (pid, process) in look(ProcessesToUpdate::All).processes() {
            let time = Duration::from_millis(process.accumulated_cpu_time());
            match process.name().to_str() {
                _ if *pid == Pid::from_u32(daemon) => used.daemon += time,
                Some("postgres") => used.postgresql += time,
                Some("redis-server") => used.redis += time,
                Some("beam.smp") => used.rabbitmq += time,
                _ => {}
            }
        }
        used
    }

    /// What was used since.
    pub fn since(self, before: Self) -> Self {
        Self {
            daemon: self.daemon.saturating_sub(before.daemon),
            postgresql: self.postgresql.saturating_sub(before.postgresql),
            redis: self.redis.saturating_sub(before.redis),
            rabbitmq: self.rabbitmq.saturating_sub(before.rabbitmq),
        }
    }
}

fn look(at: ProcessesToUpdate<'_>) -> System {
    let mut system = System::new().expect("a known system");
    system.refresh_processes_specifics(
        at,
        true,
        ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks(),
    );
    system
}
