/**
 * @file Normalisations of rows whose squares leave the range of the dtype, for any device. With ε = 0 a factor s of the
 * input changes nothing but the gradient, which is divided by s: so each is held to itself of rows near 1, in float64
 * on the CPU. Factors are powers of two, so that no input is rounded.
 */
import { expect, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import { type Device, grad, nn, openScope, type Tensor, tensor } from '../../src/index.ts'

type Float = 'float32' | 'float64'
type Norm = (x: Tensor, w: Tensor, eps: number) => Tensor

const { functional: F } = nn
const norms: Readonly<Record<string, readonly [Norm, channels: 1 | 3]>> = {
  layerNorm: [(x, w, eps) => F.layerNorm(x, x.size(3), w, null, eps), 3],
  rmsNorm: [(x, w, eps) => F.rmsNorm(x, x.size(3), w, eps), 3],
  groupNorm: [(x, weight, eps) => F.groupNorm(x, 2, weight, null, eps), 1],
  batchNorm: [(x, weight, eps) => F.batchNorm(x, null, null, { weight, eps, training: true }), 1],
  instanceNorm: [(x, weight, eps) => F.instanceNorm(x, { weight, eps }), 1],
}

/** The sizes of the last axis: below four, fours, more than a block of a workgroup. */
const widths = [3, 8, 300]
const factors = { float32: [2 ** 66, 2 ** 96, 2 ** -70, 2 ** -85], float64: [2 ** 600, 2 ** -700] } as const

const draw = (n: number, seed: number): Float64Array => {
  const random = new Philox(seed)
  return Float64Array.from({ length: n }, () => Math.fround(random.normal()))
}

/** y, the gradients of Σ g·y by x and by the weight, and that of Σ v·(the first) by x: each in the scale of s = 1. */
async function orders(f: Norm, channels: 1 | 3, width: number, s: number, dtype: Float, device: Device) {
  using scope = openScope()
  const reads = scope.run(() => {
    const shape = [2, 4, 1, width]
    const n = 8 * width
    const of = (data: Float64Array, by: number, size: readonly number[], requiresGrad = false) =>
      tensor(
        data.map((v) => by * v),
        { shape: size, dtype, device, requiresGrad },
      )
    const x = of(draw(n, 1), s, shape, true)
    const w = of(
      draw(shape[channels], 2).map((v) => 1 + v / 4),
      1,
      [shape[channels]],
      true,
    )
    const y = f(x, w, 0)
    const g = of(draw(n, 3), 1, shape)
    const [dx, dw] = grad([y], [x, w], { gradOutputs: [g] }) as Tensor[]
    const [again] = grad([f(x, w, 0)], [x], { gradOutputs: [g], createGraph: true }) as Tensor[]
    // The second derivative has the factor s⁻²: times s it is within the range.
    const [ddx] = grad([again], [x], { gradOutputs: [of(draw(n, 4), s, shape)] }) as Tensor[]
    return { y: y.data(), dx: dx.data(), dw: dw.data(), ddx: ddx.data() }
  })
  const scaled = async (read: Promise<ArrayLike<number>>, by: number) => Array.from(await read, (v) => v * by)
  return {
    y: await scaled(reads.y, 1),
    dx: await scaled(reads.dx, s),
    dw: await scaled(reads.dw, 1),
    ddx: await scaled(reads.ddx, s),
  }
}

const largest = (values: readonly number[]): number => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0)

/** @param cpu  float64 to compare with */
export function normRangeTests(on: () => Device, cpu: Device, dtype: Float, sizes: readonly number[] = widths): void {
  const within = dtype === 'float32' ? 2e-5 : 1e-12
  it.each(Object.keys(norms))('%s: rows whose squares leave the range', async (name) => {
    const [f, channels] = norms[name]
    for (const width of sizes) {
      const want = await orders(f, channels, width, 1, 'float64', cpu)
      for (const s of factors[dtype]) {
        const got = await orders(f, channels, width, s, dtype, on())
        for (const key of ['y', 'dx', 'dw', 'ddx'] as const) {
          const most = largest(want[key])
          const off = got[key].findIndex((v, i) => !(Math.abs(v - want[key][i]) <= within * most))
          expect(off < 0 ? 'near' : `${got[key][off]}, not ${want[key][off]}`, `${key} of ${width} × ${s}`).toBe('near')
        }
      }
    }
  })

  it('rows at the ends of the range, with the ε that is usual', async () => {
    using scope = openScope()
    const far = dtype === 'float32' ? 1e20 : 1e200
    const top = dtype === 'float32' ? 3e38 : 1.7e308
    // Input, what layerNorm makes of it, and rmsNorm.
    const rows: [number[], number[], number[]][] = [
      [
        [far, -far],
        [1, -1],
        [1, -1],
      ],
      [
        [top, -top],
        [1, -1],
        [1, -1],
      ],
      [
        [top, top],
        [0, 0],
        [1, 1],
      ],
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    ]
    for (const [row, layer, rms] of rows) {
      const x = tensor([row], { dtype, device: on(), requiresGrad: true })
      const ys = scope.run(() => [F.layerNorm(x, 2), F.rmsNorm(x, 2)])
      const [a, b] = await Promise.all(ys.map((y) => y.data()))
      const slopes = ys.map((y) => grad([y], [x], { gradOutputs: [tensor([[1, 2]], { dtype, device: on() })] })[0])
      const numbers = await Promise.all(slopes.map((t) => (t as Tensor).data()))
      for (const [i, value] of [...layer, ...rms].entries())
        expect([...a, ...b][i], `${row}`).toBeCloseTo(value, dtype === 'float32' ? 5 : 12)
      for (const list of numbers) for (const v of list) expect(Number.isFinite(v), `gradient at ${row}`).toBe(true)
    }
  })

  it('running variances are squares of what is saved', async () => {
    using scope = openScope()
    const far = dtype === 'float32' ? 2 ** 60 : 2 ** 500
    const make = (values: number[]) => tensor(values, { dtype, device: on() })
    const running = scope.run(() => {
      const [m, v] = [make([0]), make([0])]
      F.batchNorm(tensor([[far], [3 * far]], { dtype, device: on() }), m, v, { training: true, momentum: 1 })
      return [m, v]
    })
    const [m, v] = await Promise.all(running.map((t) => t.data()))
    expect(m[0] / far).toBeCloseTo(2, 6)
    expect(v[0] / far / far).toBeCloseTo(2, 6)
  })
}
