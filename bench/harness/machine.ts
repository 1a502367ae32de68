/** The machine that a record was measured on. */
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'

const CACHES = '/sys/devices/system/cpu/cpu0/cache'

export interface Machine {
  cpu: string
  architecture: string
  cores: number
  /** Caches of the first core, such as `L1 data 48K`; empty where the system does not tell. */
  caches: string[]
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    architecture: process.arch,
    cores: availableParallelism(),
    caches: caches(),
  }
}

function caches(): string[] {
  try {
    return readdirSync(CACHES)
      .filter((entry) => entry.startsWith('index'))
      .sort()
      .map((entry) => {
        const read = (name: string) => readFileSync(`${CACHES}/${entry}/${name}`, 'utf8').trim()
        return `L${read('level')} ${read('type').toLowerCase()} ${read('size')}`
      })
  } catch {
    return []
  }
}
