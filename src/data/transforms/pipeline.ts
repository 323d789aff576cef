/** @file Transforms one after the other. */
import { describe, fail, shown } from '../../core/errors.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkRecord } from '../../io/given.ts'
import { DropDuplicates } from './duplicates.ts'
import type { Cells, Matrix } from './table.ts'
import { type Learned, Transform, type TransformState } from './transform.ts'

/** What a step takes and gives is another one's. */
type AnyTransform = Transform<never, unknown>

/**
 * Transforms one after the other: each is fitted to what those before it make of the data. A `DropDuplicates` among
 * them leaves out rows of what is fitted to, and none of later data.
 */
export class Pipeline extends Transform<Cells, Matrix> {
  readonly steps: readonly AnyTransform[]
  protected readonly names = []

  /** @throws HandgradError if steps are not a list of transforms */
  constructor(steps: readonly AnyTransform[]) {
    super('Pipeline', {})
    if (!Array.isArray(steps) || !steps.length || !steps.every((step) => step instanceof Transform))
      fail(this.op, `the steps are ${describe(steps)}`, 'give an array of transforms')
    this.steps = steps
  }

  protected learn(x: Cells): Learned {
    this.fitTransform(x)
    return {}
  }

  /** Fit all steps, and what the last one made. @throws HandgradError as its steps do */
  override fitTransform(x: Tensor): Promise<Tensor>
  override fitTransform(x: Cells): Matrix
  override fitTransform(x: Tensor | Cells): Promise<Tensor> | Matrix {
    if (!(x instanceof Tensor)) return this.#run('fitTransform', x, this.steps)
    if (this.#lasting().length < this.steps.length) fail(this.op, 'rows of a tensor stay', 'fit rows on the host')
    return super.fitTransform(x)
  }

  /** What the steps make of x, one after the other. @throws HandgradError as they do */
  transform(x: Tensor): Tensor
  transform(x: Cells): Matrix
  transform(x: Tensor | Cells): Tensor | Matrix {
    return this.#run('transform', x, this.#lasting())
  }

  /** Back through the steps, the last one first. @throws HandgradError if one of them has no way back */
  override inverseTransform(x: Tensor): Tensor
  override inverseTransform(x: Matrix): Cells
  override inverseTransform(x: Tensor | Matrix): Tensor | Cells {
    const steps = this.#lasting().reverse()
    const odd = steps.find((step) => !step.inverseTransform)
    if (odd) fail(this.op, `${describe(odd)} has no inverseTransform`)
    return this.#run('inverseTransform', x, steps)
  }

  /** Steps that keep all rows. */
  #lasting(): AnyTransform[] {
    return this.steps.filter((step) => !(step instanceof DropDuplicates))
  }

  #run<T>(method: 'fitTransform' | 'transform' | 'inverseTransform', x: unknown, steps: readonly AnyTransform[]): T {
    // Each step takes what the one before it gave, or refuses it.
    return steps.reduce((y, step) => step[method]?.(y as never), x) as T
  }

  /** What the steps learned, by their positions: `0.mean`. @throws HandgradError before `fit` */
  override stateDict(): TransformState {
    const entries = this.steps.flatMap((step, i) => Object.entries(step.stateDict()).map(([k, v]) => [`${i}.${k}`, v]))
    return Object.fromEntries(entries)
  }

  override take(state: Readonly<TransformState>): () => void {
    checkRecord(this.op, 'the state', state, 'give what stateDict() gave')
    const parts = this.steps.map((): TransformState => ({}))
    for (const [name, value] of Object.entries(state)) {
      const [, i, rest] = /^(\d+)\.(.+)$/.exec(name) ?? []
      if (!parts[Number(i)]) fail(this.op, `the state has ${shown(name)}`, `there are ${parts.length} steps`)
      parts[Number(i)][rest] = value
    }
    const takes = this.steps.map((step, i) => step.take(parts[i]))
    return () => {
      for (const take of takes) take()
    }
  }
}
