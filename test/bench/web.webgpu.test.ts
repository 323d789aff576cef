/**
 * @file The page of `npm run bench:web` in headless Chromium, opened as a file: a suite, a ladder and a pasted kernel
 * are measured in its worker while the page goes on, reports go out and come back, what runs can be ended.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { benchPage } from '../../scripts/benchpage.mjs'
import { browserOptions } from '../../scripts/browser.mjs'
import { readReport } from '../../src/bench/report/json.ts'
import { sample } from './sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-bench-'))
let browser: Browser
let page: Page
const faults: string[] = []

beforeAll(async () => {
  const file = join(folder, 'bench.html')
  writeFileSync(file, await benchPage())
  browser = await chromium.launch(browserOptions())
  page = await browser.newPage({ viewport: { width: 800, height: 900 } })
  page.on('pageerror', (error) => faults.push(error.message))
  await page.goto(pathToFileURL(file).href)
  await page.waitForFunction(() => !document.getElementById('device')?.textContent?.startsWith('Looking'))
  await page.fill('#seconds', '0.1')
  await page.uncheck('#peaks')
})
afterAll(async () => {
  await browser.close()
  rmSync(folder, { recursive: true })
})

/** Press a button of a form, and wait until it is done. @returns what went wrong */
async function press(form: string): Promise<string> {
  await page.click(`#${form} button[type=submit]`)
  await page.waitForFunction(
    () => document.getElementById('state')?.textContent === 'Done.' || document.getElementById('fault')?.textContent,
    undefined,
    { timeout: 120_000 },
  )
  return page.locator('#fault').innerText()
}

const shown = () => page.frameLocator('#shown').locator('body').innerText()

test('a suite: its report is shown, goes out as a file, and comes back to be compared', async () => {
  await page.fill('#only', 'NN 128')
  expect(await press('suites')).toBe('')
  expect(await shown()).toContain('NN 128×128×128')
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#files a:text-is("bench.json")')])
  const file = await download.path()
  const report = readReport(readFileSync(file, 'utf8'), 'bench.json')
  expect(report.environment.runtime).toMatch(/Chrome \d+/)
  expect(report.figures.length).toBeGreaterThan(5)
  expect(new Set(report.figures.map(({ clock }) => clock))).toEqual(new Set(['gpu', 'wall', 'host']))
  // Browsers round timestamps: a chain is so long that it does not count.
  const { quantum } = report.environment
  for (const { clock, seconds, runs } of report.figures)
    if (clock === 'gpu') expect(seconds.median * runs).toBeGreaterThan(20 * (quantum ?? 0))
  await page.setInputFiles('#file', file)
  await expect.poll(() => page.locator('#comparison').innerText()).toContain('weaker')
  // Twice the same: nothing is slower.
  expect(await page.locator('#comparison tbody').innerText()).not.toMatch(/slower|faster/)
})

test('what is not a report is refused, one of another device is compared', async () => {
  const other = join(folder, 'other.json')
  writeFileSync(other, '{"schema": 99}')
  await page.setInputFiles('#file', other)
  await expect.poll(() => page.locator('#fault').innerText()).toContain('other.json')
  writeFileSync(other, JSON.stringify(sample()))
  await page.setInputFiles('#file', other)
  await expect.poll(() => page.locator('#comparison').innerText()).toContain('different machines')
})

test.each(['light', 'dark'] as const)('axe finds nothing in it, %s', async (colorScheme) => {
  await page.emulateMedia({ colorScheme })
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') })
  // The report in the frame is asked in accessible.browser.test.ts.
  const found = await page.evaluate(async () => {
    // The script tag defines it, of which the page's types know nothing.
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run({ exclude: ['iframe'] })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
  expect(found).toEqual([])
})

test('a ladder is climbed, and a pasted kernel checked: a wrong one is told by its first wrong element', async () => {
  await page.selectOption('#kernel', 'softmax')
  expect(await press('ladder')).toBe('')
  expect(await shown()).toMatch(/×/)
  await page.fill('#options', '--bind x=rand:4096 --bind y=out:4096 --groups x.size/LANES')
  expect(await press('own')).toBe('')
  expect(await shown()).toContain('double')
  await page.fill('#reference', 'export default ({ x }) => x.map((v) => 3 * v)')
  await press('own')
  expect(await shown()).toMatch(/y\[0\]|element 0/)
  await page.fill('#code', 'fn broken( {')
  expect(await press('own')).toMatch(/pasted\.wgsl/)
})

test('while it measures the page goes on, and it can be ended', async () => {
  await page.fill('#only', '')
  await page.fill('#seconds', '60')
  await page.click('#suites button[type=submit]')
  await expect.poll(() => page.locator('#state').innerText(), { timeout: 60_000 }).toMatch(/%/)
  const late = await page.evaluate(async () => {
    let worst = 0
    for (let i = 0; i < 20; i++) {
      const start = performance.now()
      await new Promise((resolve) => setTimeout(resolve, 10))
      worst = Math.max(worst, performance.now() - start)
    }
    return worst
  })
  // A check in float64 alone takes far longer than this on one thread with the page.
  expect(late).toBeLessThan(1000)
  await page.click('#cancel')
  expect(await page.locator('#state').innerText()).toBe('Cancelled.')
  expect(await page.locator('#cancel').isDisabled()).toBe(true)
  expect(faults).toEqual([])
})
