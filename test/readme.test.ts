/** The README's scripts, run as they stand, in a folder of their own that imports the built package by its name. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { transformSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/command-line.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const scripts = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, code]) => code!,
)

/** Without the Penn Treebank at hand, the built-in stories stand in for it. */
function withTextAtHand(script: string): string {
  if (process.env.RNNLM_PTB_DIR) return script
  return script
    .replace("await ptb.loadData('train')", 'generateCorpus({ words: 1000, seed: 1 })')
    .replace('import { ptb,', 'import { generateCorpus,')
}

async function run(script: string, folder: string): Promise<string> {
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules', 'rnnlm'))
  const file = join(folder, 'script.mjs')
  writeFileSync(file, transformSync(withTextAtHand(script), { loader: 'ts', format: 'esm' }).code)
  return (await promisify(execFile)(process.execPath, [file], { cwd: folder })).stdout
}

const limit = process.env.RNNLM_PTB_DIR ? 7 : 20

describe('the README', () => {
  it('has the two scripts of the seed experiment, one that saves a model, and one of models', () => {
    expect(scripts).toHaveLength(4)
  })

  it('the training loop, written out', async () => {
    const lines = (await run(scripts[0]!, temporaryFolder())).trim().split('\n')
    expect(lines).toHaveLength(100)
    expect(lines[0]).toMatch(/^epoch 1 {2}perplexity \d+\.\d\d$/)
    expect(Number(lines[99]!.split(' ').at(-1))).toBeLessThan(limit)
  })

  it('the same with the trainer', async () => {
    const folder = temporaryFolder()
    const output = await run(scripts[1]!, folder)
    expect(Number(output.split(' ')[1])).toBeLessThan(limit)
    expect(existsSync(join(folder, 'perplexity.svg'))).toBe(true)
  })

  it('a model that is saved, loaded and trained further', async () => {
    const folder = temporaryFolder()
    expect(await run(scripts[2]!, folder)).toMatch(/^perplexity \d+\.\d\d\n$/)
    expect(existsSync(join(folder, 'simple.safetensors'))).toBe(true)
  })

  it('the models', async () => {
    expect(await run(scripts[3]!, temporaryFolder())).toMatch(/^embedding\.W recurrent\.0\.Wx .* 6 8\n$/)
  })
})
