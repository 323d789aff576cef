/**
 * @file The programs of tools/runs on tiny data of their own, for a few steps: what they reach on the real data is in
 * docs/made/runs.md.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { syntheticDigits } from '../../src/data/index.ts'
import { main as iris } from '../../tools/runs/iris.ts'
import { main as mixed } from '../../tools/runs/mixed.ts'
import { main as mnist } from '../../tools/runs/mnist.ts'
import { main as names } from '../../tools/runs/names.ts'
import { withRow } from '../../tools/runs/run.ts'
import { main as shakespeare } from '../../tools/runs/shakespeare.ts'
import { worst } from '../../tools/runs/text.ts'

let folder: string
let usual: string[]
const file = (...path: string[]) => join(folder, ...path)
/** An IDX file of bytes. */
const idx = (dims: number[], bytes: Uint8Array): Buffer => {
  const head = Buffer.alloc(4 + 4 * dims.length)
  head.set([0, 0, 8, dims.length])
  dims.forEach((dim, i) => void head.writeUInt32BE(dim, 4 + 4 * i))
  return Buffer.concat([head, bytes])
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
  usual = ['--data', folder, '--out', file('runs.md')]
  for (const name of ['mnist', 'names', 'tinyshakespeare', 'iris']) mkdirSync(file(name))
  for (const [part, count] of [
    ['train', 120],
    ['t10k', 20],
  ] as const) {
    const { images, labels, rows, cols } = syntheticDigits({ count, seed: count })
    writeFileSync(file('mnist', `${part}-images-idx3-ubyte`), idx([count, rows, cols], images))
    writeFileSync(file('mnist', `${part}-labels-idx1-ubyte`), idx([count], labels))
  }
  writeFileSync(file('names', 'names.txt'), 'emma\nolivia\nava\n'.repeat(9))
  writeFileSync(file('tinyshakespeare', 'input.txt'), 'To be, or not to be, that is the question.\n'.repeat(3))
  const flowers = Array.from({ length: 30 }, (_, i) => `${i % 3},${(i % 3) + i / 90},1,${i / 30},${'abc'[i % 3]}`)
  writeFileSync(file('iris', 'iris.csv'), ['a,b,c,d,species', ...flowers].join('\n'))
})
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  return () => vi.restoreAllMocks()
})
const cells = (run: string) =>
  readFileSync(file('runs.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`| ${run} |`))
    .map((line) => line.split(' | '))

test.each(['mlp', 'cnn'])('mnist, %s: trains, and says what it reached', async (model) => {
  const { result, length } = await mnist([...usual, '--model', model, '--epochs', '2', '--batch', '32'])
  expect(length).toBe('2 epochs, 8 steps')
  const [row, ...more] = cells(`MNIST, ${model.toUpperCase()}`)
  expect(more).toEqual([])
  expect(row.slice(1, 5)).toEqual(['cpu', '–', length, result])
  expect(row.at(-1)).toBe(
    `\`npx tsx tools/runs/mnist.ts --model ${model} --epochs 2 --batch 32 --device cpu --data DIR\` |`,
  )
})

test.each([
  ['names', names],
  ['shakespeare', shakespeare],
])('%s: reached where the loss is that of the reference, missed where it is 3 % off', async (name, main) => {
  const [weights, reference] = [file(`${name}.safetensors`), file(`${name}.json`)]
  const run = () => main([...usual, '--steps', '1', '--weights', weights, '--reference', reference])
  const { result, reached } = await run()
  expect(reached).toBe(false)
  expect(readFileSync(weights).length).toBeGreaterThan(10_000)
  const loss = Number(/loss (\S+)/.exec(result)?.[1])
  writeFileSync(reference, JSON.stringify({ losses: [loss] }))
  expect((await run()).reached).toBe(true)
  writeFileSync(reference, JSON.stringify({ losses: [1.03 * loss] }))
  expect((await run()).reached).toBe(false)
})

test('the largest distance of losses is told with its step; NaN is the largest', () => {
  expect(worst([1, 2.2, 3], [1, 2, 3])).toEqual({ off: expect.closeTo(0.1, 9), step: 2 })
  expect(worst([1, Number.NaN, 5], [1, 2, 3])).toEqual({ off: Number.NaN, step: 2 })
})

test('iris: five folds', async () => {
  const { what, result } = await iris([...usual, '--epochs', '2'])
  expect(what).toBe('iris, 5 stratified folds')
  expect(result).toMatch(/^[\d.]+ % of 30 rows \(([\d.]+(, |\))){5}$/)
})

test('a row replaces that of the same run on the same device, and no other', () => {
  const row = (run: string, device: string, result: string) => [run, device, '–', '1', result, 'w', 'reached', '1', 'c']
  const rows = [row('a', 'cpu', 'first'), row('a', 'webgpu', 'kept'), row('b', 'cpu', 'kept'), row('a', 'cpu', 'new')]
  const page = rows.reduce(withRow, '')
  expect(page).not.toContain('first')
  expect(page.match(/kept|new/g)).toEqual(['new', 'kept', 'kept'])
})

test('without data, or with another model, it is said before anything is done', async () => {
  await expect(iris(['--data', file('none')])).rejects.toThrow(
    `iris: there is no folder '${file('none')}' (--data DIR)`,
  )
  await expect(mnist([...usual, '--model', 'rnn'])).rejects.toThrow("mnist: --model is 'rnn' (mlp or cnn)")
})

test('the references are of whole runs', () => {
  for (const [name, steps] of [
    ['names', 1000],
    ['shakespeare', 500],
  ] as const) {
    const url = new URL(`../reference/runs/${name}.json`, import.meta.url)
    const { losses } = JSON.parse(readFileSync(url, 'utf8')) as { losses: number[] } // by twin.py
    expect(losses).toHaveLength(steps)
    expect(losses[steps - 1]).toBeLessThan(losses[0] * 0.7)
  }
})

test('mixed: three precisions, and what blocks keep, on a page', async () => {
  mkdirSync(file('long', 'tinyshakespeare'), { recursive: true })
  writeFileSync(file('long', 'tinyshakespeare', 'input.txt'), 'To be, or not to be, that is the question.\n'.repeat(20))
  const own = ['--steps', '2', '--seeds', '1', '--page', file('mixed.md')]
  const { reached } = await mixed(['--data', file('long'), '--out', file('runs.md'), ...own])
  expect(reached).toBe(true)
  const rows = readFileSync(file('mixed.md'), 'utf8').match(/^\| (float32|bfloat16|float16) \|.*/gm) ?? []
  expect(rows).toHaveLength(6)
  // A block's input, in 32 bits.
  expect(rows.slice(3).map((row) => row.split(' | ')[2].slice(0, 4))).toEqual(['1.00', '1.00', '1.00'])
}, 120_000)
