/** Runs the README's TypeScript unchanged, in a folder that can import the built package by its name. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { transformSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { rnnlm, temporaryFolder } from './support/command-line.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const scripts = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, code]) => code!,
)

/** Uses the built-in stories if the Penn Treebank is not available. */
function withAvailableText(script: string): string {
  if (process.env.RNNLM_PTB_DIR) return script
  return script
    .replace("await ptb.loadData('train')", 'generateCorpus({ words: 1000, seed: 1 })')
    .replace('import { ptb,', 'import { generateCorpus,')
}

async function run(script: string, folder: string): Promise<string> {
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules', 'rnnlm'))
  const file = join(folder, 'script.mjs')
  writeFileSync(file, transformSync(withAvailableText(script), { loader: 'ts', format: 'esm' }).code)
  return (await promisify(execFile)(process.execPath, [file], { cwd: folder })).stdout
}

const limit = process.env.RNNLM_PTB_DIR ? 7 : 20

const poem = 'once upon a time a king lived in a castle\nthe queen slept\n'.repeat(20)

describe('the README', () => {
  it('uses a trained model, freezes it, trains as the book does in two ways, and saves a model', () => {
    expect(scripts).toHaveLength(5)
  })

  async function folderOfNovel(): Promise<string> {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'novel.txt'), poem)
    const training = ['train', '--data', 'novel.txt', '--out', 'novel', '--max-epoch', '1', '--no-plot']
    expect((await rnnlm(training, folder)).code).toBe(0)
    return folder
  }

  it('freezes a trained model', async () => {
    expect(await run(scripts[1]!, await folderOfNovel())).toMatch(/^most likely next: \S+\n$/)
  })

  it('uses a trained model', async () => {
    const folder = await folderOfNovel()
    writeFileSync(join(folder, 'other.txt'), 'a king slept in a zoo\n')
    const lines = (await run(scripts[0]!, folder)).trimEnd().split('\n')
    expect(lines[0]).toMatch(/^-\d+\.\d\d nats, perplexity \d+\.\d: you say goodbye$/)
    expect(lines[1]).toMatch(/^-\d+\.\d\d nats, perplexity \d+\.\d: you say good die$/)
    expect(lines[2]).toMatch(/^perplexity \d+\.\d on 6 words$/)
    expect(lines[3]!.split(' ')).toHaveLength(10)
    expect(lines).toHaveLength(4)
  })

  it('trains in a loop of its own', async () => {
    const lines = (await run(scripts[2]!, temporaryFolder())).trim().split('\n')
    expect(lines).toHaveLength(100)
    expect(lines[0]).toMatch(/^epoch 1 {2}perplexity \d+\.\d\d$/)
    expect(Number(lines[99]!.split(' ').at(-1))).toBeLessThan(limit)
  })

  it('trains with the trainer', async () => {
    const folder = temporaryFolder()
    const output = await run(scripts[3]!, folder)
    expect(Number(output.split(' ')[1])).toBeLessThan(limit)
    expect(existsSync(join(folder, 'perplexity.svg'))).toBe(true)
  })

  it('composes a model, saves it and trains it further', async () => {
    const folder = temporaryFolder()
    expect(await run(scripts[4]!, folder)).toMatch(/^perplexity \d+\.\d\d\n$/)
    expect(existsSync(join(folder, 'gru.safetensors'))).toBe(true)
  })
})
