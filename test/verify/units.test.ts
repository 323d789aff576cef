/** @file What `handgrad verify` runs: every op in every setup, and what narrows it. */
import { expect, test } from 'vitest'
import { unitsOf } from '../../src/verify/units.ts'
import { configurations } from '../table/configurations.ts'
import { rowsOn } from '../table/cover.ts'
import { opNames } from '../table/run.ts'

test('the whole: every op in every setup, in all layouts', async () => {
  const units = await unitsOf({}, 'webgpu')
  for (const { name } of configurations)
    expect(units.filter(({ setup }) => setup === name).map(({ op }) => op)).toEqual(opNames)
  expect(units.some(({ layouts, cases }) => layouts || cases)).toBe(false)
  expect(units.filter(({ setup }) => setup === 'extremes').length).toBeGreaterThan(90)
  expect(units.filter(({ setup }) => setup === 'others').map(({ op }) => op)).toContain('ten-steps-of-Adam')
})

test('quick: every op, a sample of them in other setups', async () => {
  const [quick, whole] = [await unitsOf({ quick: true }, 'webgpu'), await unitsOf({}, 'webgpu')]
  expect(quick.filter(({ setup }) => setup === 'plain').map(({ op }) => op)).toEqual(opNames)
  expect(quick.length).toBeLessThan(whole.length / 2)
  for (const configuration of configurations.slice(1)) {
    const own = quick.filter(({ setup }) => setup === configuration.name)
    expect(new Set(own.map(({ op }) => op))).toEqual(new Set(rowsOn(configuration)))
    expect(own.every(({ cases }) => cases && cases.length <= 3)).toBe(true)
  }
})

test('on the CPU: no variants, nothing that is compared with the CPU', async () => {
  const units = await unitsOf({}, 'cpu')
  expect(units.map(({ op }) => op)).toEqual(opNames)
  expect(new Set(units.map(({ setup }) => setup))).toEqual(new Set(['plain']))
})

test('ops, a setup, a case and a layout narrow it', async () => {
  const two = await unitsOf({ op: 'tanh,softmax' }, 'webgpu')
  expect(new Set(two.map(({ op }) => op))).toEqual(new Set(['tanh', 'softmax']))
  expect(await unitsOf({ op: 'softmax', setup: 'plain' }, 'webgpu')).toEqual([{ setup: 'plain', op: 'softmax' }])
  expect(await unitsOf({ op: 'softmax', setup: 'uniforms', case: 2, layout: 'offset' }, 'webgpu')).toEqual([
    { setup: 'uniforms', op: 'softmax', cases: [2], layouts: ['offset'] },
  ])
  expect(await unitsOf({ setup: 'others', op: 'random' }, 'webgpu')).toEqual([{ setup: 'others', op: 'random' }])
})

test.each([
  [{ op: 'sofmax' }, "verify: there is no op 'sofmax' on the webgpu (docs/made/ops.md lists them)"],
  [{ op: 'tanh,' }, "verify: there is no op '' on the webgpu"],
  [{ setup: 'plane' }, "verify: there is no setup 'plane' on the webgpu (one of plain, uniforms, variants-1"],
  [{ op: 'conv2d', setup: 'extremes' }, "verify: conv2d has nothing in the setup 'extremes' (leave --setup out)"],
  [{ case: 1 }, 'verify: --case and --layout are of one op (give its name, --op NAME)'],
  [{ op: 'tanh,exp', layout: 'offset' }, 'verify: --case and --layout are of one op (give its name, --op NAME)'],
  [{ op: 'tanh', setup: 'extremes', case: 1 }, "verify: tanh has no cases in the setup 'extremes' (leave --case and"],
  [{ op: 'tanh', case: 999 }, 'verify: tanh has no case 999 (0 to '],
  [{ op: 'tanh', case: -1 }, 'verify: tanh has no case -1 (0 to '],
  [{ op: 'tanh', case: 0.5 }, 'verify: tanh has no case 0.5 (0 to '],
  [{ op: 'tanh', case: Number.NaN }, 'verify: tanh has no case NaN (0 to '],
  [{ op: 'tanh', layout: 'diagonal' }, "verify: there is no layout 'diagonal' (one of contiguous, transposed, offset"],
] as const)('%j is refused', async (wanted, text) => {
  await expect(unitsOf(wanted, 'webgpu')).rejects.toThrow(text)
})
