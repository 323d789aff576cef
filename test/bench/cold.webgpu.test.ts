/** @file Each variant of a kernel that is measured has its own cost of compiling, found on a fresh device. */
import { afterAll, expect, test } from 'vitest'
import { Clock } from '../../src/bench/clock.ts'
import { compiling } from '../../src/bench/cold.ts'
import { measureSuite } from '../../src/bench/measure.ts'
import { variantsOf } from '../../src/bench/observe.ts'
import { softmaxSuite } from '../../src/bench/suites/softmax.ts'
import { device as open } from '../../src/node.ts'
import { softmax } from '../../src/ops/base/kernels.generated.ts'

const device = await open('webgpu')
afterAll(() => device.destroy())

test('every variant has the milliseconds of its compilation, bytes and allocations', async () => {
  let opened = 0
  const compile = compiling(() => {
    opened++
    return open('webgpu')
  })
  const { figures, skipped } = await measureSuite(softmaxSuite, {
    device,
    clock: await Clock.of(device),
    scale: 'tiny',
    peaks: null,
    probe: { name: 'probe', sample: async () => 1 },
    seconds: 0.05,
    compile,
    open: null,
    only: ['rows of 64', 'rows of 16384'],
  })
  expect(skipped).toEqual([])
  const variants = variantsOf(softmax)
  expect(new Set(figures.map(({ variant }) => variant))).toEqual(new Set(variants))
  for (const { compile: cost, peakBytes, allocations } of figures) {
    expect(cost).toBeGreaterThanOrEqual(0)
    expect(peakBytes).toBeGreaterThan(0)
    expect(allocations).toBe(1)
  }
  // A first run that was as fast as later ones is told as 0; not all of them are.
  expect(Math.max(...figures.map(({ compile: cost }) => cost ?? 0))).toBeGreaterThan(0)
  expect(opened, 'sizes are not compiled in').toBe(variants.length)
})
