/** @file What a trained model makes of a test set: loss and measures. */
import type { Device } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { scope } from '../core/scope.ts'
import type { Metric } from '../metrics/metric.ts'
import { Series } from '../metrics/series.ts'
import { optionsOf } from '../ops/base/options.ts'
import { detach } from '../ops/base/views.ts'
import {
  type Batches,
  checkBatches,
  checkLoss,
  checkMetrics,
  type Loss,
  lossOf,
  samplesOf,
  type Trainable,
  withBatch,
} from './steps.ts'

/** What {@link evaluate} is to find out. */
export interface EvaluateOptions {
  /** Its mean over all samples is found. */
  loss: Loss
  /** Measures that are given every prediction, reset before and after. */
  metrics?: Readonly<Record<string, Metric<number | number[]>>>
  /** Where the model is; batches that are elsewhere are copied there. Default: where its parameters are. */
  device?: Device
}

/** What the measures found. */
export interface Measured {
  /** Mean loss of the samples. */
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
  const { loss, metrics, device } = optionsOf(op, options, { loss: undefined, metrics: {}, device: undefined })
  checkBatches(op, 'batches', batches)
  checkLoss(op, loss)
  checkMetrics(op, metrics)
  return measure(op, model, batches, { loss: loss as Loss, metrics, device })
}

/** Loss and measures over checked batches; the model is left in evaluation mode. */
export async function measure(
  op: string,
  model: Trainable,
  batches: Batches,
  { loss, metrics = {}, device }: EvaluateOptions,
): Promise<Measured> {
  const on = device ?? model.parameters()[0]?.device
  const measures = Object.values(metrics)
  const samples: number[] = []
  let series: Series | undefined
  model.eval()
  for (const metric of measures) metric.reset()
  try {
    for await (const batch of batches)
      await withBatch(op, batch, on ?? batch[0]?.device, (inputs, target) => {
        samples.push(samplesOf(inputs))
        scope(() =>
          noGrad(() => {
            const found = lossOf(op, model, loss, inputs, target)
            const dtype = found.loss.dtype === 'float64' ? 'float64' : 'float32'
            series ??= new Series(batches.length, found.loss.device, dtype)
            series.push(found.loss)
            for (const metric of measures) metric.update(detach(found.prediction), target)
          }),
        )
      })
    if (!series) fail(op, 'there are no batches', 'give at least one')
    const [losses, values] = await Promise.all([series.take(), computed(op, metrics)])
    const all = samples.reduce((a, b) => a + b, 0)
    return { loss: losses.reduce((sum, x, i) => sum + x * samples[i], 0) / all, metrics: values }
  } finally {
    series?.dispose()
    for (const metric of measures) metric.reset()
  }
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
