/**
 * @file docs/made/api.txt is the public API: what a change does to it is seen in its diff, and nothing goes without
 * being noticed.
 */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { apiPages } from '../../tools/api/report.ts'

it('docs/made/api.txt is what the sources export', { timeout: 60_000 }, () => {
  for (const [file, text] of apiPages()) {
    const committed = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').split('\n')
    const made = text.split('\n')
    const gone = committed.filter((line) => !made.includes(line))
    const come = made.filter((line) => !committed.includes(line))
    expect({ gone, come }, `${file} is stale: run npm run optable`).toEqual({ gone: [], come: [] })
    expect(made).toEqual(committed)
  }
})

it('names in namespaces, members and signatures are in it', () => {
  const lines = readFileSync(new URL('../../docs/made/api.txt', import.meta.url), 'utf8').split('\n')
  expect(lines).toContain('softmax(x: Tensor, options?: SoftmaxOptions): Tensor')
  expect(lines).toContain('Tensor#softmax(options?: SoftmaxOptions): Tensor')
  expect(lines).toContain('nn.functional.softmax = softmax')
  expect(lines).toContain('class nn.Linear extends Module')
  expect(lines.filter((line) => /__@|import\(|node_modules/.test(line))).toEqual([])
})
