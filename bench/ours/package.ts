/** The package as its users have it: built into `dist/`. */
import { existsSync, readFileSync } from 'node:fs'

export type Package = typeof import('../../src/index.ts')
export type Tensors = typeof import('../../src/tensor/index.ts')

const root = new URL('../../', import.meta.url)

/** Throws an error that says how to build the package where it is not built. */
export function loadPackage(): Promise<Package> {
  return load('dist/index.js')
}

/** What layers are made of, packed matrices too, which users do not see. */
export function loadTensors(): Promise<Tensors> {
  return load('dist/tensor/index.js')
}

async function load<Module>(path: string): Promise<Module> {
  const entry = new URL(path, root)
  if (!existsSync(entry)) throw new Error(`the package is not built (no ${path}): run \`npm run build\``)
  return import(entry.href)
}

export function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).version
}
