/**
 * Tensors in safetensors files: a head (see safetensors-header.ts), then the elements of one tensor after the other.
 * Written files hold float32 (F32) and int32 (I32) and a checksum, by which damage anywhere in the file is found.
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

export type NamedTensors = ReadonlyMap<string, Tensor<DType>>

export interface SafetensorsContent {
  /** In the order of the file; all contiguous. */
  tensors: Map<string, Tensor<DType>>
  metadata: Record<string, string>
}

/** So many bytes are read or summed up at once: few enough for the caches, and some 0.1 ms of work. */
const PIECE_BYTES = 2 ** 18

/** A named pipe is opened, and then refused, without waiting for its writer. */
const READ_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Writes tensors of any layout, in the order given, to a file that is whole or not there.
 * @throws TypeError or RangeError for what the format cannot hold; an error that names the path and the reason
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
 * Saves again and again while training goes on: `save` copies the tensors at once and does the rest apart. The copies'
 * memory (as much as the tensors') is made by the first save and reused by the next.
 */
export class SafetensorsWriter {
  readonly #spare: Map<string, Tensor<DType>>[] = []
  #last: Promise<void> = Promise.resolve()

  /**
   * Writes the tensors as they are at the call. The promise is kept when the file is safe on the disk; errors are those of
   * `writeSafetensors`. A save that is called while another is at work copies at once too, to memory of its own,
   * and writes after it.
   * @param after what must have been done before; where that fails, nothing is written, and the promise fails likewise
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

/** At once, not when the file is written: a folder that is deleted meanwhile is not made again. */
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
 * Reads a safetensors file; F64, F16 and BF16 become float32. Memory is taken only for what the file really holds, and
 * a header of more than 100 MB or more than 65,536 tensors is refused.
 * @param check is given the header before any tensor is made, and throws if the file is not what it should be
 * @throws an error that names the path and what is wrong, for a file that is damaged, cut off or of another kind
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

/** Reads on from where the file stands until `bytes` is full. */
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

/** Contiguous copies, in the memory of earlier ones where name, type and shape are the same. */
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

/** The elements of a tensor that has its array to itself. */
function bytesOf({ data }: Tensor<DType>): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
