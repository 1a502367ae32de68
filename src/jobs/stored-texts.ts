/**
 * Stores the texts of a job as token ids in its folder, if they cannot be read again.
 *
 *     train, valid, test    int32, as far as the job has them
 *     memoryPositions       int32, for the built-in stories
 *     metadata              format, version, and as JSON: vocabulary, notes (split, floor, memoryFloor)
 */
import { checkInteger, checkNumber, checkOptions } from '../checks.ts'
import type { Texts } from '../data/texts.ts'
import { Vocabulary } from '../data/vocabulary.ts'
import { rangeError, stateError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import { parseJson } from '../files/json.ts'
import { readSafetensors, SafetensorsWriter } from '../interop/safetensors.ts'
import type { Header } from '../interop/safetensors-header.ts'
import { inPieces, type Pieces, ranges } from '../pace.ts'
import { Tensor } from '../tensor/index.ts'

const FORMAT = 'rnnlm texts'
const VERSION = 1

const PARTS = ['train', 'valid', 'test'] as const
const TENSORS = [...PARTS, 'memoryPositions'] as const
type TensorName = (typeof TENSORS)[number]

/** The fields of `Texts` other than tensors and vocabulary, and the range of each. */
const NOTES = { split: [0, 1], floor: [1, Infinity], memoryFloor: [1, Infinity] } as const
type NoteName = keyof typeof NOTES

/**
 * Writes the file atomically.
 * @throws an error that names the path and the reason
 */
export async function writeStoredTexts(path: string, texts: Texts): Promise<void> {
  const tensors = new Map<string, Tensor<'int32'>>()
  for (const name of TENSORS) {
    const ids = texts[name]
    if (ids !== undefined) tensors.set(name, Tensor.from(ids))
  }
  const { vocabulary, split, floor, memoryFloor } = texts
  await new SafetensorsWriter().save(path, tensors, {
    format: FORMAT,
    version: String(VERSION),
    vocabulary: JSON.stringify(vocabulary),
    notes: JSON.stringify({ split, floor, memoryFloor }),
  })
}

/**
 * Reads stored texts. The file may come from an untrusted source.
 * @throws an error that names the path and what is wrong with it; the signal's reason if aborted
 */
export async function readStoredTexts(path: string, signal?: AbortSignal): Promise<Texts> {
  try {
    const { tensors, metadata } = readSafetensors(path, checkHeader)
    const vocabulary = Vocabulary.fromJSON(parseJson(metadata.vocabulary!))
    const texts: Partial<Texts> & Pick<Texts, 'vocabulary'> = { vocabulary, ...readNotes(metadata.notes!) }
    for (const [name, { data }] of tensors) {
      const ids = data as Int32Array
      const size = name === 'memoryPositions' ? (tensors.get('valid')?.size ?? 0) : vocabulary.size
      await inPieces(checkRange(name, ids, size), signal)
      texts[name as TensorName] = ids
    }
    return texts as Texts
  } catch (cause) {
    signal?.throwIfAborted()
    throw fileError('read', path, cause)
  }
}

function checkHeader({ metadata, entries }: Header): void {
  const { format, version, vocabulary, notes } = metadata
  if (format !== FORMAT || vocabulary === undefined || notes === undefined)
    throw new Error('it is a safetensors file but does not contain the texts of a job')
  if (!(Number(version) <= VERSION)) {
    throw new Error(`it was written by a newer rnnlm (version ${version}, expected ${VERSION}); update rnnlm`)
  }
  for (const { name, dtype, shape } of entries) {
    if (!(TENSORS as readonly string[]).includes(name))
      throw rangeError('texts', 'tensors', `${TENSORS.join(', ')} at most`, name)
    if (dtype !== 'I32') throw rangeError(`tensor "${name}"`, 'dtype', 'I32', dtype)
    if (shape.length !== 1) throw rangeError(`tensor "${name}"`, 'shape', 'one axis', shape)
    if ((PARTS as readonly string[]).includes(name)) checkInteger(`tensor "${name}"`, 'size', shape[0])
  }
  if (!entries.some(({ name }) => name === 'train'))
    throw stateError('texts', 'the tensor "train" is missing')
}

function readNotes(json: string): Pick<Texts, NoteName> {
  const notes = checkOptions('notes', parseJson(json) as Partial<Record<NoteName, unknown>>)
  const checked = (Object.keys(NOTES) as NoteName[])
    .filter((name) => notes[name] !== undefined)
    .map((name) => [name, checkNumber('notes', name, notes[name], ...NOTES[name])])
  return Object.fromEntries(checked)
}

function* checkRange(name: string, ids: Int32Array, size: number): Pieces<void> {
  for (const [from, to] of ranges(ids.length)) {
    const wrong = ids.subarray(from, to).findIndex((id) => id < 0 || id >= size)
    if (wrong >= 0)
      throw rangeError('texts', `${name}[${from + wrong}]`, `an integer in 0…${size - 1}`, ids[from + wrong])
    yield
  }
}
