/** @file A ladder on a device: every rung that fits is measured, and has its figure. */
import { expect, test } from 'vitest'
import { climbs, suiteName, suiteOf } from '../../src/bench/ladder.ts'
import { ladders } from '../../src/bench/ladders/index.ts'
import { runSuites } from '../../src/bench/run.ts'
import { device as open } from '../../src/node.ts'

const place = { runtime: '', dawn: null, system: '', processor: '', load: null, version: '', commit: null, flags: [] }

test('softmax and the sum of all are climbed', async () => {
  const device = await open('webgpu')
  const chosen = [ladders.softmax, ladders.sums]
  const report = await runSuites(device, {
    names: chosen.map(suiteName),
    suites: Object.fromEntries(chosen.map((ladder) => [suiteName(ladder), async () => suiteOf(ladder)])),
    only: ['1024 rows', 'all of'],
    scale: 'small',
    seconds: 0.05,
    place,
    open: null,
    peaks: false,
  }).finally(() => device.destroy())
  // The sum of all has one column.
  const skipped = report.skipped.map(({ name, variant }) => `${name}: ${variant}`)
  expect(skipped).toEqual(['all of 1024×1024: columns'])
  for (const ladder of chosen) {
    const [climb, ...others] = climbs(ladder, 'small', report)
    expect(others).toEqual([])
    const variants = ladder.rungs.map(({ variant }) => variant).filter((variant) => variant !== 'columns')
    const measured = climb.rungs.flatMap(({ figure }) => (figure ? [figure] : []))
    expect(measured.map(({ variant }) => variant)).toEqual(variants)
    expect(climb.rungs.filter(({ best }) => best)).toHaveLength(1)
    for (const { ulp } of measured) expect(ulp).toBeLessThan(64)
  }
})
