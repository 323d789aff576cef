/**
 * @file `tsx tools/structure.ts [FOLDER]` prints, as Markdown, what the shape of a checkout can be measured by: lines
 * of code per folder, lengths of functions, imports between folders, state in modules, npm scripts. What of it must
 * hold is in test/tree.test.ts.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { codeLines, filesOf, importsOf, parse, partOf } from '../test/support/code.ts'

const root = pathToFileURL(`${resolve(process.argv[2] ?? '.')}/`)
const places = ['src', 'test', 'shaders', 'tools', 'scripts', 'bench', 'examples']

interface File {
  /** Its path from the root of the repository. */
  readonly path: string
  readonly text: string
  readonly code: number
  readonly raw: number
}

const files: readonly File[] = places
  .filter((place) => existsSync(new URL(place, root)))
  .flatMap((place) => filesOf(new URL(`${place}/`, root), ['.ts', '.mjs', '.wgsl']).map((file) => `${place}/${file}`))
  .map((path) => {
    const text = readFileSync(new URL(path, root), 'utf8')
    return { path, text, code: codeLines(text, path), raw: text.split('\n').length - 1 }
  })
const inSrc = files.filter(({ path }) => path.startsWith('src/'))

const number = (n: number): string => n.toLocaleString('en')
const bold = (text: string, on: boolean): string => (on ? `**${text}**` : text)

/** A Markdown table; `-` before a head puts its column to the right. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const marks = heads.map((head) => (head.startsWith('-') ? '--:' : '---'))
  return [line(heads.map((head) => head.replace(/^-/, ''))), line(marks), ...rows.map(line)].join('\n')
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return groups
}

// ---- lines

function folderRow(name: string, members: readonly File[], whole: boolean): string[] {
  const total = (of: 'code' | 'raw') => members.reduce((sum, file) => sum + file[of], 0)
  return [bold(name, whole), number(members.length), bold(number(total('code')), whole), number(total('raw'))]
}

/** Each place as a whole, then each folder in it with what lies in it directly. */
function folders(): string {
  const rows = places.flatMap((place) => {
    const within = files.filter(({ path }) => path.startsWith(`${place}/`))
    const byFolder = groupBy(within, ({ path }) => path.slice(0, path.lastIndexOf('/')))
    const parts = [...byFolder].sort(([a], [b]) => (a < b ? -1 : 1))
    const ops = within.filter(({ path }) => path.startsWith('src/ops/'))
    return [
      ...(within.length > 0 ? [folderRow(place, within, true)] : []),
      ...(parts.length > 1 ? parts.map(([name, members]) => folderRow(`${name}/*`, members, false)) : []),
      ...(ops.length > 0 ? [folderRow('src/ops, all', ops, false)] : []),
    ]
  })
  return table(['folder', '-files', '-code', '-raw'], rows)
}

// ---- functions

interface Length {
  readonly name: string
  readonly at: string
  readonly lines: number
}

/** Such as the body of a test. */
const UNNAMED = 'without a name'

function nameOf(node: ts.SignatureDeclaration): string {
  if (ts.isConstructorDeclaration(node)) return `${node.parent.name?.text ?? 'class'} constructor`
  const named = node.name ?? ('name' in node.parent ? (node.parent.name as ts.Node) : undefined)
  return named?.getText() ?? UNNAMED
}

