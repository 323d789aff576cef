/** @file How the sources and pages are written: lines that fit on a screen, and phrases decided once for all. */
import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { filesOf, parse } from '../support/code.ts'

/** Longest lines of code and comments, and of hand-written pages. */
const WIDTH = 120
const PAGE = 160

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const within = (folder: string, ...endings: string[]): string[] =>
  filesOf(new URL(`${folder}/`, root), endings).map((file) => `${folder}/${file}`)

const sources = ['src', 'test', 'tools', 'scripts', 'bench', 'examples'].flatMap((folder) =>
  within(folder, '.ts', '.mjs'),
)
const shaders = within('shaders', '.wgsl')
/** Pages that nobody makes; Chinese has no spaces to break a line at. */
const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...['docs', 'src', 'shaders', 'test', 'tools', 'scripts', 'bench', 'examples'].flatMap((folder) =>
    within(folder, '.md'),
  ),
].filter((page) => !/^docs\/(made|api|guide\.zh)\/|\.zh\.md$/.test(page))

/** `file:line` of what is too long; characters count, not bytes. */
function tooLong(path: string, lines: readonly string[], width: number, allowed: (line: number) => boolean): string[] {
  return lines.flatMap((line, i) => ([...line].length > width && !allowed(i) ? [`${path}:${i + 1}`] : []))
}

/**
 * True where what crosses the margin is a text that cannot be broken: a string, a template with its values, a regular
 * expression. What joins it to the next line, a plus or a test's arrow, may stand after it.
 */
function isText(source: ts.SourceFile, line: number): boolean {
  const position = source.getPositionOfLineAndCharacter(line, WIDTH - ', async () => {'.length)
  let found = false
  const visit = (node: ts.Node): void => {
    if (node.getStart(source) > position || node.end < position) return
    found ||= ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || ts.isRegularExpressionLiteral(node)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

it(`no line of code or comment is longer than ${WIDTH} characters`, () => {
  const inSources = sources.flatMap((path) => {
    const text = read(path)
    if (!text.split('\n').some((line) => line.length > WIDTH)) return []
    const source = parse(path, text)
    return tooLong(path, text.split('\n'), WIDTH, (line) => isText(source, line))
  })
  const inShaders = shaders.flatMap((path) => tooLong(path, read(path).split('\n'), WIDTH, () => false))
  expect([...inSources, ...inShaders], 'break the line; biome does so with code, but not with comments').toEqual([])
})

it(`no line of a hand-written page is longer than ${PAGE} characters`, () => {
  const long = pages.flatMap((path) => {
    let [code, made] = [false, false]
    const exempt = read(path)
      .split('\n')
      .map((line) => {
        if (/^\s*```/.test(line)) code = !code
        if (line.startsWith('<!-- ops: made')) made = true
        if (line.startsWith('<!-- /ops')) made = false
        // Rows of tables and what is only a link cannot be broken.
        return code || made || /^\s*(\||\[[^\]]*\]:|(?:[-*] )?\[[^\]]*\]\([^)]*\)$)/.test(line)
      })
    return tooLong(path, read(path).split('\n'), PAGE, (line) => exempt[line])
  })
  expect(long).toEqual([])
})

it('what is not a tensor "is not a tensor": never "is no …"', () => {
  const allowed = /^(longer|more|less|one|way)$/
  const found = [...sources, ...shaders, ...pages, 'tools/mutants/explained.json']
    .filter((path) => path !== 'test/docs/prose.test.ts')
    .flatMap((path) => {
      // As one line of words: comments break lines, and so do texts that are joined by a plus.
      const words = read(path).replace(/['"`] \+\s+['"`]|\n\s*(?:\*|\/\/)?\s*/g, (gap) =>
        gap.includes('+') ? '' : ' ',
      )
      const all = words.matchAll(/(\w*) ?\b(?:is|are|was|were|be) no ['`$]?([A-Za-z][\w-]*)/g)
      return [...all]
        .filter(([, before, noun]) => !/^(there|must)$/i.test(before) && !allowed.test(noun))
        .map(([text]) => `${path}: ${text}`)
    })
  expect(found).toEqual([])
})
