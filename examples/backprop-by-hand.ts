/**
 * @file Backpropagation by hand. A network 3–4–2, tanh then sigmoid, E = ½ Σ (y − t)², x = [1, 2, 3], t = [1, 0]: each
 * term of the chain rule is printed, and what they make is compared with `.grad`, bit for bit in float64. Then 1000
 * steps of gradient descent. What a widely read text gets wrong about this network stands beside what is right.
 *
 *   npx tsx examples/backprop-by-hand.ts [--device webgpu]
 */
import { HandgradError, inspect, noGrad, rand, scope, type Tensor, tensor } from 'handgrad'
import { table } from './chart.ts'
import { program } from './run.ts'

type Matrix = number[][]
const [inputs, hidden, outputs] = [3, 4, 2]

/** z₁ = W₁x + b₁, h = tanh z₁, z₂ = W₂h + b₂, y = σ(z₂): columns, as the formulas have them. */
export function forward(x: Tensor, [w1, b1, w2, b2]: readonly Tensor[]) {
  const h = w1.matmul(x).add(b1).tanh()
  const y = w2.matmul(h).add(b2).sigmoid()
  return { h, y }
}
/** E = ½ Σ (y − t)² */
export const error = (y: Tensor, t: Tensor): Tensor => y.sub(t).square().sum().mul(0.5)

/** The chain rule in plain numbers: each term of every element of ∂E/∂W₂, ∂E/∂b₂, ∂E/∂W₁, ∂E/∂b₁. */
export function byHand(x: Matrix, t: Matrix, w2: Matrix, h: Matrix, y: Matrix) {
  // Output layer: ∂E/∂z₂ₖ = ∂E/∂yₖ · ∂yₖ/∂z₂ₖ with ∂E/∂yₖ = yₖ − tₖ and σ′ = yₖ(1 − yₖ)
  const last = y.map(([yk], k) => ({ dEdy: yk - t[k][0], dydz: yk * (1 - yk) }))
  const d2 = last.map(({ dEdy, dydz }) => dEdy * dydz)
  // Hidden layer: ∂E/∂hⱼ = Σₖ W₂ₖⱼ ∂E/∂z₂ₖ, over every path from hⱼ to E, and tanh′ = 1 − hⱼ²
  const first = h.map(([hj], j) => ({ dEdh: d2.reduce((sum, d, k) => sum + w2[k][j] * d, 0), dhdz: 1 - hj * hj }))
  const d1 = first.map(({ dEdh, dhdz }) => dEdh * dhdz)
  return {
    last,
    first,
    d2,
    d1,
    dW2: d2.map((d) => h.map(([hj]) => d * hj)), // ∂z₂ₖ/∂W₂ₖⱼ = hⱼ: ∂E/∂W₂ = ∂E/∂z₂ · hᵀ
    db2: d2.map((d) => [d]), //                     ∂z₂ₖ/∂b₂ₖ = 1
    dW1: d1.map((d) => x.map(([xi]) => d * xi)), // ∂z₁ⱼ/∂W₁ⱼᵢ = xᵢ: ∂E/∂W₁ = ∂E/∂z₁ · xᵀ
    db1: d1.map((d) => [d]),
  }
}

/** What an action refuses, as text. */
const refusal = async (action: () => unknown): Promise<string> => {
  try {
    await action()
    return 'nothing'
  } catch (error) {
    if (error instanceof HandgradError) return error.message
    throw error
  }
}

