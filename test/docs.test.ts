/** @file Runs every TypeScript block of the README and the chapters: what the documentation says is what the engine does. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, expect, it, vi } from 'vitest'
import { getDefaultDevice, setDefaultDevice } from '../src/node.ts'

const root = new URL('../', import.meta.url)
const pages = [
  'README.md',
  'README.zh.md',
  ...readdirSync(new URL('docs/', root))
    .filter((f) => f.endsWith('.md'))
    .map((f) => `docs/${f}`),
]

/** The blocks marked `ts`, as modules that import the engine's sources. */
const blocks = pages.flatMap((page) => {
  const text = readFileSync(new URL(page, root), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map((m, i) => ({ name: `${page}, block ${i + 1}`, code: m[1] }))
})

const before = getDefaultDevice()
afterEach(() => setDefaultDevice(before))

it.each(blocks)('$name', async ({ name, code }) => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {})
  vi.spyOn(console, 'info').mockImplementation(() => {})
  // Beside the sources' tests, so that the test runner transforms it.
  const folder = new URL('node_modules/.cache/handgrad/docs/', root)
  mkdirSync(folder, { recursive: true })
  const file = new URL(`${name.replace(/\W+/g, '-')}.ts`, folder)
  writeFileSync(file, code.replaceAll("from 'handgrad'", `from '${new URL('src/node.ts', root).pathname}'`))
  await import(/* @vite-ignore */ file.pathname)
  expect(printed).toBeDefined()
  vi.restoreAllMocks()
})

it('the pages have blocks', () => {
  expect(blocks.length).toBeGreaterThan(8)
})
