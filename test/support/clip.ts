/** @file Clipping against float64, for the tests of both devices and for pages. */
import { HandgradError, optim, type Tensor, type TensorOptions, tensor } from '../../src/index.ts'

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
    // So may such a factor, and all with it.
    const lost = (g: number) => factor < 2 ** -126 && g === 0
    const right = (x: number, g: number) => near(g, x * factor) || Math.abs(g - x * factor) <= tiny || lost(g)
    const bad = all.findIndex((x, k) => !right(x, grads[k]))
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
