/** @file Clipping against PyTorch and against float64, for the tests of both devices. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import {
  type Device,
  type DType,
  HandgradError,
  keep,
  optim,
  scope,
  type Tensor,
  type TensorOptions,
  tensor,
} from '../../src/index.ts'

/** Fifty steps of SGD in PyTorch: norms before clipping, and the weights afterwards. */
interface ClipCase {
  readonly norm?: { readonly max: number; readonly p: number | 'Infinity' }
  readonly value?: number
  readonly scale: number
  readonly norms: readonly (number | null)[]
  readonly weights: readonly (readonly number[])[]
}

export const clipCases: readonly ClipCase[] = JSON.parse(
  readFileSync(new URL('../reference/optim/clip.json', import.meta.url), 'utf8'),
)

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
  expect(got.length).toBe(want.length)
  const largest = Math.max(...want.map(Math.abs))
  return Math.max(...want.map((x, i) => Math.abs(got[i] - x))) / largest
}

/** Leaves with these gradients. */
export const withGradients = (lists: readonly (readonly number[])[], options: TensorOptions): Tensor[] =>
  lists.map((list) => {
    const x = tensor(
      list.map(() => 0),
      { ...options, requiresGrad: true },
    )
    x.grad = tensor([...list], options)
    return x
  })

/** Gradients whose norms a naive sum of squares gets wrong, and others; elements are rounded to float32. */
export const hardGradients: readonly (readonly (readonly number[])[])[] = [
  [[3], [4]],
  [[1e20, -2e20], [3e25], [1, 2]],
  [[3e38], [1e30]],
  [[1e-30, 2e-30], [-5e-28]],
  [[1e-42, 3e-42], [2e-45], [1e-40]],
  [
    [2e-38, 1e-30, 1e-3],
    [1e19, 1],
  ],
  [[2 ** -61, 2 ** -60], Array.from({ length: 3000 }, () => 2 ** -60.5)],
  [[2 ** 45.5], Array.from({ length: 5000 }, () => 2 ** 44.5), [2 ** 45]],
  [[0, 0], [0]],
  Array.from({ length: 15 }, (_, k) => Array.from({ length: 1 + 97 * k }, (_, i) => Math.sin(i + k))),
  [Array.from({ length: 70_001 }, (_, i) => Math.cos(i))],
].map((lists) => lists.map((list) => list.map(Math.fround)))

/** What clipping to 1 gets wrong on a device against plain float64, in ulps of float32: the norm, and the gradients. */
export async function clipFaults(options: TensorOptions): Promise<string[]> {
  const faults: string[] = []
  for (const [i, lists] of hardGradients.entries()) {
    const all = lists.flat()
    const most = all.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
    const norm = most === 0 ? 0 : most * Math.sqrt(all.reduce((sum, x) => sum + (x / most) ** 2, 0))
    const params = withGradients(lists, options)
    const got = await optim.clipGradNorm(params, 1).item()
    const factor = Math.min(1, 1 / (Math.fround(norm) + 1e-6))
    const near = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.abs(b) + 2e-45
    if (!near(got, norm)) faults.push(`case ${i}: the norm is ${got}, not ${norm}`)
    const grads = (await Promise.all(params.map((x) => x.grad.data()))).flatMap((data) => [...data])
    // What falls below the normal numbers may be 0 on an adapter, but for a factor of 1, which changes nothing.
    const tiny = factor === 1 ? 0 : 2 ** -126
    const bad = all.findIndex((x, k) => !(near(grads[k], x * factor) || Math.abs(grads[k] - x * factor) <= tiny))
    if (bad >= 0) faults.push(`case ${i}: gradient ${bad} is ${grads[bad]}, not ${all[bad] * factor}`)
  }
  // Every number of tensors in a launch, and clamping.
  for (let n = 1; n <= 7; n++) {
    const lists = Array.from({ length: n }, (_, k) =>
      Array.from({ length: 300 * ((k % 3) + 1) }, (_, i) => Math.sin(i * k + 1)),
    )
    const params = withGradients(
      lists.map((list) => list.map(Math.fround)),
      options,
    )
    optim.clipGradValue(params, 0.25)
    const grads = (await Promise.all(params.map((x) => x.grad.data()))).flatMap((data) => [...data])
    const bad = lists
      .flat()
      .findIndex((x, k) => grads[k] !== Math.fround(Math.max(-0.25, Math.min(0.25, Math.fround(x)))))
    if (bad >= 0) faults.push(`${n} tensors: gradient ${bad} is ${grads[bad]}`)
  }
  return faults
}

/** What gradients that are not finite do: norms, gradients afterwards. */
export async function nonfinite(options: TensorOptions): Promise<unknown[]> {
  const results: unknown[] = []
  for (const list of [
    [1, NaN, 2],
    [1, Infinity],
    [-Infinity, NaN],
  ]) {
    const params = withGradients([list, [1]], options)
    const norm = optim.clipGradNorm(params, 1)
    results.push([await norm.item(), [...(await params[1].grad.data())]])
  }
  const clamped = withGradients([[NaN, Infinity, -Infinity, 0.5]], options)
  optim.clipGradValue(clamped, 1)
  results.push([...(await clamped[0].grad.data())])
  return results
}

export const nonfiniteWanted: readonly unknown[] = [
  [NaN, [NaN]],
  [Infinity, [0]],
  [NaN, [NaN]],
  [NaN, 1, -1, 0.5],
]

/** The error that clipping tells of, at once or at the next read, for each order of norm. */
export async function nonfiniteErrors(options: TensorOptions): Promise<string[]> {
  const texts: string[] = []
  for (const p of [2, 1, Infinity]) {
    const params = withGradients([[1, NaN], [1]], options)
    try {
      await optim.clipGradNorm(params, 1, { p, errorIfNonfinite: true }).item()
      texts.push('none')
    } catch (error) {
      texts.push(error instanceof HandgradError ? error.message : String(error))
    }
  }
  const good = withGradients([[1, 2]], options)
  await optim.clipGradNorm(good, 1, { errorIfNonfinite: true }).item()
  return texts
}
