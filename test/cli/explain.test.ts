/** @file `handgrad explain`: its inputs, forms and refusals. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { explain } from '../../src/cli/explain.ts'
import { handgrad } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-explain-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let out = ''
vi.spyOn(console, 'log').mockImplementation((line: string) => void (out += `${line}\n`))
afterEach(() => {
  out = ''
})

test('the example of the documentation, as a program', async () => {
  const { code, out, err } = await handgrad('explain', 'softmax', '4x8', '--backward', '--facts', 'gpu32')
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^softmax: x \[4, 8\] → y \[4, 8\]\n/)
  expect(out).toContain('on gpu32: subgroups of 32')
  expect(out).toContain('in the gradient of softmax')
}, 60_000)

test.each([
  [['add', '4x8', '8'], 'add: a [4, 8], b [8] → y [4, 8]'],
  [['exp', 'scalar'], 'exp: x [] → y []'],
  [['softmax', '4x8', 'dim=0'], 'softmax: x [4, 8] → y [4, 8]'],
  [['transpose', '4x8', '=0', '=1'], 'transpose: x [4, 8] → y [8, 4]'],
  [['where', '4:bool', '4', '4'], 'where: a [4] bool, b [4], c [4] → y [4]'],
  [['gather', '4x8', '=1', '4x2:int8'], 'gather: a [4, 8], c [4, 2] int32 → y [4, 2]'],
  // Integers and booleans that fit, where the op says that it wants such.
  [['embedding', '10x4', '6'], 'embedding: a [10, 4], b [6] int32 → y [6, 4]'],
  [['crossEntropy', '4x8', '4'], 'crossEntropy: a [4, 8], b [4] int32 → y []'],
])('%s', async (args, first) => {
  await explain(args)
  expect(out.split('\n')[0]).toBe(first)
})

test('as Markdown, and as a page', async () => {
  await explain(['exp', '4', '--markdown'])
  expect(out).toMatch(/^# exp: x /)
  out = ''
  const file = join(folder, 'exp.html')
  await explain(['exp', '4', '--html', file])
  expect(out).toBe(`page: ${file}\n`)
  expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/)
})

test.each([
  [[], 'explain: which op? (such as handgrad explain softmax 4x8)'],
  [['softmx', '4'], "explain: there is no op 'softmx' (did you mean softmax?)"],
  [['constructor', '4'], "explain: there is no op 'constructor' (docs/made/ops.md lists them)"],
  [['exp', '4y'], "explain: '4y' is not an input (give a shape such as 4x8 or 8:int10, =VALUE, or NAME=VALUE)"],
  [['exp', '4:int'], "explain: '4:int' is not an input (give a shape such as 4x8 or 8:int10, =VALUE, or NAME=VALUE)"],
  [['exp', '4', '--facts', 'gpu23'], "explain: --facts is 'gpu23' (did you mean gpu4? it is one of gpu, gpu4,"],
  [['exp', '4', '--html', 'x.html', '--markdown'], 'explain: --html and --markdown are both given'],
  [['exp', '4', '--cpu'], 'explain: unknown option --cpu'],
  [['matmul', '4x8', '4x8'], 'explain: matmul cannot be called with [4, 8], [4, 8]: matmul:'],
  [['zeros', '=[2]'], 'explain: zeros cannot be called with no tensors: explain: zeros gave a tensor on cpu'],
])('%s is refused', async (args, message) => {
  await expect(explain(args)).rejects.toThrow(message)
})
