/**
 * Loads the texts of a job that is resumed or evaluated: they are read again with the vocabulary of the job, or loaded
 * from its folder if they cannot be read again.
 */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { loadText } from '../data/text.ts'
import { canBeReadAgain } from '../data/text-source.ts'
import { checksumOf, isFile, loadTexts, type Texts, type TextsOptions } from '../data/texts.ts'
import type { Vocabulary } from '../data/vocabulary.ts'
import { inPieces } from '../pace.ts'
import { type JobFolder, textsIn } from './job-folder.ts'
import type { GivenSettings, JobSettings, OpenSettings, ResumeSettings } from './settings.ts'
import { readStoredTexts } from './stored-texts.ts'

const TEXT_SETTINGS = ['data', 'valid', 'test'] as const

/** The settings that select the texts and how to read them. */
export function textsOptions(settings: OpenSettings): TextsOptions {
  const { data, valid, test, split, unit, minCount, maxVocabSize, limit } = settings
  return { data, valid, test, split, unit, minCount, maxVocabSize, limit }
}

/** Whether all texts of these settings are files that can be read again. */
export function canTextsBeReadAgain(settings: GivenSettings): boolean {
  return TEXT_SETTINGS.every((name) => {
    const path = settings[name]
    return path === undefined || (name === 'data' && !isFile(path)) || canBeReadAgain(path)
  })
}

/**
 * The texts of a resumed job and their checksum.
 * @param vocabularies `vocabulary` of the checkpoint; without a checkpoint, `base` of the model that the job starts
 * from
 * @throws an error if stored texts differ from texts given now
 */
export async function loadResumedTexts(
  folder: JobFolder,
  changes: ResumeSettings,
  vocabularies: Pick<TextsOptions, 'vocabulary' | 'base'>,
  signal: AbortSignal | undefined,
): Promise<{ texts: Texts; checksum: number }> {
  const { settings } = folder
  if (!existsSync(folder.texts)) {
    const { vocabulary } = vocabularies
    const read = vocabulary ? readIn(vocabulary, settings) : textsOptions(settings)
    const texts = await loadTexts({ ...read, base: vocabularies.base, signal })
    return { texts, checksum: await inPieces(checksumOf(texts), signal) }
  }
  const texts = await readStoredTexts(folder.texts, signal)
  const checksum = await inPieces(checksumOf(texts), signal)
  if (TEXT_SETTINGS.some((name) => changes[name] !== undefined)) {
    const given = await readChanged(texts, settings, changes, signal)
    if ((await inPieces(checksumOf(given), signal)) !== checksum) throw otherTexts(settings)
  }
  return { texts, checksum }
}

/** The stored texts, with those texts reloaded whose paths have changed. */
async function readChanged(
  stored: Texts,
  settings: JobSettings,
  changes: ResumeSettings,
  signal: AbortSignal | undefined,
): Promise<Texts> {
  const { vocabulary } = stored
  const { valid, test, split, ...others } = readIn(vocabulary, settings)
  const read = async (path: string) => (await loadText(path, { vocabulary, signal })).corpus
  const texts = { ...stored }
  if (changes.data !== undefined) {
    const ownSplit = valid === undefined ? split : 0
    const { train, ...held } = await loadTexts({ ...others, split: ownSplit, signal })
    texts.train = train
    if (valid === undefined && held.valid) texts.valid = held.valid
    if (test === undefined && held.test) texts.test = held.test
  }
  if (changes.valid !== undefined) texts.valid = await read(valid!)
  if (changes.test !== undefined) texts.test = await read(test!)
  return texts
}

/** Options to read the texts of a resumed job with the vocabulary of the job, regardless of how it was built. */
function readIn(vocabulary: Vocabulary, settings: JobSettings): TextsOptions {
  const { minCount: _, maxVocabSize: __, ...others } = textsOptions(settings)
  return { ...others, vocabulary }
}

export function otherTexts(settings: JobSettings): Error {
  const names = TEXT_SETTINGS.map((name) => settings[name]).filter((path) => path !== undefined)
  return new Error(`the texts (${names.join(', ')}) differ from those that the job was started with`)
}

/** The texts stored in the folder of a checkpoint, if any, in the vocabulary of the checkpoint. */
export async function storedTextsOf(
  checkpoint: { path: string; vocabulary: Vocabulary },
  signal?: AbortSignal,
): Promise<Texts | undefined> {
  const path = textsIn(dirname(checkpoint.path))
  if (!existsSync(path)) return undefined
  const texts = await readStoredTexts(path, signal)
  return isDeepStrictEqual(texts.vocabulary.toJSON(), checkpoint.vocabulary.toJSON()) ? texts : undefined
}
