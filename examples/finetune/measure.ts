/** @file What both programs of fine-tuning share: a training of whatever is not frozen, and a row of the table. */
import { nn, noGrad, optim, scope, type Tensor } from 'handgrad'
import { f1Score } from 'handgrad/metrics'

export interface Samples {
  readonly x: Tensor
  /** Classes. */
  readonly y: Tensor
}

export const EVERY = 4

/** A way of adapting, and what it came to on data that it was not trained on. */
export interface Row {
  readonly way: string
  readonly loss: number
  readonly accuracy: number
  readonly f1: number
  /** Trained numbers of all numbers in the model. */
  readonly share: number
  readonly seconds: number
  /** Validation loss before the first step and after each EVERY more. */
  readonly losses: readonly number[]
}

export const head = ['', 'loss', 'accuracy', 'F1', 'trained', 'time']
export const cells = ({ way, loss, accuracy, f1, share, seconds }: Row): string[] => [
  way,
  loss.toFixed(3),
  `${(100 * accuracy).toFixed(1)} %`,
  f1.toFixed(3),
  `${(100 * share).toFixed(1)} %`,
  `${seconds.toFixed(1)} s`,
]

/** The losses as a chart. */
export const curves = (rows: readonly Row[], every = EVERY) => ({
  xLabel: 'step',
  yLabel: 'validation loss',
  lines: rows
    .filter(({ losses }) => losses.length > 0)
    .map(({ way, losses }) => ({ name: way, y: losses, x: losses.map((_, i) => i * every) })),
})

/** Freeze all of a model but what is named. @returns the model */
export function only<M extends nn.Module>(model: M, ...open: readonly string[]): M {
  model.freeze()
  for (const name of open) model.unfreeze(name)
  return model
}

export const numbersOf = (parameters: readonly Tensor[]): number =>
  parameters.reduce((sum, { numel }) => sum + numel, 0)

/** Loss (mean −ln p of the true class), accuracy and F1 (the mean over the classes that occur) from logits. */
export async function measured(logits: Tensor, y: Tensor): Promise<{ loss: number; accuracy: number; f1: number }> {
  const predicted = [...(await logits.argmax(1).data())]
  const truth = [...(await y.data())]
  return {
    loss: await nn.functional.crossEntropy(logits, y).item(),
    accuracy: truth.filter((label, i) => label === predicted[i]).length / truth.length,
    f1: await f1Score(truth, predicted, { average: 'macro', labels: [...new Set(truth)] }),
  }
}

/** Train what is not frozen, all samples in each step. */
export async function train(
  way: string,
  model: nn.Layer,
  [training, validation]: readonly [Samples, Samples],
  { steps, lr }: { steps: number; lr: number },
): Promise<Row> {
  const begun = performance.now()
  const parameters = model.parameters().filter(({ requiresGrad }) => requiresGrad)
  const optimizer = new optim.Adam(parameters, { lr })
  const lossOf = ({ x, y }: Samples): Tensor => nn.functional.crossEntropy(model.forward(x), y)
  const losses = [scope(() => noGrad(() => lossOf(validation)))]
  for (let step = 1; step <= steps; step++) {
    optimizer.zeroGrad()
    scope(() => lossOf(training).backward())
    optimizer.step()
    if (step % EVERY === 0) losses.push(scope(() => noGrad(() => lossOf(validation))))
  }
  const reached = await measured(
    noGrad(() => model.forward(validation.x)),
    validation.y,
  )
  return {
    way,
    ...reached,
    share: numbersOf(parameters) / numbersOf(model.parameters()),
    seconds: (performance.now() - begun) / 1000,
    losses: await Promise.all(losses.map((loss) => loss.item())),
  }
}
