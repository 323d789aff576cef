/**
 * @file What is said of the ops is what they are: the READMEs and docs/made/ops.md are those that the
 * sources give, docs/made/gradients.md measures ops that there are, and every public function has a docstring that says
 * what it computes and on what.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Cells, digits, page } from '../../tools/gradients/page.ts'
import { family, familyOf, grouped, returnsOf, throwsOf } from '../../tools/optable/families.mjs'
import { api, firstSentence, isMethod, kernelsOf, listed, pages, withSentence } from '../../tools/optable/tables.ts'
import { type OpName, type Row, table } from '../table/table.ts'

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const ops = Object.keys(table) as OpName[]

describe('the tables are up to date', () => {
  it('README.md, README.zh.md and docs/made/ops.md', { timeout: 120_000 }, () => {
    const stale = [...pages()].filter(([file, text]) => read(file) !== text).map(([file]) => file)
    expect(stale, 'run npm run optable').toEqual([])
  })

  it('docs/made/gradients.md has rows of ops only; one that is missing is measured by whoever has the adapters', () => {
    const page = read('docs/made/gradients.md')
    const rows = [...page.matchAll(/^\| (\w+) \|/gm)].map(([, name]) => name).filter((name) => name !== 'op')
    const missing = ops.filter((op) => !rows.includes(op))
    if (missing.length > 0)
      console.warn(`docs/made/gradients.md lacks ${missing.join(', ')}: npm run gradcheck measures`)
    expect(
      rows.filter((name) => !ops.includes(name as OpName)),
      'run npm run gradcheck',
    ).toEqual([])
    expect(new Set(rows).size, 'an op has two rows').toBe(rows.length)
    expect(page).not.toMatch(/ ✗ \|/)
  })
})

describe('docstrings', () => {
  it('every public function says what it does', { timeout: 60_000 }, () => {
    expect(
      api()
        .filter(({ doc }) => !/\p{L}/u.test(doc))
        .map(({ name, file }) => `${name} in ${file}`),
    ).toEqual([])
  })

  it('every op names its dtypes: "Dtypes: floats, int32.", "Any dtype."', () => {
    expect(
      api()
        .filter(({ name, dtypes }) => Object.hasOwn(table, name) && !dtypes)
        .map(({ name, file }) => `${name} in ${file}`),
    ).toEqual([])
  })

  it('every public function says what it refuses, or its family does', () => {
    // There is nothing that these could be given wrong.
    const takesAll = ['gradEnabled', 'getDefaultDevice', 'getRandomState', 'hasGrad', 'keep', 'openScope', 'zeroGrad']
    const silent = api().filter(
      ({ tags, family: key, signatures }) => !tags.includes('throws') && throwsOf(key, signatures[0]).length === 0,
    )
    expect(silent.map(({ name }) => name).sort()).toEqual(takesAll.sort())
  })

  it('the registry and the public functions are the same', () => {
    expect(ops.filter((op) => !listed().some(({ name }) => name === op))).toEqual([])
  })
})

describe('how the tables are made', () => {
  it('the family is the folder whose index exports a function', () => {
    expect(familyOf('exp', 'src/ops/elementwise/elementwise.ts')).toBe('elementwise')
    expect(familyOf('reshape', 'src/ops/base/views.ts')).toBe('movement')
    expect(familyOf('noGrad', 'src/core/graph.ts')).toBe('autograd')
    expect(familyOf('scope', 'src/core/scope.ts')).toBe('core')
    expect(familyOf('device', 'src/devices.ts')).toBe('devices')
    expect(familyOf('warp', 'src/ops/wormholes/warp.ts')).toBe('wormholes')
    expect(family('wormholes').title).toBe('Wormholes')
    const keys = grouped([{ family: 'wormholes' }, { family: 'elementwise' }]).map(([key]) => key)
    expect(keys).toEqual(['elementwise', 'wormholes'])
  })

  it('what a family refuses is said of its functions that take tensors', () => {
    expect(throwsOf('creation', '(x: Tensor): Tensor')).toEqual([family('creation').throws])
    expect(throwsOf('elementwise', '(x: Tensor): Tensor')).toEqual([expect.stringContaining('if x is not a tensor')])
    expect(throwsOf('elementwise', '(a: Operand, b: Operand): Tensor')).toEqual([
      expect.stringContaining('if shapes do not broadcast'),
    ])
    const made = '(shape: Shape, options?: TensorOptions): Tensor'
    const placing = expect.stringContaining('`device` is')
    expect(throwsOf('creation', made)).toEqual([placing, 'HandgradError if an option is unknown'])
    expect(throwsOf('autograd', '(x: Tensor): Tensor')).toEqual([])
    expect(throwsOf('core', '(x: Tensor): Tensor')).toEqual([])
  })

  it('elementwise results have the shape of x, or the one that operands broadcast to', () => {
    expect(returnsOf('elementwise', '(x: Tensor, weight: Tensor): Tensor')).toBe("x's shape")
    expect(returnsOf('elementwise', '(cond: Tensor, a: Operand, b: Operand): Tensor')).toContain('broadcast')
  })

  it('a formula is the first sentence', () => {
    expect(firstSentence('y = |x|; 0 at 0. Dtypes: floats.')).toBe('y = |x|; 0 at 0.')
    expect(firstSentence('y = 1.5·x, see {@link mul}. It is slow.')).toBe('y = 1.5·x, see `mul`.')
    expect(firstSentence('start, start + step, … below end. `arange(n)` counts.')).toBe(
      'start, start + step, … below end.',
    )
  })

  it('kernels are those that run', () => {
    expect(kernelsOf('matmul')).toEqual({ forward: ['matmul'], backward: ['matmul'] })
    expect(kernelsOf('transpose').forward).toEqual([])
    for (const op of ['view', 'reshape', 'contiguous'] as const)
      expect(kernelsOf(op), op).toEqual({ forward: [], backward: [] })
    expect(isMethod('softmax')).toBe(true)
    expect(isMethod('cat')).toBe(false)
  })

  it('a README without markers is refused', () => {
    expect(() => withSentence('# handgrad', 'en')).toThrow(
      'optable: README has no <!-- ops: made by `npm run optable` -->',
    )
  })

  it('docs/made/gradients.md: numbers, or n/a with the reason', () => {
    const row = (order: Row['order']): Row => ({ cases: [{ x: [] }], order, bound: {} })
    const rows = { exp: row(2), lt: row({ upTo: 0, reason: 'the result is bool' }) } as unknown as Record<OpName, Row>
    const none: Cells = [null, null, null]
    const column = (device: string, ...cells: [OpName, Cells[]][]) => ({
      device,
      about: '',
      cells: new Map(cells),
      failures: [],
    })
    const exp: Cells[] = [
      [3.21e-9, 0, null],
      [1e-7, 0, null],
    ]
    const text = page({
      columns: [
        column('CPU float64', ['exp', exp], ['lt', [none, none]]),
        {
          ...column('CPU float32', ['exp', [[0.123, 12.3, 1]]], ['lt', [[0, 0, null]]]),
          failures: [{ op: 'exp', column: 1, text: 'far off' }],
        },
      ],
      rows,
      api: [],
      machine: 'Node',
      date: 'today',
    })
    expect(text).toContain(
      '| exp | 3e-9 | 0 | n/a | 1e-7 | 0 | n/a | 0.12 | 12 ✗ | 1 | broadcast: no input has a first axis to repeat |',
    )
    expect(text).toContain(
      '| lt | n/a | n/a | n/a | n/a | n/a | n/a | 0 | 0 | n/a | ∂: the result is bool; broadcast: no input has a first axis to repeat |',
    )
    expect(text).toContain('- exp on CPU float32: far off')
    expect([1234, Infinity, 0.004].map(digits)).toEqual(['1e+3', 'Infinity', '4e-3'])
  })
})
