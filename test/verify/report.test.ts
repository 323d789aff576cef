/** @file The report of a verification, as Markdown and as JSON. */
import { expect, test } from 'vitest'
import { json, markdown, type Report, repeatLine } from '../../src/verify/report.ts'
import type { Verdict } from '../../src/verify/verdict.ts'

const passed: Verdict = {
  setup: 'plain',
  op: 'tanh',
  outcome: 'passed',
  checks: 80,
  worst: 0.4,
  variants: { 'pointwise/vec4': 0.4 },
  faults: [],
  seconds: 1,
}
const failed: Verdict = {
  ...passed,
  setup: 'variants-1',
  outcome: 'failed',
  checks: 20,
  worst: Number.POSITIVE_INFINITY,
  variants: { 'pointwise/vec4': 0.2, 'pointwise/strided': Number.POSITIVE_INFINITY },
  faults: [
    { where: 'case 3 [7], offset', what: 'output 0: element 2 is 1 | 2\nand a stack' },
    { where: 'memory', what: 'bytes went from 0 to 4' },
  ],
  repeat: { setup: 'variants-1', op: 'tanh', case: 3, layout: 'offset' },
}
const report: Report = {
  started: '2026-01-02T03:04:05.000Z',
  command: 'npx handgrad verify --adapter "AMD Radeon" --quick --out here',
  place: {
    device: 'webgpu:amd',
    adapter: { vendor: 'amd', architecture: '', description: 'driver 1.2.3' },
    software: false,
    features: ['subgroups'],
    limits: { maxBufferSize: 1024 },
    versions: { handgrad: '1.0.0', Node: 'v22.1.0 on linux x64' },
  },
  quick: true,
  seconds: 61.2,
  passed: 1,
  failed: 1,
  verdicts: [passed, failed],
}

test('Markdown names the adapter, its driver, versions, worst errors, and what failed with its line', () => {
  const lines = markdown(report).split('\n')
  for (const line of [
    '# handgrad verify: webgpu:amd',
    '**1 passed, 1 failed.**',
    '- Device: webgpu:amd, a real GPU',
    "- Adapter's description: driver 1.2.3",
    '- Limits: maxBufferSize 1024',
    '- handgrad: 1.0.0',
    '- Node: v22.1.0 on linux x64',
    '- Begun: 2026-01-02T03:04:05.000Z, took 61 s, quick',
    '- **tanh**, variants-1: failed, 2 faults. case 3 [7], offset: output 0: element 2 is 1 | 2',
    '  npx handgrad verify --adapter "AMD Radeon" --op tanh --setup variants-1 --case 3 --layout offset',
    '| tanh | 100 | ∞ | pointwise/vec4 0.40, pointwise/strided ∞ | failed: variants-1 |',
  ])
    expect(lines).toContain(line)
  expect(markdown(report)).not.toContain("Adapter's architecture")
  expect(markdown({ ...report, failed: 0, verdicts: [passed] })).toContain('Nothing failed.')
})

test('JSON is the same, with ∞ as text', () => {
  const read = JSON.parse(json(report))
  expect(read).toMatchObject({ passed: 1, failed: 1, quick: true, place: report.place })
  expect(read.verdicts[0]).toEqual(passed)
  expect(read.verdicts[1].worst).toBe('Infinity')
  expect(read.verdicts[1].repeat).toEqual(failed.repeat)
})

test.each([
  ['npx handgrad verify', 'npx handgrad verify --op exp --case 0'],
  [
    'npx handgrad verify --op=tanh,exp --device webgpu --quick',
    'npx handgrad verify --device webgpu --op exp --case 0',
  ],
  [
    'npx handgrad verify --quick --adapter llvmpipe --out "my reports"',
    'npx handgrad verify --adapter llvmpipe --op exp --case 0',
  ],
  ['verify.html?quick', 'verify.html?op=exp&case=0'],
])('%s is repeated by %s', (command, line) => {
  expect(repeatLine(command, { op: 'exp', case: 0 })).toBe(line)
})
