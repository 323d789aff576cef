/**
 * @file Rows of docs/made/gradients.md measured anew or added, one op at a time; the whole page is tested in
 * docs/optable.test.ts.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Page, withRows } from '../../tools/gradients/page.ts'
import { api } from '../../tools/optable/tables.ts'
import { table } from '../table/table.ts'

const text = readFileSync(new URL('../../docs/made/gradients.md', import.meta.url), 'utf8')
/** Lines but the one that counts ops, which a new op changes before the page is measured anew. */
const linesOf = (page: string) => page.split('\n').filter((line) => !/^- \d+ ops: /.test(line))
const rowOf = (page: string, op: string) => page.split('\n').find((line) => line.startsWith(`| ${op} |`))

const column = (device: string, cells: [number, number, number][]) => ({
  device,
  about: '',
  cells: new Map([['tanh', cells]] as const),
  failures: [],
})
const float64: [number, number, number][] = [
  [1e-9, 2e-9, 3e-9],
  [4e-9, 5e-9, 6e-9],
]
/** Only the CPU was here. */
const given: Page = {
  columns: [column('CPU float64', float64), column('CPU float32', [[0.1, 0.2, 0.3]])],
  rows: table,
  api: api(),
  machine: '',
  date: '',
}

test('a row measured anew keeps the figures of devices that are not here', () => {
  const fresh = withRows(text, given, ['tanh'])
  const [before, after] = [text, fresh].map((page) => rowOf(page, 'tanh')?.split(' | ') ?? [])
  expect(after.slice(0, 10)).toEqual('| tanh,1e-9,2e-9,3e-9,4e-9,5e-9,6e-9,0.1,0.2,0.3'.split(','))
  expect(after.slice(10)).toEqual(before.slice(10))
  expect(linesOf(fresh).filter((line, i) => line !== linesOf(text)[i])).toHaveLength(1)
})

test('a row that is missing is added where the page has it', () => {
  const without = text.replace(`${rowOf(text, 'tanh')}\n`, '')
  const added = withRows(without, given, ['tanh'])
  expect(rowOf(added, 'tanh')).toMatch(/\| 0\.3 \| – \| – \| – \|/)
  expect(linesOf(added).map((line) => line.split(' | ')[0])).toEqual(linesOf(text).map((line) => line.split(' | ')[0]))
})
