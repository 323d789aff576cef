/**
 * @file The plan of src/ as a test: which folder may import which, that nothing imports in a circle, and that each
 * folder stays as small as its budget says. ARCHITECTURE.md explains the folders.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { codeLines, filesOf, type Import, importsOf, partOf } from './support/code.ts'

/**
 * From the ground up. A part is a folder of src/, or a file directly in it. It may import the parts of the floors
 * below; parts on one floor do not know each other.
 */
const floors: readonly (readonly string[])[] = [
  ['core', 'wgsl'],
  ['cpu', 'webgpu'],
  ['devices', 'interpreter'],
  ['ops', 'memory'],
  ['autograd', 'metrics'],
  ['text'],
  ['methods'],
  ['nn', 'optim', 'io'],
  ['data', 'tokens'],
  ['train', 'models'],
  ['inspect', 'generate', 'finetune'],
  ['report', 'explain'],
  ['index', 'interpreter/index'],
  ['node'],
  ['bench', 'verify'],
  ['entries'],
  ['cli'],
]

/** The families of ops, in the order in which they may build on each other. */
const families: readonly (readonly string[])[] = [
  ['base'],
  ['creation'],
  ['elementwise'],
  ['reduce'],
  ['indexing'],
  ['order', 'dynamic', 'inplace'],
  ['movement', 'norm', 'random', 'image', 'matrix'],
  ['sequence', 'loss'],
  ['methods', 'functional'],
  ['index'],
]

/** Lines of code that a folder may have: what makes it readable. A new folder gets a line here. */
const budgets: Readonly<Record<string, number>> = {
  core: 2195,
  'cpu + webgpu': 6285,
  ops: 9805,
  autograd: 720,
  nn: 3475,
  optim: 3000,
  data: 4450,
  io: 3000,
  inspect: 3525,
  metrics: 1700,
  train: 1850,
  text: 400,
  tokens: 1225,
  models: 1700,
  generate: 700,
  finetune: 1700,
  report: 750,
  bench: 7640,
  verify: 550,
  wgsl: 4900,
  explain: 1550,
  interpreter: 3800,
  cli: 2725,
}

const src = new URL('../src/', import.meta.url)
const files = filesOf(src)

/** The interpreter's entry has what stands above it, too. */
const standing = (file: string): string => (file === 'interpreter/index.ts' ? 'interpreter/index' : partOf(file))

/** The family of a file in ops/. */
const familyOf = (file: string): string => partOf(file.slice('ops/'.length))

const imports = importsOf(src, files)

const text = ({ from, to }: Import): string => `${from} imports ${to}`

/** Imports that do not go down: to a part above, or to another one on the same floor. */
function upward(plan: typeof floors, partOf: (file: string) => string, all: readonly Import[]): string[] {
  const floor = (file: string): number => plan.findIndex((parts) => parts.includes(partOf(file)))
  return all.filter(({ from, to }) => partOf(from) !== partOf(to) && floor(to) >= floor(from)).map((one) => text(one))
}

test('every file has its floor', () => {
  const known = new Set(floors.flat())
  const unknown = files.filter((file) => !known.has(standing(file)))
  expect(unknown, 'name the part in `floors` of tree.test.ts').toEqual([])
  const ops = files.filter((file) => file.startsWith('ops/'))
  const strangers = ops.filter((file) => !families.flat().includes(familyOf(file)))
  expect(strangers, 'name the family in `families` of tree.test.ts').toEqual([])
})

test('imports go down only', () => {
  expect(upward(floors, standing, imports)).toEqual([])
})

test('only what verify is built of takes something from outside of src, the rows of the tests', () => {
  const outside = imports.filter(({ to }) => to.startsWith('..'))
  const rows = (one: Import): boolean =>
    one.to.startsWith('../test/table/') && ['verify/units.ts', 'verify/session.ts'].includes(one.from)
  expect(outside.length).toBeGreaterThan(0)
  expect(outside.filter((one) => !rows(one)).map((one) => text(one))).toEqual([])
})

test('families of ops build on each other downwards only', () => {
  const within = imports.filter(({ from, to }) => from.startsWith('ops/') && to.startsWith('ops/'))
  expect(upward(families, familyOf, within)).toEqual([])
})

