/**
 * @file The public functions as the sources declare them: name, signature, docstring, family. The tables of
 * docs/made/ops.md and docs/made/gradients.md are made of it, and the categories of the API reference
 * (typedoc.config.mjs).
 */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { familyOf } from './families.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** One public function, or a method of Tensor that is not a function. */
export interface Api {
  readonly name: string
  /** Path of its source file, from the root of the repository. */
  readonly file: string
  /** Where in that file it is declared. */
  readonly at: number
  /** Key of its family, see families.mjs. */
  readonly family: string
  /** Parameters and result, one per overload: `(x: Tensor, dims?: Dims): Tensor`. */
  readonly signatures: readonly string[]
  /** Its docstring without tags, in one line. */
  readonly doc: string
  /** Names of its block tags: `param`, `returns`, `throws`, `see`. */
  readonly tags: readonly string[]
  /** What follows "Dtypes:" in the docstring, 'any' for "Any dtype"; null without either. */
  readonly dtypes: string | null
  /** True if the index of the package exports it. */
  readonly exported: boolean
}

const dtypesOf = (doc: string): string | null =>
  /Dtypes?: (.*?)(?:\.(?:\s|$)|;|$)/.exec(doc)?.[1] ?? (/\b[Aa]ny dtypes?\b/.test(doc) ? 'any' : null)

/**
 * Type-check the sources and list every function that the package exports, and every function of src/ops that a Tensor
 * has.
 */
export function publicApi(methods: (name: string) => boolean): readonly Api[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.build.json'), (file) => readFileSync(file, 'utf8'))
  const { options, fileNames } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const program = ts.createProgram(fileNames, { ...options, noEmit: true })
  const checker = program.getTypeChecker()
  const exportsOf = (file: ts.SourceFile | undefined): readonly ts.Symbol[] => {
    const module = file && checker.getSymbolAtLocation(file)
    return module ? checker.getExportsOfModule(module) : []
  }
  const found = new Map<string, Api>()
  const add = (symbol: ts.Symbol, exported: boolean): void => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const declaration = target.valueDeclaration
    if (!declaration || found.has(symbol.name)) return
    const calls = checker.getTypeOfSymbolAtLocation(target, declaration).getCallSignatures()
    if (calls.length === 0) return
    const file = relative(root, declaration.getSourceFile().fileName).replaceAll('\\', '/')
    const signatures = calls.map((call) =>
      // That what is optional may be undefined goes without saying.
      checker
        .signatureToString(call, undefined, ts.TypeFormatFlags.NoTruncation)
        .replace(/\(([^()]* & [^()]*)\) \| undefined/g, '$1')
        .replaceAll(' | undefined', ''),
    )
    // Overloads may each have a text of their own; the first is the one that says what the function is.
    const text = ts.displayPartsToString(target.getDocumentationComment(checker)).replace(/\s+/g, ' ').trim()
    found.set(symbol.name, {
      name: symbol.name,
      file,
      at: declaration.getStart(),
      family: familyOf(symbol.name, file),
      signatures,
      doc: text,
      tags: target.getJsDocTags(checker).map((tag) => tag.name),
      dtypes: dtypesOf(text),
      exported,
    })
  }
  for (const symbol of exportsOf(program.getSourceFile(join(root, 'src/entries.ts')))) add(symbol, true)
  for (const file of program.getSourceFiles()) {
    if (!/\/src\/(ops|autograd)\//.test(file.fileName)) continue
    for (const symbol of exportsOf(file)) if (methods(symbol.name)) add(symbol, false)
  }
  // As they stand in the sources: what belongs together is together.
  return [...found.values()].sort((a, b) => (a.file === b.file ? a.at - b.at : a.file < b.file ? -1 : 1))
}
