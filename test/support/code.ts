/**
 * @file Measures of the sources as text: lines of code, and which file imports which. The plan in test/tree.test.ts is
 * held against them, and tools/structure.ts prints them for the whole repository.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import ts from 'typescript'

/** A TypeScript or JavaScript file as a tree whose nodes know their parents. */
export const parse = (file: string, text: string): ts.SourceFile =>
  ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)

/** Lines with a token on them: neither blank nor only a comment. Lines inside of a text that spans several count. */
export function codeLines(text: string, file = 'code.ts'): number {
  if (file.endsWith('.wgsl')) return withoutComments(text).filter((line) => line.trim() !== '').length
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line
  const lines = new Set<number>()
  // Only brackets and commas are not nodes, and those end or begin the line of one that is.
  const visit = (node: ts.Node): void => {
    const [first, last] = [lineOf(node.getStart(source)), lineOf(node.end)]
    lines.add(first).add(last)
    const isText = ts.isTemplateLiteralToken(node)
    for (let line = first; isText && line < last; line++) lines.add(line)
    ts.forEachChild(node, visit)
  }
  source.statements.forEach(visit)
  return lines.size
}

/** The lines of a WGSL text without comments, of which block comments may stand in each other. */
function withoutComments(text: string): string[] {
  let depth = 0
  const code = text.replace(/\/\/.*|\/\*|\*\/|\n|[^/*\n]+|./g, (part) => {
    if (part === '\n') return part
    if (part === '/*') depth++
    const kept = depth > 0 || part.startsWith('//') ? '' : part
    if (part === '*/') depth--
    return kept
  })
  return code.split('\n')
}

/** The files under a folder with one of the endings, by their paths from there; not what is generated. */
export function filesOf(folder: URL, endings: readonly string[] = ['.ts']): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .filter((file) => !file.endsWith('.generated.ts') && !/(^|\/)node_modules\//.test(file))
    .sort()
}

export interface Import {
  readonly from: string
  readonly to: string
  /** `import type` is gone when the program runs, so it cannot make a circle there. */
  readonly type: boolean
}

/** What the files of a folder import from each other. */
export function importsOf(folder: URL, files: readonly string[] = filesOf(folder)): Import[] {
  return files.flatMap((from) => {
    const found = readFileSync(new URL(from, folder), 'utf8').matchAll(
      /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)|^import\s+'(\.[^']+)'/gms,
    )
    return [...found].map(([, type, path, lazy, bare]) => ({
      from,
      to: posix.join(posix.dirname(from), path ?? lazy ?? bare),
      type: type !== undefined,
    }))
  })
}

/** The first part of a path: 'ops/matrix/matmul.ts' to 'ops', 'node.ts' to 'node'. */
export const partOf = (file: string): string => file.replace(/\.ts$/, '').split('/')[0]
