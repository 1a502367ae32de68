import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSafetensors, SafetensorsWriter, writeSafetensors } from '../../src/interop/safetensors.ts'
import { type DType, matmul, Tape, Tensor } from '../../src/tensor/index.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { inLayout, LAYOUTS } from '../support/layouts.ts'
import { startScript } from '../support/scripts.ts'

type Tensors = Map<string, Tensor<DType>>

const newPath = () => join(temporaryFolder(), 'model.safetensors')

/** A file made by hand: the header is padded only where `text` is. */
function fileOf(text: string | Uint8Array, data: Uint8Array = new Uint8Array()): Buffer {
  const header = Buffer.from(text as string)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, data])
}

/** The CRC-32 of ISO 3309, bit by bit. */
function crc32(bytes: Uint8Array): string {
  let register = ~0
  for (const byte of bytes) {
    register ^= byte
    for (let bit = 0; bit < 8; bit++) register = (register >>> 1) ^ (register & 1 ? 0xedb88320 : 0)
  }
  return (~register >>> 0).toString(16).padStart(8, '0')
}

function bitsOf(tensor: Tensor<DType> | undefined): number[] {
  const { data } = tensor!.clone()
  return [...new Uint32Array(data.buffer, data.byteOffset, data.length)]
}

const small = (): Tensors =>
  new Map<string, Tensor<DType>>([
    ['a', Tensor.from([[1, -2.5, 3]])],
    ['b', Tensor.from(Int32Array.of(7, -8))],
  ])

const HEADER =
  '"notes":"two"},"a":{"dtype":"F32","shape":[1,3],"data_offsets":[0,12]},"b":{"dtype":"I32","shape":[2],"data_offsets":[12,20]}}'
const DATA = Buffer.from('0000803f000020c00000404007000000f8ffffff', 'hex')

describe('a file', () => {
  it('is the bytes that the format asks for', () => {
    const path = newPath()
    writeSafetensors(path, small(), { notes: 'two' })
    const withChecksum = (digits: string) => {
      const text = `{"__metadata__":{"crc32":"${digits}",${HEADER}`
      return fileOf(text + ' '.repeat((8 - (text.length % 8)) % 8), DATA)
    }
    const bytes = readFileSync(path)
    expect(bytes.toString('latin1')).toBe(withChecksum(crc32(withChecksum('00000000'))).toString('latin1'))
    expect((bytes.length - DATA.length) % 8).toBe(0)
  })

  it('of another program is read: no checksum, no padding, any order of the header, spaces', () => {
    const path = newPath()
    writeFileSync(
      path,
      fileOf(
        ' {"b" : {"shape":[2],"data_offsets":[12,20],"dtype":"I32"},\n"a":{"dtype":"F32","shape":[1,3],"data_offsets":[0,12]},' +
          '"__metadata__":{"format":"pt","braces: {\\"a\\":\\\\":"}"} }',
        DATA,
      ),
    )
    const { tensors, metadata } = readSafetensors(path)
    expect([...tensors.keys()]).toEqual(['a', 'b'])
    expect(tensors.get('a')).toMatchObject({ dtype: 'float32', shape: [1, 3], isContiguous: true })
    expect(tensors.get('b')).toMatchObject({ dtype: 'int32', shape: [2] })
    expect(tensors.get('a')!.toArray()).toEqual([[1, -2.5, 3]])
    expect(tensors.get('b')!.toArray()).toEqual([7, -8])
    expect(metadata).toEqual({ format: 'pt', 'braces: {"a":\\': '}' })
  })

  it.each([
    ['F64', '000000000000f83f000000000000f0ff', [1.5, Number.NEGATIVE_INFINITY]],
    ['BF16', 'c03f80ffc07f', [1.5, Number.NEGATIVE_INFINITY, Number.NaN]],
    [
      'F16',
      '003e00fc007e008001000084ff7b00c0',
      [1.5, Number.NEGATIVE_INFINITY, Number.NaN, -0, 2 ** -24, -(2 ** -14), 65504, -2],
    ],
  ])('of %s is read as float32', (dtype, hex, expected) => {
    const path = newPath()
    const data = Buffer.from(hex, 'hex')
    const entry = { dtype, shape: [expected.length], data_offsets: [0, data.length] }
    writeFileSync(path, fileOf(JSON.stringify({ w: entry }), data))
    const tensor = readSafetensors(path).tensors.get('w')!
    expect(tensor.dtype).toBe('float32')
    expect(tensor.toArray()).toEqual(expected)
  })
})

