/**
 * One step of a recurrent cell in readable form: checks and keeps what `forward` has for `backward`. A cell adds the
 * equations of its step and their gradient.
 */
import { checkInteger } from '../checks.ts'
import { Tensor } from '../tensor/index.ts'
import {
  type Batch2,
  checkGradient,
  checkInput,
  checkStateTensors,
  type Layer,
  type LayerState,
  requireForward,
  zerosLike,
} from './layer.ts'
import { checkRecurrentWeights, type RecurrentWeights } from './recurrent-weights.ts'

/** The values of a step: the next state, and whatever else the gradient needs. */
interface StepValues {
  next: Batch2[]
}

type Step<Values extends StepValues> = Values & { x: Batch2; state: Values['next'] }

export abstract class RecurrentStep<Values extends StepValues> implements Layer {
  readonly params: RecurrentWeights
  readonly grads: RecurrentWeights
  readonly #name: string
  readonly #stateNames: readonly string[]
  #last?: Step<Values>

  /** @param gates columns of the weights per hidden unit  @param stateNames the tensors of the state in order, h first */
  protected constructor(
    name: string,
    weights: RecurrentWeights,
    gates: number,
    stateNames: readonly string[] = ['h'],
  ) {
    const [Wx, Wh, b] = checkRecurrentWeights(name, weights, gates)
    this.params = [Wx, Wh, b]
    this.grads = [zerosLike(Wx), zerosLike(Wh), zerosLike(b)]
    this.#name = name
    this.#stateNames = stateNames
  }

  /** The step from `state` [N, H]: its next state and the values that its gradient needs, all new tensors. */
  protected abstract compute(x: Batch2, state: Values['next']): Values

  /** The zero state of N streams, in tensors [N, H]. */
  zeroState(N: number): LayerState {
    checkInteger(`${this.#name}.zeroState`, 'N', N)
    const H = this.params[1].shape[0]
    return this.#stateNames.map(() => Tensor.zeros([N, H]))
  }

  /**
   * `forward` as a pure function: does not change the values that the last forward kept for `backward`.
   * @param x [N, D]  @param state the tensors that `zeroState` and `step` return  @returns the next state
   */
  step(x: Batch2, state: LayerState): LayerState {
    const operation = `${this.#name}.step`
    return this.#run(operation, x, checkStateTensors(operation, state, this.#stateNames)).next
  }

  /** Computes a step, keeps its values for `backward`, and returns the next state. */
  protected stepForward(x: Batch2, state: Values['next']): Values['next'] {
    this.#last = this.#run(`${this.#name}.forward`, x, state)
    return this.#last.next
  }

  /** The last `stepForward`, once the gradients of its next state are checked. */
  protected lastStep(dNext: Values['next']): Step<Values> {
    const operation = `${this.#name}.backward`
    const last = requireForward(operation, this.#last)
    this.#stateNames.forEach((name, i) => {
      checkGradient(operation, `d${name}Next`, dNext[i], last.next[i]!.shape)
    })
    return last
  }

  #run(operation: string, x: Batch2, state: Values['next']): Step<Values> {
    const [Wx, Wh] = this.params
    checkInput(operation, 'x', x, 'float32', [
      ['N', null],
      ['D', Wx.shape[0]],
    ])
    this.#stateNames.forEach((name, i) => {
      checkInput(operation, `${name}Prev`, state[i], 'float32', [
        ['N', x.shape[0]],
        ['H', Wh.shape[0]],
      ])
    })
    return { ...this.compute(x, state), x, state }
  }
}
