/** Where the settings of `rnnlm train` come from: options, --config, --preset, defaults. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { rnnlm, temporaryFolder } from '../support/command-line.ts'
import { writeTexts } from '../support/jobs.ts'
import { rnnlmInSharedProcess } from '../support/shared-process.ts'

it('options go before --config, --config before --preset, and --preset before the defaults', async () => {
  const folder = temporaryFolder()
  writeTexts(folder)
  const config = { data: 'train.txt', hiddenSize: 7, maxEpoch: 3, batchSize: 4, tieWeights: false }
  writeFileSync(join(folder, 'job.json'), JSON.stringify(config))
  const options = ['--max-epoch', '1', '--time-size', '5', '--dropout', '0.25']
  const sources = ['--preset', 'gru-rnnlm', '--config', 'job.json', ...options]
  const { code } = await rnnlm(['train', ...sources, '--out', 'job', '--no-plot'], folder)
  expect(code).toBe(0)
  expect(JSON.parse(readFileSync(join(folder, 'job', 'config.json'), 'utf8'))).toMatchObject({
    maxEpoch: 1,
    timeSize: 5,
    dropout: 0.25,
    data: join(folder, 'train.txt'),
    hiddenSize: 7,
    batchSize: 4,
    cell: 'gru',
    lrDecay: 1,
    wordvecSize: 100,
    lr: 10,
    maxGrad: 0.25,
    optimizer: 'sgd',
  })
})

it('what a preset has can be switched off', async () => {
  const folder = temporaryFolder()
  writeTexts(folder)
  const sizes = ['--wordvec-size', '6', '--hidden-size', '4', '--batch-size', '4', '--time-size', '5']
  const options = [
    '--data',
    'train.txt',
    '--no-tie-weights',
    '--max-grad',
    'none',
    '--lr',
    '1',
    '--max-epoch',
    '1',
    '--no-plot',
    ...sizes,
  ]
  const job = ['--preset', 'better-rnnlm', '--out', 'job']
  const { code } = await rnnlm(['train', ...job, ...options], folder)
  const settings = JSON.parse(readFileSync(join(folder, 'job', 'config.json'), 'utf8'))
  expect(settings).toMatchObject({ tieWeights: false, maxGrad: null, dropout: 0.5 })
  expect(code).toBe(0)
})

it.each([
  ['{"hidenSize": 8}', 'settings: unknown option "hidenSize"; did you mean "hiddenSize"?'],
  ['{"hiddenSize": "8"}', 'settings: hiddenSize: expected an integer of at least 1, got "8"'],
  ['{"hiddenSize": null}', 'settings: hiddenSize: expected an integer of at least 1, got null'],
  ['{"tieWeights": "yes"}', 'settings: tieWeights: expected true or false, got "yes"'],
  ['{"cell": "LSTM"}', "settings: cell: expected 'rnn', 'lstm' or 'gru', got \"LSTM\""],
  ['{"data": ""}', 'settings: data: expected a non-empty string, got ""'],
  ['[]', 'settings: settings: expected an object, got []'],
  ['{"cell": "rnn",}', 'line 1, column 15: a comma before "}"'],
  ['{\n  "cell": "rnn"\n  "lr": 1\n}', 'line 3, column 3: expected "," or "}", got "\\""'],
  ['', 'line 1, column 1: expected a JSON object, got nothing'],
])('a configuration of %s is refused', async (text, message) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'job.json'), text)
  const { code, stderr } = await rnnlmInSharedProcess(
    ['train', '--config', 'job.json', '--out', 'job'],
    folder,
  )
  expect(stderr).toContain(`rnnlm: cannot read job.json: ${message}`)
  expect(code).toBe(1)
})

it.each([
  [['--config', 'none.json'], 1, 'rnnlm: cannot read none.json: no such file or folder'],
  [['--preset', 'elman'], 2, "argument 'elman' is invalid. Allowed choices are seed, "],
  [['--preset', 'toString'], 2, "argument 'toString' is invalid"],
  [['--max-grad', '0'], 2, 'Expected a number above 0, or none'],
  [['--split', '5%'], 2, 'Expected a finite number in 0…0.5, got "5%"'],
  [['--split', '0.6'], 2, 'Expected a finite number in 0…0.5, got 0.6'],
  [
    ['--out', 'job', '--log', 'run.jsonl'],
    2,
    '--log cannot be used with --out, which writes the log to job/log.jsonl',
  ],
  [['--resume', 'job'], 1, 'rnnlm: cannot resume job: it is not a job folder: it contains no config.json'],
  [
    ['--resume', 'job', '--lr', '1', '--hidden-size', '9', '--out', 'job'],
    2,
    '--resume cannot be used with --out, --hidden-size; it accepts --lr, --max-epoch, --data, --valid, --test',
  ],
] as const)('train %j exits with %i and says why', async (args, code, message) => {
  const outcome = await rnnlmInSharedProcess(['train', ...args], temporaryFolder())
  expect(outcome.stderr).toContain(message)
  expect(outcome.code).toBe(code)
})
