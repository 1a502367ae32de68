/**
 * What the compiler made of the kernels. A weak symbol in the object of one instruction set could be the copy that the
 * linker keeps for all; code that runs at load time would run before anybody has asked what the machine can do.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { describeUnless } from '../support/skipping.ts'

const BUILT = fileURLToPath(new URL('../../build/Release/obj.target', import.meta.url))
const OBJECTS = existsSync(BUILT)
  ? readdirSync(BUILT, { recursive: true, encoding: 'utf8' })
      .filter((path) => /kernels_\w+\/native\/kernels\/\w+\.o$/.test(path))
      .map((path) => join(BUILT, path))
  : []
const hasNm = spawnSync('nm', ['--version']).status === 0
const missing =
  OBJECTS.length === 0 ? 'no objects in build/Release' : hasNm ? undefined : 'no nm on this machine'

interface Symbol {
  type: string
  name: string
}

function symbolsOf(object: string): Symbol[] {
  const { stdout } = spawnSync('nm', [object], { encoding: 'utf8' })
  return [...stdout.matchAll(/^[0-9a-f]* +([A-Za-z?]) (\S+)$/gm)].map(([, type, name]) => ({
    type: type!,
    name: name!,
  }))
}

describeUnless(missing, 'objects of the kernels', () => {
  it.each(OBJECTS.map((path) => ({ name: basename(path, '.o'), path })))('$name', ({ name, path }) => {
    const symbols = symbolsOf(path)
    const ofTypes = (types: string): string[] =>
      symbols.filter(({ type }) => types.includes(type)).map(({ name }) => name)
    expect(ofTypes('WwVvu'), 'weak symbols').toEqual([])
    expect(
      ofTypes('TtBbDd').filter((symbol) => /_GLOBAL__sub_I|_GLOBAL__I/.test(symbol)),
      'static initialisers',
    ).toEqual([])
    expect(readFileSync(path).includes('.init_array'), 'a section .init_array').toBe(false)
    expect(ofTypes('ABCDGRST'), 'what others see').toEqual([expect.stringContaining(`${name}_kernels`)])
  })
})
