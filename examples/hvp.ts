/**
 * @file A Hessian-vector product by double backward: `hvp` computes H·v = ∇(∇L · v) without ever forming H. L is the
 * loss of a small network; the result is compared with float64 on the CPU. It tells how the loss bends along v:
 * L(w + εv) ≈ L + ε ∇L·v + ½ ε² v·H·v.
 *
 *   npx tsx examples/hvp.ts [--device webgpu]
 */
import { cat, type Device, hvp, nn, device as open, randint, randn, type Tensor } from 'handgrad'
import { program } from './run.ts'

/** Loss of a 5–8–3 network with weights `w`. */
function loss(w: readonly Tensor[], x: Tensor, t: Tensor): Tensor {
  const h = x.matmul(w[0]).add(w[1]).tanh()
  return nn.functional.crossEntropy(h.matmul(w[2]).add(w[3]), t)
}

/** All weights in one row. */
const row = (list: readonly Tensor[]): Tensor => cat(list.map((p) => p.reshape([-1])))

export const main = program(
  import.meta.url,
  'A Hessian-vector product by double backward, and the parabola that it foretells.',
  { steps: [41, 'points of the picture'] },
  async ({ device, steps, show }) => {
    const cpu = await open('cpu')
    const shapes = [[5, 8], [8], [8, 3], [3]]
    const w = shapes.map((s) => randn(s, { device: cpu }).mul(0.5))
    const v = shapes.map((s) => randn(s, { device: cpu }))
    const [x, t] = [randn([16, 5], { device: cpu }), randint(3, [16], { device: cpu })]

    const on = async (there: Device, dtype: 'float32' | 'float64') => {
      const move = (list: readonly Tensor[]) => Promise.all(list.map((p) => p.to(dtype).to(there)))
      const [at, along, [inputs]] = await Promise.all([w, v, [x]].map(move))
      const classes = await t.to(there)
      const { output, grads, products } = hvp((...weights) => loss(weights, inputs, classes), at, along)
      const values = await Promise.all([row(products), row(grads), row(along), output].map((one) => one.data()))
      return values.map((one) => Array.from(one))
    }
    const [exact, gradient, along, [start]] = await on(cpu, 'float64')
    const [found] = await on(device, 'float32')

    const norm = Math.hypot(...exact)
    const off = Math.hypot(...exact.map((e, i) => e - found[i])) / norm
    console.log(
      `|H·v| = ${norm.toFixed(6)} for ${exact.length} weights; ${device.name} is off by ${off.toExponential(1)} of it`,
    )

    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, one, i) => sum + one * b[i], 0)
    const [slope, bend] = [dot(gradient, along), dot(along, exact)]
    console.log(`along v the loss goes as ${start.toFixed(3)} + ${slope.toFixed(3)} ε + ${(bend / 2).toFixed(3)} ε²`)
    const moved = (e: number) => w.map((p, i) => p.add(v[i].mul(e)))
    const real = (e: number) => loss(moved(e), x, t).item()
    const parabola = (e: number) => start + e * slope + (e * e * bend) / 2
    const at = Array.from({ length: steps }, (_, i) => (i / (steps - 1) - 0.5) / 2)
    const lines = [
      { name: 'L(w + εv)', x: at, y: await Promise.all(at.map(real)) },
      { name: 'the parabola', x: at, y: at.map(parabola) },
    ]
    show({ title: 'What H·v says', xLabel: 'ε', yLabel: 'loss', lines })
    const [before, middle, after] = await Promise.all([-0.02, 0, 0.02].map(real))
    const measured = (before - 2 * middle + after) / 0.02 ** 2
    console.log(`v·H·v = ${bend.toFixed(2)}; by the loss at ε = −0.02, 0 and 0.02: ${measured.toFixed(2)}`)
    return { norm, off, bend, measured }
  },
)
