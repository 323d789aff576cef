/**
 * @file The house's plan as a test: which part may import which, that no files import each other in a circle, and that the
 * core stays small enough to be read in an evening. ARCHITECTURE.md explains the parts.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'

/**
 * From the ground up. A part is a file of src/ or a folder in it. It may import parts of the floors below; parts on one
 * floor may import each other as long as that gives no circle.
 */
const floors: readonly (readonly string[])[] = [
  ['errors'],
  ['shape', 'scope', 'random'],
  ['kernel', 'wgsl'],
  ['device', 'shaders.generated', 'wgsl.generated'],
  ['cpu', 'webgpu'],
  ['storage'],
  ['tensor'],
  ['graph'],
  ['op'],
  ['ops', 'print'],
  ['methods', 'memory', 'gradcheck', 'derivatives', 'devices'],
  ['nn', 'optim', 'data', 'train', 'io', 'inspect'],
  ['index'],
  ['node'],
  ['cli'],
]

/** The files that everything stands on, and those that know neither a device's insides nor any op. */
const core = ['errors', 'shape', 'scope', 'device', 'storage', 'tensor', 'graph', 'op']
const waist = [...core, 'kernel', 'wgsl', 'random']

/** What a device may see: no tensors, no ops, no graph. */
const belowDevices = ['errors', 'shape', 'random', 'kernel', 'wgsl', 'device', 'shaders.generated', 'wgsl.generated']

const src = new URL('../src/', import.meta.url)
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'))

/** The part that a file belongs to: 'ops/matmul.ts' to 'ops', 'tensor.ts' to 'tensor'. */
const partOf = (file: string): string => file.replace(/\.ts$/, '').split('/')[0]

interface Import {
  readonly from: string
  readonly to: string
  /** `import type` is gone when the program runs, so it cannot make a circle there. */
  readonly type: boolean
}

const imports: readonly Import[] = files.flatMap((from) => {
  const text = readFileSync(new URL(from, src), 'utf8')
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)|^import\s+'(\.[^']+)'/gms,
  )
  return [...found].map(([, type, path, lazy, bare]) => ({
    from,
    to: posix.join(posix.dirname(from), path ?? lazy ?? bare),
    type: type !== undefined,
  }))
})

const text = ({ from, to }: Import): string => `${from} imports ${to}`

test('every file has its floor', () => {
  const known = new Set(floors.flat())
  expect(
    files.filter((file) => !known.has(partOf(file))),
    'name the part in `floors` of layers.test.ts',
  ).toEqual([])
})

test('imports go down only', () => {
  const floor = (file: string): number => floors.findIndex((parts) => parts.includes(partOf(file)))
  expect(imports.filter(({ from, to }) => floor(to) > floor(from)).map(text)).toEqual([])
})

/** Gradient rules name each other's ops (a sum's gradient expands, an expansion's sums), but run only later. */
const lazy = (file: string): boolean => partOf(file) === 'ops'

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

test('devices know no tensor, no graph and no op', () => {
  const device = imports.filter(({ from }) => ['cpu', 'webgpu'].includes(partOf(from)))
  const outside = device.filter(({ from, to }) => partOf(to) !== partOf(from) && !belowDevices.includes(partOf(to)))
  expect(outside.map(text)).toEqual([])
})

test('the core knows no device and no particular op', () => {
  const outside = imports.filter(({ from, to }) => waist.includes(partOf(from)) && !waist.includes(partOf(to)))
  expect(outside.map(text)).toEqual([])
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

test('the core is at most 1,200 lines of code', () => {
  const lines = core.map((part) => codeLines(readFileSync(new URL(`${part}.ts`, src), 'utf8')))
  const total = lines.reduce((sum, count) => sum + count, 0)
  expect(total, core.map((part, i) => `${part} ${lines[i]}`).join(', ')).toBeLessThanOrEqual(1200)
})

/** Lines that hold code: neither blank nor only a comment. */
function codeLines(text: string): number {
  const code = text.replace(/\/\*.*?\*\//gs, '').replace(/^\s*\/\/.*$/gm, '')
  return code.split('\n').filter((line) => line.trim() !== '').length
}
