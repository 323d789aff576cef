/**
 * @file XOR, the function that no single neuron computes: 2 inputs, one hidden layer of ReLUs, one sigmoid output,
 * binary cross-entropy, Adam. Four hidden units can represent it, but whether they find it depends on luck; eight find
 * it always.
 * Twenty networks are trained side by side: the first axis of every tensor counts networks, and nothing mixes them.
 *
 *   npx tsx examples/xor.ts [--device webgpu]
 */
import { type Device, manualSeed, nn, noGrad, optim, scope, type Tensor, tensor, zeros } from 'handgrad'
import { run } from './run.ts'

const NETS = 20

/** NETS first values, U(−1/√in, 1/√in) as PyTorch's nn.Linear has them. */
function weights(device: Device, rows: number, columns: number, inputs: number): Tensor {
  const bound = 1 / Math.sqrt(inputs)
  return nn.parameter(nn.init.uniform_(zeros([NETS, rows, columns], { device }), -bound, bound))
}

/** Train NETS networks 2–hidden–1. */
async function train(device: Device, hidden: number, epochs: number) {
  manualSeed(1)
  const x = tensor(
    [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
    { device },
  )
  const y = tensor([[0], [1], [1], [0]], { device }).expand([NETS, 4, 1])
  const [w1, b1] = [weights(device, 2, hidden, 2), weights(device, 1, hidden, 2)]
  const [w2, b2] = [weights(device, hidden, 1, hidden), weights(device, 1, 1, hidden)]

  // z₁ = x W₁ + b₁, h = max(z₁, 0), z₂ = h W₂ + b₂: [4, 2] × [20, 2, hidden] → [20, 4, hidden] → [20, 4, 1]
  const layer = () => x.matmul(w1).add(b1).relu()
  const logits = () => layer().matmul(w2).add(b2)
  const params = [w1, b1, w2, b2]
  const adam = new optim.Adam(params, { lr: 0.02 })

  for (let epoch = 0; epoch < epochs; epoch++) {
    scope(() => {
      adam.zeroGrad()
      // L = −[y ln σ(z₂) + (1 − y) ln(1 − σ(z₂))], computed from z₂, where it cannot overflow: ∂L/∂z₂ = σ(z₂) − y.
      // The mean over a network's four examples, the sum over networks: each gets the gradient it would get alone.
      const loss = nn.functional.bceWithLogits(logits(), y, { reduction: 'none' }).mean(1).sum()
      loss.backward()
      adam.step()
    })
  }

  const [output, active] = noGrad(() => [logits().sigmoid(), layer().amax(1)])
  const predicted = (await output.array()) as number[][][]
  const peak = (await active.array()) as number[][]
  return predicted.map((rows, net) => ({
    outputs: rows.map(([v]) => v),
    right: rows.every(([v], i) => v > 0.5 === (i === 1 || i === 2)),
    // A unit that is 0 for all four inputs passes no gradient on, so it stays 0 for ever.
    dead: peak[net].filter((h) => h === 0).length,
  }))
}

export async function main(device: Device, epochs = 2000) {
  const found: Record<number, { solved: number; dead: number }> = {}
  for (const hidden of [4, 8]) {
    const nets = await train(device, hidden, epochs)
    const failed = nets.filter(({ right }) => !right)
    found[hidden] = { solved: NETS - failed.length, dead: failed.reduce((sum, { dead }) => sum + dead, 0) }
    console.log(
      `2–${hidden}–1: ${found[hidden].solved} of ${NETS} networks classify all four inputs after ${epochs} epochs`,
    )
    for (const { outputs, dead } of failed.slice(0, 4)) {
      console.log(
        `  failed with outputs ${outputs.map((v) => v.toFixed(2)).join(' ')}: ${dead} of ${hidden} units are dead`,
      )
    }
  }
  console.log(
    '\nA dead ReLU has z₁ < 0 for every input: h = 0 and ∂h/∂z₁ = 0, so neither Adam nor patience revives it. What is',
  )
  console.log('left of the network is too small. More units than needed are the simplest cure: some of them survive.')
  return found
}

await run(import.meta.url, main)
