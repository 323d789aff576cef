/**
 * @file Why is it not learning? One task, three networks that do not learn it, and `inspect.diagnose`, which says why:
 * ten layers of sigmoids, through which gradients vanish; a softmax before a loss that takes a softmax; and a learning
 * rate that is too large. Each is cured as its finding advises, and trained before and after.
 *
 *   npx tsx examples/questions/why.ts [--device webgpu]
 */
import { type Device, inspect, keep, manualSeed, nn, optim, randn, scope, type Tensor, train } from 'handgrad'
import { table } from '../chart.ts'
import { program } from '../run.ts'

const loss = nn.functional.crossEntropy

/** Four classes: which of four directions a point lies farthest in. */
function batches(device: Device): [Tensor, Tensor][] {
  const planes = randn([8, 4], { device })
  return Array.from({ length: 6 }, () => {
    const x = keep(randn([32, 8], { device }))
    return [x, keep(scope(() => x.matmul(planes).argmax(1)))]
  })
}
/** `depth` hidden layers of 24 units, then the logits of four classes. */
function layers(depth: number, activation: () => nn.Layer): nn.Layer[] {
  const hidden = Array.from({ length: depth }, (_, i) => [new nn.Linear(i === 0 ? 8 : 24, 24), activation()])
  return [...hidden.flat(), new nn.Linear(24, 4)]
}
const sound = () => new nn.Sequential(...layers(1, () => new nn.ReLU()))
const softmaxTwice = () => new nn.Sequential(...layers(1, () => new nn.ReLU()), new nn.Softmax(1))
const sigmoids = () => new nn.Sequential(...layers(10, () => new nn.Sigmoid()))
/** He's initialisation: weights of variance 2/inputs, since ReLU lets half of the variance through. */
function relus(): nn.Sequential {
  const model = new nn.Sequential(...layers(10, () => new nn.ReLU()))
  return model.apply((module) => {
    if (!(module instanceof nn.Linear)) return
    nn.init.kaimingNormal_(module.weight, { nonlinearity: 'relu' })
    if (module.bias) nn.init.zeros_(module.bias)
  })
}

/** Each with its learning rate. What cures `softmax twice` and `rate of 30` is the healthy one. */
const patients = {
  healthy: [sound, 0.3],
  'ten sigmoids': [sigmoids, 0.05],
  'ten ReLUs': [relus, 0.05],
  'softmax twice': [softmaxTwice, 0.3],
  'rate of 30': [sound, 30],
} as const

export const main = program(
  import.meta.url,
  'Why is it not learning? Three networks that do not, what diagnose finds, and the cures.',
  { steps: [120, 'of each training, a multiple of 6'] },
  async ({ device, seed, steps, progress, show }) => {
    const loader = batches(device)
    const results = []
    for (const [name, [make, lr]] of Object.entries(patients)) {
      manualSeed(seed)
      const model = await make().to(device)
      const optimizer = new optim.SGD(model.parameters(), { lr })
      // Looks at batches, tries some steps, and leaves all as it was.
      const diagnosis = await inspect.diagnose(model, { loss, optimizer, loader })
      console.log(`${name}: ${diagnosis.text()}\n`)

      const [x, y] = loader[0]
      loss(model.forward(x), y).backward()
      const { rows } = await inspect.gradientFlow(model) // of the gradients that are there
      const flow = rows.filter(({ where }) => where.endsWith('weight')).map(({ rms }) => rms)
      for await (const _ of train.trainSteps(model, { train: loader, loss, optimizer, epochs: steps / 6 }));
      const end = (await train.evaluate(model, loader, { loss })).loss
      results.push({ name, found: diagnosis.findings, end, flow })
      progress(results.length, Object.keys(patients).length, name)
    }
    const rows = results.map(({ name, found, end }) => [
      name,
      found.map(({ code }) => code).join(', ') || 'nothing',
      Number.isFinite(end) ? end.toFixed(3) : 'not finite',
    ])
    console.log(table(['', 'found', `loss after ${steps} steps`], rows))

    // Through a sigmoid layer a gradient's rms is multiplied by √(n·Var W)·σ′: PyTorch's first weights, U(±1/√n), have
    // n·Var W = 1/3, and σ′ ≤ 1/4. Through ReLU with He's weights by √(n · 2/n · 1/2) = 1.
    const [sigmoid, relu] = [results[1].flow, results[2].flow]
    const factor = (flow: readonly number[]) => (flow[1] / flow[9]) ** (1 / 8) // layers 2 to 10 have 24 inputs
    console.log(
      `\na layer leaves of the gradient: sigmoid ${factor(sigmoid).toFixed(3)}, at most √(1/3)/4 = 0.144 by theory`,
    )
    console.log(`                                ReLU    ${factor(relu).toFixed(3)}, 1 by theory`)
    const layer = sigmoid.map((_, i) => i + 1)
    const lines = [
      { name: 'sigmoids, as they begin', x: layer, y: sigmoid },
      { name: "ReLUs, He's initialisation", x: layer, y: relu },
    ]
    const title = 'Gradients on their way back through eleven layers'
    const svg = show({ title, xLabel: 'layer', yLabel: 'rms of the gradient', log: 'y', lines })
    return { results, factors: { sigmoid: factor(sigmoid), relu: factor(relu) }, svg }
  },
)
