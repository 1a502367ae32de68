/** Which process a number means: numbers are given again, so a process is known by its number and its start. */
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  pid: number
  /** When the process started, as the system counts it; null where the system has no /proc. */
  started: string | null
}

export function identify(pid: number): ProcessIdentity {
  return { pid, started: readStatus(pid)?.started ?? null }
}

/** Whether a process of this machine still runs. One that ended, but that its parent has not asked for, does not. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const status = readStatus(pid)
  if (status === null) return true
  return !status.isZombie && (started === null || status.started === started)
}

/**
 * From /proc/<pid>/stat, `pid (name) state …`: of the fields after the name, which may hold anything, the first is the state
 * and the 20th the start in clock ticks since the boot.
 */
function readStatus(pid: number): { isZombie: boolean; started: string } | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { isZombie: fields[0] === 'Z' || fields[0] === 'X', started: `${boot}:${fields[19]}` }
  } catch {
    return null
  }
}