describe('what is written is read', () => {
  it('bit for bit, names, order and metadata too', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('1', '0', '__proto__', 'constructor', 'crc32', '\ud800', '"\\'),
    )
    const path = newPath()
    const tensor = fc
      .record({
        shape: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
        isInteger: fc.boolean(),
        bits: fc.array(fc.nat({ max: 2 ** 32 - 1 }), { minLength: 27, maxLength: 27 }),
      })
      .map(({ shape, isInteger, bits }) => {
        const made = Tensor.zeros(shape, isInteger ? 'int32' : 'float32')
        new Uint32Array(made.data.buffer, made.data.byteOffset, made.size).set(bits.slice(0, made.size))
        return made as Tensor<DType>
      })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, tensor)),
        fc.dictionary(
          name.filter((text) => text !== 'crc32'),
          fc.string(),
        ),
        (list, metadata) => {
          const tensors: Tensors = new Map(list)
          writeSafetensors(path, tensors, metadata)
          const back = readSafetensors(path)
          expect(Object.entries(back.metadata).sort()).toEqual(Object.entries(metadata).sort())
          expect(new Set(back.tensors.keys())).toEqual(new Set(tensors.keys()))
          const withData = (map: Tensors) => [...map].filter(([, { size }]) => size > 0).map(([key]) => key)
          expect(withData(back.tensors)).toEqual(withData(tensors))
          for (const [key, { dtype, shape }] of tensors) {
            expect(back.tensors.get(key)).toMatchObject({ dtype, shape: [...shape] })
            expect(bitsOf(back.tensors.get(key))).toEqual(bitsOf(tensors.get(key)))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it.each(LAYOUTS)('from views: %s', async (layout) => {
    const path = newPath()
    const values = Tensor.from([
      [1, 2, 3],
      [4, 5, 6],
    ])
    const tensors = new Map([['w', inLayout(values, layout)]])
    writeSafetensors(path, tensors)
    expect(readSafetensors(path).tensors.get('w')!.toArray()).toEqual(values.toArray())
    await new SafetensorsWriter().save(path, tensors)
    expect(readSafetensors(path).tensors.get('w')!.toArray()).toEqual(values.toArray())
  })

  it('without tensors, and in several pieces', () => {
    const path = newPath()
    writeSafetensors(path, new Map())
    expect(readSafetensors(path)).toEqual({ tensors: new Map(), metadata: {} })
    const long = Float32Array.from({ length: 200_001 }, (_, i) => i)
    writeSafetensors(path, new Map([['long', Tensor.from(long)]]))
    expect(readSafetensors(path).tensors.get('long')!.data).toEqual(long)
  })
})

