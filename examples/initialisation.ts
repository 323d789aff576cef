/**
 * @file First values of weights: Xavier/Glorot, He/Kaiming, and why. In a deep network the scale of signals and of
 * gradients is multiplied by a factor in each layer, which is measured here and compared with its formula.
 *
 *   npx tsx examples/initialisation.ts [--device webgpu] [--width 512 --steps 20]
 */
import { type Device, grad, HandgradError, manualSeed, nn, randn, scope, stack, type Tensor, zeros } from 'handgrad'
import { table } from './chart.ts'
import { program } from './run.ts'

/** f and f′ */
const functions = {
  relu: { f: (z: number) => Math.max(z, 0), slope: (z: number) => (z > 0 ? 1 : 0) },
  tanh: { f: Math.tanh, slope: (z: number) => 1 - Math.tanh(z) ** 2 },
}
type Fill = (weight: Tensor) => Tensor
const times = (k: number, w: Tensor) => nn.init.normal_(w, 0, k * Math.sqrt(2 / w.shape[1])) // k times He's deviation
const xavier: Fill = (w) => nn.init.xavierNormal_(w) //                                Var W = 2/(in + out)
const he: Fill = (w) => nn.init.kaimingNormal_(w, { nonlinearity: 'relu' }) //         Var W = 2/in
/** σ² = n·Var W. A unit adds up n terms, so z = Wx has σ² times the mean square of x. */
const schemes: { name: string; f: keyof typeof functions; square: number; fill: Fill }[] = [
  { name: 'ReLU, ½·He', f: 'relu', square: 0.5, fill: (w) => times(0.5, w) },
  { name: 'ReLU, 2·He', f: 'relu', square: 8, fill: (w) => times(2, w) },
  { name: 'ReLU, Xavier', f: 'relu', square: 1, fill: xavier },
  { name: 'ReLU, He', f: 'relu', square: 2, fill: he },
  { name: 'tanh, Xavier', f: 'tanh', square: 1, fill: xavier },
  { name: 'tanh, He', f: 'tanh', square: 2, fill: he },
]
/** Root mean squares: a[l] of the signal after layer l (a[0]: the input), g[l] of ∂L/∂aₗ. */
type Scales = Record<'a' | 'g', number[]>

/** E[f(√q·Z)²], Z of N(0, 1): ∫ f(√q·z)² φ(z) dz by 400 midpoints of [−8, 8]; beyond it there is less than 1e-13. */
function meanSquare(f: (z: number) => number, q: number): number {
  const points = Array.from({ length: 400 }, (_, i) => (i + 0.5) / 25 - 8)
  const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  return points.reduce((sum, z) => sum + (f(Math.sqrt(q) * z) ** 2 * density(z)) / 25, 0)
}

/** What the formulas say of `depth` layers, with 1 for the input and for ∂L/∂a of the last layer. */
function predict({ f: name, square }: (typeof schemes)[number], depth: number): Scales {
  const { f, slope } = functions[name]
  const [a2, slope2, g2] = [[1], [0], new Array<number>(depth + 1).fill(1)]
  for (let l = 1; l <= depth; l++) {
    a2[l] = meanSquare(f, square * a2[l - 1]) //          E[zₗ²] = σ² E[aₗ₋₁²], E[aₗ²] = E[f(zₗ)²]
    slope2[l] = meanSquare(slope, square * a2[l - 1]) //  E[f′(zₗ)²]
  }
  for (let l = depth; l > 0; l--) g2[l - 1] = square * slope2[l] * g2[l] // E[gₗ₋₁²] = σ² E[f′(zₗ)²] E[gₗ²]
  return { a: a2.map(Math.sqrt), g: g2.map(Math.sqrt) }
}

/** The same of a network that is made: 16 inputs of N(0, 1) go through it, and 16 gradients of N(0, 1) come back. */
async function measure({ f, fill }: (typeof schemes)[number], depth: number, width: number, device: Device) {
  const scales = scope(() => {
    const a = [randn([16, width], { device, requiresGrad: true })]
    for (let l = 1; l <= depth; l++) a[l] = a[l - 1].matmul(fill(zeros([width, width], { device })).t())[f]()
    const g = grad(a[depth], a, { gradOutputs: [randn([16, width], { device })] })
    return [a, g].map((list) => stack(list.map((x) => x.detach().square().mean().sqrt())))
  })
  const [a, g] = (await Promise.all(scales.map((x) => x.array()))) as number[][]
  return { a, g }
}

const mean = (list: readonly number[]): number => list.reduce((sum, v) => sum + v, 0) / list.length
/** The factors of layers 1, 2 …: aₗ/aₗ₋₁ for the signal, gₗ₋₁/gₗ for the gradient, which goes the other way. */
const factors = (scales: Scales, way: 'a' | 'g'): number[] =>
  scales[way].slice(1).map((v, l) => (way === 'a' ? v / scales.a[l] : scales.g[l] / v))

export const main = program(
  import.meta.url,
  'Signals and gradients through deep networks: Xavier and He by formula and measured; vanishing, exploding, cured.',
  {
    steps: [3, 'networks of other seeds, of which the mean is taken'],
    depth: [50, 'layers'],
    width: [100, 'units of a layer'],
  },
  async ({ device, seed, steps, depth, width, progress, show }) => {
    if (steps * depth * width === 0)
      throw new HandgradError('initialisation', 'there is nothing to measure', 'give 1 or more')
    const results = []
    for (const [i, scheme] of schemes.entries()) {
      const nets: Scales[] = []
      for (let s = 0; s < steps; s++) {
        manualSeed(seed + s) // the same draws for each scheme
        nets.push(await measure(scheme, depth, width, device))
        progress(i * steps + s + 1, schemes.length * steps, scheme.name)
      }
      const theory = predict(scheme, depth)
      const [signal, gradient] = (['a', 'g'] as const).map((way) => {
        const wanted = factors(theory, way)
        const found = wanted.map((_, l) => mean(nets.map((net) => factors(net, way)[l])))
        const farthest = Math.max(...found.map((v, l) => Math.abs(v / wanted[l] - 1)))
        return { found: mean(found), wanted: mean(wanted), farthest, scales: nets[0][way], theory: theory[way] }
      })
      results.push({ name: scheme.name, signal, gradient })
    }
    for (const [way, at, file] of [
      ['signal', depth, 'initialisation'],
      ['gradient', 0, 'initialisation-gradient'],
    ] as const) {
      const rows = results.map(({ name, [way]: { found, wanted, farthest, scales, theory } }) => {
        const [factor, formula, off] = [found.toFixed(3), wanted.toFixed(3), `${(100 * farthest).toFixed(1)} %`]
        return [name, factor, formula, off, scales[at].toPrecision(2), theory[at].toPrecision(2)]
      })
      console.log(`\n${way}: factor of a layer; how far the farthest layer is from the formula; scale at layer ${at}`)
      console.log(table(['', 'factor', 'formula', 'farthest', 'scale', 'formula'], rows))
      const every5 = results.flatMap((r) => r[way].theory.flatMap((y, x) => (x % 5 === 0 ? [{ x, y }] : [])))
      const dots = { name: 'formula', x: every5.map(({ x }) => x), y: every5.map(({ y }) => y), dots: true }
      const lines = [
        ...results.map(({ name, [way]: { scales } }) => ({ name: name.replace('ReLU, ', ''), y: scales })),
        dots,
      ]
      const title = `Root mean square of the ${way} in ${depth} layers`
      show({ title, xLabel: 'layer', yLabel: 'scale', log: 'y', lines }, file)
    }
    return results
  },
)
