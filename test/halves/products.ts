/** @file Products with matrices of 16 bits on a device, beside those of the same numbers in float64. */
import { type Device, manualSeed, nn, randn, scope } from '../../src/index.ts'
import { error } from '../support/difference.ts'

/** Rows, columns, products: few rows, too few for a tile, more than one of 16 and of 64, whole vec4s and odd. */
const sizes = [
  [1, 12, 20],
  [4, 7, 65],
  [5, 8, 36],
  [17, 68, 40],
  [33, 65, 20],
] as const

/** What is off, a line each. */
export async function productsOff(device: Device, dtype: 'float16' | 'bfloat16'): Promise<string[]> {
  const off: string[] = []
  for (const [m, n, k] of sizes) {
    for (const byRows of [false, true]) {
      manualSeed(m)
      const made = scope(() => {
        const x = randn([m, k], { device })
        const w = randn(byRows ? [k, n] : [n, k], { device }).to(dtype)
        return [nn.functional.linear(x, byRows ? w.t() : w), x, w.to('float32')]
      })
      const [found, a, b] = await Promise.all(made.map((one) => one.data()))
      for (const one of made) one.dispose()
      const at = (j: number, e: number) => b[byRows ? e * n + j : j * k + e]
      const right = Float64Array.from({ length: m * n }, (_, i) => {
        let sum = 0
        for (let e = 0; e < k; e++) sum += a[Math.floor(i / n) * k + e] * at(i % n, e)
        return sum
      })
      const far = error(found, right)
      if (!(far < 1e-6)) off.push(`${m} × ${n} × ${k}, ${byRows ? 'rows' : 'columns'} side by side: off by ${far}`)
    }
  }
  return off
}
