/** Keeps the weights of the epoch with the lowest validation perplexity during training. */

import { readCheckpoint, restoreParams } from '../interop/checkpoint.ts'
import type { LanguageModel } from '../models/index.ts'
import { Tensor } from '../tensor/index.ts'
import type { Evaluation } from '../train/perplexity.ts'

export interface BestEpoch {
  epoch: number
  validation: Evaluation
}

export class BestWeights {
  /** Null before the first validation. */
  epoch: BestEpoch | null = null
  /** Weights by parameter name. */
  readonly tensors = new Map<string, Tensor>()

  keep(epoch: BestEpoch, model: LanguageModel): void {
    this.epoch = epoch
    for (const [name, param] of model.namedParams()) {
      const kept = this.tensors.get(name)
      if (kept) kept.copyFrom(param)
      else this.tensors.set(name, param.clone())
    }
  }

  /** Restores the weights from their checkpoint. */
  read(path: string, epoch: BestEpoch, model: LanguageModel): void {
    for (const [name, { shape }] of model.namedParams()) this.tensors.set(name, Tensor.zeros(shape))
    restoreParams(readCheckpoint(path), this.tensors)
    this.epoch = epoch
  }

  /** Copies the weights to the model, if there are any. */
  copyTo(model: LanguageModel): void {
    const params = model.namedParams()
    for (const [name, tensor] of this.tensors) params.get(name)!.copyFrom(tensor)
  }
}
