/**
 * @file One model, a 2–10–1 classifier of points inside and outside of a circle, written three ways: on raw tensors, as
 * an `nn.Module`, and with the trainer. From one seed all three give the same losses, bit by bit: a module is a place
 * for tensors, and a trainer is the loop. Then evaluation, a file, and the file in use.
 *
 *   npx tsx examples/framework.ts [--device webgpu]
 */
import type { Device, Tensor } from 'handgrad'
import { io, manualSeed, nn, noGrad, optim, rand, scope, tensor, train, zeros } from 'handgrad'
import * as metrics from 'handgrad/metrics'
import { table } from './chart.ts'
import { program } from './run.ts'

/** L = −mean[y ln σ(z) + (1 − y) ln(1 − σ(z))]; ∂L/∂z = (σ(z) − y)/n. Labels are whole numbers, 0 or 1. */
const lossOf = (z: Tensor, y: Tensor): Tensor => nn.functional.bceWithLogits(z, y.to('float32'))

/** Points of the square [−1, 1]², labelled 1 inside of the circle of half its area: π r² = 2, r = 0.80. */
function circle(device: Device, count: number): [x: Tensor, y: Tensor] {
  const x = rand([count, 2], { device }).mul(2).sub(1)
  const squares = x.square().sum(1, { keepdim: true }) // x₁² + x₂²
  return [x, squares.lt(2 / Math.PI).to('int32')]
}

/** The losses of some steps. They are read at the end: a wait in each step would let the device idle. */
async function repeat(steps: number, step: () => Tensor): Promise<number[]> {
  const losses = Array.from({ length: steps }, () => scope(step))
  return Promise.all(losses.map((loss) => loss.item()))
}

/** 1. Raw tensors: initialisation, forward, loss, backward, update. */
function raw(x: Tensor, y: Tensor, lr: number, steps: number): Promise<number[]> {
  const first = (shape: number[], inputs: number) => {
    const bound = 1 / Math.sqrt(inputs)
    return nn.init.uniform_(zeros(shape, { device: x.device }), -bound, bound).requiresGrad_()
  }
  const params = [first([10, 2], 2), first([10], 2), first([1, 10], 10), first([1], 10)]
  const [w1, b1, w2, b2] = params
  return repeat(steps, () => {
    const h = x.matmul(w1.transpose()).add(b1).relu() // h = max(x W₁ᵀ + b₁, 0)
    const z = h.matmul(w2.transpose()).add(b2) //        z = h W₂ᵀ + b₂
    const loss = lossOf(z, y)
    for (const p of params) p.zeroGrad()
    loss.backward()
    noGrad(() => params.forEach((p) => p.sub_(p.grad.mul(lr)))) // θ ← θ − η ∂L/∂θ
    return loss.detach()
  })
}

/** 2. A module: it initialises its layers and finds its parameters itself. */
class Classifier extends nn.Module {
  hidden = new nn.Linear(2, 10)
  out = new nn.Linear(10, 1)
  forward(x: Tensor): Tensor {
    return this.out.forward(this.hidden.forward(x).relu())
  }
}

function moduleLoop(net: Classifier, x: Tensor, y: Tensor, lr: number, steps: number): Promise<number[]> {
  return repeat(steps, () => {
    net.zeroGrad()
    const loss = lossOf(net.forward(x), y)
    loss.backward()
    noGrad(() => net.parameters().forEach((p) => p.sub_(p.grad.mul(lr))))
    return loss.detach()
  })
}

export const main = program(
  import.meta.url,
  'One classifier three ways: raw tensors, nn.Module, train.fit; then evaluated, saved and used.',
  { steps: [300, 'of each way; epochs of one batch for the trainer'], lr: [0.5, 'the learning rate'] },
  async ({ device, seed, steps, lr, out, progress, show }) => {
    const [learned, asked] = [circle(device, 200), circle(device, 1000)]
    const [x, y] = learned
    manualSeed(seed)
    const byHand = await raw(x, y, lr, steps)
    progress(1, 3)
    manualSeed(seed)
    const byModule = await moduleLoop(await new Classifier().to(device), x, y, lr, steps)
    progress(2, 3)
    // 3. The trainer: any model, loss and optimizer; it steps, validates and keeps a history.
    manualSeed(seed)
    const net = await new Classifier().to(device)
    const optimizer = new optim.SGD(net.parameters(), { lr })
    const data = { train: [learned], validation: [asked] }
    const history = await train.fit(net, { ...data, loss: lossOf, optimizer, epochs: steps, progress: false })
    progress(3, 3)
    const [byTrainer, newPoints] = [history.losses, history.epochs.map((epoch) => epoch.validationLoss ?? Number.NaN)]

    const shown = [...new Set([0, 1, 10, 50, 100, steps - 1])].filter((k) => k in byHand)
    const rows = shown.map((k) => [`${k + 1}`, ...[byHand, byModule, byTrainer].map((losses) => losses[k].toFixed(8))])
    console.log(table(['step', 'raw tensors', 'nn.Module', 'train.fit'], rows))
    const epochs = byHand.map((_, k) => k + 1)
    const lines = [
      { name: 'raw tensors', x: epochs, y: byHand },
      { name: 'train.fit', x: shown.map((k) => k + 1), y: shown.map((k) => byTrainer[k]), dots: true },
      { name: '1000 new points', x: epochs, y: newPoints },
    ]
    const svg = show({ title: 'One classifier, three ways', xLabel: 'epoch', yLabel: 'loss', lines })

    // Evaluation, on points that no step has seen. σ(z) > ½ is z > 0.
    const measures = { accuracy: new metrics.Accuracy({ threshold: 0 }) }
    const { loss, metrics: found } = await train.evaluate(net, [asked], { loss: lossOf, metrics: measures })
    console.log(`\n1000 new points: loss ${loss.toFixed(3)}, accuracy ${(100 * found.accuracy).toFixed(1)} %`)

    // Deployment: the weights by name in a file, the file in a new model, the model behind a function of numbers.
    const file = `${out}/framework.safetensors`
    await io.saveSafetensors(file, net.stateDict())
    const deployed = new Classifier()
    deployed.loadStateDict(await io.loadSafetensors(file))
    await deployed.to(device)
    const predict = async (model: nn.Layer, points: number[][]) =>
      (await noGrad(() => model.forward(tensor(points, { device })).sigmoid().flatten()).array()) as number[]
    const points = [0, 0.6, 0.8, 1].map((radius) => [radius, 0])
    const [before, after] = [await predict(net, points), await predict(deployed, points)]
    console.log(`\nread from ${file}, p(inside) at`)
    console.log(points.map((point, k) => `  (${point}): ${after[k].toFixed(2)}`).join('\n'))
    return { byHand, byModule, byTrainer, newPoints, accuracy: found.accuracy, before, after, svg }
  },
)
