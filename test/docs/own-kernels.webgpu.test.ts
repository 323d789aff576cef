/** @file The chapter on kernels of one's own measures one on a GPU: its block runs after the one with the kernel. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Tensor } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'

const root = new URL('../../', import.meta.url)

test('"Measure one" measures the kernel above it', async () => {
  const page = readFileSync(new URL('docs/own-kernels.md', root), 'utf8')
  const block = (title: string): string => {
    const [, code] = page.split(`\n## ${title}\n`)[1]?.match(/^```[jt]s\n(.*?)^```/ms) ?? []
    return code ?? expect.unreachable(`no block below ${title}`)
  }
  const code = [
    block('A plan: several variants, other grids'),
    block('Measure one'),
    'export { gpu, y, each, counts }\n',
  ]
  // Beside the sources' tests, so that the test runner transforms it.
  const folder = new URL('node_modules/.cache/handgrad/docs/', root)
  mkdirSync(folder, { recursive: true })
  const file = new URL('measure-one.ts', folder)
  writeFileSync(file, code.join(''))
  const { gpu, y, each, counts } = (await import(/* @vite-ignore */ file.pathname)) as {
    gpu: WebGPUDevice
    y: Tensor
    each: number
    counts: Record<string, number>
  }
  try {
    expect(counts['doubled/ones']).toBe(110)
    expect(counts['doubled/fours']).toBe(0)
    expect(new Set(await y.data())).toEqual(new Set([2]))
    expect(each).toBeGreaterThan(0)
  } finally {
    gpu.destroy()
  }
})
