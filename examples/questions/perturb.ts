/**
 * @file Numeric perturbation against backpropagation. A gradient can be had without any calculus: nudge each weight,
 * evaluate again, divide. What that costs is one or two evaluations for each weight; how exact it is depends on the
 * step h, between truncation (h too large) and rounding (h too small). Both errors are measured in float64 and float32.
 *
 *   npx tsx examples/questions/perturb.ts [--device webgpu]
 */
import { eye, grad, noGrad, randn, type Tensor } from 'handgrad'
import { table } from '../chart.ts'
import { program } from '../run.ts'

const [inputs, hidden, samples] = [4, 8, 16]
const weights = inputs * hidden + hidden // 40

/** L(θ) = mean of (v · tanh(Wx) − y)² for each row of θ [rows, 40], which holds W and v. */
function losses(theta: Tensor, x: Tensor, y: Tensor): Tensor {
  const w = theta.at(null, [0, inputs * hidden]).reshape(-1, inputs, hidden)
  const v = theta.at(null, [inputs * hidden, null]).unsqueeze(2)
  return x.matmul(w).tanh().matmul(v).squeeze(2).sub(y).square().mean(1)
}

export const main = program(
  import.meta.url,
  'Numeric perturbation against backpropagation: the error over the step h, and the cost.',
  { steps: [13, 'sizes of h, from 0.1 on, each a tenth of the last'] },
  async ({ device, steps, progress, show }) => {
    const exact = { device, dtype: device.kind === 'cpu' ? 'float64' : 'float32' } as const
    const start = [randn([1, weights], exact), randn([samples, inputs], exact), randn([samples], exact)]
    const hs = Array.from({ length: steps }, (_, i) => Number(`1e-${i + 1}`))

    /** ‖numeric − backprop‖ / ‖backprop‖ for each h. */
    const errors = async (dtype: 'float64' | 'float32', central: boolean): Promise<number[]> => {
      const [theta, x, y] = start.map((t) => t.to(dtype))
      theta.requiresGrad_()
      const right = grad(losses(theta, x, y).sum(), theta).flatten() // one evaluation, and one walk back
      const off = noGrad(() =>
        hs.map((h) => {
          // Row i of θ + h·I is θ with its i-th weight nudged: all evaluations in one call.
          const nudge = eye(weights, { device, dtype }).mul(h)
          const up = losses(theta.add(nudge), x, y)
          const down = losses(central ? theta.sub(nudge) : theta, x, y)
          const numeric = up.sub(down).div(central ? 2 * h : h)
          return numeric.sub(right).norm().div(right.norm())
        }),
      )
      return Promise.all(off.map((t) => t.item()))
    }
    const kinds = exact.dtype === 'float64' ? (['float64', 'float32'] as const) : (['float32'] as const)
    const curves: { name: string; central: boolean; dtype: string; x: number[]; y: number[] }[] = []
    for (const dtype of kinds)
      for (const central of [false, true]) {
        const name = `${central ? 'central' : 'forward'}, ${dtype}`
        curves.push({ name, central, dtype, x: hs, y: await errors(dtype, central) })
        progress(curves.length, 2 * kinds.length, name)
      }
    const cells = hs.map((h, i) => [h.toExponential(0), ...curves.map(({ y }) => y[i].toExponential(1))])
    console.log(table(['h', ...curves.map(({ name }) => name)], cells))
    const best = curves.map(({ name, central, dtype, y }) => {
      const i = y.indexOf(Math.min(...y))
      // Least where truncation and rounding are equal: h ≈ ε^(1/2) forward, ε^(1/3) central. Exponents, rounded:
      const [epsilon, theory] = [dtype === 'float64' ? 2 ** -52 : 2 ** -23, central ? 1 / 3 : 1 / 2]
      return { name, h: hs[i], error: y[i], theory: 10 ** Math.round(Math.log10(epsilon) * theory) }
    })
    const rows = best.map((one) => [
      one.name,
      one.h.toExponential(0),
      one.theory.toExponential(0),
      one.error.toExponential(1),
    ])
    console.log(`\n${table(['', 'best h', 'by theory', 'error there'], rows)}`)
    console.log(
      `\nevaluations for ${weights} weights: forward ${weights + 1}, central ${2 * weights}, backprop 1 and a walk back`,
    )
    const title = 'The error of a numeric gradient'
    const svg = show({ title, xLabel: 'step h', yLabel: 'relative error', log: 'xy', lines: curves })
    return { curves, best, svg }
  },
)
