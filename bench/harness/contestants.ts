/** How contestants are found: ours as a script over the built package, peers as scripts for a Python that has their module. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loadPackage } from '../ours/package.ts'
import { OURS } from './protocol.ts'
import type { Contestant } from './scenario.ts'

/** The one that `install-peers.sh` installs into comes first. */
const PYTHONS = ['/usr/bin/python3', 'python3']

/** In what ours differs from contestant to contestant of one scenario. */
interface Variant extends Pick<Contestant, 'threads' | 'settings' | 'check'> {
  name?: string
  nodeOptions?: string[]
}

/** Our contestant, written in the TypeScript file `script` (below `bench/ours/`). */
export function ours(script: string, { nodeOptions = [], ...variant }: Variant = {}): Contestant {
  return {
    name: OURS,
    ...variant,
    find: async () => ({
      command: [
        process.execPath,
        ...nodeOptions,
        '--import',
        import.meta.resolve('tsx'),
        path(`../ours/${script}`),
      ],
    }),
  }
}

/** Our contestant, held to an instruction set that is not the one it chooses itself. */
export function oursOn(isa: string, script: string): Contestant {
  const contestant = ours(script, { name: `${OURS} ${isa}` })
  return {
    ...contestant,
    environment: { RNNLM_ISA: isa },
    find: async () => {
      const { isa: chosen, available } = (await loadPackage()).kernels()
      if (!available.includes(isa)) return { missing: `this machine has no ${isa}` }
      return isa === chosen ? { missing: `${OURS} itself runs on ${isa} here` } : contestant.find()
    },
  }
}

/** The contestant, ours or a peer, if this machine has fast bfloat16 units, which both of these precisions need. */
export function inPrecision(precision: 'high' | 'medium', contestant: Contestant): Contestant {
  return {
    ...contestant,
    find: async () => {
      const { kernels, setFloat32MatmulPrecision } = await loadPackage()
      setFloat32MatmulPrecision(precision)
      const { isa, precision: used } = kernels()
      setFloat32MatmulPrecision('highest')
      return used === precision
        ? contestant.find()
        : { missing: `no fast bfloat16 units: products are ${used} on ${isa}, not ${precision}` }
    },
  }
}

/** What the processor's units for multiply-adds of AVX2 reach when they do nothing else. */
export function avx2Peak(): Contestant {
  const contestant = ours('avx2-peak.ts', { name: 'AVX2 peak' })
  return {
    ...contestant,
    environment: { RNNLM_ISA: 'avx2' },
    find: async () => {
      if (!(await loadPackage()).kernels().available.includes('avx2')) {
        return { missing: 'this machine has no avx2' }
      }
      const hasCompiler = await succeeds('g++', ['--version'])
      return hasCompiler ? contestant.find() : { missing: 'no g++ to compile its loop with' }
    },
  }
}

/** A peer written in the Python file `script` (below `bench/peers/`), which needs the module of its name. */
export function pythonPeer(name: 'numpy' | 'torch', script: string, variant: Variant = {}): Contestant {
  return {
    name,
    ...variant,
    find: async () => {
      const python = await pythonWith(name)
      const problem = python && name === 'torch' && (await competingPools(python))
      if (problem) return { missing: problem }
      if (python) return { command: [python, path(`../peers/${script}`)] }
      return {
        missing:
          `no Python with the module ${name} (asked: ${PYTHONS.join(', ')}); ` +
          `the Debian package python3-${name} brings it: bench/install-peers.sh`,
      }
    },
  }
}

const pythons = new Map<string, Promise<string | undefined>>()

/** The first Python that has the module; asked once. */
function pythonWith(module: string): Promise<string | undefined> {
  const python = pythons.get(module) ?? findPython(module)
  pythons.set(module, python)
  return python
}

async function findPython(module: string): Promise<string | undefined> {
  const question = `import sys, importlib.util; sys.exit(importlib.util.find_spec('${module}') is None)`
  for (const python of PYTHONS) {
    if (await succeeds(python, ['-c', question])) return python
  }
  return undefined
}

const pools = new Map<string, Promise<string>>()

/** What is wrong with the thread pools of this Python's PyTorch, in which it would be slower than it can be; '' if nothing. */
function competingPools(python: string): Promise<string> {
  const ask = () => promisify(execFile)(python, ['-B', path('../peers/pools.py')])
  const problem = pools.get(python) ?? ask().then(({ stdout }) => stdout.trim())
  pools.set(python, problem)
  return problem
}

/** Whether the program is there and ends well. */
async function succeeds(program: string, args: string[]): Promise<boolean> {
  try {
    await promisify(execFile)(program, args)
    return true
  } catch {
    return false
  }
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
