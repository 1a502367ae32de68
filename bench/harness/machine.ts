/** The machine that a record was measured on. */
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'

const CACHES = '/sys/devices/system/cpu/cpu0/cache'

export interface Machine {
  /** The folder of `bench/results/` that has the records of such machines. */
  kind: string
  cpu: string
  architecture: string
  cores: number
  /** Caches of the first core, such as `L1 data 48K`; empty if the system does not list them. */
  caches: string[]
}

/** `isa`: the best instruction set that the machine has. */
export function machine(isa: string): Machine {
  const cpu = cpus()[0]?.model.trim() || 'unknown'
  return {
    kind: machineKind(cpu, isa),
    cpu,
    architecture: process.arch,
    cores: availableParallelism(),
    caches: caches(),
  }
}

/** A name for machines with the same processor and instruction set, such as `intel-xeon-avx512`; also a file name. */
export function machineKind(cpu: string, isa: string): string {
  const name = cpu
    .replace(/@.*|\bw(ith\b|\/).*/i, '')
    .replace(/\((r|tm|c)\)|\b(\d+-core|processor|cpu)\b/gi, ' ')
    .toLowerCase()
    .match(/[a-z0-9]+/g)
  return [...(name ?? ['unknown']), isa].join('-')
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