describe('refused with the reason:', () => {
  const f32 = (shape: unknown, data_offsets: unknown, dtype: unknown = 'F32') => ({
    dtype,
    shape,
    data_offsets,
  })
  const json = (fields: object, bytes = 0) => fileOf(JSON.stringify(fields), new Uint8Array(bytes))
  const headerOf = (length: bigint) => {
    const bytes = Buffer.alloc(64)
    bytes.writeBigUInt64LE(length)
    return bytes
  }

  it.each<[string, Uint8Array, string]>([
    ['an empty file', Buffer.alloc(0), 'it is no safetensors file: it has 0 bytes'],
    ['seven bytes', Buffer.alloc(7), 'it is no safetensors file: it has 7 bytes'],
    [
      'a text',
      Buffer.from('no it was not black monday\n'),
      'expected a header of at most 19 bytes, got 7023117828259606382',
    ],
    ['a header beyond the end', headerOf(57n), 'expected a header of at most 56 bytes, got 57'],
    ['an absurd header', headerOf(2n ** 64n - 1n), 'got 18446744073709551615'],
    ['no header', headerOf(0n), 'its header is not JSON'],
    ['zeros', headerOf(56n), 'its header is not JSON'],
    [
      'invalid UTF-8',
      fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x7b, 0x7d, 0x7d)),
      'its header is not JSON',
    ],
    ['an array', fileOf('[]'), 'header: JSON: expected an object, got []'],
    ['null', fileOf('null'), 'header: JSON: expected an object, got null'],
    [
      'metadata that is no object',
      json({ __metadata__: 'x' }),
      'header: __metadata__: expected an object, got "x"',
    ],
    [
      'metadata of numbers',
      json({ __metadata__: { x: 1 } }),
      'header: __metadata__ "x": expected a string, got 1',
    ],
    ['an entry that is no object', json({ w: 3 }), 'tensor "w": entry: expected an object, got 3'],
    [
      'no type',
      json({ w: {} }),
      'tensor "w": dtype: expected one of F32, I32, F64, F16, BF16, got undefined',
    ],
    [
      'an unknown type',
      json({ w: f32([1], [0, 1], 'U8') }, 1),
      'tensor "w": dtype: expected one of F32, I32, F64, F16, BF16, got "U8"',
    ],
    ['a type of Object', json({ w: f32([1], [0, 1], 'toString') }, 1), 'tensor "w": dtype: expected one of'],
    [
      'no shape',
      json({ w: { dtype: 'F32', data_offsets: [0, 4] } }, 4),
      'tensor "w": shape: expected an array of integers',
    ],
    [
      'a negative length',
      json({ w: f32([-1, -1], [0, 4]) }, 4),
      'tensor "w": shape: expected an array of integers of at least 0, got [-1, -1]',
    ],
    ['half a length', json({ w: f32([0.5, 2], [0, 4]) }, 4), 'tensor "w": shape'],
    ['a shape of texts', json({ w: f32(['1'], [0, 4]) }, 4), 'tensor "w": shape'],
    [
      'no offsets',
      json({ w: { dtype: 'F32', shape: [1] } }),
      'tensor "w": data_offsets: expected begin ≤ end',
    ],
    ['three offsets', json({ w: f32([1], [0, 4, 8]) }, 8), 'tensor "w": data_offsets: expected begin ≤ end'],
    [
      'an end before its begin',
      json({ w: f32([1], [4, 0]) }, 4),
      'tensor "w": data_offsets: expected begin ≤ end',
    ],
    [
      'another size than the shape',
      json({ w: f32([2, 3], [0, 20]) }, 20),
      'tensor "w": data_offsets: expected 24 bytes for the shape [2, 3] of F32, got [0, 20]',
    ],
    [
      'an enormous shape',
      json({ w: f32([2 ** 50, 2 ** 50, 2 ** 50], [0, 4]) }, 4),
      'tensor "w": data_offsets',
    ],
    [
      'a tensor larger than the file',
      json({ w: f32([2 ** 40], [0, 2 ** 42]) }, 8),
      `it is cut off: 8 of ${2 ** 42} bytes of data are there`,
    ],
    [
      'a gap before the first',
      json({ w: f32([1], [4, 8]) }, 8),
      'tensor "w" leaves a gap after the tensor before: it begins at byte 4 of the data instead of 0',
    ],
    ['a gap', json({ v: f32([1], [0, 4]), w: f32([1], [8, 12]) }, 12), 'tensor "w" leaves a gap'],
    [
      'an overlap',
      json({ v: f32([2], [0, 8]), w: f32([2], [4, 12]) }, 12),
      'tensor "w" overlaps the tensor before',
    ],
    [
      'two in one place',
      json({ v: f32([1], [0, 4]), w: f32([1], [0, 4]) }, 4),
      'tensor "w" overlaps the tensor before',
    ],
    [
      'an empty one inside another',
      json({ v: f32([2], [0, 8]), w: f32([0], [4, 4]) }, 8),
      'tensor "w" overlaps the tensor before',
    ],
    ['bytes beyond the end', json({ w: f32([1], [0, 4]) }, 5), '1 bytes at its end belong to no tensor'],
    [
      'a name that comes twice',
      fileOf(
        '{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0077":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}',
      ),
      'header: names: expected each only once, got "w"',
    ],
    [
      'metadata that comes twice',
      fileOf('{"__metadata__":{"x":"1","x":"2"}}'),
      'header: names: expected each only once, got "x"',
    ],
    ['an open string', fileOf('{"w'), 'its header is not JSON'],
    ['a colon alone', fileOf(':'), 'its header is not JSON'],
    ['deep nesting', fileOf('['.repeat(100_000)), 'header: JSON: expected at most 3 levels, got 4'],
    [
      'more names than tensors can have',
      fileOf(`{${'"":1,'.repeat(600_000)}`),
      'header: names: expected each only once, got ""',
    ],
    [
      'a long list',
      fileOf(`{"w":{"shape":[${'1,'.repeat(5_000_000)}`),
      'header: JSON: expected at most 65536 tensors, got 8388609',
    ],
  ])('%s', (_, bytes, reason) => {
    const path = newPath()
    writeFileSync(path, bytes)
    expect(() => readSafetensors(path)).toThrow(`cannot read ${path}: `)
    expect(() => readSafetensors(path)).toThrow(reason)
  })

  it('70 MB of short names, in little memory', () => {
    const bytes = Buffer.alloc(70_000_000, ' ')
    bytes.writeBigUInt64LE(BigInt(bytes.length - 8))
    bytes[8] = 0x7b
    for (let place = 9, name = 0; place < bytes.length - 20; name++)
      place += bytes.write(`"${name.toString(36)}":1,`, place, 'latin1')
    const path = newPath()
    writeFileSync(path, bytes)
    const before = process.resourceUsage().maxRSS
    expect(() => readSafetensors(path)).toThrow('header: names: expected at most 65536 tensors, got 524289')
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(300_000)
  })

  it('a file that is not there, a folder, and a pipe without waiting for its writer', () => {
    const path = newPath()
    expect(() => readSafetensors(path)).toThrow(`cannot read ${path}: no such file or folder`)
    mkdirSync(path)
    expect(() => readSafetensors(path)).toThrow(`cannot read ${path}: it is a folder, not a regular file`)
    if (process.platform === 'win32') return
    execFileSync('mkfifo', [join(path, 'pipe')])
    expect(() => readSafetensors(join(path, 'pipe'))).toThrow('it is a named pipe, not a regular file')
  })

  it('what the format cannot hold', async () => {
    const path = newPath()
    const tensor = Tensor.zeros([1])
    const cases: [tensors: unknown, metadata: unknown, reason: string][] = [
      [{ w: tensor }, {}, 'tensors: expected a Map of names and Tensors, got Object'],
      [new Map([[1, tensor]]), {}, 'tensors: expected names that are strings, got 1'],
      [new Map([['w', [1, 2]]]), {}, 'tensor "w": expected a Tensor, got [1, 2]'],
      [new Map([['__metadata__', tensor]]), {}, 'tensors: expected another name than "__metadata__"'],
      [new Map(), { epoch: 3 }, 'metadata "epoch": expected a string, got 3'],
      [new Map(), { crc32: '1' }, 'metadata: expected another name than "crc32"'],
      [new Map(), null, 'metadata: expected an object of strings, got null'],
    ]
    for (const [tensors, metadata, reason] of cases) {
      const [map, notes] = [tensors as Tensors, metadata as Record<string, string>]
      expect(() => writeSafetensors(path, map, notes)).toThrow(`writeSafetensors: ${reason}`)
      await expect(new SafetensorsWriter().save(path, map, notes)).rejects.toThrow(
        `SafetensorsWriter.save: ${reason}`,
      )
    }
    const detached = Tensor.zeros([2])
    structuredClone(detached.data.buffer, { transfer: [detached.data.buffer as ArrayBuffer] })
    expect(() => writeSafetensors(path, new Map([['w', detached]]))).toThrow('detached')
    expect(readdirSync(join(path, '..'))).toEqual([])
  })
})

