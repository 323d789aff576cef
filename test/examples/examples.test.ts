/** @file What each program of examples/ reaches, prints and draws on the CPU. On WebGPU: examples.webgpu.test.ts. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { device } from '../../src/node.ts'
import { collect } from '../support/gc.ts'
import { examples } from './cases.ts'
import { play } from './example.ts'

// What earlier ones left must not go while a program counts what it holds.
beforeEach(collect)
afterEach(() => vi.restoreAllMocks())

describe('as its chapter shows it (vitest -u writes what is kept)', () => {
  test.each(examples)(
    '$file: $reaches',
    async (one) => {
      const { missed, printed, pictures } = await play(one, await device('cpu'), 'usual')
      expect(missed).toEqual([])
      expect(printed).not.toMatch(/NaN|undefined/)
      await expect(`${printed}\n`).toMatchFileSnapshot(`printed/${one.name}.txt`)
      for (const [file, svg] of Object.entries(pictures))
        await expect(svg).toMatchFileSnapshot(`../../docs/guide/images/${file}`)
      // Seconds on a machine of one's own, more where cores are shared.
    },
    120_000,
  )
})

test('micrograd writes its drawing', async () => {
  const { main } = await import('../../examples/micrograd.ts')
  vi.spyOn(console, 'log').mockImplementation(() => {})
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
  try {
    await main(await device('cpu'), { out: folder })
    expect(readFileSync(join(folder, 'micrograd-graph.svg'), 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/)
    expect(existsSync(join(folder, 'micrograd.dot'))).toBe(true)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('every example is listed in the README, run by a test and at most about a page long', () => {
  const folder = new URL('../../examples/', import.meta.url)
  const parts = [
    'run',
    'chart',
    'data',
    'images',
    'world',
    'tiny/engine',
    'finetune/lora',
    'finetune/measure',
    'gpt2/styles',
    'gpt2/letters',
    'gpt2/sorting',
    'deploy/server',
    'deploy/trained',
    'chinese/texts',
    'chinese/reader',
  ]
  const shared = parts.map((part) => `${part}.ts`)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !shared.includes(file))
  const readme = readFileSync(new URL('README.md', folder), 'utf8')
  expect(files.filter((file) => !readme.includes(`(${file})`))).toEqual([])
  expect(examples.map(({ file }) => file).sort()).toEqual(files.sort())
  for (const file of files) {
    const text = readFileSync(new URL(file, folder), 'utf8')
    expect(text.split('\n').length, file).toBeLessThanOrEqual(125)
    expect(text, file).toContain(`npx tsx examples/${file}`)
    // It runs from the installed package, which has no sources.
    expect(text, file).not.toContain('../src')
  }
})
