/**
 * @file How do I choose a learning rate? Three answers for one classifier of digits, which have to agree: the range
 * test (a short training whose rate rises until it breaks), theory (a step along the steepest curve overshoots above
 * 2/λ, λ the greatest curvature), and the experiment that both replace: the same training at every rate.
 *
 *   npx tsx examples/questions/learning-rate.ts [--device webgpu]
 */
import { type Device, data, grad, keep, manualSeed, nn, optim, scope, type Tensor, tensor, train } from 'handgrad'
import { short, table } from '../chart.ts'
import { program } from '../run.ts'

const lossOf = nn.functional.crossEntropy

/** Digits of 28 × 28 made 7 × 7 by means over 4 × 4 pixels: batches of 50. */
function batches(device: Device, count: number): [Tensor, Tensor][] {
  const { images, labels } = data.syntheticDigits({ count, seed: 1 })
  return scope(() => {
    const pixels = tensor(Float32Array.from(images), { shape: [count, 1, 28, 28], device }).div(255)
    const means = nn.functional.avgPool2d(pixels, 4).flatten(1)
    const x = means.sub(means.mean()).div(means.std())
    const y = tensor(Int32Array.from(labels), { device })
    return Array.from({ length: count / 50 }, (_, i) => {
      const rows = [50 * i, 50 * (i + 1)] as [number, number]
      return [keep(x.at(rows).contiguous()), keep(y.at(rows).contiguous())]
    })
  })
}

/** The greatest curvature λ of the loss: Hv makes its direction longer than all others, so v ← Hv/‖Hv‖ turns there. */
async function curvature(model: nn.Module, loss: () => Tensor, rounds: number): Promise<number> {
  const parameters = model.parameters()
  const dot = (a: readonly Tensor[], b: readonly Tensor[]) =>
    a.map((t, i) => t.mul(b[i]).sum()).reduce((s, t) => s.add(t))
  let v = grad(loss(), parameters)
  let size = 0
  for (let i = 0; i < rounds; i++) {
    const long = await dot(v, v).sqrt().item()
    v = v.map((t) => t.div(long).detach())
    const g = grad(loss(), parameters, { createGraph: true }) // ∂L/∂θ, part of a graph
    v = grad(dot(g, v), parameters) //                           ∂(gᵀv)/∂θ = Hv
    size = await dot(v, v).sqrt().item() //                      ‖Hv‖ → λ, as v is of length 1
  }
  return size
}

export const main = program(
  import.meta.url,
  'The learning-rate range test, beside theory and beside trainings at every rate.',
  { steps: [100, 'of the range test'], epochs: [3, 'of each training'], samples: [600, 'digits, a multiple of 50'] },
  async ({ device, seed, steps, epochs, samples, progress, show }) => {
    const rows = batches(device, samples)
    const made = async () => {
      manualSeed(seed) // every training begins with the same weights
      return new nn.Sequential(new nn.Linear(49, 32), new nn.Tanh(), new nn.Linear(32, 10)).to(device)
    }
    // The range test: η rises by the same factor at each step. Afterwards the model is as it was.
    const model = await made()
    const optimizer = new optim.SGD(model.parameters(), { lr: 1 })
    const range = await train.lrRange(model, { train: rows, loss: lossOf, optimizer, low: 1e-3, high: 10, steps })
    const suggestion = range.suggestion ?? Number.NaN
    const least = range.rates[range.smoothed.indexOf(Math.min(...range.smoothed))]
    console.log(`range test: the loss falls most steeply at ${short(suggestion)}, is least at ${short(least)}`)
    // Theory: near a point a step against the gradient multiplies the way to the minimum by 1 − ηλ, so |1 − ηλ| < 1.
    const [x, y] = rows[0]
    const lambda = await curvature(model, () => lossOf(model.forward(x), y), 10)
    const edge = 2 / lambda
    console.log(
      `greatest curvature of the first loss: λ = ${lambda.toFixed(2)}, so the edge is 2/λ = ${edge.toFixed(2)}\n`,
    )
    // The experiment: a training for each rate, and one for the suggestion.
    const rates = [...Array.from({ length: 8 }, (_, i) => 10 ** (-2.5 + i / 2)), suggestion]
    const reached: number[] = []
    for (const [i, lr] of rates.entries()) {
      const net = await made()
      const sgd = new optim.SGD(net.parameters(), { lr })
      for await (const _ of train.trainSteps(net, { train: rows, loss: lossOf, optimizer: sgd, epochs }));
      reached.push((await train.evaluate(net, rows, { loss: lossOf })).loss)
      progress(i + 1, rates.length, `rate ${short(lr)}, loss ${reached[i].toFixed(3)}`)
    }
    const cells = rates.map((lr, i) => [
      lr === suggestion ? `${short(lr)} (suggested)` : short(lr),
      reached[i].toFixed(3),
    ])
    console.log(table(['rate', `loss after ${epochs} epochs`], cells))
    const lines = [
      { name: 'range test', x: range.rates, y: range.losses },
      { name: 'range test, smoothed', x: range.rates, y: range.smoothed },
      { name: 'trained at this rate', x: rates, y: reached, dots: true },
      { name: '2/λ', x: [edge, edge], y: [Math.min(...reached), Math.max(...reached)] },
    ]
    const svg = show({ title: 'Which learning rate?', xLabel: 'learning rate', yLabel: 'loss', log: 'xy', lines })
    return { suggestion, least, edge, rates, reached, svg }
  },
)
