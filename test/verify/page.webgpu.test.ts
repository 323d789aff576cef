/**
 * @file `handgrad verify` on WebGPU, in Node and as verify.html in headless Chromium: they come to the same verdicts on
 * the same units. The page is opened as a file, as someone would who was sent it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { browserOptions } from '../../scripts/browser.mjs'
import { verifyPage } from '../../scripts/verify.mjs'
import type { Report } from '../../src/verify/report.ts'
import { handgrad } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-verify-'))
const page = join(folder, 'verify.html')
let browser: Browser
beforeAll(async () => {
  writeFileSync(page, await verifyPage())
  browser = await chromium.launch(browserOptions())
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What a page leaves behind, at the end of what its address asks for. */
async function opened(query: string) {
  const tab = await browser.newPage()
  const problems: string[] = []
  tab.on('pageerror', (error) => problems.push(error.message))
  await tab.goto(`${pathToFileURL(page)}?${query}`)
  await tab.waitForFunction("document.getElementById('report').textContent", undefined, { timeout: 150_000 })
  const text = (id: string) => tab.locator(`#${id}`).innerText()
  const shown = { state: await text('state'), ops: await text('ops'), failures: await text('failures') }
  const report = JSON.parse((await tab.locator('#report').textContent()) ?? '')
  const files = await tab.locator('#files a').allInnerTexts()
  await tab.close()
  return { report, shown, files, problems }
}

const verdicts = ({ verdicts }: Report) =>
  verdicts.map(({ setup, op, outcome, checks }) => ({ setup, op, outcome, checks }))

test('a page and Node come to the same verdicts', async () => {
  const ops = 'tanh,softmax,gather,random'
  const { report, shown, files, problems } = await opened(`quick&op=${ops}`)
  expect(problems).toEqual([])
  expect(report.error).toBeUndefined()
  const out = join(folder, 'node')
  const run = await handgrad('verify', '--quick', '--op', ops, '--out', out)
  expect(run, run.out + run.err).toMatchObject({ code: 0 })
  const node = JSON.parse(readFileSync(join(out, 'verify.json'), 'utf8')) as Report
  expect(node.verdicts.length).toBeGreaterThan(20)
  expect(verdicts(report)).toEqual(verdicts(node))
  expect(node.verdicts.flatMap(({ variants }) => Object.keys(variants))).toContain('softmax/group')
  expect(report.place.versions.handgrad).toBe(node.place.versions.handgrad)
  expect(shown.state).toMatch(/^\d+ passed, 0 failed on webgpu:/)
  expect(
    shown.ops
      .split('\n')
      .map((line) => line.split('\t')[0])
      .sort(),
  ).toEqual(ops.split(',').sort())
  expect(files).toEqual(['verify.md', 'verify.json'])
})

test('a fault is shown on the page, with the address that repeats it', async () => {
  const [right, wrong] = ['bits(own_tanh(f(x)))', 'bits(own_tanh(f(x) * 1.001))']
  const faulty = await verifyPage((script) => {
    expect(script.split(right)).toHaveLength(2)
    return script.replace(right, wrong)
  })
  writeFileSync(page, faulty)
  const { report, shown } = await opened('quick&op=tanh&setup=plain')
  expect(report).toMatchObject({ passed: 0, failed: 1, verdicts: [{ op: 'tanh', outcome: 'failed' }] })
  expect(shown.state).toMatch(/^0 passed, 1 failed/)
  expect(shown.failures).toMatch(/^What failed\s+tanh, plain: failed\. case \d+ .*element \d+ is/)
  const [, query] = /^verify\.html\?(setup=plain&op=tanh&case=\d+&layout=contiguous)$/m.exec(shown.failures) ?? []
  expect(query, shown.failures).toBeDefined()
  expect((await opened(query)).report).toMatchObject({ passed: 0, failed: 1 })
  writeFileSync(page, await verifyPage())
})

test.each([
  ['op=tahn', "there is no op 'tahn'"],
  ['op=exp&case=-1', 'exp has no case -1'],
  ['op=exp&case=', 'exp has no case NaN'],
  ['case=3', '--case and --layout are of one op'],
  ['layout=offset', '--case and --layout are of one op'],
])('what the page cannot run is said on it: %s', async (query, text) => {
  const { report, shown } = await opened(query)
  expect(report).toEqual({ error: expect.stringContaining(text) })
  expect(shown.state).toBe(report.error)
})
