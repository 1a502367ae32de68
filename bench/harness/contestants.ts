/** How contestants are found: ours as a script over the built package, peers as scripts for a Python that has their module. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Contestant, OURS } from './scenario.ts'

const PYTHONS = ['python3', '/usr/bin/python3']

/** Our contestant, written in the TypeScript file `script` (below `bench/ours/`). */
export function ours(script: string): Contestant {
  return {
    name: OURS,
    find: async () => ({
      command: [process.execPath, '--import', import.meta.resolve('tsx'), path(`../ours/${script}`)],
    }),
  }
}

/** A peer written in the Python file `script` (below `bench/peers/`), which needs `module`. */
export function pythonPeer(name: string, script: string, module: string, debianPackage: string): Contestant {
  return {
    name,
    find: async () => {
      const python = await pythonWith(module)
      if (python) return { command: [python, path(`../peers/${script}`)] }
      return {
        missing:
          `no Python with the module ${module} (asked: ${PYTHONS.join(', ')}); ` +
          `the Debian package ${debianPackage} brings it: bench/install-peers.sh`,
      }
    },
  }
}

async function pythonWith(module: string): Promise<string | undefined> {
  const question = `import sys, importlib.util; sys.exit(importlib.util.find_spec('${module}') is None)`
  for (const python of PYTHONS) {
    try {
      await promisify(execFile)(python, ['-c', question])
      return python
    } catch {
      // This one is not there or lacks the module: ask the next.
    }
  }
  return undefined
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
