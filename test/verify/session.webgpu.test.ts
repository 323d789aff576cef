/**
 * @file A verification on WebGPU: variants, extreme values, faults in WGSL, and a device that goes away.
 */
import { afterAll, afterEach, expect, test } from 'vitest'
import { device, tap } from '../../src/node.ts'
import { openSession } from '../../src/verify/session.ts'
import type { Unit } from '../../src/verify/verdict.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { wgsl } from '../../src/webgpu/wgsl.generated.ts'

const session = openSession((options) => device('webgpu', options))
afterAll(() => session.close())

const sources = Object.values(wgsl)
  .flat()
  .flatMap(({ source, libs }) => [source, ...libs]) as { readonly file: string; text: string }[]
const texts = sources.map(({ text }) => text)
afterEach(() => {
  for (const [i, source] of sources.entries()) source.text = texts[i]
})

/** Change a text of the WGSL; devices that are made from now on have it. */
function spoil(right: string, wrong: string): void {
  const own = sources.filter(({ text }) => text.includes(right))
  expect(own.length).toBeGreaterThan(0)
  for (const source of own) source.text = source.text.replace(right, () => wrong)
}

test('a variant that is forced runs, and its worst error is told', async () => {
  for (const [setup, variant] of [
    ['variants-1', 'softmax/group'],
    ['variants-3', 'softmax/thread'],
  ]) {
    const { outcome, variants } = await session.run({ setup, op: 'softmax' })
    expect(outcome).toBe('passed')
    expect(Object.keys(variants)).toContain(variant)
    expect(variants[variant]).toBeGreaterThan(0)
    expect(variants[variant]).toBeLessThanOrEqual(1)
  }
})

test('a fault in WGSL is found where values are ordinary, extreme, and measured', async () => {
  const units: Unit[] = [
    { setup: 'plain', op: 'tanh' },
    { setup: 'extremes', op: 'tanh' },
    { setup: 'others', op: 'accuracy-of-tanh' },
  ]
  for (const unit of units) expect(await session.run(unit)).toMatchObject({ outcome: 'passed', faults: [] })
  session.close()
  spoil('bits(own_tanh(f(x)))', 'bits(own_tanh(f(x)) * 1.001f)')
  for (const unit of units) {
    const { outcome, faults, repeat } = await session.run(unit)
    expect(outcome, unit.setup).toBe('failed')
    expect(faults[0].what).not.toBe('')
    expect(repeat).toMatchObject(unit)
    session.close()
  }
})

test('WGSL that does not compile is a fault of its op, and the next unit is well', async () => {
  session.close()
  spoil('bits(own_tanh(f(x)))', 'bits(own_tanh(f(x)) +)')
  const verdict = await session.run({ setup: 'plain', op: 'tanh' })
  expect(verdict.outcome).toBe('failed')
  expect(verdict.faults[0].what).toMatch(/\.wgsl/)
  expect((await session.run({ setup: 'plain', op: 'floor' })).outcome).toBe('passed')
})

test('a device that is lost is a verdict, and another is made', async () => {
  let devices = 0
  const losing = openSession(async (options) => {
    const gpu = (await device('webgpu', options)) as WebGPUDevice
    if (++devices > 1) return gpu
    let launches = 0
    tap(gpu, {
      run: (next, launch) => {
        if (++launches === 5) gpu.gpu.destroy()
        next(launch)
      },
    })
    return gpu
  })
  const lost = await losing.run({ setup: 'plain', op: 'exp' })
  expect(lost).toMatchObject({ outcome: 'lost', checks: 0, repeat: { setup: 'plain', op: 'exp' } })
  expect(lost.faults[0].what).not.toBe('')
  expect((await losing.run({ setup: 'plain', op: 'exp' })).outcome).toBe('passed')
  losing.close()
  expect(devices).toBe(2)
})
