import { describe, expect, it, vi } from 'vitest'
import { native } from '../../src/native.ts'
import { type DType, type NestedNumbers, Random, type Shape, Tensor } from '../../src/tensor/index.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { expectNothingElseWritten, inLayout, LAYOUTS } from '../support/layouts.ts'
import { randomTensor } from '../support/random-tensor.ts'
import { elements } from '../support/reference-ops.ts'

/** The elements 0, 1, 2, … in a shape. */
function counting<const S extends Shape>(shape: S): Tensor {
  const size = shape.reduce((product, length) => product * length, 1)
  return Tensor.from(Float32Array.from({ length: size }, (_, i) => i)).reshape([...shape]) as Tensor
}

describe('making tensors', () => {
  it('zeros of either type and any rank', () => {
    for (const shape of [[], [0], [3], [2, 0], [0, 2], [2, 3, 4, 5]]) {
      for (const dtype of ['float32', 'int32'] as const) {
        const tensor = Tensor.zeros(shape, dtype)
        expect(tensor.shape).toEqual(shape)
        expect(tensor.dtype).toBe(dtype)
        expect(tensor.rank).toBe(shape.length)
        expect(tensor.size).toBe(shape.reduce((size, length) => size * length, 1))
        expect(tensor.data).toBeInstanceOf(dtype === 'int32' ? Int32Array : Float32Array)
        expect(tensor.data).toHaveLength(tensor.size)
        expect(tensor.data.every((value) => value === 0)).toBe(true)
        expect(tensor.isContiguous).toBe(true)
        expect(tensor.offset).toBe(0)
      }
    }
    expect(Tensor.zeros([2]).dtype).toBe('float32')
  })

  it('full of one value', () => {
    expect(Tensor.full([2, 2], -1.5).toArray()).toEqual([
      [-1.5, -1.5],
      [-1.5, -1.5],
    ])
    expect(Tensor.full([], Number.NaN).item()).toBeNaN()
  })

  it('from nested arrays, which give their own shape', () => {
    const cases: [NestedNumbers, number[]][] = [
      [7, []],
      [[], [0]],
      [[1, 2, 3], [3]],
      [
        [[1], [2]],
        [2, 1],
      ],
      [
        [[], [], []],
        [3, 0],
      ],
      [
        [[[1, 2]], [[3, 4]]],
        [2, 1, 2],
      ],
    ]
    for (const [nested, shape] of cases) {
      const tensor = Tensor.from(nested)
      expect(tensor.shape).toEqual(shape)
      expect(tensor.dtype).toBe('float32')
      expect(tensor.toArray()).toEqual(nested)
    }
  })

  it('from flat numbers and a shape', () => {
    expect(Tensor.from([1, 2, 3, 4, 5, 6], [2, 3]).toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(Tensor.from([], [0, 3]).shape).toEqual([0, 3])
    expect(Tensor.from(5, [1, 1]).toArray()).toEqual([[5]])
  })

  it('from typed arrays, as a copy; the type follows an Int32Array and can be chosen', () => {
    const floats = Float32Array.of(1.5, 2.5)
    const tensor = Tensor.from(floats)
    floats[0] = 9
    expect(tensor.toArray()).toEqual([1.5, 2.5])
    expect(Tensor.from(Float64Array.of(0.1)).item()).toBe(Math.fround(0.1))
    expect(Tensor.from(Int32Array.of(-1, 2 ** 31 - 1)).dtype).toBe('int32')
    expect(Tensor.from(Uint8Array.of(255)).dtype).toBe('float32')
    expect(Tensor.from(Uint16Array.of(65535), [1], 'int32').toArray()).toEqual([65535])
    expect(Tensor.from(Int32Array.of(3), [1, 1], 'float32').dtype).toBe('float32')
    expect(Tensor.from([-(2 ** 31), 2 ** 31 - 1], undefined, 'int32').toArray()).toEqual([
      -(2 ** 31),
      2 ** 31 - 1,
    ])
  })

  it('randn and uniform use up the generator', () => {
    const rng = new Random(1)
    const first = Tensor.randn([2, 3], { rng })
    const second = Tensor.randn([2, 3], { rng })
    expect(second.toArray()).not.toEqual(first.toArray())
    expect(Tensor.randn([2, 3], { rng: new Random(1) }).toArray()).toEqual(first.toArray())
    const uniform = Tensor.uniform([100], { rng, low: 2, high: 3 })
    expect(uniform.data.every((value) => value >= 2 && value < 3)).toBe(true)
    expect(Tensor.uniform([100], { rng }).data.every((value) => value >= 0 && value < 1)).toBe(true)
  })

  it('starts each at an address that is a multiple of 64 bytes', () => {
    for (let size = 0; size < 100; size++) {
      for (const tensor of [
        Tensor.zeros([size]),
        Tensor.zeros([size], 'int32'),
        Tensor.full([size], 1).clone(),
      ]) {
        expect(native.alignedOffset(tensor.data.buffer as ArrayBuffer)).toBe(tensor.data.byteOffset)
      }
    }
  })

  it('asks for large pages where numbers are many', () => {
    const wishes = vi.spyOn(native, 'preferLargePages')
    Tensor.zeros([1000])
    expect(wishes).not.toHaveBeenCalled()
    const tensor = Tensor.zeros([2 ** 20])
    expect(wishes.mock.calls).toEqual([[tensor.data.buffer]])
    wishes.mockRestore()
  })

  it('keeps its numbers where large pages are asked for afterwards', () => {
    for (const size of [0, 1, 5000, 2 ** 20]) {
      const numbers = new Float32Array(size).fill(3)
      native.preferLargePages(numbers.buffer)
      expect(numbers.every((value) => value === 3)).toBe(true)
    }
    expect(() => native.preferLargePages(new Float32Array(1) as never)).toThrow(
      'preferLargePages: buffer: expected an ArrayBuffer',
    )
  })

  it('keeps a shape that nobody can change', () => {
    const shape = [2, 3]
    const tensor = Tensor.zeros(shape)
    shape[0] = 100
    expect(tensor.shape).toEqual([2, 3])
    expect(() => {
      ;(tensor.shape as number[])[0] = 100
    }).toThrow(TypeError)
  })

  it.each([
    [
      'a negative length',
      () => Tensor.zeros([2, -1]),
      'Tensor.zeros: shape: expected integers of at least 0, got [2, -1]',
    ],
    [
      'a length that is no integer',
      () => Tensor.full([1.5], 0),
      'Tensor.full: shape: expected integers of at least 0, got [1.5]',
    ],
    [
      'a length that is NaN',
      () => Tensor.zeros([Number.NaN]),
      'Tensor.zeros: shape: expected integers of at least 0, got [NaN]',
    ],
    [
      'a shape that is no array',
      () => Tensor.zeros(3 as unknown as number[]),
      'Tensor.zeros: shape: expected an array of integers of at least 0, got 3',
    ],
    [
      'more than memory holds',
      () => Tensor.zeros([2 ** 20, 2 ** 30]),
      'Tensor: no memory for 1125899906842624 elements of float32',
    ],
    [
      'an unknown type',
      () => Tensor.zeros([1], 'float64' as DType),
      `Tensor.zeros: dtype: expected 'float32' or 'int32', got "float64"`,
    ],
    [
      'a value that is no number',
      () => Tensor.full([1], '1' as unknown as number),
      'Tensor.full: value: expected a number, got "1"',
    ],
    [
      'ragged arrays',
      () => Tensor.from([[1, 2], [3]]),
      'Tensor.from: data: expected arrays of one length (the first has the shape [2]), got [1]',
    ],
    [
      'arrays beside numbers',
      () => Tensor.from([1, [2]]),
      'Tensor.from: data: expected arrays of one length (the first has the shape []), got [1]',
    ],
    [
      'strings among the numbers',
      () => Tensor.from([1, 'two'] as unknown as number[]),
      'Tensor.from: data: expected a number, nested arrays of numbers or a typed array, got "two"',
    ],
    [
      'null',
      () => Tensor.from(null as unknown as number[]),
      'Tensor.from: data: expected a number, nested arrays of numbers or a typed array, got null',
    ],
    [
      'holes among the numbers',
      () => Tensor.from(new Array<number>(3)),
      'Tensor.from: data: expected a number, nested arrays of numbers or a typed array, got undefined',
    ],
    [
      'a DataView',
      () => Tensor.from(new DataView(new ArrayBuffer(4)) as unknown as number[]),
      'Tensor.from: data',
    ],
    [
      'a shape of another size',
      () => Tensor.from([1, 2, 3], [2, 2]),
      'Tensor.from: shape: expected a shape of 3 elements, got [2, 2]',
    ],
    [
      'fractions as int32',
      () => Tensor.from([1, 2.5], undefined, 'int32'),
      'Tensor: value: expected a 32-bit integer for int32, got 2.5',
    ],
    [
      'fractions of a typed array as int32',
      () => Tensor.from(Float32Array.of(0.5), undefined, 'int32'),
      'Tensor: value: expected a 32-bit integer for int32, got 0.5',
    ],
    [
      '2^31 as int32',
      () => Tensor.from([2 ** 31], undefined, 'int32'),
      'Tensor: value: expected a 32-bit integer for int32, got 2147483648',
    ],
    [
      'NaN as int32',
      () => Tensor.from([Number.NaN], undefined, 'int32'),
      'Tensor: value: expected a 32-bit integer for int32, got NaN',
    ],
    [
      'randn without a generator',
      () => Tensor.randn([1], {} as { rng: Random }),
      'Tensor.randn: rng: expected a Random, got undefined',
    ],
    [
      'uniform without options',
      () => Tensor.uniform([1], undefined as unknown as { rng: Random }),
      'Tensor.uniform: rng: expected a Random, got undefined',
    ],
    [
      'uniform with nothing between',
      () => Tensor.uniform([1], { rng: new Random(), low: 2, high: 1 }),
      'Random.fillUniform: high: expected a number above low (2), got 1',
    ],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})

describe('views', () => {
  it('reshape shares the elements and finds one length', () => {
    const tensor = counting([2, 6])
    const view = tensor.reshape([3, -1, 2])
    expect(view.shape).toEqual([3, 2, 2])
    view.set(100, 0, 0, 1)
    expect(tensor.at(0, 1)).toBe(100)
    expect(tensor.reshape([-1]).shape).toEqual([12])
    expect(tensor.reshape([12, -1]).shape).toEqual([12, 1])
    expect(Tensor.full([1, 1], 4).reshape([]).item()).toBe(4)
    expect(Tensor.zeros([0, 3]).reshape([-1]).shape).toEqual([0])
    expect(Tensor.zeros([0, 3]).reshape([5, -1]).shape).toEqual([5, 0])
    expect(tensor.slice(0, 1, 2).reshape([2, 3]).toArray()).toEqual([
      [6, 7, 8],
      [9, 10, 11],
    ])
  })

  it('select takes one index of any axis, also counted from the end', () => {
    const tensor = counting([2, 3, 4])
    expect(tensor.select(0, 1).toArray()).toEqual([
      [12, 13, 14, 15],
      [16, 17, 18, 19],
      [20, 21, 22, 23],
    ])
    expect(tensor.select(1, 2).toArray()).toEqual([
      [8, 9, 10, 11],
      [20, 21, 22, 23],
    ])
    expect(tensor.select(2, 0).toArray()).toEqual([
      [0, 4, 8],
      [12, 16, 20],
    ])
    expect(tensor.select(-1, -4).toArray()).toEqual(tensor.select(2, 0).toArray())
    expect(tensor.select(1, -1).strides).toEqual([12, 1])
    expect(counting([3]).select(0, 2).item()).toBe(2)
  })

  it('select and slice share the elements, views of views too', () => {
    const tensor = counting([2, 3, 4])
    tensor.select(1, 1).slice(1, 1, 3).select(0, 1).fill(-1)
    expect(tensor.at(1, 1, 1)).toBe(-1)
    expect(tensor.at(1, 1, 2)).toBe(-1)
    expect(elements(tensor).filter((value) => value === -1)).toHaveLength(2)
    expect(tensor.select(1, 1).data).toBe(tensor.data)
  })

  it('slice takes a range of any axis, an empty one too', () => {
    const tensor = counting([3, 4])
    expect(tensor.slice(0, 1, 3).toArray()).toEqual([
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ])
    expect(tensor.slice(-1, 1, 3).toArray()).toEqual([
      [1, 2],
      [5, 6],
      [9, 10],
    ])
    expect(tensor.slice(1, 4, 4).shape).toEqual([3, 0])
    expect(tensor.slice(0, 3, 3).clone().shape).toEqual([0, 4])
  })

  it('know whether their elements are adjacent', () => {
    const tensor = counting([2, 3, 4])
    expect(tensor.select(0, 1).isContiguous).toBe(true)
    expect(tensor.slice(0, 1, 2).isContiguous).toBe(true)
    expect(tensor.select(1, 1).isContiguous).toBe(false)
    expect(tensor.select(1, 1).slice(0, 1, 2).isContiguous).toBe(true)
    expect(tensor.slice(2, 0, 3).isContiguous).toBe(false)
    expect(tensor.select(2, 0).isContiguous).toBe(false)
  })

  const tensor = counting([2, 3])
  it.each([
    [
      'a reshape to another size',
      () => tensor.reshape([4]),
      'reshape: shape: expected a shape of 6 elements, got [4]',
    ],
    [
      'a reshape with two unknown lengths',
      () => tensor.reshape([-1, -1]),
      'reshape: shape: expected a shape of 6 elements, got [-1, -1]',
    ],
    [
      'a reshape that does not divide',
      () => tensor.reshape([4, -1]),
      'reshape: shape: expected a shape of 6 elements, got [4, -1]',
    ],
    [
      'a reshape with a length of −2',
      () => tensor.reshape([-2, -3]),
      'reshape: shape: expected a shape of 6 elements, got [-2, -3]',
    ],
    [
      'a reshape to a number',
      () => tensor.reshape(6 as unknown as number[]),
      'reshape: shape: expected an array of integers, got 6',
    ],
    [
      'a reshape of a strided view',
      () => tensor.slice(1, 0, 2).reshape([4]),
      'reshape: tensor: expected one whose elements are adjacent (clone a strided view first), got [2, 2]',
    ],
    [
      'an axis that is none',
      () => tensor.select(2, 0),
      'select: axis: expected an axis of a tensor of rank 2, got 2',
    ],
    [
      'an index after the last',
      () => tensor.select(1, 3),
      'select: index: expected an index of axis 1, which has 3, got 3',
    ],
    [
      'an index before the first',
      () => tensor.select(0, -3),
      'select: index: expected an index of axis 0, which has 2, got -3',
    ],
    [
      'an index that is no integer',
      () => tensor.select(0, 0.5),
      'select: index: expected an integer, got 0.5',
    ],
    [
      'an index into nothing',
      () => Tensor.zeros([0]).select(0, 0),
      'select: index: expected an index of axis 0, which has 0, got 0',
    ],
    [
      'a slice that ends after the last',
      () => tensor.slice(1, 0, 4),
      'slice: start, end: expected 0 ≤ start ≤ end ≤ 3, got [0, 4]',
    ],
    [
      'a slice that goes backwards',
      () => tensor.slice(1, 2, 1),
      'slice: start, end: expected 0 ≤ start ≤ end ≤ 3, got [2, 1]',
    ],
    [
      'a slice of an axis that is none',
      () => tensor.slice(-3, 0, 1),
      'slice: axis: expected an axis of a tensor of rank 2, got -3',
    ],
  ])('refuse %s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})

describe('elements', () => {
  it('at, set and item, counted from either end, in strided views too', () => {
    const tensor = counting([2, 3, 4])
    expect(tensor.at(1, 2, 3)).toBe(23)
    expect(tensor.at(-1, -1, -1)).toBe(23)
    const view = tensor.select(2, 1)
    expect(view.at(1, 0)).toBe(13)
    view.set(0.5, -1, 0)
    expect(tensor.at(1, 0, 1)).toBe(0.5)
    expect(view.select(0, 1).select(0, 0).item()).toBe(0.5)
    expect(Tensor.full([1, 1, 1], 3).item()).toBe(3)
    expect(Tensor.full([], 2).at()).toBe(2)
  })

  it('fill writes the view and nothing else', () => {
    for (const shape of [[4], [3, 4], [2, 3, 4]]) {
      for (const layout of LAYOUTS) {
        const view = inLayout(Tensor.zeros(shape), layout)
        expect(view.fill(3)).toBe(view)
        expect(elements(view).every((value) => value === 3)).toBe(true)
        expectNothingElseWritten(view)
      }
    }
  })

  it('clone and toArray of any view', () => {
    for (const shape of [[], [0], [5], [3, 4], [0, 4], [3, 0], [2, 3, 4], [2, 1, 3, 2]]) {
      const expected = counting(shape)
      for (const layout of LAYOUTS) {
        const view = inLayout(expected, layout)
        const copy = view.clone()
        expect(view.toArray()).toEqual(expected.toArray())
        expect(copy.toArray()).toEqual(expected.toArray())
        expect(copy.shape).toEqual(shape)
        expect(copy.isContiguous).toBe(true)
        expect(copy.data.buffer).not.toBe(view.data.buffer)
      }
    }
  })

  it('int32 keeps integers through views and copies', () => {
    const ids = Tensor.from(
      [
        [1, 2],
        [3, 2 ** 31 - 1],
      ],
      undefined,
      'int32',
    )
    expect(ids.select(1, 1).clone().toArray()).toEqual([2, 2 ** 31 - 1])
    expect(ids.select(1, 1).clone().dtype).toBe('int32')
    ids.select(1, 0).fill(-5)
    ids.set(7, 0, 1)
    expect(ids.toArray()).toEqual([
      [-5, 7],
      [-5, 2 ** 31 - 1],
    ])
  })

  const tensor = counting([2, 3])
  const ids = Tensor.zeros([2], 'int32')
  it.each([
    ['too few indices', () => tensor.at(1), 'at: index: expected 2 numbers for the shape [2, 3], got [1]'],
    [
      'too many indices',
      () => tensor.set(0, 1, 1, 1),
      'set: index: expected 2 numbers for the shape [2, 3], got [1, 1, 1]',
    ],
    [
      'an index after the last',
      () => tensor.at(0, 3),
      'at: index: expected an index of axis 1, which has 3, got 3',
    ],
    [
      'an index that is no integer',
      () => tensor.at(0, Number.NaN),
      'at: index: expected an integer, got NaN',
    ],
    [
      'a value that is no number',
      () => tensor.set(null as unknown as number, 0, 0),
      'set: value: expected a number, got null',
    ],
    [
      'a fraction set in int32',
      () => ids.set(0.5, 0),
      'Tensor: value: expected a 32-bit integer for int32, got 0.5',
    ],
    [
      'a fraction filling int32',
      () => ids.fill(0.5),
      'Tensor: value: expected a 32-bit integer for int32, got 0.5',
    ],
    ['the item of many', () => tensor.item(), 'item: tensor: expected one of size 1, got [2, 3]'],
    ['the item of none', () => Tensor.zeros([0]).item(), 'item: tensor: expected one of size 1, got [0]'],
    [
      'a copy of another shape',
      () => tensor.copyFrom(Tensor.zeros([3, 2])),
      'copyFrom: source: expected the shape [2, 3], got [3, 2]',
    ],
    [
      'a copy of another type',
      () => ids.copyFrom(Tensor.zeros([2]) as unknown as Tensor<'int32'>),
      'copyFrom: source: expected int32, got "float32"',
    ],
    [
      'a copy of an array',
      () => tensor.copyFrom([1] as unknown as Tensor),
      'copyFrom: source: expected a Tensor, got [1]',
    ],
  ])('refuse %s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})

describeEachIsa('copyFrom', () => {
  it('between all pairs of layouts', () => {
    for (const shape of [[], [0, 3], [7], [5, 17], [3, 1], [2, 3, 5], [2, 1, 3, 2]]) {
      const values = randomTensor(shape, 1)
      for (const from of LAYOUTS) {
        for (const to of LAYOUTS) {
          const target = inLayout(Tensor.zeros(shape), to)
          expect(target.copyFrom(inLayout(values, from))).toBe(target)
          expect(target.toArray()).toEqual(values.toArray())
          expectNothingElseWritten(target)
        }
      }
    }
  })

  it('within one array, where the views overlap', () => {
    const line = counting([10])
    line.slice(0, 1, 10).copyFrom(line.slice(0, 0, 9))
    expect(line.toArray()).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8])

    const square = counting([4, 4])
    square.slice(1, 1, 4).copyFrom(square.slice(1, 0, 3))
    expect(square.toArray()).toEqual([0, 4, 8, 12].map((first) => [first, first, first + 1, first + 2]))

    const ids = Tensor.from(Int32Array.of(1, 2, 3, 4, 5, 6), [2, 3])
    ids.select(0, 1).copyFrom(ids.select(0, 0))
    expect(ids.select(0, 1).toArray()).toEqual([1, 2, 3])
  })
})

describe('toString', () => {
  it('shows type, shape and elements', () => {
    expect(
      Tensor.from([
        [1, 2.5],
        [-0.1, 1e-7],
      ]).toString(),
    ).toBe('Tensor float32 [2, 2]\n[[1, 2.5],\n [-0.1, 1e-7]]')
    expect(Tensor.from(Int32Array.of(1, 123456789)).toString()).toBe('Tensor int32 [2]\n[1, 123456789]')
    expect(Tensor.full([], 4).toString()).toBe('Tensor float32 []\n4')
    expect(Tensor.zeros([0, 2]).toString()).toBe('Tensor float32 [0, 2]\n[]')
    expect(Tensor.from([Number.NaN, Infinity, -Infinity, 123456.789]).toString()).toBe(
      'Tensor float32 [4]\n[NaN, Infinity, -Infinity, 123460]',
    )
    expect(counting([2, 2, 2]).toString()).toBe(
      'Tensor float32 [2, 2, 2]\n[[[0, 1],\n  [2, 3]],\n [[4, 5],\n  [6, 7]]]',
    )
  })

  it('leaves out the middle of long axes', () => {
    expect(counting([9]).toString()).toBe('Tensor float32 [9]\n[0, 1, 2, …, 6, 7, 8]')
    expect(counting([8]).toString()).toBe('Tensor float32 [8]\n[0, 1, 2, 3, 4, 5, 6, 7]')
    expect(counting([100, 1]).toString()).toBe(
      'Tensor float32 [100, 1]\n[[0],\n [1],\n [2],\n …,\n [97],\n [98],\n [99]]',
    )
  })
})
