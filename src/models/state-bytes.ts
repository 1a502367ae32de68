/**
 * A state as bytes, little-endian:
 *
 *     'rnnlmst1'                   8 bytes, which name the format and its version
 *     checksum                     uint32, CRC-32 of all bytes that follow
 *     N, number of layers          uint32 each
 *     for each layer               number of tensors: uint32
 *       for each tensor            type (0: float32, 1: int32), rank, lengths after the first: uint32 each
 *     elements                     of one tensor after the other, 4 bytes each
 */
import { crc32 } from 'node:zlib'
import { argumentError, typeError } from '../errors.ts'
import type { LayerState } from '../layers/index.ts'
import { type DType, Tensor } from '../tensor/index.ts'

const FORMAT = Buffer.from('rnnlmst1', 'latin1')
const PREFIX_BYTES = FORMAT.length + 4
const TYPES: readonly DType[] = ['float32', 'int32']
const HIGHEST_RANK = 8

export function encodeState(layers: readonly LayerState[]): Uint8Array {
  const numbers = [layers[0]![0]!.shape[0]!, layers.length]
  for (const tensors of layers) {
    numbers.push(tensors.length)
    for (const { dtype, shape } of tensors)
      numbers.push(TYPES.indexOf(dtype), shape.length, ...shape.slice(1))
  }
  const content = Buffer.concat([
    bytesOf(Uint32Array.from(numbers)),
    ...layers.flat().map((tensor) => bytesOf(tensor.clone().data)),
  ])
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32LE(crc32(content))
  return new Uint8Array(Buffer.concat([FORMAT, checksum, content]))
}

export function decodeState(bytes: Uint8Array): LayerState[] {
  if (!(bytes instanceof Uint8Array))
    throw typeError('State.fromBytes', 'bytes', 'a Uint8Array that toBytes returned', bytes)
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (all.length < PREFIX_BYTES || !all.subarray(0, FORMAT.length).equals(FORMAT))
    throw refusal('not a state, or one of another version')
  const reader = new Reader(all, PREFIX_BYTES)
  if (crc32(all.subarray(PREFIX_BYTES)) !== all.readUInt32LE(FORMAT.length))
    throw refusal('cut off or damaged: the checksum does not match')
  const [rows, layerCount] = [reader.number(), reader.number()]
  if (rows === 0 || layerCount === 0) throw refusal('it has no rows or no layers')
  const layouts: { dtype: DType; shape: number[] }[][] = []
  for (let layer = 0; layer < layerCount; layer++) {
    const tensorCount = reader.number()
    if (tensorCount === 0) throw refusal('a layer has no tensors')
    const tensors: { dtype: DType; shape: number[] }[] = []
    for (let i = 0; i < tensorCount; i++) tensors.push({ dtype: reader.type(), shape: reader.shape(rows) })
    layouts.push(tensors)
  }
  const size = layouts.flat().reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b), 0)
  if (size !== reader.left)
    throw refusal(`its tensors have ${size} bytes, and ${reader.left} bytes are there`)
  return layouts.map((tensors) => tensors.map(({ dtype, shape }) => reader.tensor(dtype, shape)))
}

/** Takes the parts of the content one after the other. */
class Reader {
  readonly #bytes: Buffer
  #place: number

  constructor(bytes: Buffer, place: number) {
    this.#bytes = bytes
    this.#place = place
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#place
  }

  number(): number {
    if (this.left < 4) throw refusal('its list of tensors is cut off')
    this.#place += 4
    return this.#bytes.readUInt32LE(this.#place - 4)
  }

  type(): DType {
    const type = TYPES[this.number()]
    if (type === undefined) throw refusal('a tensor has an unknown type')
    return type
  }

  shape(rows: number): number[] {
    const rank = this.number()
    if (rank < 1 || rank > HIGHEST_RANK) throw refusal(`a tensor has rank ${rank}`)
    return [rows, ...Array.from({ length: rank - 1 }, () => this.number())]
  }

  tensor(dtype: DType, shape: number[]): Tensor<DType> {
    const tensor = Tensor.zeros(shape, dtype)
    const target = bytesOf(tensor.data)
    target.set(this.#bytes.subarray(this.#place, this.#place + target.length))
    this.#place += target.length
    if (dtype === 'float32' && !tensor.data.every(Number.isFinite))
      throw refusal('it has numbers that are not finite')
    return tensor
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function refusal(problem: string): RangeError {
  return argumentError('State.fromBytes', 'bytes', problem)
}
