/** @file What is in the range stays in it on the way, on the CPU; and what composites launch, and leave behind. */
import { describe, expect, it } from 'vitest'
import { tap } from '../../src/core/tap.ts'
import { CpuDevice } from '../../src/cpu/device.ts'
import { cpu } from '../../src/devices.ts'
import * as h from '../../src/index.ts'
import { makeProgram } from '../../src/interpreter/code/index.ts'
import { InterpreterDevice } from '../../src/interpreter/device.ts'
import { Programs } from '../../src/interpreter/programs.ts'
import { normRangeTests } from '../support/normrange.ts'
import { drawn, rangeFaults } from '../table/ranges.ts'

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  it('values and gradients', async () => {
    expect(await rangeFaults(dtype, cpu)).toEqual([])
  })

  normRangeTests(() => cpu, cpu, dtype)

  it.each(dtype === 'float32' ? [3e38, 1e-30, 1e-45] : [1.7e308, 1e-300, 5e-324])(
    'equal weights of %d are drawn equally often',
    async (weight) => {
      h.manualSeed(42)
      const counts = await drawn(weight, dtype, cpu, 6000)
      // Four deviations of 36.5.
      for (const n of counts) expect(Math.abs(n - 2000)).toBeLessThan(146)
    },
  )
})

describe.each([
  ['thread', 'thread'],
  ['thread_vec4', 'columns'],
  ['group', 'group'],
])('interpreted, normalisations by %s and %s', (variant, affine) => {
  const force = { norm: variant, norm_grad: variant, norm_grad_affine: affine }
  const device = new InterpreterDevice(new Programs(makeProgram), { facts: 'gpu32', force })
  normRangeTests(() => device, cpu, 'float32', [8])
})

describe('composites', () => {
  const index = (device: CpuDevice) => h.tensor([[0, 1]], { dtype: 'int32', device })
  // What each launches without a gradient, and with one: measured, and no more than that.
  const composites: [string, (x: h.Tensor, i: h.Tensor) => h.Tensor, without: number, withOne: number][] = [
    ['norm', (x) => h.norm(x), 8, 11],
    ['std', (x) => h.std(x), 15, 18],
    ['var', (x) => h.var(x), 9, 9],
    ['normalize', (x) => h.normalize(x), 10, 13],
    ['cosineSimilarity', (x) => h.cosineSimilarity(x, x), 22, 28],
    ['pairwiseDistance', (x) => h.pairwiseDistance(x, x), 10, 13],
    ['quantile', (x) => h.quantile(x, 0.3), 20, 20],
    ['nanquantile', (x) => h.nanquantile(x, 0.3), 30, 30],
    ['isin', (x) => h.isin(x, h.detach(x)), 6, 6],
    ['embeddingBag', (x, i) => h.embeddingBag(x, i), 9, 9],
    ["embeddingBag, mode 'max'", (x, i) => h.embeddingBag(x, i, { mode: 'max' }), 22, 22],
    ['multinomial', (x) => h.multinomial(h.ones([3], { device: x.device }), 2), 12, 12],
  ]
  it.each(composites)(
    '%s launches little, and without a gradient leaves its result alone',
    (_, f, without, withOne) => {
      const device = new CpuDevice()
      let launches = 0
      tap(device, {
        run(next, launch) {
          launches++
          next(launch)
        },
      })
      const x = h.rand([3, 4], { device })
      const leaf = h.rand([3, 4], { device, requiresGrad: true })
      const i = index(device)
      const before = h.memory(device).storages
      launches = 0
      const y = f(x, i)
      // One more where the example makes an input of its own.
      expect(h.memory(device).storages - before).toBe(_ === 'multinomial' ? 2 : 1)
      expect(launches).toBeLessThanOrEqual(without)
      launches = 0
      const z = f(leaf, i)
      expect(launches).toBeLessThanOrEqual(withOne)
      expect(z.shape).toEqual(y.shape)
    },
  )
})
