/**
 * Reads and writes safetensors files: a head (see safetensors-header.ts) followed by the elements of each tensor.
 * Written files contain float32 (F32) and int32 (I32) tensors and a checksum that detects any damage.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { typeError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import { otherKind } from '../files/file-kind.ts'
import { makeFolder, writeFileWhole, writeFileWholeAsync } from '../files/whole-file.ts'
import { type DType, Tensor } from '../tensor/index.ts'
import { equalShapes } from '../tensor/shape.ts'
import { ELEMENT_TYPES } from './element-types.ts'
import {
  decodeHeader,
  digitsOf,
  type Entry,
  encodeHead,
  type Header,
  LENGTH_BYTES,
  LONGEST_HEADER,
  takeChecksum,
  writeChecksum,
} from './safetensors-header.ts'

type NamedTensors = ReadonlyMap<string, Tensor<DType>>

export interface SafetensorsContent {
  /** In the order of the file; all contiguous. */
  tensors: Map<string, Tensor<DType>>
  metadata: Record<string, string>
}

/** Number of bytes read or summed at a time: they fit into the caches and take about 0.1 ms. */
const PIECE_BYTES = 2 ** 18

/** Opens without blocking, so that a named pipe can be rejected. */
const READ_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Writes tensors of any layout, in the given order. The file is written atomically.
 * @throws {TypeError | RangeError} for anything the format cannot store
 * @throws an error that names the path and the reason if the file cannot be written
 */
export function writeSafetensors(
  path: string,
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
): void {
  checkTensors('writeSafetensors', tensors)
  const head = encodeHead('writeSafetensors', tensors, metadata)
  const chunks = [head, ...piecesOf(copyTensors(tensors))]
  let checksum = 0
  for (const chunk of chunks) checksum = crc32(chunk, checksum)
  writeChecksum(head, checksum)
  writeFileWhole(path, chunks)
}

/**
 * Saves tensors repeatedly during training: `save` copies them immediately and writes in the background. The first save
 * allocates memory for the copies (as much as the tensors take), which later saves reuse.
 */
export class SafetensorsWriter {
  readonly #spare: Map<string, Tensor<DType>>[] = []
  #last: Promise<void> = Promise.resolve()

