/**
 * @file How far back does a gradient reach? In a chain h_t = f(W h_{t−1} + x_t) each step back multiplies it by
 * Wᵀ diag(f′): with a linear f and a normal W (W Wᵀ = Wᵀ W) it falls or grows by the spectral radius of W per step, and
 * with tanh it stays under the largest singular value. examples/names.ts has networks that learn.
 *
 *   npx tsx examples/recurrent.ts [--device webgpu]
 */
import { diag, grad, nn, randn, type Tensor, tensor, zeros } from 'handgrad'
import { table } from './chart.ts'
import { program } from './run.ts'

/** ‖∂L/∂h_t‖ of L = v · h_T, from the last step back: h_t = f(W h_{t−1} + x_t) with random x and v. */
async function chain(w: Tensor, f: (z: Tensor) => Tensor, steps: number): Promise<number[]> {
  const noise = (): Tensor => randn([w.shape[0]], { device: w.device, dtype: w.dtype })
  const h = [noise().requiresGrad_()]
  for (let t = 0; t < steps; t++) h.push(f(w.matmul(h[t]).add(noise())))
  const gradients = grad(h[steps].dot(noise()), h)
  const norms = await Promise.all(gradients.map((g) => g.norm().item()))
  return norms.reverse()
}

export const main = program(
  import.meta.url,
  'The gradient through time of linear chains and of tanh, beside what theory says of it.',
  { steps: [40, 'of each chain'], size: [16, 'numbers in a state'], radius: [1.1, 'the larger spectral radius'] },
  async ({ device, steps, size, radius, show }) => {
    const on = { device, dtype: device.kind === 'cpu' ? 'float64' : 'float32' } as const
    // W = Q Λ Qᵀ with an orthogonal Q is normal, and its singular values are |λ|. W = Q (Λ + N) Qᵀ with N above the
    // diagonal has the same eigenvalues λ and is not normal.
    const q = nn.init.orthogonal_(zeros([size, size], on))
    const around = (inner: Tensor): Tensor => q.matmul(inner).matmul(q.t())
    const spectrum = (largest: number): Tensor => {
      const values = Array.from({ length: size }, (_, i) => (i === 0 ? largest : 0.6 * largest * (1 - i / size)))
      return diag(tensor(values, on))
    }
    const above = randn([size, size], on).triu(1).mul(0.4)
    const same = (z: Tensor): Tensor => z
    const cases = [
      { name: 'linear, normal, ρ = 0.9', w: around(spectrum(0.9)), f: same },
      { name: `linear, normal, ρ = ${radius}`, w: around(spectrum(radius)), f: same },
      { name: 'linear, not normal, ρ = 0.9', w: around(spectrum(0.9).add(above)), f: same },
      { name: `tanh, normal, ρ = ${radius}`, w: around(spectrum(radius)), f: (z: Tensor): Tensor => z.tanh() },
    ]
    const chains = []
    for (const { name, w, f } of cases) {
      const norms = await chain(w, f, steps)
      const factors = norms.slice(1).map((v, k) => v / norms[k])
      // W is normal if W Wᵀ − Wᵀ W is 0; σmax = √(largest eigenvalue of Wᵀ W), found by multiplying with it.
      const off = w.matmul(w.t()).sub(w.t().matmul(w)).abs().max()
      let v = randn([size], on)
      for (let i = 0; i < 100; i++) v = w.t().matmul(w.matmul(v.div(v.norm())))
      chains.push({ name, norms, factors, off: await off.item(), sigma: Math.sqrt(await v.norm().item()) })
    }

    console.log(`‖∂L/∂h(t−1)‖ / ‖∂L/∂h(t)‖ over ${steps} steps back`)
    const rows = chains.map(({ name, factors, off, sigma }) => {
      const range = [Math.min(...factors), Math.max(...factors), factors[steps - 1]]
      return [name, off < 1e-5 ? 'yes' : 'no', ...[sigma, ...range].map((v) => v.toFixed(4))]
    })
    console.log(table(['chain', 'normal', 'σmax', 'least', 'most', 'last'], rows))
    const svg = show({
      title: 'A gradient on its way back',
      xLabel: 'steps back from the loss',
      yLabel: '‖∂L/∂h‖, from 1',
      log: 'y',
      lines: chains.map(({ name, norms }) => ({ name, y: norms.map((v) => v / norms[0]) })),
    })
    return { chains, svg }
  },
)
