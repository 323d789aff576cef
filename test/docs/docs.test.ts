/**
 * @file Runs every TypeScript block of the README and the chapters: what the documentation says is what the engine
 * does. A comment that begins with a value, `x.sum()  // 21: the sum`, is compared with what its line gives.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { GPT2, save } from '../../src/models/index.ts'
import { getDefaultDevice, setDefaultDevice, Tensor } from '../../src/node.ts'
import { BPE } from '../../src/tokens/index.ts'

const root = new URL('../../', import.meta.url)
const pages = [
  'README.md',
  'README.zh.md',
  ...['docs', 'docs/guide', 'docs/guide.zh'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root))
      .filter((f) => f.endsWith('.md'))
      .map((f) => `${folder}/${f}`),
  ),
]

/** The blocks marked `ts`, as modules that import the engine's sources. */
const blocks = pages.flatMap((page) => {
  const text = readFileSync(new URL(page, root), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map((m, i) => ({ name: `${page}, block ${i + 1}`, code: m[1] }))
})

/** An expression, and the value that its comment begins with. */
const valued = /^( *)(?:await )?(?!const |let |for |import |return )(\S.*?)(?:\.print\(\))? +\/\/ (.+)$/gm

/** The value at a comment's start, as JSON has it; undefined where there is none. */
function parsed(comment: string): unknown {
  try {
    return JSON.parse(comment.split(': ')[0].replaceAll('−', '-'))
  } catch {
    return undefined
  }
}

/** The block with its values checked. */
const checking = (code: string): string =>
  code.replace(valued, (line, indent: string, expression: string, comment: string) => {
    const value = parsed(comment)
    const result = /^console\.log\((.*)\)$/.exec(expression)?.[1] ?? expression
    return value === undefined ? line : `${indent}await shown(${result}, ${JSON.stringify(value)})`
  })

/** What a block that loads GPT-2 finds in its folder: a small one with first values. */
async function writeGPT2(): Promise<void> {
  const gpt = new GPT2({ vocab_size: 300, n_positions: 128, n_embd: 16, n_layer: 1, n_head: 2 })
  gpt.tokenizer = BPE.train('to be, or not to be, that is the question', { size: 270 })
  await save(gpt, 'gpt2')
}

let compared = 0
async function shown(result: unknown, value: unknown): Promise<void> {
  const got = await result
  const plain = got instanceof Tensor ? await got.array() : ArrayBuffer.isView(got) ? Array.from(got as never) : got
  expect(plain).toEqual(value)
  compared++
}
Object.assign(globalThis, { shown })

const before = getDefaultDevice()
const home = process.cwd()
let folder = ''
// What a block writes, and where it looks for an earlier run, is a folder of its own.
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'handgrad-docs-'))
  process.chdir(folder)
})
afterEach(() => {
  setDefaultDevice(before)
  process.chdir(home)
  rmSync(folder, { recursive: true })
})

it.each(blocks)('$name', async ({ name, code }) => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  vi.spyOn(console, 'info').mockImplementation(() => {})
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  if (code.includes("load('gpt2'")) await writeGPT2()
  // Beside the sources' tests, so that the test runner transforms it.
  const cache = new URL('node_modules/.cache/handgrad/docs/', root)
  mkdirSync(cache, { recursive: true })
  const file = new URL(`${name.replace(/\W+/g, '-')}.ts`, cache)
  writeFileSync(file, checking(code))
  await import(/* @vite-ignore */ file.pathname)
  vi.restoreAllMocks()
})

it('the pages have blocks, and values in them', () => {
  expect(blocks.length).toBeGreaterThan(8)
  expect(compared).toBeGreaterThan(8)
})
