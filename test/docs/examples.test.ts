/** @file What each example reaches, on the CPU. On WebGPU: examples.webgpu.test.ts. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { device } from '../../src/node.ts'
import { examples } from '../support/examples.ts'

let printed: string[]
beforeEach(() => {
  printed = []
  vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)))
})
afterEach(() => vi.restoreAllMocks())

for (const { name, run } of examples) {
  test(name, async () => {
    await run(await device('cpu'))
    expect(printed.join('\n')).not.toMatch(/NaN|undefined/)
  })
}

test('micrograd writes its drawing', async () => {
  const { main } = await import('../../examples/micrograd.ts')
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
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !['run.ts', 'chart.ts'].includes(file))
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
