/** @file What a trained model makes of a test set: loss and measures, and more of a classifier. */
import type { Device } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { scope } from '../core/scope.ts'
import { showShape } from '../core/shape.ts'
import { Confusion } from '../metrics/confusion.ts'
import type { Metric } from '../metrics/metric.ts'
import { Series } from '../metrics/series.ts'
import { type Layer, outputOf } from '../nn/layer.ts'
import { optionsOf } from '../ops/base/options.ts'
import { detach } from '../ops/base/views.ts'
import { type Pairs, pairOf } from './epoch.ts'
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

/** What {@link evaluate} found. */
export interface Evaluation {
  readonly confusion: Confusion
  /** Mean cross-entropy, in nats. */
  readonly loss: number
  /** Right answers among all, 0 … 1. */
  readonly accuracy: number
  /** Per sample: the class it is taken for. */
  readonly predicted: Uint32Array
  /** Per sample: the probability of that class. */
  readonly confidence: Float32Array
  /** Per sample: the probability of the true class. */
  readonly truth: Float32Array
}

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
 * mode. Without options, a classifier, of which there is more to say: logits [batch, classes] become probabilities
 * softmax, worked out on the host in float64, and batches are disposed.
 * @param model    for a classifier from inputs to logits [batch, classes]
 * @param batches  inputs, and the target last; for a classifier inputs, and int32 classes [batch]
 * @throws HandgradError if an option is unknown, there are no batches, a batch is not of tensors, or the loss is not
 *   one number; of a classifier if a class is outside 0 … classes − 1, or the model does not give logits [batch,
 *   classes]
 */
export function evaluate(model: Layer, batches: Pairs): Promise<Evaluation>
export function evaluate(model: Trainable, batches: Batches, options: EvaluateOptions): Promise<Measured>
export function evaluate(
  model: Layer & Trainable,
  batches: Batches,
  options?: EvaluateOptions,
): Promise<Evaluation | Measured> {
  if (options === undefined) return classify(model, batches as Pairs)
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

/** The classifier's evaluation. */
async function classify(model: Layer, batches: Pairs): Promise<Evaluation> {
  const op = 'evaluate'
  const labels: number[] = []
  const predicted: number[] = []
  const confidence: number[] = []
  const truth: number[] = []
  let [classes, loss] = [0, 0]
  model.eval()
  for (const batch of batches) {
    const [x, target] = pairOf(op, batch)
    using logits = scope(() => noGrad(() => outputOf(op, 'the model', model, x)))
    if (logits.ndim !== 2) fail(op, `the model gave ${showShape(logits.shape)}`, 'it gives logits [batch, classes]')
    const [scores, own] = await Promise.all([logits.data(), target.data()])
    x.dispose()
    target.dispose()
    classes = logits.shape[1]
    own.forEach((label, row) => {
      const { best, sure, right, nats } = judge(
        Float64Array.from(scores.subarray(row * classes, (row + 1) * classes)),
        label,
      )
      labels.push(label)
      predicted.push(best)
      confidence.push(sure)
      truth.push(right)
      loss += nats
    })
  }
  if (labels.length === 0) fail(op, 'there are no batches', 'give at least one')
  const confusion = new Confusion(classes)
  confusion.add(labels, predicted)
  return {
    confusion,
    loss: loss / labels.length,
    accuracy: confusion.accuracy,
    predicted: Uint32Array.from(predicted),
    confidence: Float32Array.from(confidence),
    truth: Float32Array.from(truth),
  }
}

/** One row of logits z: the best class b, p_b and p_label for p = softmax(z), and −ln p_label. */
function judge(z: Float64Array, label: number) {
  const best = z.indexOf(Math.max(...z))
  const sum = z.reduce((all, score) => all + Math.exp(score - z[best]), 0)
  const nats = Math.log(sum) - (z[label] - z[best])
  return { best, sure: 1 / sum, right: Math.exp(z[label] - z[best]) / sum, nats }
}
