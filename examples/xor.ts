/**
 * @file XOR, the function that no single neuron computes: 2 inputs, one hidden layer of ReLUs, one sigmoid output,
 * binary cross-entropy, Adam. Four hidden units can represent it, but whether they find it depends on where they start:
 * some are dead from the beginning, and others die. Eight find it nearly always. Each network has its own seed.
 * Twenty networks are trained side by side: the first axis of every tensor counts networks, and nothing mixes them.
 *
 *   npx tsx examples/xor.ts [--device webgpu] [--steps 2000]
 */
import { type Device, manualSeed, nn, noGrad, optim, scope, stack, type Tensor, tensor } from 'handgrad'
import * as metrics from 'handgrad/metrics'
import { table } from './chart.ts'
import { program } from './run.ts'

const NETS = 20
const EVERY = 10
const names = ['00', '01', '10', '11']
const inputs = names.map((name) => [...name].map(Number))
const targets = [0, 1, 1, 0]

/** Weights of NETS networks 2–hidden–1, each drawn by its own seed as PyTorch's nn.Linear does: U(−1/√in, 1/√in). */
function networks(device: Device, hidden: number, seed: number): Tensor[] {
  const all = Array.from({ length: NETS }, (_, net) => {
    manualSeed(seed + net)
    const [first, second] = [new nn.Linear(2, hidden, { device }), new nn.Linear(hidden, 1, { device })]
    return [...first.parameters(), ...second.parameters()]
  })
  // W₁ [NETS, hidden, 2], b₁ [NETS, hidden], W₂ [NETS, 1, hidden], b₂ [NETS, 1]
  return all[0].map((_, p) => nn.parameter(noGrad(() => stack(all.map((parameters) => parameters[p])))))
}

/** h = max(x W₁ᵀ + b₁, 0), z = h W₂ᵀ + b₂ for each: [4, 2] × [NETS, 2, hidden] → [NETS, 4, hidden] → [NETS, 4]. */
function forward(x: Tensor, [w1, b1, w2, b2]: readonly Tensor[]) {
  const h = x.matmul(w1.transpose()).add(b1.unsqueeze(1)).relu()
  const z = h.matmul(w2.transpose()).add(b2.unsqueeze(1)).squeeze(2)
  return { h, z }
}

/** Of each network: units that are off for all four inputs, on for all four, or bent: on for some. */
async function census(h: Tensor) {
  const on = (await h.gt(0).array()) as boolean[][][] // [NETS, 4 inputs, hidden]
  return on.map((rows) => {
    const counts = rows[0].map((_, unit) => rows.filter((row) => row[unit]).length)
    const [dead, linear] = [0, 4].map((wanted) => counts.filter((count) => count === wanted).length)
    // Where every unit is off the output is σ(b₂): such inputs have one output between them.
    const unseen = names.filter((_, k) => !rows[k].includes(true))
    return { dead, linear, bent: counts.length - dead - linear, unseen }
  })
}

export const main = program(
  import.meta.url,
  'XOR from twenty seeds with four and with eight hidden units: dead ReLUs seen and cured.',
  { steps: [600, 'epochs, each of one batch of four'], lr: [0.02, 'the learning rate of Adam'] },
  async ({ device, seed, steps, lr, progress, show }) => {
    const x = tensor(inputs, { device })
    const y = tensor(targets, { device }).expand([NETS, 4])

    async function train(hidden: number) {
      const parameters = networks(device, hidden, seed)
      const adam = new optim.Adam(parameters, { lr })
      const before = await census(noGrad(() => forward(x, parameters).h))
      const losses: number[][] = []
      for (let epoch = 1; epoch <= steps; epoch++) {
        const loss = scope(() => {
          adam.zeroGrad()
          // L = −[y ln σ(z) + (1 − y) ln(1 − σ(z))], computed from z, where it cannot overflow: ∂L/∂z = σ(z) − y.
          // The mean over a network's four inputs, the sum over networks: each gets the gradient it would get alone.
          const each = nn.functional.bceWithLogits(forward(x, parameters).z, y, { reduction: 'none' }).mean(1)
          each.sum().backward()
          adam.step()
          return each.detach()
        })
        if (epoch % EVERY === 0) losses.push((await loss.array()) as number[])
        progress(epoch, steps, `2–${hidden}–1`)
      }
      const { h, z } = noGrad(() => forward(x, parameters))
      const [outputs, after] = [(await z.sigmoid().array()) as number[][], await census(h)]
      const nets = outputs.map(async (output, net) => {
        const predicted = output.map((v) => Number(v > 0.5))
        const accuracy = await metrics.accuracy(targets, predicted)
        return { seed: seed + net, output, accuracy, curve: losses.map((loss) => loss[net]), ...after[net] }
      })
      return { before, nets: await Promise.all(nets) }
    }

    const runs = []
    for (const hidden of [4, 8]) {
      const { before, nets } = await train(hidden)
      const [solved, failed] = [nets.filter((n) => n.accuracy === 1), nets.filter((n) => n.accuracy < 1)]
      const [first, last] = [before, nets].map((all) => all.reduce((sum, { dead }) => sum + dead, 0))
      runs.push({ nets, solved, failed, dead: { first, last, of: NETS * hidden } })
      console.log(`2–${hidden}–1: ${solved.length} of ${NETS} seeds have all four inputs right after ${steps} epochs`)
      console.log(`dead units: ${first} of ${NETS * hidden} before training, ${last} after`)
      const rows = failed.map(({ seed, output, curve, dead, linear, bent, unseen }) => {
        const digits = [...output.map((v) => v.toFixed(2)), curve.at(-1)?.toFixed(3) ?? '']
        return [`${seed}`, ...digits, `${dead}`, `${linear}`, `${bent}`, unseen.join(' ')]
      })
      const head = ['seed', ...names, 'loss', 'dead', 'always on', 'bent', 'unseen inputs']
      if (failed.length > 0) console.log(`\n${table(head, rows)}\n`)
    }

    // Curves of several networks as one line of the chart, with gaps between them.
    const joined = (name: string, nets: readonly { curve: readonly number[] }[]) => ({
      name,
      x: nets.flatMap(({ curve }) => [...curve.map((_, k) => (k + 1) * EVERY), Number.NaN]),
      y: nets.flatMap(({ curve }) => [...curve, Number.NaN]),
    })
    const [four, eight] = runs
    const lines = [
      joined('2–8–1', eight.nets),
      joined('2–4–1, solved', four.solved),
      joined('2–4–1, failed', four.failed),
    ]
    const svg = show({ title: 'XOR from twenty seeds', xLabel: 'epoch', yLabel: 'loss', lines })
    return { four, eight, svg }
  },
)