/** Every function with a body, from its first line to its last; the functions in it are in its lines too. */
function functionsOf({ path, text }: File): Length[] {
  if (path.endsWith('.wgsl')) return []
  const source = parse(path, text)
  const found: Length[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line
      const last = source.getLineAndCharacterOfPosition(node.end).line
      found.push({ name: nameOf(node), at: `${path}:${first + 1}`, lines: last - first + 1 })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function functions(): string {
  const parts = [
    ['src', inSrc],
    ['the rest', files.filter((file) => !inSrc.includes(file))],
  ] as const
  const measured = parts.map(([name, members]) => {
    const all = members.flatMap(functionsOf).sort((a, b) => b.lines - a.lines || (a.at < b.at ? -1 : 1))
    const largest = members.toSorted((a, b) => b.code - a.code)[0]
    return { name, all, largest }
  })
  const over = (all: readonly Length[], lines: number) => all.filter((f) => f.lines > lines).length
  const summary = measured.map(({ name, all, largest }) => [
    name,
    number(all.length),
    String(all[all.length >> 1].lines),
    String(over(all, 40)),
    String(over(all, 80)),
    String(all[0].lines),
    `${largest.path}: ${number(largest.code)}`,
  ])
  const longest = measured.map(({ name, all }) => {
    const named = all.filter((f) => f.name !== UNNAMED)
    const ten = named.slice(0, 10).map((f) => `\`${f.at}\` ${f.name} ${f.lines}`)
    return `Longest with a name in ${name} (raw lines): ${ten.join(' · ')}`
  })
  const heads = ['', '-functions', '-median', '-over 40', '-over 80', '-longest', 'largest file (code)']
  return [table(heads, summary), ...longest].join('\n\n')
}

// ---- imports

interface Plan {
  readonly parts: number
  readonly floors: number
  readonly arrows: number
  readonly upward: readonly string[]
}

/**
 * Parts and the arrows between them. A part is one floor above the highest that it imports; an arrow that closes a
 * circle goes up.
 */
function planOf(folder: URL): Plan {
  const next = new Map<string, Set<string>>(filesOf(folder).map((file) => [partOf(file), new Set()]))
  for (const { from, to } of importsOf(folder)) {
    const [a, b] = [partOf(from), partOf(to)]
    if (a !== b && next.has(b)) next.get(a)?.add(b)
  }
  const floor = new Map<string, number>()
  const upward: string[] = []
  const visit = (part: string, path: readonly string[]): number => {
    const known = floor.get(part)
    if (known !== undefined) return known
    let highest = 0
    for (const other of [...(next.get(part) ?? [])].sort()) {
      if (path.includes(other) || other === part) upward.push(`${part} → ${other}`)
      else highest = Math.max(highest, visit(other, [...path, part]))
    }
    floor.set(part, highest + 1)
    return highest + 1
  }
  const arrows = [...next.values()].reduce((sum, parts) => sum + parts.size, 0)
  return { parts: next.size, floors: Math.max(...[...next.keys()].sort().map((p) => visit(p, []))), arrows, upward }
}

function imports(): string {
  const rows = ['src', 'src/ops'].map((name) => {
    const { parts, floors, arrows, upward } = planOf(new URL(`${name}/`, root))
    return [name, String(parts), String(floors), String(arrows), `${upward.length} ${upward.join(', ')}`.trim()]
  })
  return table(['', '-parts', '-floors', '-arrows', 'of them upward'], rows)
}

// ---- state

const CONTAINERS = /^new (WeakMap|WeakSet|FinalizationRegistry|Map|Set)\b/

/** Variables of modules that change: `let`, weak maps, a finalizer, and lists, maps and sets that begin empty. */
function stateOf({ path, text }: File): { kind: string; where: string }[] {
  const source = parse(path, text)
  return source.statements.filter(ts.isVariableStatement).flatMap(({ declarationList: list }) =>
    list.declarations.flatMap((variable) => {
      const value = variable.initializer
      const made = value && CONTAINERS.exec(value.getText(source))?.[1]
      const empty = value && (ts.isArrayLiteralExpression(value) ? value.elements.length === 0 : isBare(value))
      const kind =
        list.flags & ts.NodeFlags.Let ? 'let' : /^Weak|^Final/.test(made ?? '') ? made : empty ? 'list' : null
      const line = source.getLineAndCharacterOfPosition(variable.getStart(source)).line + 1
      return kind ? [{ kind, where: `\`${path}:${line}\` ${variable.name.getText(source)}` }] : []
    }),
  )
}

/** `new Map()`, with nothing in it. */
const isBare = (node: ts.Expression): boolean =>
  ts.isNewExpression(node) && CONTAINERS.test(node.getText()) && !node.arguments?.length

function state(): string {
  const kinds = groupBy(inSrc.flatMap(stateOf), ({ kind }) => kind)
  const rows = [...kinds].map(([kind, all]) => [kind, String(all.length), all.map(({ where }) => where).join(' · ')])
  return table(['state of modules', '-', 'where'], rows)
}

// ---- npm

function scripts(): string {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    scripts: Record<string, string>
  }
  const names = Object.keys(scripts)
  const before = names.filter((name) => name.startsWith('pre') && names.includes(name.slice(3)))
  return `npm scripts: **${names.length}**, ${before.length} of them run before another`
}

const sections = [
  ['Lines of code per folder', folders()],
  ['Functions', functions()],
  ['Imports between folders', imports()],
  ['State of modules', state()],
  ['npm scripts', scripts()],
]
console.log(sections.map(([title, text]) => `## ${title}\n\n${text}`).join('\n\n'))
