/** @file What a loss does with the prediction: probabilities made twice, pairs within a batch, gradients that end. */
import { registerHook } from '../../autograd/backward.ts'
import type { Storage } from '../../core/storage.ts'
import type { Tensor } from '../../core/tensor.ts'
import { Figures, greatestOf } from './figures.ts'

/** Ops that make the same twice of what the op of that name made. */
const normalising: Readonly<Record<string, readonly string[]>> = {
  softmax: ['softmax', 'logSoftmax', 'crossEntropy'],
  sigmoid: ['sigmoid', 'logSigmoid', 'softplus'],
}
/** Ops whose result stands for their input. */
const passing = ['contiguous', 'clone', 'copy', 'cast', 'neg', 'reshape']

export class LossWatch {
  /** A probability of which another one was made. */
  twice: { readonly where: string; readonly first: string; readonly second: string } | undefined
  /** An op whose result has as many rows and columns as the batch, which no input has. */
  pairs: { readonly where: string; readonly shape: readonly number[] } | undefined
  /** Ops of the last pass, oldest first, with the greatest gradient that came back to what each made. */
  ops: { readonly name: string; gradient: number }[] = []
  private batch = 0
  private figures = new Figures()
  private readonly probabilities = new WeakMap<Storage, { readonly first: string; readonly where: string }>()

  begin(batch: number): void {
    this.batch = batch
    this.ops = []
  }

  async read(): Promise<void> {
    const { figures } = this
    this.figures = new Figures()
    await figures.read()
  }

  /** Follow probabilities from op to op. */
  normalised(name: string, inputs: readonly (Tensor | undefined)[], y: Tensor, where: string): void {
    for (const x of inputs) {
      const before = x && this.probabilities.get(x.storage)
      if (!before) continue
      if (passing.includes(name)) this.probabilities.set(y.storage, before)
      if (normalising[before.first].includes(name)) this.twice ??= { ...before, second: name }
    }
    if (Object.hasOwn(normalising, name)) this.probabilities.set(y.storage, { first: name, where })
  }

  call(name: string, inputs: readonly (Tensor | undefined)[], y: Tensor): void {
    const n = this.batch
    const paired = (x: Tensor | undefined): boolean => (x?.shape.filter((size) => size === n).length ?? 0) > 1
    const whole = inputs.filter((x) => x?.shape.includes(n))
    if (n > 1 && paired(y) && !inputs.some(paired) && whole.length > 1) this.pairs ??= { where: name, shape: y.shape }
    if (!y.edge || y.numel === 0) return
    const own = { name, gradient: 0 }
    this.ops.push(own)
    registerHook(y, (g) =>
      this.figures.note(
        () => greatestOf(g),
        (v) => void (own.gradient = v),
      ),
    )
  }
}
