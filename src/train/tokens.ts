/** Token ids as given by users: an Int32Array, an int32 tensor of rank 1, or an array of numbers. */
import { rangeError, typeError } from '../errors.ts'
import { type Pieces, ranges } from '../pace.ts'
import { Tensor } from '../tensor/index.ts'

export type Tokens = Int32Array | readonly number[] | Tensor<'int32', [size: number]>

/**
 * The ids as an Int32Array.
 * @throws an error with the position of an id outside 0 … vocabSize − 1
 */
export function* readTokens(
  operation: string,
  argument: string,
  tokens: unknown,
  vocabSize: number,
): Pieces<Int32Array> {
  const ids = yield* asInt32Array(operation, argument, tokens)
  for (const [from, to] of ranges(ids.length)) {
    for (let i = from; i < to; i++) {
      if (ids[i]! < 0 || ids[i]! >= vocabSize) {
        throw new RangeError(
          `${operation}: ${argument}: token id ${ids[i]} at ${i} is outside 0…${vocabSize - 1} (the model's vocabulary)`,
        )
      }
    }
    yield
  }
  return ids
}

function* asInt32Array(operation: string, argument: string, tokens: unknown): Pieces<Int32Array> {
  if (tokens instanceof Int32Array) return tokens
  if (tokens instanceof Tensor && tokens.dtype === 'int32') {
    if (tokens.rank !== 1) throw rangeError(operation, argument, 'a tensor of rank 1', tokens.shape)
    return (tokens.clone() as Tensor<'int32'>).data
  }
  if (!Array.isArray(tokens)) {
    throw typeError(operation, argument, 'token ids: an Int32Array, an array or an int32 Tensor', tokens)
  }
  const ids = new Int32Array(tokens.length)
  for (const [from, to] of ranges(ids.length)) {
    for (let i = from; i < to; i++) {
      const id: unknown = tokens[i]
      if (typeof id !== 'number' || id !== (id | 0))
        throw rangeError(operation, `${argument}[${i}]`, 'an integer', id)
      ids[i] = id
    }
    yield
  }
  return ids
}
