/**
 * Shapes as types: a wrong rank does not compile. The lines marked as expected errors are checked by the compiler; the
 * tests show that what slips past the types is refused at run time too.
 */
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Batch2, type Batch3, RNN, TimeAffine, TimeEmbedding, TimeRNN } from '../../src/layers/index.ts'
import { add, argmax, matmul, Random, type Shape, scale, sum, Tensor, tanh } from '../../src/tensor/index.ts'

type Vector = Tensor<'float32', [length: number]>
type Matrix = Tensor<'float32', [rows: number, columns: number]>
type Cube = Tensor<'float32', [N: number, T: number, D: number]>

const vector = Tensor.zeros([4])
const matrix = Tensor.zeros([4, 4])
const cube = Tensor.zeros([2, 3, 4])
const ids = Tensor.zeros([2, 3], 'int32')

describe('shapes as types', () => {
  it('follow the shape that a tensor is made with', () => {
    const rng = new Random(1)
    expectTypeOf(Tensor.zeros([])).toEqualTypeOf<Tensor<'float32', []>>()
    expectTypeOf(vector).toEqualTypeOf<Vector>()
    expectTypeOf(cube).toEqualTypeOf<Cube>()
    expectTypeOf(ids).toEqualTypeOf<Tensor<'int32', [number, number]>>()
    expectTypeOf(Tensor.full([2, 2], 1)).toEqualTypeOf<Matrix>()
    expectTypeOf(Tensor.randn([2, 2], { rng })).toEqualTypeOf<Matrix>()
    expectTypeOf(Tensor.uniform([2], { rng })).toEqualTypeOf<Vector>()
    expectTypeOf(Tensor.from([1, 2], [1, 2])).toEqualTypeOf<Matrix>()
    expectTypeOf(Tensor.from(Int32Array.of(1))).toEqualTypeOf<Tensor<'int32', [size: number]>>()
    expectTypeOf(Tensor.from(Int32Array.of(1), [1, 1])).toEqualTypeOf<Tensor<'int32', [number, number]>>()
    expectTypeOf(Tensor.from([1, 2], undefined, 'int32').dtype).toEqualTypeOf<'int32'>()
    expectTypeOf(Tensor.from([[1], [2]])).toEqualTypeOf<Tensor>()
    expectTypeOf(Tensor.zeros([2, 3] as number[])).toExtend<Tensor>()
  })

  it('follow views', () => {
    expectTypeOf(cube.select(0, 1)).toEqualTypeOf<Tensor<'float32', [T: number, D: number]>>()
    expectTypeOf(cube.select(1, 1)).toEqualTypeOf<Tensor<'float32', [number, number]>>()
    expectTypeOf(cube.select(2, 1)).toEqualTypeOf<Tensor<'float32', [N: number, T: number]>>()
    expectTypeOf(matrix.select(0, 1)).toEqualTypeOf<Vector>()
    expectTypeOf(matrix.select(1, 1)).toEqualTypeOf<Vector>()
    expectTypeOf(vector.select(0, 1)).toEqualTypeOf<Tensor<'float32', []>>()
    expectTypeOf(ids.select(0, 1)).toEqualTypeOf<Tensor<'int32', [number]>>()
    expectTypeOf(cube.select(-1, 0).shape).toEqualTypeOf<Shape>()
    expectTypeOf(cube.select(0 as number, 0).shape).toExtend<Shape>()
    expectTypeOf(cube.slice(1, 0, 2)).toEqualTypeOf<Cube>()
    expectTypeOf(cube.clone()).toEqualTypeOf<Cube>()
    expectTypeOf(cube.reshape([6, 4])).toEqualTypeOf<Matrix>()
    expectTypeOf(cube.reshape([-1])).toEqualTypeOf<Vector>()
    expectTypeOf(cube.select(1, 1).shape[0]).toEqualTypeOf<number>()
    // @ts-expect-error: a matrix has no third length
    expect(cube.select(1, 1).shape[2]).toBeUndefined()
  })

  it('follow operations', () => {
    expectTypeOf(tanh(cube)).toEqualTypeOf<Cube>()
    expectTypeOf(scale(vector, 2)).toEqualTypeOf<Vector>()
    expectTypeOf(matmul(matrix, matrix)).toEqualTypeOf<Matrix>()
    expectTypeOf(add(matrix, vector)).toEqualTypeOf<Tensor>()
    expectTypeOf(sum(matrix)).toEqualTypeOf<number>()
    expectTypeOf(sum(matrix, 0)).toEqualTypeOf<Tensor>()
    expectTypeOf(argmax(matrix, 0)).toEqualTypeOf<Tensor<'int32'>>()
  })

  it('tell types of elements apart', () => {
    expectTypeOf(ids.data).toEqualTypeOf<Int32Array>()
    expectTypeOf(matrix.data).toEqualTypeOf<Float32Array>()
    // @ts-expect-error: token ids are no float32
    expect(() => tanh(ids)).toThrow(TypeError)
    // @ts-expect-error: token ids are no float32
    expect(() => matmul(matrix, ids)).toThrow(TypeError)
    // @ts-expect-error: an int32 tensor is not filled from a float32 one
    expect(() => ids.copyFrom(Tensor.zeros([2, 3]))).toThrow(TypeError)
  })
})

