/** The package as its users have it: built into `dist/`. */
import { existsSync, readFileSync } from 'node:fs'

export type Package = typeof import('../../src/index.ts')

const root = new URL('../../', import.meta.url)

/** Throws an error that says how to build the package where it is not built. */
export async function loadPackage(): Promise<Package> {
  const entry = new URL('dist/index.js', root)
  if (!existsSync(entry)) throw new Error('the package is not built (no dist/index.js): run `npm run build`')
  return import(entry.href)
}

export function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).version
}
