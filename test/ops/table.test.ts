/** @file The op table on the CPU: values, gradients, layouts and dtypes, and the proofs by differences in float64. */
import { afterAll, describe, expect, it } from 'vitest'
import { CpuDevice, onCall, tap } from '../../src/index.ts'
import * as kernels from '../../src/ops/base/kernels.generated.ts'
import { otherKernels } from '../table/cover.ts'
import { differences, isSmooth, nanAtKinks } from '../table/differences.ts'
import { opNames, runRow } from '../table/run.ts'
import { table } from '../table/table.ts'

const debug = new CpuDevice({ debug: true })
const launched = new Set<string>()
tap(debug, {
  run: (next, launch) => {
    launched.add(launch.kernel.name)
    next(launch)
  },
})

const only = process.env.HANDGRAD_OP
const names = opNames.filter((op) => !only || op === only)

describe('values and float32 gradients', () => {
  it.each(names)('%s', async (op) => {
    const { failures, checks } = await runRow(op, debug)
    expect(failures).toEqual([])
    expect(checks).toBeGreaterThan(0)
  })
})

describe('gradients by differences in float64', () => {
  it.each(names.filter((op) => isSmooth(table[op])))('%s', async (op) => {
    const { checked, failures } = await differences(op)
    expect([...failures, ...(await nanAtKinks(op))]).toEqual([])
    expect(checked, `${op} has no case that differences can check`).toBeGreaterThan(0)
  })
})

describe('names', () => {
  /** Op values by name, from every row's calls, forwards and backwards. */
  const known = new Map<string, Set<unknown>>()
  const off = onCall(({ op }) => known.set(op.opName, (known.get(op.opName) ?? new Set()).add(op)))
  afterAll(off)
  it('no two ops have one', () => {
    if (!only) expect(known.size).toBeGreaterThan(150)
    expect([...known].filter(([, ops]) => ops.size > 1).map(([name]) => name)).toEqual([])
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
    // Steps of optimizers and random numbers are not ops: their tests are next to those of optim and random.
    const others = otherKernels()
    expect(Object.keys(kernels).filter((k) => !launched.has(k) && !others.has(k))).toEqual([])
  })
})
