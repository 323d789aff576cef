/**
 * @file axe, a checker of the rules of WCAG, finds nothing in the pages of benchmarks, light and dark; that of
 * `bench:web` is asked in web.webgpu.test.ts.
 */
import { expect, test } from 'vitest'
import { ladderPage } from '../../src/bench/ladders/page.ts'
import { toHtml } from '../../src/bench/report/page.ts'
import { opened } from '../support/opened.ts'
import { violations } from '../support/violations.ts'
import { climb, report, softmax } from './climbed.ts'
import { sample } from './sample.ts'

const pages = { report: toHtml(sample()), ladder: ladderPage(softmax, [climb], report) }

const sights = Object.entries(pages).flatMap(([name, html]) =>
  ['light', 'dark'].map((scheme) => ({ name, html, scheme })),
)

test.each(sights)('$name, $scheme', async ({ html, scheme }) => {
  const view = await opened(html, 800, scheme)
  for (const part of view.document.querySelectorAll('details')) part.open = true
  expect(await violations(view)).toEqual([])
})

test('a page with a fault is told of', async () => {
  const view = await opened(
    '<!doctype html><html lang="en"><title>t</title><main><h1>t</h1><img src=""></main>',
    800,
    'light',
  )
  expect(await violations(view)).toEqual([expect.stringContaining('image-alt')])
})
