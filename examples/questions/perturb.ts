/**
 * @file Numeric perturbation against backpropagation. A gradient can be had without any calculus: nudge each weight,
 * evaluate again, divide. What that costs is one or two evaluations for each weight; how exact it is depends on the
 * step h, between truncation (h too large) and rounding (h too small). Both errors are measured in float64 and float32.
 *
 *   npx tsx examples/questions/perturb.ts [--device webgpu]
 */
import { grad, randn, scope, type Tensor, tensor } from 'handgrad'
import { table } from '../chart.ts'
import { program } from '../run.ts'

const [inputs, hidden, samples] = [4, 8, 16]
const weights = inputs * hidden + hidden

/** L(θ) = mean of (v · tanh(Wx) − y)², all weights in one vector θ. */
function loss(theta: Tensor, x: Tensor, y: Tensor): Tensor {
  const w = theta.at([0, inputs * hidden]).reshape(inputs, hidden)
  const v = theta.at([inputs * hidden, null])
  return x.matmul(w).tanh().matmul(v).sub(y).square().mean()
}

export const main = program(
  import.meta.url,
  'Numeric perturbation against backpropagation: the error over the step h, and the cost.',
  { steps: [13, 'sizes of h, from 0.1 on, each a tenth of the last'] },
  async ({ device, steps, progress, show }) => {
    const exact = { device, dtype: device.kind === 'cpu' ? 'float64' : 'float32' } as const
    const start = [randn([weights], exact), randn([samples, inputs], exact), randn([samples], exact)]
    const hs = Array.from({ length: steps }, (_, i) => Number(`1e-${i + 1}`))

    /** The error of a numeric gradient, ‖numeric − backprop‖ / ‖backprop‖, for each h. */
    const errors = async (dtype: 'float64' | 'float32', central: boolean) => {
      const [theta, x, y] = start.map((t) => t.to(dtype))
      theta.requiresGrad_()
      const right = (await grad(loss(theta, x, y), theta).array()) as number[] // one forward, one backward
      const values = (await theta.detach().array()) as number[]
      const at = async (i: number, value: number) =>
        scope(() => loss(tensor(values.with(i, value), { device, dtype }), x, y)).item()
      const found = []
      for (const [k, h] of hs.entries()) {
        let [off, all] = [0, 0]
        for (let i = 0; i < weights; i++) {
          // Forward: (L(θ + h) − L(θ))/h. Central: (L(θ + h) − L(θ − h))/2h. Divided by the h that rounding left.
          const [low, high] = [central ? values[i] - h : values[i], values[i] + h]
          const slope = ((await at(i, high)) - (await at(i, low))) / (high - low)
          off += (slope - right[i]) ** 2
          all += right[i] ** 2
        }
        found.push(Math.sqrt(off / all))
        progress(k + 1, hs.length, `h ${h}`)
      }
      return found
    }
    return {errors, hs, show, table}
  },
)
