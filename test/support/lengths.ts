/** @file Attention with a length of keys per row of the batch: what lies in the padding has no influence. */
import { expect, it } from 'vitest'
import type { Device, DType } from '../../src/core/device.ts'
import { grad, randn, scaledDotProductAttention, type Tensor, tensor, where } from '../../src/index.ts'

const LENGTHS = [9, 0, 5, 1]
const [B, H, SHARED, S] = [LENGTHS.length, 4, 2, 11]

/** The largest difference; ∞ where one is not a number. */
async function apart(a: Tensor, b: Tensor): Promise<number> {
  expect(a.shape).toEqual(b.shape)
  const [x, y] = await Promise.all([a.data(), b.data()])
  let most = 0
  x.forEach((v, i) => {
    const by = Math.abs(v - y[i])
    most = Math.max(most, Number.isNaN(by) ? Infinity : by)
  })
  return most
}

/**
 * @param L  queries, as a new token has one
 * @param E  width of heads
 */
export function lengthTests(on: () => Device, dtype: DType, within: number): void {
  const rowOf = (x: Tensor, b: number, n?: number) => x.slice([b, b + 1], null, n === undefined ? null : [0, n])

  it.each([
    [1, 4, { causalFromLast: true }],
    [1, 8, {}],
    [3, 4, { causalFromLast: true }],
    [3, 3, { isCausal: true }],
    [9, 4, { causalFromLast: true }],
  ] as const)(
    'transformers#4130, #18104: padding with a cache, %i queries of %i columns, %o',
    async (L, E, options) => {
      const where_ = { device: on(), dtype }
      const lengths = tensor(LENGTHS, { dtype: 'int32', device: on() })
      const padding = tensor(
        Array.from({ length: B * S }, (_, i) => i % S >= LENGTHS[Math.floor(i / S)]),
        { device: on() },
      ).reshape([B, 1, S, 1])
      const q = randn([B, H, L, E], { ...where_, requiresGrad: true })
      const [k, v] = [0, 1].map(() => randn([B, SHARED, S, E], where_))
      // NaN times 0 would be NaN.
      const [cachedK, cachedV] = [k, v].map((x) => where(padding, NaN, x).detach().requiresGrad_())
      const gradOutputs = [randn([B, H, L, E], where_)]
      const set = { ...options, enableGqa: true }
      const y = scaledDotProductAttention(q, cachedK, cachedV, { ...set, keyLengths: lengths })
      const gs = grad(y, [q, cachedK, cachedV], { gradOutputs })
      for (const [b, n] of LENGTHS.entries()) {
        const alone = [rowOf(q, b), rowOf(k, b, n), rowOf(v, b, n)].map((x) => x.detach().requiresGrad_())
        const own = scaledDotProductAttention(alone[0], alone[1], alone[2], set)
        const ownGs = grad(own, alone, { gradOutputs: [rowOf(gradOutputs[0], b)] })
        expect(await apart(rowOf(y, b), own)).toBeLessThan(within)
        expect(await apart(rowOf(gs[0], b), ownGs[0])).toBeLessThan(within)
        for (const i of [1, 2]) {
          expect(await apart(rowOf(gs[i], b, n), ownGs[i])).toBeLessThan(within)
          const behind = gs[i].slice([b, b + 1], null, [n, S])
          expect((await behind.data()).every((x) => x === 0)).toBe(true)
        }
      }
    },
  )
}
