/** @file What a verification makes of faults, on CPU devices that have them: tap stands before their verbs. */
import { expect, test } from 'vitest'
import type { Launch } from '../../src/core/device.ts'
import { CpuDevice, tap } from '../../src/index.ts'
import { openSession } from '../../src/verify/session.ts'
import type { Unit } from '../../src/verify/verdict.ts'
import { arrange, runRow } from '../table/run.ts'

const softmax: Unit = { setup: 'plain', op: 'softmax' }

/** A CPU device on which `spoil` may change a float32 result. */
function spoiled(spoil: (y: Float32Array, launch: Launch) => void): CpuDevice {
  const device = new CpuDevice({ debug: true })
  tap(device, {
    run: (next, launch) => {
      next(launch)
      const y = (launch.blocks[0] as unknown as { data: unknown } | undefined)?.data // a CPU block has its array
      if (y instanceof Float32Array && y.length > 0) spoil(y, launch)
    },
  })
  return device
}

test('a device without faults passes, and says how near its bound it came', async () => {
  const session = openSession(async () => new CpuDevice({ debug: true }))
  const verdict = await session.run(softmax)
  session.close()
  expect(verdict).toMatchObject({ setup: 'plain', op: 'softmax', outcome: 'passed', faults: [] })
  expect(verdict.checks).toBeGreaterThan(50)
  expect(verdict.worst).toBeGreaterThan(0)
  expect(verdict.worst).toBeLessThanOrEqual(1)
})

test('a wrong value is a fault with its case, layout and bound, which a new device shows again', async () => {
  let devices = 0
  const session = openSession(async () => {
    devices++
    return spoiled((y, { kernel, params }) => {
      if (kernel.name === 'softmax' && params.cols === 5) y[0] += 1
    })
  })
  const verdict = await session.run(softmax)
  session.close()
  expect(verdict.outcome).toBe('failed')
  expect(verdict.worst).toBeGreaterThan(1000)
  expect(verdict.faults[0].where).toMatch(/^case \d+ .*, contiguous$/)
  expect(verdict.faults[0].what).toMatch(/^output 0: element 0 is .*float64 says .* allowed\)$/)
  const index = Number(/^case (\d+)/.exec(verdict.faults[0].where)?.[1])
  expect(verdict.repeat).toEqual({ setup: 'plain', op: 'softmax', case: index, layout: 'contiguous' })
  expect(devices).toBe(2)
})

test('a fault that only a run of the whole op shows is repeated by the whole op', async () => {
  const session = openSession(async () => {
    let launches = 0
    return spoiled((y, { kernel }) => {
      if (kernel.name === 'softmax' && ++launches === 6) y[0] = Number.NaN
    })
  })
  const verdict = await session.run(softmax)
  session.close()
  expect(verdict.outcome).toBe('failed')
  expect(verdict.worst).toBe(Number.POSITIVE_INFINITY)
  expect(verdict.repeat).toEqual({ setup: 'plain', op: 'softmax' })
})

test('a fault that no new device shows is repeated by its setup', async () => {
  let first = true
  const session = openSession(async () => {
    const spoil = first
    first = false
    return spoiled((y, { kernel }) => {
      if (spoil && kernel.name === 'softmax') y[0] += 1
    })
  })
  expect((await session.run(softmax)).repeat).toEqual({ setup: 'plain' })
  session.close()
})

test('what an op throws is a fault, and so is it to have no device', async () => {
  const throwing = openSession(async () =>
    spoiled((_, { kernel }) => {
      if (kernel.name === 'softmax') throw new Error('the driver says no')
    }),
  )
  const verdict = await throwing.run(softmax)
  throwing.close()
  expect(verdict.outcome).toBe('failed')
  expect(verdict.faults[0].what).toContain('the driver says no')
  const gone = openSession(() => Promise.reject(new Error('no adapter found')))
  expect(await gone.run(softmax)).toMatchObject({
    outcome: 'lost',
    faults: [{ where: 'lost', what: 'no adapter found' }],
    repeat: { setup: 'plain', op: 'softmax' },
  })
})

test('errors are measured in units of what is allowed', async () => {
  const device = spoiled((y, { kernel }) => {
    if (kernel.name === 'pointwise') y[0] += 0.25
  })
  const x = arrange(Float64Array.of(1), [1], 'contiguous', 'float32', device)
  expect(await x.neg().item()).toBe(-0.75)
  // Exact ops allow nothing.
  const { cases } = await runRow('neg', device, ['contiguous'])
  expect(Math.max(...cases.map(({ share }) => share))).toBe(Number.POSITIVE_INFINITY)
  const right = await runRow('neg', new CpuDevice(), ['contiguous'])
  expect(Math.max(...right.cases.map(({ share }) => share))).toBe(0)
  expect(right.cases.every(({ index, layout }) => layout === 'contiguous' && index >= 0)).toBe(true)
})
