/** @file Scale, zeros and saturation of activations and of gradients, layer by layer: as data, table and plot. */
import { gradOf, hasGrad } from '../../autograd/backward.ts'
import { describe, fail } from '../../core/errors.ts'
import { noGrad } from '../../core/graph.ts'
import { openScope } from '../../core/scope.ts'
import { showAsText } from '../../core/show.ts'
import { Tensor } from '../../core/tensor.ts'
import { Module } from '../../nn/index.ts'
import { plot } from '../../text/plot.ts'
import type { Trainable } from '../../train/index.ts'
import { Snapshot } from '../../train/snapshot.ts'
import { can } from '../../train/steps.ts'
import { Figures, greatestOf, rmsOf, zerosOf } from './figures.ts'
import { partOf } from './restored.ts'
import { Watch } from './watch.ts'

/** Figures by layer. Its text is a table. */
export class Flow<Row extends { readonly where: string }> {
  /** In the order of the layers. */
  readonly rows: readonly Row[]
  private readonly columns: readonly (keyof Row & string)[]
  private readonly scale: keyof Row & string

  constructor(rows: readonly Row[], columns: readonly (keyof Row & string)[], scale: keyof Row & string) {
    this.rows = rows
    this.columns = columns
    this.scale = scale
  }

  /** A line for each row, with its numbers in three digits. */
  table(): string {
    const lines = [
      ['', ...this.columns],
      ...this.rows.map((row) => [row.where, ...this.columns.map((name) => shown(row[name]))]),
    ]
    const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)))
    return lines
      .map((line) =>
        line
          .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
          .join('  ')
          .trimEnd(),
      )
      .join('\n')
  }

  /** The scale over the layers, for a terminal, by its logarithm. */
  plot(): string {
    const values = this.rows.map((row) => Number(row[this.scale]))
    return plot(values, { title: this.scale, xLabel: 'layer', x: [1, values.length], log: true })
  }

  /** The table. */
  toString(): string {
    return this.table()
  }
}
showAsText(Flow)

const shown = (v: unknown): string =>
  typeof v !== 'number' ? String(v) : Number.isNaN(v) ? '–' : String(Number(v.toPrecision(3)))

/** What `inspect.activations` has of a layer. */
export interface ActivationRow {
  /** `fc1 (Linear 4, 8)`; of a layer that is called again `fc1 (Linear 4, 8) #2`. */
  readonly where: string
  readonly shape: readonly number[]
  readonly mean: number
  /** Root mean square: the scale. */
  readonly rms: number
  /** How much samples differ: root mean square of what is left without the mean over the first axis. */
  readonly spread: number
  /** Share of zeros. */
  readonly zeros: number
  /** Share at the ends of a tanh or sigmoid, NaN for all else; and of units of a ReLU that are 0 for every sample. */
  readonly saturated: number
  readonly dead: number
}

/** What `inspect.gradientFlow` has of a parameter. */
export interface GradientRow {
  /** Its name. */
  readonly where: string
  readonly shape: readonly number[]
  /** Root mean square of the weights. */
  readonly weight: number
  /** Root mean square of the gradient, its greatest element, and its share of zeros; NaN where there is none. */
  readonly rms: number
  readonly greatest: number
  readonly zeros: number
  /** rms / weight. */
  readonly ratio: number
}

/** What `inspect.activations` does. */
export async function activations(model: Trainable, ...inputs: Tensor[]): Promise<Flow<ActivationRow>> {
  const op = 'activations'
  if (!(model instanceof Module) || !can(model, 'forward'))
    fail(op, `the model is ${describe(model)}`, 'give an nn.Module with forward')
  const wrong = inputs.find((x) => !(x instanceof Tensor))
  if (inputs.length === 0 || wrong !== undefined)
    fail(
      op,
      inputs.length === 0 ? 'there is no input' : `an input is ${describe(wrong)}`,
      'give what its forward takes',
    )
  const snapshot = new Snapshot([partOf(model.buffers())])
  const watch = new Watch(model)
  using own = openScope()
  try {
    watch.begin(inputs[0].shape[0] ?? 1)
    own.run(() => noGrad(() => void model.forward(...inputs)))
  } finally {
    watch.pause()
    // Running statistics and random numbers as they were.
    snapshot.restore()
    snapshot.dispose()
    await watch.end()
  }
  const activationOf = (where: string) => watch.activations.find((one) => one.where === where)
  const rows = watch.layers.map(({ where, shape, mean, rms, spread, zeros }): ActivationRow => {
    const one = activationOf(where)
    const saturated = one && one.op !== 'relu' ? one.saturated : Number.NaN
    const dead = one?.op === 'relu' ? one.dead / one.units : Number.NaN
    return { where, shape, mean, rms, spread, zeros, saturated, dead }
  })
  return new Flow(rows, ['mean', 'rms', 'spread', 'zeros', 'saturated', 'dead'], 'rms')
}

/** What `inspect.gradientFlow` does. */
export async function gradientFlow(model: Module): Promise<Flow<GradientRow>> {
  const op = 'gradientFlow'
  if (!(model instanceof Module)) fail(op, `the model is ${describe(model)}`, 'give an nn.Module')
  const params = model.namedParameters()
  if (!params.some(([, x]) => hasGrad(x))) fail(op, 'no parameter has a gradient', 'call loss.backward() before')
  const figures = new Figures()
  const rows = params.map(([where, x]) => {
    const row = {
      where,
      shape: x.shape,
      weight: 0,
      rms: Number.NaN,
      greatest: Number.NaN,
      zeros: Number.NaN,
      ratio: Number.NaN,
    }
    figures.note(
      () => rmsOf(x),
      (v) => void (row.weight = v),
    )
    if (!hasGrad(x)) return row
    figures.note(
      () => greatestOf(gradOf(x)),
      (v) => void (row.greatest = v),
    )
    figures.note(
      () => zerosOf(gradOf(x)),
      (v) => void (row.zeros = v),
    )
    figures.note(
      () => rmsOf(gradOf(x)),
      (v) => {
        row.rms = v
        row.ratio = v / row.weight
      },
    )
    return row
  })
  await figures.read()
  return new Flow<GradientRow>(rows, ['weight', 'rms', 'greatest', 'zeros', 'ratio'], 'rms')
}