test('outside of ops, only its index, its base and autograd know ops by name', () => {
  const outside = imports.filter(({ from, to }) => to.startsWith('ops/') && partOf(from) !== 'ops')
  const allowed = (file: string): boolean => file.startsWith('ops/base/') || /^ops\/\w+\.ts$/.test(file)
  expect(outside.filter(({ to }) => !allowed(to)).map(text), 'import it from ops/index.ts').toEqual([])
})

/**
 * Within ops/base the sum and the views need each other: a sum's gradient expands, an expansion's sums. In a WGSL
 * program expressions have calls, calls name types, and types have expressions; so have the code and the checks for it.
 */
const lazy = (file: string): boolean => /^(ops\/base|wgsl\/check|interpreter\/code)\//.test(file)

test('no files import each other in a circle', () => {
  const next = new Map(files.map((file) => [file, imports.filter(({ from, type }) => from === file && !type)]))
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      const circle = [...path.slice(path.indexOf(file)), file]
      if (!circle.every(lazy)) circles.push(circle.join(' → '))
    }
    if (done.has(file)) return
    done.add(file)
    for (const { to } of next.get(file) ?? []) visit(to, [...path, file])
  }
  for (const file of files) visit(file, [])
  expect(circles).toEqual([])
})

test('what programs load has neither the interpreter nor the front end for WGSL', () => {
  const reached = new Set(['index.ts', 'node.ts'])
  for (const file of reached) for (const { from, to, type } of imports) if (from === file && !type) reached.add(to)
  expect(reached.size).toBeGreaterThan(300)
  expect([...reached].filter((file) => ['interpreter', 'wgsl'].includes(partOf(file)))).toEqual([])
})

test('devices are watched and changed by tap alone', () => {
  const folders = ['src', 'test', 'tools', 'bench', 'examples']
  const patched = folders.flatMap((folder) => {
    const root = new URL(`../${folder}/`, import.meta.url)
    return filesOf(root)
      .filter((name) => /\.(run|alloc|free|write|read) = /.test(readFileSync(new URL(name, root), 'utf8')))
      .map((name) => `${folder}/${name}`)
  })
  expect(patched, 'stand before a device with tap(device, { run: … })').toEqual([])
})

test('only the Node parts import Node or packages', () => {
  const outside = files
    .filter((file) => !['node', 'cli'].includes(partOf(file)))
    .flatMap((file) => {
      const found = readFileSync(new URL(file, src), 'utf8').matchAll(
        /^(?:import|export)\s[^'"]*?from\s+'([^.'][^']*)'/gms,
      )
      return [...found].map(([, name]) => `${file} imports ${name}`)
    })
  expect(outside, 'a page has no Node: load it where it is needed, by import()').toEqual([])
})

test('each folder keeps to its budget of code lines', () => {
  const lines = new Map<string, number>()
  for (const file of files.filter((name) => name.includes('/'))) {
    const name = ['cpu', 'webgpu'].includes(partOf(file)) ? 'cpu + webgpu' : partOf(file)
    lines.set(name, (lines.get(name) ?? 0) + codeLines(readFileSync(new URL(file, src), 'utf8')))
  }
  const over = [...lines].filter(([name, count]) => !(count <= budgets[name]))
  expect(over, 'too much for one folder: say it shorter, split the folder, or give it a budget').toEqual([])
})

test('the reading path of ARCHITECTURE.md is a weekend: less than 5,000 lines of code', () => {
  const root = new URL('../', import.meta.url)
  const page = readFileSync(new URL('ARCHITECTURE.md', root), 'utf8')
  const [, section] = page.split(/^## A weekend's reading$/m)
  const table = section
    .split(/^## /m)[0]
    .split('\n')
    .filter((line) => line.startsWith('|'))
  const path = [...table.join('\n').matchAll(/`((?:src|shaders)\/[\w/.]+)`/g)].map(([, file]) => file)
  expect(path.length).toBeGreaterThan(30)
  const lines = path.map((file) => codeLines(readFileSync(new URL(file, root), 'utf8'), file))
  const total = lines.reduce((sum, count) => sum + count, 0)
  expect(total, path.map((file, i) => `${file} ${lines[i]}`).join(', ')).toBeLessThan(5000)
})