export const main = program(
  import.meta.url,
  'A 3–4–2 network: every term of the chain rule by hand, equal to .grad; then trained.',
  { steps: [1000, 'of gradient descent'], lr: [0.5, 'the learning rate'] },
  async ({ device, steps, lr, progress, show }) => {
    const on = { device, dtype: device.kind === 'cpu' ? 'float64' : 'float32' } as const
    const [x, t] = [tensor([[1], [2], [3]], on), tensor([[1], [0]], on)]
    const weights = (rows: number, columns: number) => rand([rows, columns], on).sub(0.5).requiresGrad_()
    const parameters = [weights(hidden, inputs), weights(hidden, 1), weights(outputs, hidden), weights(outputs, 1)]
    const [w1, b1, w2, b2] = parameters
    const { h, y } = forward(x, parameters)
    const e = error(y, t)
    e.backward()

    const [X, T, W2, H, Y] = (await Promise.all([x, t, w2, h, y].map((v) => v.array()))) as Matrix[]
    const hand = byHand(X, T, W2, H, Y)
    const begins = Y.flat().map((v) => v.toFixed(4))
    console.log(`E = ${(await e.item()).toFixed(4)} with y = [${begins}]\n\noutput layer, ∂E/∂z₂ = ∂E/∂y · ∂y/∂z₂`)
    const lasts = hand.last.map(({ dEdy, dydz }, k) => [`k = ${k}`, dEdy, dydz, hand.d2[k]])
    console.log(table(['', 'y − t', 'y(1 − y)', '∂E/∂z₂'], lasts))
    const out = hand.dW2.flatMap((row, k) => row.map((d, j) => [`∂E/∂W₂[${k}][${j}]`, hand.d2[k], H[j][0], d]))
    console.log(`\n${table(['', '∂E/∂z₂', 'h', 'product'], out)}\n\nhidden layer, ∂E/∂z₁ = ∂E/∂h · ∂h/∂z₁`)
    const paths = hand.first.map(({ dEdh, dhdz }, j) => {
      return [`j = ${j}`, ...hand.d2.map((d, k) => W2[k][j] * d), dEdh, dhdz, hand.d1[j]]
    })
    console.log(table(['', 'by y₀', 'by y₁', '∂E/∂h', '1 − h²', '∂E/∂z₁'], paths))
    const into = hand.dW1.flatMap((row, j) => row.map((d, i) => [`∂E/∂W₁[${j}][${i}]`, hand.d1[j], X[i][0], d]))
    console.log(`\n${table(['', '∂E/∂z₁', 'x', 'product'], into)}\n\nby hand and by backward():`)
    const mine = { W2: hand.dW2, b2: hand.db2, W1: hand.dW1, b1: hand.db1 }
    const checks = await Promise.all(Object.values(mine).map((m, i) => inspect.checkGrad([w2, b2, w1, b1][i], m)))
    checks.forEach((check, i) => console.log(`${Object.keys(mine)[i]} | ${check}`))

    console.log('\nWhat the text has, and what is right:')
    const right = await error(tensor([[0.7], [0.3]], on), t).item()
    console.log(`E for y = [0.7, 0.3]: 0.14 there, ½(0.3² + 0.3²) = ${right.toFixed(2)} here`)
    const shapes = await refusal(() => x.t().matmul(h.sub(y)))
    console.log(`Xᵀ(h − Y)/m as a hidden layer's gradient: ${shapes}`)
    const without = hand.first.map(({ dEdh }) => X.map(([xi]) => dEdh * xi))
    const dropped = await refusal(() => inspect.checkGrad(w1, without))
    console.log(`∂E/∂W₁ without tanh′(z₁): ${dropped}`)

    const losses: number[] = []
    for (let step = 1; step <= steps; step++) {
      const loss = scope(() => {
        for (const p of parameters) p.zeroGrad()
        const loss = error(forward(x, parameters).y, t)
        loss.backward()
        noGrad(() => {
          for (const p of parameters) p.sub_(p.grad.mul(lr)) // θ ← θ − η ∂E/∂θ
        })
        return loss.detach()
      })
      losses.push(await loss.item())
      progress(step, steps, `E ${losses[step - 1].toExponential(2)}`)
    }
    const reached = ((await forward(x, parameters).y.array()) as Matrix).flat()
    const lines = [{ name: 'E', y: losses, x: losses.map((_, i) => i + 1) }]
    const svg = show({ title: 'A 3–4–2 network learns one example', xLabel: 'step', yLabel: 'E', log: 'y', lines })
    console.log(`y = [${reached.map((v) => v.toFixed(3))}] after ${steps} steps, wanted [1, 0]`)
    return { checks, right, shapes, dropped, reached, losses, svg, hand }
  },
)
