/**
 * @file The tables of ops, docs/made/ops.md, and the sentence about them in the READMEs. Nothing in them is typed by
 * hand: names, signatures, formulas and dtypes come from the sources (api.ts), orders from the op table, kernels from
 * running its cases.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import '../../src/methods.ts'
import { Tensor } from '../../src/core/tensor.ts'
import * as functional from '../../src/ops/functional.ts'
import { smallCases, watchLaunches } from '../../test/table/cover.ts'
import { type OpName, type Row, table } from '../../test/table/table.ts'
import { type Api, publicApi } from './api.ts'
import { family, grouped } from './families.mjs'
import { missingSection } from './missing.ts'

const root = new URL('../../', import.meta.url)

/** What a Tensor has as methods. */
export const isMethod = (name: string): boolean => name in Tensor.prototype

/** The public functions, read once. */
let known: readonly Api[] | undefined
export const api = (): readonly Api[] => (known ??= publicApi(isMethod))

/** Functions of tensors: what the tables list. Functions around them (devices, scopes) are in the API reference. */
export const listed = (): readonly Api[] => api().filter((f) => !family(f.family).engine)

const isOp = (name: string): name is OpName => Object.hasOwn(table, name)

// ---- kernels

/** Elements of the largest input of a case that is run to see which kernels it launches. */
const SMALL = 2000

export interface Kernels {
  /** Kernels of the op itself, and of its gradient, in the order of their first launch. */
  readonly forward: readonly string[]
  readonly backward: readonly string[]
}

/** Which kernels an op launches on contiguous inputs: its row's small cases, run on the CPU. */
export function kernelsOf(op: OpName, row: Row = table[op]): Kernels {
  const kernels = { forward: new Set<string>(), backward: new Set<string>() }
  const small = smallCases(row, SMALL)
  // A case with a function of its own may call other ops too.
  const plain = small.filter((c) => !c.f)
  const cases = (plain.length > 0 ? plain : small).slice(0, 4)
  watchLaunches(op, cases, ({ kernel }, pass) => kernels[pass].add(kernel.name))
  return { forward: [...kernels.forward], backward: [...kernels.backward] }
}

// ---- README

function counts() {
  const all = listed()
  const rows = Object.entries(table) as [OpName, Row][]
  return {
    functions: all.length,
    ops: rows.length,
    methods: all.filter(({ name }) => isMethod(name)).length,
    smooth: rows.filter(([, { order }]) => order === 2 || order.upTo > 0).length,
    twice: rows.filter(([, { order }]) => order === 2).length,
  }
}

/** Calls of test/reference, which PyTorch answered. */
const references = (): number =>
  readdirSync(new URL('test/reference/', root))
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(new URL(`test/reference/${file}`, root), 'utf8')).length)
    .reduce((a, b) => a + b, 0)

/** What stands between the markers, in English or Chinese. */
export function readmeSentence(language: 'en' | 'zh'): string {
  const n = counts()
  return language === 'en'
    ? `${n.functions} functions of tensors, ${n.methods} of them methods too, each with its formula, dtypes, kernels and order of differentiation: [docs/made/ops.md](docs/made/ops.md).\n` +
        `${n.ops} ops are in the op table, ${n.smooth} differentiable, ${n.twice} of them twice; ${references()} calls are compared with PyTorch's values and gradients.`
    : `${n.functions} 个张量函数，其中 ${n.methods} 个也是方法；各自的公式、dtype、内核和可微阶数见 [docs/made/ops.md](docs/made/ops.md)。\n` +
        `算子表中有 ${n.ops} 个算子，${n.smooth} 个可微，${n.twice} 个二阶可微；${references()} 个用例与 PyTorch 的值和梯度对比。`
}

const MARKS = ['<!-- ops: made by `npm run optable` -->', '<!-- /ops -->'] as const

/** A README with its sentence made again. @throws Error if the markers are missing */
export function withSentence(text: string, language: 'en' | 'zh'): string {
  const [begin, end] = [text.indexOf(MARKS[0]), text.indexOf(MARKS[1])]
  if (begin < 0 || end < begin) throw new Error(`optable: README has no ${MARKS[0]} … ${MARKS[1]}`)
  return `${text.slice(0, begin + MARKS[0].length)}\n${readmeSentence(language)}\n${text.slice(end)}`
}

// ---- docs/made/ops.md

const inCell = (text: string): string => text.replaceAll('|', '\\|')

