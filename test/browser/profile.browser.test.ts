/** @file The profiler in a page: the same package, with the browser's timestamps, which are rounded, or without any. */
import { expect, test } from 'vitest'
import { profile } from '../../src/bench/index.ts'
import { nn, device as open, optim, randn, scope } from '../../src/index.ts'
import { faultsOf } from '../support/traceformat.ts'

test('a step is profiled, by timestamps where the browser gives them', async () => {
  const device = await open('webgpu')
  const model = new nn.Sequential(new nn.Linear(32, 16, { device }), new nn.ReLU(), new nn.Linear(16, 4, { device }))
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 })
  const x = randn([8, 32], { device })
  const found = await profile(
    () => {
      optimizer.zeroGrad()
      scope(() => model.forward(x).square().mean().backward())
      optimizer.step()
    },
    { steps: 3 },
  )
  const { clock, totals, rows } = found.data
  const timed = device.facts.features.has('timestamp-query')
  expect(clock).toBe(timed ? 'timestamps' : null)
  expect(totals.dispatches).toBeGreaterThan(15)
  expect(rows.find(({ shape }) => shape === '[8, 32] [16, 32] [16] → [8, 16]')).toMatchObject({ name: 'linear' })
  if (timed) {
    const { device: busy, gaps, span } = totals
    expect(Math.abs((busy as number) + (gaps as number) - (span as number))).toBeLessThanOrEqual(
      0.05 * (span as number),
    )
  }
  expect(faultsOf(JSON.stringify(found.toTrace()))).toEqual([])
  expect(String(found)).toContain(`A step on ${device.name}`)
  document.body.innerHTML = found.toHTML().replace(/^[\s\S]*<body>|<\/body>[\s\S]*$/g, '')
  expect(document.querySelectorAll('.pf-bars li').length).toBeGreaterThan(3)
  expect(document.querySelectorAll('.pf-time rect').length).toBeGreaterThan(20)
  device.destroy()
})
