/** @file Names of classes are not kept by minifiers: what is found and what states say does not hang on them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as Entry from './minified.entry.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-minified-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bundles: (typeof Entry)[] = []
beforeAll(async () => {
  for (const minify of [false, true]) {
    const outfile = join(folder, `${minify}.mjs`)
    const entry = fileURLToPath(new URL('minified.entry.ts', import.meta.url))
    await build({ entryPoints: [entry], outfile, bundle: true, minify, format: 'esm', target: 'es2022' })
    bundles.push((await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as typeof Entry)
  }
}, 60_000)

test('a diagnosis finds the same', async () => {
  const [plain, minified] = await Promise.all(bundles.map(({ findings }) => findings()))
  expect(plain).toEqual(['batchStatisticsInEvaluation /', 'deadReLU 20/24'])
  expect(minified).toEqual(plain)
})

test('states of measures go from one to the other, and to their own class alone', () => {
  const [plain, minified] = bundles.map(({ measures }) => measures())
  expect(plain.length).toBeGreaterThan(10)
  for (const [name, one] of plain)
    for (const [other, to] of minified) {
      const load = () => to.loadStateDict(one.stateDict())
      if (name === other) load()
      else expect(load, `${name} to ${other}`).toThrow('loadStateDict: the state is of')
    }
})

test('states of schedules go from one to the other', () => {
  const [plain, minified] = bundles.map(({ schedules }) => schedules())
  plain.forEach((one, i) => {
    expect(minified[i].stateDict()).toEqual(one.stateDict())
    minified[i].loadStateDict(one.stateDict())
  })
})
