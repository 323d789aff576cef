/** @file What a trained classifier makes of a test set. The training is in epoch.ts. */
import { fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { scope } from '../core/scope.ts'
import { showShape } from '../core/shape.ts'
import { Confusion } from '../metrics/confusion.ts'
import { type Layer, outputOf } from '../nn/layer.ts'
import { type Batches, pairOf } from './epoch.ts'

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

/**
 * Run a classifier over a test set; probabilities are softmax(logits), worked out on the host in float64. The model is
 * left in evaluation mode; batches are disposed.
 * @param model    from inputs to logits [batch, classes]
 * @param batches  inputs, and int32 classes [batch]
 * @throws HandgradError if a class is outside 0 … classes − 1, the model does not give logits [batch, classes], a batch
 *   is not two tensors, or there are no batches
 */
export async function evaluate(model: Layer, batches: Batches): Promise<Evaluation> {
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
