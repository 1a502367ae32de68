import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fetchCorpusFile, ptb } from '../../src/data/ptb.ts'
import { describeUnless, NO_PTB } from '../support/skipping.ts'

const realText = process.env.RNNLM_PTB_DIR
const TRAIN_SHA256 = 'fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf'

let folder: string
let dir: string
let server: Server
let baseUrl: string
const files = new Map<string, Buffer>()
const requests: string[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rnnlm-ptb-'))
  dir = join(folder, 'ptb')
  server = createServer((request, response) => {
    requests.push(request.url!)
    const content = files.get(request.url!)
    if (content === undefined) response.writeHead(404)
    response.end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`
})
afterEach(() => {
  vi.unstubAllEnvs()
  server.close()
  server.closeAllConnections()
  files.clear()
  requests.length = 0
  rmSync(folder, { recursive: true })
})

describe('fetchCorpusFile', () => {
  const file = 'ptb.valid.txt'
  const content = Buffer.from(' consumers may want to move \n')
  const sha256 = createHash('sha256').update(content).digest('hex')

  test('downloads a missing file once', async () => {
    files.set('/data/ptb.valid.txt', content)
    expect(await fetchCorpusFile({ file, sha256, dir, baseUrl: `${baseUrl}/` })).toEqual(content)
    expect(readFileSync(join(dir, file))).toEqual(content)
    expect(await fetchCorpusFile({ file, sha256, dir, baseUrl })).toEqual(content)
    expect(requests).toEqual(['/data/ptb.valid.txt'])
  })

  test('leaves a file alone that is not the expected one', async () => {
    mkdirSync(dir)
    writeFileSync(join(dir, file), 'mine')
    const found = createHash('sha256').update('mine').digest('hex')
    await expect(fetchCorpusFile({ file, sha256, dir, baseUrl })).rejects.toThrow(
      `${join(dir, file)} is not the file that is expected: its SHA-256 is ${found}, expected ${sha256}. Delete it`,
    )
    expect(readFileSync(join(dir, file), 'utf8')).toBe('mine')
    expect(requests).toEqual([])
  })

  test('names a file that cannot be read', async () => {
    mkdirSync(join(dir, file), { recursive: true })
    const path = join(dir, file)
    await expect(fetchCorpusFile({ file, sha256, dir, baseUrl })).rejects.toThrow(
      `cannot read ${path}: it is a folder`,
    )
    expect(requests).toEqual([])
  })
})

describe('ptb.loadData', () => {
  test('says what to put where when a file cannot be downloaded', async () => {
    await expect(ptb.loadData('test', { dir, baseUrl })).rejects.toThrow(
      `cannot download ${baseUrl}/ptb.train.txt: the server answered with status 404. Without a download: ` +
        `put ptb.train.txt, ptb.valid.txt, ptb.test.txt into ${dir}, or set RNNLM_PTB_DIR to a folder that has them.`,
    )
    expect(existsSync(dir)).toBe(false)
  })

  test('checks what it downloads', async () => {
    files.set('/data/ptb.train.txt', Buffer.from('something else'))
    await expect(ptb.loadData('train', { dir, baseUrl })).rejects.toThrow(
      `expected ${TRAIN_SHA256}. Without a download`,
    )
    expect(existsSync(dir)).toBe(false)
  })

  test.each([
    ['the argument', 'argument', 'variable', 'argument'],
    ['RNNLM_PTB_DIR', undefined, 'variable', 'variable'],
    ['the cache folder', undefined, '', join('cache', 'rnnlm', 'ptb')],
  ])('takes the folder from %s', async (_, argument, variable, expected) => {
    vi.stubEnv('RNNLM_PTB_DIR', variable && join(folder, variable))
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'))
    const path = join(folder, expected, 'ptb.train.txt')
    mkdirSync(join(folder, expected), { recursive: true })
    writeFileSync(path, 'mine')
    await expect(ptb.loadData('train', { dir: argument && join(folder, argument), baseUrl })).rejects.toThrow(
      `${path} is not the file that is expected`,
    )
  })

  test.each(['', 'relative/folder'])('passes over XDG_CACHE_HOME=%j', async (value) => {
    vi.stubEnv('HOME', folder)
    vi.stubEnv('RNNLM_PTB_DIR', undefined)
    vi.stubEnv('XDG_CACHE_HOME', value)
    const cache = process.platform === 'darwin' ? join('Library', 'Caches') : '.cache'
    await expect(ptb.loadData('train', { baseUrl })).rejects.toThrow(
      `into ${join(homedir(), cache, 'rnnlm', 'ptb')}, or set RNNLM_PTB_DIR`,
    )
  })

  test('refuses wrong arguments', async () => {
    await expect(ptb.loadData('dev' as never)).rejects.toThrow(
      new RangeError("ptb.loadData: split: expected 'train', 'valid' or 'test', got \"dev\""),
    )
    await expect(ptb.loadData('toString' as never)).rejects.toThrow('ptb.loadData: split')
    await expect(ptb.loadData('train', { dir: '' })).rejects.toThrow(
      'ptb.loadData: dir: expected the path of a folder',
    )
    await expect(ptb.loadData('train', { dir, baseUrl: 'http://example.org/' })).rejects.toThrow(
      'ptb.loadData: baseUrl: expected an address that begins with https://, got "http://example.org/"',
    )
  })
})

describeUnless(NO_PTB, 'the real text', () => {
  test.each([
    ['train', 929_589, ['ptb.train.txt']],
    ['valid', 73_760, ['ptb.train.txt', 'ptb.valid.txt']],
    ['test', 82_430, ['ptb.test.txt', 'ptb.train.txt']],
  ] as const)('%s has the known number of words, downloaded or not', async (split, words, needed) => {
    for (const file of needed) files.set(`/data/${file}`, readFileSync(join(realText!, file)))
    const downloaded = await ptb.loadData(split, { dir, baseUrl })
    expect(readdirSync(dir).sort()).toEqual(needed)
    const { corpus, wordToId, idToWord } = await ptb.loadData(split)
    expect(corpus.length).toBe(words)
    expect(idToWord.length).toBe(10_000)
    expect(wordToId.size).toBe(10_000)
    expect(downloaded.idToWord).toEqual(idToWord)
    expect(Buffer.from(downloaded.corpus.buffer).equals(Buffer.from(corpus.buffer))).toBe(true)
  })

  test('has the ids of the book', async () => {
    const { corpus, wordToId, idToWord } = await ptb.loadData('train')
    expect(corpus.subarray(0, 30)).toEqual(Int32Array.from({ length: 30 }, (_, i) => i))
    expect(idToWord.slice(0, 3)).toEqual(['aer', 'banknote', 'berlitz'])
    expect(['car', 'happy', 'lexus', '<eos>'].map((word) => wordToId.get(word))).toEqual([
      3856, 4428, 7426, 24,
    ])
  })

  test('has the first sentence of each part', async () => {
    const first = async (split: 'train' | 'valid' | 'test') => {
      const { corpus, idToWord } = await ptb.loadData(split)
      return Array.from(corpus.subarray(0, corpus.indexOf(24) + 1), (id) => idToWord[id]).join(' ')
    }
    expect(await first('valid')).toMatch(/^consumers may want to move .* <eos>$/)
    expect(await first('test')).toMatch(/^no it was n't black monday <eos>$/)
  })
})
