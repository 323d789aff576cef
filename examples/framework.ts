/**
 * @file One model, a 2–10–1 classifier of points inside and outside of a circle, written three ways: on raw tensors, as
 * an
 * `nn.Module`, and with a trainer. From one seed all three give the same losses, bit by bit: a module is nothing but a
 * place for tensors, and a trainer is nothing but the loop.
 *
 *   npx tsx examples/framework.ts [--device webgpu]
 */
import { type Device, manualSeed, nn, noGrad, optim, rand, scope, type Tensor, zeros } from 'handgrad'
import { run } from './run.ts'

const EPOCHS = 200
const { bceWithLogits } = nn.functional // L = −mean[y ln σ(z) + (1 − y) ln(1 − σ(z))]; ∂L/∂z = (σ(z) − y)/n

/** Points of the square [−1, 1]², labelled 1 inside of the circle of half its area. */
function circle(device: Device, count: number): { x: Tensor; y: Tensor } {
  const x = rand([count, 2], { device }).mul(2).sub(1)
  return {
    x,
    y: x
      .square()
      .sum(1, { keepdim: true })
      .lt(2 / Math.PI)
      .to('float32'),
  }
}

/** The losses of EPOCHS steps. They are read at the end: a wait in each step would let the device idle. */
async function repeat(step: () => Tensor): Promise<number[]> {
  const losses = Array.from({ length: EPOCHS }, () => scope(step))
  return Promise.all(losses.map((loss) => loss.item()))
}

/** 1. Raw tensors: initialisation, forward, loss, backward, update. The learning rate η is 1. */
function raw(x: Tensor, y: Tensor): Promise<number[]> {
  const first = (shape: number[], inputs: number) => {
    const bound = 1 / Math.sqrt(inputs)
    return nn.init.uniform_(zeros(shape, { device: x.device }), -bound, bound).requiresGrad_()
  }
  const params = [first([10, 2], 2), first([10], 2), first([1, 10], 10), first([1], 10)]
  const [w1, b1, w2, b2] = params
  return repeat(() => {
    const h = x.matmul(w1.transpose()).add(b1).relu() // h = max(x W₁ᵀ + b₁, 0)
    const z = h.matmul(w2.transpose()).add(b2) //        z = h W₂ᵀ + b₂
    const loss = bceWithLogits(z, y)
    for (const p of params) p.zeroGrad()
    loss.backward()
    noGrad(() => params.forEach((p) => p.sub_(p.grad))) // θ ← θ − η ∂L/∂θ
    return loss.detach()
  })
}

/** 2. A module: it initialises its layers and finds its parameters itself. */
class Classifier extends nn.Module {
  hidden: nn.Linear
  out: nn.Linear
  constructor(device: Device) {
    super()
    this.hidden = new nn.Linear(2, 10, { device })
    this.out = new nn.Linear(10, 1, { device })
  }
  forward(x: Tensor): Tensor {
    return this.out.forward(this.hidden.forward(x).relu())
  }
}

function moduleLoop(net: Classifier, x: Tensor, y: Tensor): Promise<number[]> {
  return repeat(() => {
    net.zeroGrad()
    const loss = bceWithLogits(net.forward(x), y)
    loss.backward()
    noGrad(() => net.parameters().forEach((p) => p.sub_(p.grad)))
    return loss.detach()
  })
}

/** 3. A trainer: the loop for any model, loss and optimizer. This is all that "a framework" adds. */
type Loss = (prediction: Tensor, target: Tensor) => Tensor
function trainer(net: nn.Layer, lossOf: Loss, optimizer: optim.Optimizer, x: Tensor, y: Tensor): Promise<number[]> {
  return repeat(() => {
    optimizer.zeroGrad()
    const loss = lossOf(net.forward(x), y)
    loss.backward()
    optimizer.step()
    return loss.detach()
  })
}

/** Share of points on the right side of σ(z) = ½. */
const accuracy = (net: nn.Layer, { x, y }: { x: Tensor; y: Tensor }): Promise<number> =>
  noGrad(() => net.forward(x).gt(0).eq(y.gt(0.5)).to('float32').mean()).item()

export async function main(device: Device) {
  manualSeed(2)
  const [train, test] = [circle(device, 200), circle(device, 1000)]
  manualSeed(3)
  const byHand = await raw(train.x, train.y)
  manualSeed(3)
  const byModule = await moduleLoop(new Classifier(device), train.x, train.y)
  manualSeed(3)
  const net = new nn.Sequential(new nn.Linear(2, 10, { device }), new nn.ReLU(), new nn.Linear(10, 1, { device }))
  const byTrainer = await trainer(net, bceWithLogits, new optim.SGD(net.parameters(), { lr: 1 }), train.x, train.y)

  console.log('epoch   raw tensors   nn.Module     trainer')
  for (const epoch of [0, 1, 10, 50, EPOCHS - 1]) {
    console.log(
      String(epoch).padEnd(8) + [byHand, byModule, byTrainer].map((list) => list[epoch].toFixed(8).padEnd(14)).join(''),
    )
  }

  // Deployment: the weights, by name, in a newly made model. The trainer's names are its layers' positions.
  const deployed = new Classifier(device)
  const { '0.weight': w1, '0.bias': b1, '2.weight': w2, '2.bias': b2 } = net.stateDict()
  deployed.loadStateDict({ 'hidden.weight': w1, 'hidden.bias': b1, 'out.weight': w2, 'out.bias': b2 })
  const reached = { accuracy: await accuracy(net, test), deployed: await accuracy(deployed, test) }
  console.log(
    `\naccuracy on 1000 new points: ${(100 * reached.accuracy).toFixed(1)} %; loaded into a new Classifier: the same`,
  )
  return { byHand, byModule, byTrainer, ...reached }
}

await run(import.meta.url, main)