describe('a wrong rank is a compile error', () => {
  it('in assignments', () => {
    const take = <T>(tensor: T): T => tensor
    take<Cube>(cube)
    // @ts-expect-error: a matrix is no cube
    take<Cube>(matrix)
    // @ts-expect-error: a cube is no matrix
    take<Matrix>(cube)
    // @ts-expect-error: a rank that only shows at run time must be stated
    take<Matrix>(Tensor.from([[1]]))
    take<Tensor>(cube)
    take<Batch2>(cube.select(1, 0))
    // @ts-expect-error: one step of a block is no block
    take<Batch3>(cube.select(1, 0))
  })

  it('in matmul', () => {
    // @ts-expect-error: a cube is no matrix
    expect(() => matmul(cube, matrix)).toThrow('matmul: a: expected a matrix (rank 2), got [2, 3, 4]')
    // @ts-expect-error: a vector is no matrix
    expect(() => matmul(matrix, vector)).toThrow('matmul: b: expected a matrix (rank 2), got [4]')
    expect(matmul(cube.select(1, 0), matrix).shape).toEqual([2, 4])
    expect(matmul(Tensor.from([[1, 2]]), Tensor.from([[3], [4]])).item()).toBe(11)
  })

  it('in constructors of layers', () => {
    expect(new RNN(matrix, matrix, vector).params).toHaveLength(3)
    // @ts-expect-error: Wx is a matrix
    expect(() => new RNN(vector, matrix, vector)).toThrow('RNN: Wx')
    // @ts-expect-error: Wh is a matrix
    expect(() => new RNN(matrix, cube, vector)).toThrow('RNN: Wh')
    // @ts-expect-error: b is a vector
    expect(() => new RNN(matrix, matrix, matrix)).toThrow('RNN: b')
    // @ts-expect-error: b is a vector
    expect(() => new TimeRNN(matrix, matrix, matrix)).toThrow('TimeRNN: b')
    // @ts-expect-error: W is a matrix
    expect(() => new TimeEmbedding(vector)).toThrow('TimeEmbedding: W')
    // @ts-expect-error: W is a matrix
    expect(() => new TimeAffine(cube, vector)).toThrow('TimeAffine: W')
  })

  it('in what layers are given', () => {
    const layer = new TimeRNN(matrix, matrix, vector)
    expect(layer.forward(cube).shape).toEqual([2, 3, 4])
    // @ts-expect-error: a block has the rank 3
    expect(() => layer.forward(matrix)).toThrow('TimeRNN.forward: xs')
    // @ts-expect-error: a state has the rank 2
    expect(() => layer.setState(cube)).toThrow('TimeRNN.setState: h')
    const embedding = new TimeEmbedding(matrix)
    expectTypeOf(embedding.forward(ids)).toEqualTypeOf<Batch3>()
    // @ts-expect-error: token ids are int32
    expect(() => embedding.forward(matrix)).toThrow('TimeEmbedding.forward: xs')
  })
})
