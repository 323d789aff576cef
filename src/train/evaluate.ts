/** @file What a trained model makes of a test set: loss and measures. */
import type { Device } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { scope } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Metric } from '../metrics/metric.ts'
import { Series } from '../metrics/series.ts'
import { optionsOf } from '../ops/base/options.ts'
import {
  type Batches,
  checkAutocast,
  checkBatches,
  checkLoss,
  checkMetrics,
  checkWeight,
  type Loss,
  lossOf,
  measured,
  samplesOf,
  type Trainable,
  type Weight,
  weightOf,
  withBatch,
} from './steps.ts'

/** What {@link evaluate} is to find out. */
export interface EvaluateOptions {
  /** Its mean over all samples is found, or over what `weight` counts. */
  loss: Loss
  /**
   * Of how many things the loss of a batch is the mean, `(_, target) => target.ne(-100).sum()` for tokens: batches
   * count by it, and one in which nothing counts not at all. Default: by their samples.
   */
  weight?: Weight
  /** Model and loss run under `autocast`. Default: all is of the model's dtype. */
  autocast?: 'bfloat16' | 'float16'
  /** Measures that are given every prediction, reset before and after. */
  metrics?: Readonly<Record<string, Metric<number | number[]>>>
  /** Where the model is; batches that are elsewhere are copied there. Default: where its parameters are. */
  device?: Device
}

/** What the measures found. */
export interface Measured {
  /** Mean loss of the samples, or of what the option `weight` counts. */
  readonly loss: number
  /** By name. */
  readonly metrics: Readonly<Record<string, number>>
}

/**
 * Run a model over a test set: the mean loss, and measures, read once, at the end. The model is left in evaluation
 * mode. What a classifier makes of each sample is told by `judge` of `handgrad/report`.
 * @param batches  inputs, and the target last
 * @throws HandgradError if an option is unknown, there are no batches, a batch is not of tensors, or the loss is not
 *   one number
 */
export async function evaluate(model: Trainable, batches: Batches, options: EvaluateOptions): Promise<Measured> {
  const op = 'evaluate'
  const given = optionsOf(op, options, {
    loss: undefined,
    weight: undefined,
    autocast: undefined,
    metrics: {},
    device: undefined,
  })
  const { loss } = given
  checkBatches(op, 'batches', batches)
  checkLoss(op, loss)
  checkWeight(op, given.weight)
  checkAutocast(op, given.autocast)
  checkMetrics(op, given.metrics)
  return measure(op, model, batches, { ...given, loss: loss as Loss })
}

/** Loss and measures over checked batches; the model is left in evaluation mode. */
export async function measure(
  op: string,
  model: Trainable,
  batches: Batches,
  { loss, weight, autocast, metrics = {}, device }: EvaluateOptions,
): Promise<Measured> {
  const on = device ?? model.parameters()[0]?.device
  const measures = Object.values(metrics)
  let series: Series | undefined
  let counts: Series | undefined
  model.eval()
  for (const metric of measures) metric.reset()
  try {
    for await (const batch of batches)
      await withBatch(op, batch, on ?? batch[0]?.device, (inputs, target) => {
        scope(() =>
          noGrad(() => {
            const found = lossOf(op, model, loss, inputs, target, autocast)
            const count = weightOf(op, weight ?? samplesOf, inputs, target, found.loss)
            series = pushed(series, batches.length, found.loss)
            counts = pushed(counts, batches.length, count)
            measured(measures, found.prediction, target)
          }),
        )
      })
    if (!series || !counts) fail(op, 'there are no batches', 'give at least one')
    const [losses, weights, values] = await Promise.all([series.take(), counts.take(), computed(op, metrics)])
    return { loss: weighed(losses, weights), metrics: values }
  } finally {
    for (const one of [series, counts]) one?.dispose()
    for (const metric of measures) metric.reset()
  }
}

/** Σwx/Σw; what does not count may be the mean of nothing, NaN. */
export function weighed(xs: readonly number[], weights: readonly number[]): number {
  const sum = (f: (i: number) => number): number => xs.reduce((sum, _, i) => sum + (weights[i] > 0 ? f(i) : 0), 0)
  return sum((i) => weights[i] * xs[i]) / sum((i) => weights[i])
}

/** A series with one number more, begun where there is none. */
export function pushed(series: Series | undefined, capacity: number, x: Tensor): Series {
  series ??= new Series(capacity, x.device, x.dtype === 'float64' ? 'float64' : 'float32')
  series.push(x)
  return series
}

/** What measures have found so far, by name. */
export async function computed(
  op: string,
  metrics: Readonly<Record<string, Metric<number | number[]>>>,
): Promise<Readonly<Record<string, number>>> {
  const found = await Promise.all(
    Object.entries(metrics).map(async ([name, metric]) => {
      const value: unknown = await metric.compute()
      if (typeof value !== 'number') fail(op, `metrics.${name} gave ${describe(value)}`, 'give a metric of one number')
      return [name, value] as const
    }),
  )
  return Object.fromEntries(found)
}
