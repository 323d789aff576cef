/** @file The op table on the CPU: values, gradients, layouts and dtypes, and the proofs by differences in float64. */
import { afterAll, describe, expect, it } from 'vitest'
import { CpuDevice, gradcheck, gradgradcheck } from '../src/index.ts'
import { tensor } from '../src/ops/create.ts'
import * as kernels from '../src/ops/kernels.ts'
import { Philox } from '../src/random.ts'
import { openScope } from '../src/scope.ts'
import type { Tensor } from '../src/tensor.ts'
import { opNames, runRow } from './table/run.ts'
import { ops, table } from './table/table.ts'

const debug = new CpuDevice({ debug: true })
const launched = new Set<string>()
const run = debug.run.bind(debug)
debug.run = (launch) => {
  launched.add(launch.kernel.name)
  run(launch)
}

const only = process.env.HANDGRAD_OP
const names = opNames.filter((op) => !only || op === only)

describe('values and float32 gradients', () => {
  it.each(names)('%s', async (op) => {
    const { failures, checks } = await runRow(op, debug)
    expect(failures).toEqual([])
    expect(checks).toBeGreaterThan(0)
  })
})

/** Largest case that differences are taken of. */
const SMALL = 150

describe('gradients by differences in float64', () => {
  it.each(names.filter((op) => table[op].order === 2 || table[op].order.upTo > 0))('%s', async (op) => {
    const { cases, order } = table[op]
    let checked = 0
    for (const [index, c] of cases.entries()) {
      const sizes = c.x.map((x) => x.shape.reduce((a, b) => a * b, 1))
      if (
        c.kink ||
        c.forward ||
        !c.x.some((x) => x.kind === 'float') ||
        Math.max(...sizes) > SMALL ||
        Math.min(...sizes) === 0
      )
        continue
      using s = openScope()
      const xs = s.run(() =>
        c.x.map((x, i) =>
          tensor(x.draw(new Philox(index * 10 + i)), {
            shape: x.shape,
            dtype: x.kind === 'float' ? 'float64' : x.kind,
          }),
        ),
      )
      const f = (c.f ?? ops[op]) as (...x: Tensor[]) => Tensor | readonly Tensor[]
      const ys = s.run(() => [f(...xs)].flat())
      if (!ys.some((y) => y.dtype === 'float64')) continue
      const first = await gradcheck(f, xs)
      expect(first.worst).toBeLessThan(1e-6)
      if (order === 2) expect((await gradgradcheck(f, xs)).worst).toBeLessThan(1e-5)
      checked++
    }
    expect(checked, `${op} has no case that differences can check`).toBeGreaterThan(0)
  })
})

describe('coverage', () => {
  it('every op is checked to second order or says why not', () => {
    for (const op of opNames) {
      const { order } = table[op]
      if (order !== 2) expect(order.reason, op).not.toBe('')
    }
  })
  afterAll(() => {
    if (only) return
    // The optimizers' kernels and random numbers are no ops: their tests are beside optim and random.
    const elsewhere = ['adam', 'sgd', 'random']
    expect(Object.keys(kernels).filter((k) => !launched.has(k) && !elsewhere.includes(k))).toEqual([])
  })
})
