/**
 * Writes the texts of a job as the model reads them, rare words as <unk>, for another program to be measured on:
 *
 *     node bench/results/texts/tokens.mjs JOB FOLDER      # FOLDER/train.txt, valid.txt, test.txt
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadModel, loadTexts } from '../../../dist/index.js'

const [job, folder] = process.argv.slice(2)
const { vocabulary, settings } = loadModel(job)
const { data, valid, test, split, limit } = settings
const texts = await loadTexts({ data, valid, test, split, limit, vocabulary })
mkdirSync(folder, { recursive: true })
for (const part of ['train', 'valid', 'test']) {
  if (texts[part]) writeFileSync(join(folder, `${part}.txt`), vocabulary.decode(texts[part]))
}