  /**
   * Writes the tensors as they are at the time of the call. Resolves when the file is synced to disk; errors are those
   * of `writeSafetensors`. If another save is in progress, the tensors are copied immediately to separate memory and
   * written after it.
   * @param after awaited before writing; if it rejects, nothing is written and the save rejects with the same error
   */
  async save(
    path: string,
    tensors: NamedTensors,
    metadata: Readonly<Record<string, string>> = {},
    after?: Promise<void>,
  ): Promise<void> {
    checkTensors('SafetensorsWriter.save', tensors)
    const head = encodeHead('SafetensorsWriter.save', tensors, metadata)
    makeFolderOf(path)
    const copies = copyTensors(tensors, this.#spare.pop())
    const turn = Promise.all([this.#last, after])
    const writing = turn.then(() => writeApart(path, [head, ...piecesOf(copies)]))
    this.#last = writing.catch(() => {})
    await writing.finally(() => this.#spare.push(copies))
  }
}

/** Creates the folder now rather than when the file is written, so that a folder deleted meanwhile is not recreated. */
function makeFolderOf(path: string): void {
  try {
    makeFolder(dirname(path))
  } catch (cause) {
    throw fileError('write', path, cause)
  }
}

async function writeApart(path: string, chunks: [head: Buffer, ...data: Uint8Array[]]): Promise<void> {
  let checksum = 0
  for (const chunk of chunks) {
    checksum = crc32(chunk, checksum)
    await setImmediate()
  }
  writeChecksum(chunks[0], checksum)
  await writeFileWholeAsync(path, chunks, { makesFolder: false })
}

/**
 * Reads a safetensors file. F64, F16 and BF16 are converted to float32. Memory is allocated only for what the file
 * really contains. Headers of more than 100 MB or 65,536 tensors are rejected.
 * @param check receives the header before any tensor is allocated, and may throw
 * @throws an error that names the path and the reason if the file is damaged, truncated or of another type
 */
export function readSafetensors(
  path: string,
  check: (header: Header) => void = () => {},
): SafetensorsContent {
  if (typeof path !== 'string') throw typeError('readSafetensors', 'path', 'the path of a file', path)
  try {
    const file = openSync(path, READ_WITHOUT_WAITING)
    try {
      return readContent(file, check)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}

function readContent(file: number, check: (header: Header) => void): SafetensorsContent {
  const stat = fstatSync(file)
  const kind = otherKind(stat)
  if (kind !== undefined) throw new Error(`it is ${kind}, not a regular file`)
  const head = readHead(file, stat.size)
  const expected = takeChecksum(head)
  const { metadata, entries } = decodeHeader(head.subarray(LENGTH_BYTES), stat.size - head.length)
  check({ metadata, entries })
  let checksum = crc32(head)
  const tensors = new Map<string, Tensor<DType>>()
  for (const entry of entries) {
    tensors.set(
      entry.name,
      readTensor(entry, (bytes) => {
        readFully(file, bytes)
        checksum = crc32(bytes, checksum)
      }),
    )
  }
  if (expected !== undefined) {
    delete metadata.crc32
    if (expected !== digitsOf(checksum)) {
      throw new Error(`it is damaged: its checksum is ${digitsOf(checksum)} instead of ${expected}`)
    }
  }
  return { tensors, metadata }
}

function readHead(file: number, size: number): Buffer {
  const start = Buffer.alloc(LENGTH_BYTES)
  if (size < start.length) throw new Error(`it is no safetensors file: it has ${size} bytes`)
  readFully(file, start)
  const length = start.readBigUInt64LE()
  const longest = Math.min(size - start.length, LONGEST_HEADER)
  if (length > longest) {
    throw new Error(
      `it is cut off or no safetensors file: expected a header of at most ${longest} bytes, got ${length}`,
    )
  }
  const head = Buffer.alloc(start.length + Number(length))
  head.set(start)
  readFully(file, head.subarray(start.length))
  return head
}

/** @param fill reads the next bytes of the file */
function readTensor({ dtype, shape, begin, end }: Entry, fill: (bytes: Uint8Array) => void): Tensor<DType> {
  const { dtype: ownType, convert } = ELEMENT_TYPES[dtype]
  if (convert) {
    const raw = new Uint8Array(end - begin)
    for (const piece of pieces(raw)) fill(piece)
    return Tensor.from(convert(raw.buffer), shape)
  }
  const tensor = Tensor.zeros(shape, ownType)
  for (const piece of pieces(bytesOf(tensor))) fill(piece)
  return tensor
}

/** Reads from the current position until `bytes` is full. */
function readFully(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, bytes.length - done, null)
    if (count === 0) throw new Error('it became shorter while it was read')
    done += count
  }
}

function checkTensors(operation: string, tensors: unknown): asserts tensors is NamedTensors {
  if (!(tensors instanceof Map)) throw typeError(operation, 'tensors', 'a Map of names and Tensors', tensors)
  for (const [name, tensor] of tensors) {
    if (typeof name !== 'string') throw typeError(operation, 'tensors', 'names that are strings', name)
    if (!(tensor instanceof Tensor)) throw typeError(operation, `tensor "${name}"`, 'a Tensor', tensor)
  }
}

/** Contiguous copies, which reuse the memory of earlier ones with the same name, type and shape. */
function copyTensors(tensors: NamedTensors, earlier?: NamedTensors): Map<string, Tensor<DType>> {
  const copies = new Map<string, Tensor<DType>>()
  for (const [name, tensor] of tensors) {
    const copy = earlier?.get(name)
    const fits = copy?.dtype === tensor.dtype && equalShapes(copy.shape, tensor.shape)
    copies.set(name, fits ? copy.copyFrom(tensor) : tensor.clone())
  }
  return copies
}

function* piecesOf(copies: NamedTensors): Generator<Uint8Array> {
  for (const tensor of copies.values()) yield* pieces(bytesOf(tensor))
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES)
  }
}

/** The elements of a tensor that owns its array. */
function bytesOf({ data }: Tensor<DType>): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
