/** @file Transforms one after the other. */
import { describe, fail, shown } from '../../core/errors.ts'
import { Tensor } from '../../core/tensor.ts'
import type { HostTensor } from '../../io/elements.ts'
import { checkRecord } from '../../io/given.ts'
import { DropDuplicates } from './duplicates.ts'
import type { Cells, Matrix } from './table.ts'
import { hostOf, type Learned, Transform, type TransformState } from './transform.ts'

/** What a step takes and gives is another one's. */
type AnyTransform = Transform<never, unknown>

/**
 * Transforms one after the other: each is fitted to what those before it make of the data. A `DropDuplicates` among them
 * leaves out rows of what is fitted to, and none of later data.
 */
export class Pipeline extends Transform<Cells, Matrix> {
  readonly steps: readonly AnyTransform[]

  /** @throws HandgradError if steps are not a list of transforms */
  constructor(steps: readonly AnyTransform[]) {
    const op = 'Pipeline'
    super(op, [])
    if (!Array.isArray(steps) || steps.length === 0)
      fail(op, `the steps are ${describe(steps)}`, 'give transforms in an array')
    const odd = steps.find((step) => !(step instanceof Transform))
    if (odd !== undefined) fail(op, `a step is ${describe(odd)}`, 'give transforms')
    this.steps = steps
  }

  /** Fit all steps; what they learned before is forgotten. A tensor is read, which waits for its device. */
  override fit(x: Tensor): Promise<this>
  override fit(x: Cells): this
  override fit(x: Tensor | Cells): this | Promise<this> {
    return x instanceof Tensor ? hostOf(x).then((table) => super.fit(table)) : super.fit(x)
  }

  protected learn(_: string, x: Cells): Learned {
    this.fitTransform(x)
    return {}
  }

  /** Fit all steps, and what the last one made. @throws HandgradError as its steps do */
  override fitTransform(x: Tensor): Promise<Tensor>
  override fitTransform(x: Cells): Matrix
  override fitTransform(x: Tensor | Cells): Promise<Tensor> | Matrix {
    if (!(x instanceof Tensor)) return this.#run(this.steps, 'fitTransform', x)
    if (this.steps.some(isFiltering)) fail('Pipeline.fitTransform', 'rows of a tensor stay', 'fit rows on the host')
    return this.fit(x).then(() => this.transform(x))
  }

  /** What the steps make of x, one after the other. @throws HandgradError as they do */
  transform(x: Tensor): Tensor
  transform(x: Cells): Matrix
  transform(x: Tensor | Cells): Tensor | Matrix {
    const steps = this.steps.filter((step) => !isFiltering(step))
    return this.#run(steps, 'transform', x)
  }

  /** Back through the steps, the last one first. @throws HandgradError if one of them has no way back */
  override inverseTransform(x: Tensor): Tensor
  override inverseTransform(x: Matrix): Cells
  override inverseTransform(x: Tensor | Matrix): Tensor | Cells {
    const steps = this.steps.filter((step) => !isFiltering(step)).reverse()
    const odd = steps.find((step) => !step.inverseTransform)
    if (odd) fail('Pipeline.inverseTransform', `${describe(odd)} has no inverseTransform`)
    return this.#run(steps, 'inverseTransform', x)
  }

  #run<T>(steps: readonly AnyTransform[], method: 'fitTransform' | 'transform' | 'inverseTransform', x: unknown): T {
    // Each step takes what the one before it gave, or refuses it.
    return steps.reduce((y, step) => step[method]?.(y as never), x) as T
  }

  /** What the steps learned, by their positions: `0.mean`. @throws HandgradError before `fit` */
  override stateDict(): TransformState {
    const entries = this.steps.flatMap((step, i) => Object.entries(step.stateDict()).map(([k, v]) => [`${i}.${k}`, v]))
    return Object.fromEntries(entries)
  }

  protected override parsed(where: string, state: Readonly<TransformState>): () => void {
    checkRecord(where, 'the state', state, 'give what stateDict() gave')
    const parts = this.steps.map((): Record<string, HostTensor> => ({}))
    for (const [name, value] of Object.entries(state)) {
      const [, i, rest] = /^(\d+)\.(.+)$/.exec(name) ?? []
      if (!parts[Number(i)]) fail(where, `${shown(name)} is unknown`, `there are ${parts.length} steps`)
      parts[Number(i)][rest] = value
    }
    const takes = this.steps.map((step, i) => Transform.parse(step, `${where}, step ${i}`, parts[i]))
    return () => {
      for (const take of takes) take()
    }
  }
}

/** Whether a step leaves out rows. */
const isFiltering = (step: AnyTransform): boolean => step instanceof DropDuplicates
