/** Token ids as layers and models take them. */
import type { TokenBatch } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import type { Ids } from './reference-layers.ts'

/** Ids by sequence and time, [N, T]. */
export function tokens(ids: Ids): TokenBatch {
  return Tensor.from(ids, undefined, 'int32') as Tensor<'int32'> as TokenBatch
}