describe('damage', () => {
  const path = () => {
    const made = newPath()
    writeSafetensors(made, small(), { notes: 'two', progress: '{"epoch":3}' })
    return made
  }

  /** True where the file was refused; otherwise nothing of what was saved may have changed. */
  function isNoticed(file: string): boolean {
    try {
      const { tensors, metadata } = readSafetensors(file)
      expect(metadata).toMatchObject({ notes: 'two', progress: '{"epoch":3}' })
      expect([...tensors.keys()]).toEqual(['a', 'b'])
      for (const [name, tensor] of small()) {
        expect(tensors.get(name)).toMatchObject({ dtype: tensor.dtype, shape: tensor.shape })
        expect(bitsOf(tensors.get(name))).toEqual(bitsOf(tensor))
      }
      return false
    } catch (error) {
      if (!(error as Error).message.startsWith(`cannot read ${file}: `)) throw error
      return true
    }
  }

  it('of one byte is noticed anywhere, or changes nothing', () => {
    const file = path()
    const bytes = readFileSync(file)
    const flip = (place: number, mask: number) => {
      const damaged = Buffer.from(bytes)
      damaged[place]! ^= mask
      writeFileSync(file, damaged)
      return isNoticed(file)
    }
    const harmless = new Set<number>()
    for (let place = 0; place < bytes.length; place++) {
      for (let bit = 0; bit < 8; bit++) if (!flip(place, 1 << bit)) harmless.add(place)
    }
    const keyOfChecksum = bytes.indexOf('crc32')
    expect([...harmless]).toEqual([0, 1, 2, 3, 4].map((i) => keyOfChecksum + i))
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (place, mask) => {
        expect(flip(place, mask) || harmless.has(place)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('by cutting off is noticed at any length, and so are bytes put after the end', () => {
    const file = path()
    const bytes = readFileSync(file)
    writeFileSync(file, Buffer.concat([bytes, Buffer.of(0)]))
    expect(isNoticed(file)).toBe(true)
    for (let length = bytes.length - 1; length >= 0; length--) {
      writeFileSync(file, bytes)
      truncateSync(file, length)
      expect(isNoticed(file)).toBe(true)
    }
  })

  it('says what it is', () => {
    const file = path()
    const bytes = readFileSync(file)
    bytes[bytes.length - 3]! ^= 1
    writeFileSync(file, bytes)
    expect(() => readSafetensors(file)).toThrow(
      /: it is damaged: its checksum is [0-9a-f]{8} instead of [0-9a-f]{8}$/,
    )
  })
})

describe('SafetensorsWriter', () => {
  const read = (path: string) => readSafetensors(path).tensors.get('w')!.toArray()

  it('writes the tensors as they were at the call, whatever happens to them meanwhile', async () => {
    const path = newPath()
    const w = Tensor.from([1, 2, 3])
    const writer = new SafetensorsWriter()
    for (const value of [5, 6]) {
      w.fill(value)
      const saving = writer.save(path, new Map([['w', w]]), { value: String(value) })
      w.fill(0)
      await saving
      expect(read(path)).toEqual([value, value, value])
      expect(readSafetensors(path).metadata).toEqual({ value: String(value) })
    }
  })

  it('takes saves that overlap one after the other, each with its own state', async () => {
    const path = newPath()
    const w = Tensor.zeros([300_000])
    const writer = new SafetensorsWriter()
    const order: number[] = []
    const saves = [1, 2, 3].map((value) => {
      w.fill(value)
      return writer
        .save(value === 2 ? `${path}.best` : path, new Map([['w', w]]))
        .then(() => order.push(value))
    })
    await Promise.all(saves)
    expect(order).toEqual([1, 2, 3])
    expect(readSafetensors(path).tensors.get('w')!.at(299_999)).toBe(3)
    expect(readSafetensors(`${path}.best`).tensors.get('w')!.at(0)).toBe(2)
  })

  it('continues with other names, shapes and types', async () => {
    const path = newPath()
    const writer = new SafetensorsWriter()
    await writer.save(path, new Map([['w', Tensor.from([1, 2])]]))
    for (const tensor of [Tensor.from([[1, 2]]), Tensor.from(Int32Array.of(3, 4)), Tensor.from([5])]) {
      await writer.save(path, new Map<string, Tensor<DType>>([['w', tensor]]))
      expect(read(path)).toEqual(tensor.toArray())
    }
    await writer.save(path, new Map([['v', Tensor.from([1])]]))
    expect([...readSafetensors(path).tensors.keys()]).toEqual(['v'])
  })

  it('lets the event loop run', async () => {
    let rounds = 0
    let isSaving = true
    const count = () => {
      rounds++
      if (isSaving) setImmediate(count)
    }
    count()
    await new SafetensorsWriter().save(newPath(), new Map([['w', Tensor.zeros([1_000_000])]]))
    isSaving = false
    expect(rounds).toBeGreaterThan(10)
  })

  it('names what went wrong, keeps the file that is there, and can save again', async () => {
    const path = newPath()
    const tensors = new Map([['w', Tensor.from([1])]])
    const writer = new SafetensorsWriter()
    await writer.save(path, tensors)
    await expect(writer.save(join(path, 'x'), tensors)).rejects.toThrow(
      `cannot write ${join(path, 'x')}: ${path} is not a folder`,
    )
    expect(read(path)).toEqual([1])
    const failing = writer.save(join(path, 'x'), tensors)
    const next = writer.save(path, new Map([['w', Tensor.from([2])]]))
    await expect(failing).rejects.toThrow('cannot write')
    await next
    expect(read(path)).toEqual([2])
  })

  it('writes a file after another, or not at all', async () => {
    const [first, second] = [newPath(), newPath()]
    const tensors = new Map([['w', Tensor.from([1])]])
    const writer = new SafetensorsWriter()
    await writer.save(second, tensors, {}, writer.save(first, tensors))
    const later = new Map([['w', Tensor.from([2])]])
    const failing = writer.save(second, later, {}, writer.save(join(first, 'x'), later))
    await expect(failing).rejects.toThrow(`${first} is not a folder`)
    expect([read(first), read(second)]).toEqual([[1], [1]])
  })

  it('refuses tensors that a step is at work on', async () => {
    const path = newPath()
    const [a, out] = [Tensor.fixed([1, 1]), Tensor.fixed([1, 1])]
    const run = Tape.record(() => void matmul(a, a, { out })).runInBackground()
    await expect(new SafetensorsWriter().save(path, new Map([['out', out]]))).rejects.toThrow(
      'a training step is at work on this tensor',
    )
    await run
  })

  it('leaves a whole file when its process is killed at any moment', async () => {
    const path = newPath()
    const script = `
      import { SafetensorsWriter } from './dist/interop/safetensors.js'
      import { Tensor } from './dist/tensor/index.js'
      const writer = new SafetensorsWriter()
      const tensors = new Map([['v', Tensor.zeros([300_000])], ['w', Tensor.zeros([500, 500])]])
      for (let round = 1; ; round++) {
        for (const tensor of tensors.values()) tensor.fill(round)
        await writer.save(${JSON.stringify(path)}, tensors, { round: String(round) })
        if (round === 1) console.log('begun')
      }
    `
    for (const delay of [0, 9, 20, 33, 52]) {
      const { child, outcome, prints } = startScript(script)
      await prints('stdout')
      await later(delay)
      child.kill('SIGKILL')
      await outcome
      const { tensors, metadata } = readSafetensors(path)
      for (const tensor of tensors.values()) {
        expect(tensor.data.every((value) => value === Number(metadata.round))).toBe(true)
      }
    }
  })
})
