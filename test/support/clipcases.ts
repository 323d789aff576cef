/** @file Clipping against PyTorch: fifty steps of SGD, which tools/reference_schedules.py wrote. */
import { readFileSync } from 'node:fs'
import { type Device, type DType, keep, optim, scope, type Tensor, tensor } from '../../src/index.ts'

/** Fifty steps of SGD in PyTorch: norms before clipping, and the weights afterwards. */
interface ClipCase {
  readonly norm?: { readonly max: number; readonly p: number | 'Infinity' }
  readonly value?: number
  readonly scale: number
  /** How far PyTorch's own float32 is off, in parts of the largest number. */
  readonly deviation: number
  readonly norms: readonly (number | null)[]
  readonly weights: readonly (readonly number[])[]
}

export const clipCases: readonly ClipCase[] = JSON.parse(
  readFileSync(new URL('../reference/optim/clip.json', import.meta.url), 'utf8'),
)

/** What float32 may be off: 16 times what PyTorch's is, and no less than 16 roundings. */
export const float32Bound = ({ deviation }: ClipCase): number => 16 * Math.max(deviation, 2 ** -24)

/** How far off PyTorch fifty steps are: the largest distance of a norm or weight, in parts of the largest of them. */
export async function clipDistance(c: ClipCase, device: Device, dtype: DType): Promise<number> {
  const shapes = [[3], [2, 4], []]
  const ws = [3, 8, 1].map((n, k) =>
    tensor(
      Float64Array.from({ length: n }, (_, i) => ((i + 1) / n) * (-1) ** n),
      { shape: shapes[k], dtype, device, requiresGrad: true },
    ),
  )
  const optimizer = new optim.SGD(ws, { lr: 0.05, momentum: 0.9 })
  const norms: Tensor[] = []
  for (let step = 0; step < 50; step++)
    scope(() => {
      optimizer.zeroGrad()
      const terms = ws.map((w, k) =>
        w
          .square()
          .mul(Math.sin(step + 1))
          .add(w)
          .mul(c.scale * (k + 1))
          .sum(),
      )
      terms.reduce((a, b) => a.add(b)).backward()
      if (c.norm) norms.push(keep(optim.clipGradNorm(ws, c.norm.max, { p: Number(c.norm.p) })))
      else optim.clipGradValue(ws, c.value as number)
      optimizer.step()
    })
  const got = (await Promise.all([...norms, ...ws].map((x) => x.data()))).flatMap((data) => [...data])
  const want = [...(c.norm ? (c.norms as number[]) : []), ...c.weights.flat()]
  if (got.length !== want.length) return Infinity
  const largest = Math.max(...want.map(Math.abs))
  return Math.max(...want.map((x, i) => Math.abs(got[i] - x))) / largest
}
