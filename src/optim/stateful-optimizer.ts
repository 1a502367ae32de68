/**
 * The base class of optimizers with state: slots (tensors of zeros with the shapes of the parameters, created at the
 * first update) and the number of updates. Updates only use operations, so that a step can be recorded.
 */
import { checkInteger, checkNumber } from '../checks.ts'
import { rangeError, show, typeError } from '../errors.ts'
import { countUpdate, Scalar, type Shape, Tensor } from '../tensor/index.ts'
import { checkTensor, checkTensorShape } from '../tensor/ops/operands.ts'
import { equalShapes } from '../tensor/shape.ts'
import { checkUpdate, type Optimizer, type OptimizerState } from './optimizer.ts'

export abstract class StatefulOptimizer<Slot extends string> implements Optimizer {
  /** The learning rate. */
  protected readonly rate = new Scalar()
  /** The number of updates. */
  protected readonly steps = new Scalar()
  readonly #name: string
  readonly #slotNames: readonly Slot[]
  #slots: ReadonlyMap<string, readonly Tensor[]> = new Map()
  /** The slots by parameter. */
  #slotsOf: readonly Record<Slot, Tensor>[] = []
  /** The shapes of the parameters that the slots belong to. */
  #shapes: readonly Shape[] = []

  /**
   * @param name name of the class, for errors
   * @param slotNames names of the slots of each parameter
   */
  constructor(name: string, slotNames: readonly Slot[], lr: number) {
    this.#name = name
    this.#slotNames = slotNames
    this.lr = lr
  }

  get lr(): number {
    return this.rate.value
  }

  set lr(lr: number) {
    this.rate.value = checkNumber(this.#name, 'lr', lr, 0)
  }

  get state(): OptimizerState {
    return { steps: this.steps.value, slots: this.#slots }
  }

  /** Updates each parameter in place from its gradient. All updates must use the same parameters. */
  update(params: readonly Tensor[], grads: readonly Tensor[]): void {
    const operation = `${this.#name}.update`
    checkUpdate(operation, params, grads)
    if (this.#slots.size === 0) this.#makeSlots(params)
    else this.#checkParams(operation, params)
    countUpdate(this.steps)
    for (let i = 0; i < params.length; i++) this.updateParameter(params[i]!, grads[i]!, this.#slotsOf[i]!)
  }

  /** Restores a saved state, which is copied. Nothing is changed if it does not match. */
  restoreState(params: readonly Tensor[], state: OptimizerState): void {
    const operation = `${this.#name}.restoreState`
    params.forEach((param, i) => {
      checkTensor(operation, `params[${i}]`, param, 'float32')
    })
    checkInteger(operation, 'state.steps', state?.steps, 0)
    if (!(state.slots instanceof Map)) throw typeError(operation, 'state.slots', 'a Map', state.slots)
    const isFresh = state.steps === 0 && state.slots.size === 0
    if (!isFresh) this.#checkSlots(operation, params, state.slots)
    if (!this.#hasSlotsFor(params)) this.#makeSlots(params)
    for (const [name, tensors] of this.#slots) {
      tensors.forEach((tensor, i) => {
        if (isFresh) tensor.fill(0)
        else tensor.copyFrom(state.slots.get(name)![i]!)
      })
    }
    this.steps.value = state.steps
  }

  /** Updates one parameter and its slots in place. The count of updates already includes this one. */
  protected abstract updateParameter(param: Tensor, grad: Tensor, slots: Record<Slot, Tensor>): void

  #makeSlots(params: readonly Tensor[]): void {
    this.#slotsOf = params.map(({ shape }) => {
      const slots = {} as Record<Slot, Tensor>
      for (const name of this.#slotNames) slots[name] = Tensor.fixed(shape)
      return slots
    })
    this.#slots = new Map(this.#slotNames.map((name) => [name, this.#slotsOf.map((slots) => slots[name])]))
    this.#shapes = params.map(({ shape }) => shape)
  }

  #hasSlotsFor(params: readonly Tensor[]): boolean {
    const { length } = this.#shapes
    return params.length === length && params.every(({ shape }, i) => equalShapes(shape, this.#shapes[i]!))
  }

  #checkParams(operation: string, params: readonly Tensor[]): void {
    const { length } = this.#shapes
    if (params.length !== length)
      throw rangeError(operation, 'params', `the ${length} tensors of the updates before`, params.length)
    params.forEach(({ shape }, i) => {
      const before = this.#shapes[i]!
      if (equalShapes(shape, before)) return
      throw rangeError(
        operation,
        `params[${i}]`,
        `the shape ${show([...before])} of the updates before`,
        shape,
      )
    })
  }

  #checkSlots(operation: string, params: readonly Tensor[], slots: OptimizerState['slots']): void {
    const names = [...slots.keys()]
    if (names.length !== this.#slotNames.length || !this.#slotNames.every((name) => slots.has(name))) {
      throw rangeError(operation, 'state.slots', `the slots ${this.#slotNames.join(', ')}`, names.join(', '))
    }
    for (const [name, tensors] of slots) {
      const argument = `state.slots.${name}`
      if (tensors.length !== params.length)
        throw rangeError(operation, argument, `${params.length} tensors, one a parameter`, tensors.length)
      tensors.forEach((tensor, i) => {
        checkTensor(operation, `${argument}[${i}]`, tensor, 'float32')
        checkTensorShape(operation, `${argument}[${i}]`, tensor, params[i]!.shape)
      })
    }
  }
}