/** The first sentence: it ends at a full stop before a capital, or before what is said of dtypes. */
export function firstSentence(doc: string): string {
  const [text] = doc.replace(/\{@link (\w+)\}/g, '`$1`').split(/(?<=[.;])\s+(?=(?:Dtypes?|[Aa]ny dtypes?)\b)/)
  return /^.*?[^.…]\.(?=\s+(?:\p{Lu}|`)|$)/u.exec(text)?.[0] ?? text
}

/** `2`, `0: why`. */
function orderOf({ order }: Row): string {
  return order === 2 ? '2' : `${order.upTo}: ${order.reason}`
}

function kernelText(name: OpName, row: Row): string {
  const { forward, backward } = kernelsOf(name, row)
  const list = (names: readonly string[]) =>
    names.map((k) => (existsSync(new URL(`shaders/${k}.wgsl`, root)) ? `[${k}]` : k)).join(' ')
  const parts = [forward.length > 0 ? list(forward) : 'view']
  if (backward.length > 0) parts.push(`∂ ${list(backward)}`)
  return parts.join('; ')
}

/** A function or method that there is, or a property of tensors. */
const isHere = (name: string): boolean =>
  isMethod(name) || name in functional || api().some((f) => f.name === name) || name === 'numel'

export function opsPage(): string {
  const n = counts()
  const sections = grouped(listed()).flatMap(([key, members]) => {
    const files = [...new Set(members.map(({ file }) => file))].sort()
    return [
      '',
      `## ${family(key).title}`,
      '',
      `Source: ${files.map((file) => `\`${file}\``).join(', ')}`,
      '',
      '| function | | dtypes | kernels | order |',
      '| --- | --- | --- | --- | --- |',
      ...members.map((f) => {
        const signatures = f.signatures.map(
          (s) => `\`${inCell(f.exported ? f.name + shorten(s) : asMethod(f.name, s))}\``,
        )
        const row = isOp(f.name) ? table[f.name] : null
        const kernels = row && isOp(f.name) ? kernelText(f.name, row) : ''
        return `| ${signatures.join('<br>')} | ${inCell(firstSentence(f.doc))} | ${f.dtypes ?? ''} | ${kernels} | ${row ? inCell(orderOf(row)) : ''} |`
      }),
    ]
  })
  const text = [
    '# Ops',
    '',
    'Every function of tensors: what it computes, on which dtypes, by which kernels, and how often it can be differentiated. Made by',
    '`npm run optable` from the sources and the op table; not to be edited. Shapes, options and errors are in the docstrings, which',
    '`npm run docs` makes an API reference of.',
    '',
    `- ${n.functions} functions, ${n.methods} of them also methods of \`Tensor\` (the first parameter is the tensor): \`softmax(x, 1)\`, \`x.softmax(1)\`; those with a dot are methods only`,
    '- `Operand` is a tensor or a JS number; "floats" are float32, and float64 on the CPU',
    '- **kernels**: which ones the op launches on contiguous inputs, and after ∂ its gradient; several make a composition, "view" copies nothing',
    '- **order**: 2 is checked to second order, and has derivatives of any; else how often, and why not more often. Measured errors: [gradients.md](gradients.md)',
    '- What PyTorch has and is not here, and why: [at the end](#not-here)',
    ...sections,
    ...missingSection(isHere),
    '',
  ].join('\n')
  const shaders = [...new Set([...text.matchAll(/\[(\w+)\](?!\()/g)].map(([, name]) => name))]
    .filter((name) => existsSync(new URL(`shaders/${name}.wgsl`, root)))
    .sort()
  return `${text}\n${shaders.map((name) => `[${name}]: ../../shaders/${name}.wgsl`).join('\n')}\n`
}

/** Long parameter lists by their names. */
function shorten(signature: string): string {
  return signature.length <= 160 ? signature : signature.replace(/\{[^{}]*\}/g, '{ … }')
}

/** A function of `x: Tensor` as the method that it is: without x, and a getter as a property. */
function asMethod(name: string, signature: string): string {
  const rest = signature.replace(/^\(x: Tensor(, )?/, '(')
  const getter = Object.getOwnPropertyDescriptor(Tensor.prototype, name)?.get
  return `.${name}${getter ? rest.replace(/^\(\)/, '') : rest}`
}

/** The files that `npm run optable` writes, as they should be. */
export function pages(): ReadonlyMap<string, string> {
  const read = (file: string) => readFileSync(new URL(file, root), 'utf8')
  return new Map([
    ['README.md', withSentence(read('README.md'), 'en')],
    ['README.zh.md', withSentence(read('README.zh.md'), 'zh')],
    ['docs/made/ops.md', opsPage()],
  ])
}
