/**
 * @file Every public name with its signature, one per line and sorted, as the type checker sees src/index.ts: what a
 * change adds to the API, takes from it or alters is what `git diff docs/made/api.txt` shows. The functions with
 * families and docstrings, of which the tables of ops are made, are in ../optable/api.ts.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** This repository. */
const here = fileURLToPath(new URL('../..', import.meta.url))

const HEAD = [
  '# Every public name of handgrad with its signature, made by `npm run optable` from the sources; not to be edited.',
  '# `Tensor#relu` is a member of every Tensor, `nn.Linear` a name in a namespace. What a docstring calls internal is left out.',
]

const FLAGS = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType

/** The report of a checkout, whose own packages are used. @param root  its folder */
export function apiReport(root = here): string {
  const config = ts.readConfigFile(join(root, 'tsconfig.build.json'), ts.sys.readFile)
  const { options, fileNames } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const program = ts.createProgram(fileNames, { ...options, noEmit: true, stableTypeOrdering: true })
  const index = program.getSourceFile(join(root, 'src/index.ts'))
  const module = index && program.getTypeChecker().getSymbolAtLocation(index)
  if (!module) throw new Error(`api: ${root} has no src/index.ts`)
  const report = new Report(program)
  report.collect(module)
  const lines = new Set(report.ofModule(module, ''))
  if (lines.size === 0) throw new Error('api: src/index.ts exports nothing')
  return [...HEAD, ...[...lines].sort(), ''].join('\n')
}

/** The file that `npm run optable` writes, as it should be. */
export const apiPages = (): ReadonlyMap<string, string> => new Map([['docs/made/api.txt', apiReport()]])

class Report {
  private readonly program: ts.Program
  private readonly checker: ts.TypeChecker
  private readonly printer = ts.createPrinter({ removeComments: true })
  /** Under which name each declaration was listed first. */
  private readonly listed = new Map<ts.Symbol, string>()
  /** All that is exported, in namespaces too. */
  private readonly exported = new Set<ts.Symbol>()

  constructor(program: ts.Program) {
    this.program = program
    this.checker = program.getTypeChecker()
  }

  /** Note what a module exports. */
  collect(module: ts.Symbol): void {
    for (const symbol of this.checker.getExportsOfModule(module)) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol
      if (target.declarations?.some(ts.isSourceFile)) this.collect(target)
      else this.exported.add(target)
    }
  }

  /** The lines of what a module exports; `prefix` is the namespace that it is exported as, with its dot. */
  ofModule(module: ts.Symbol, prefix: string): string[] {
    const exported = this.checker.getExportsOfModule(module).map((symbol) => ({
      name: prefix + symbol.name,
      target: symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol,
      typeOnly: symbol.declarations?.some(ts.isTypeOnlyExportDeclaration) ?? false,
    }))
    const isModule = (symbol: ts.Symbol) => symbol.declarations?.some(ts.isSourceFile)
    // What the index exports itself comes first, so that namespaces refer to it.
    const own = exported.filter(({ target }) => !isModule(target))
    const namespaces = exported.filter(({ target }) => isModule(target))
    return [
      ...own.flatMap(({ name, target, typeOnly }) => this.ofExport(name, target, typeOnly)),
      ...namespaces.flatMap(({ name, target }) => this.ofModule(target, `${name}.`)),
    ]
  }

  private ofExport(name: string, target: ts.Symbol, typeOnly: boolean): string[] {
    const first = this.listed.get(target)
    if (first !== undefined) return [`${name} = ${first}`]
    this.listed.set(target, name)
    return [...(typeOnly ? [] : this.ofValue(target, name)), ...this.ofType(target, name)]
  }

  /** A function, a constant, or a class with its constructors and static members. */
  private ofValue(symbol: ts.Symbol, name: string): string[] {
    if (!symbol.valueDeclaration) return []
    const type = this.checker.getTypeOfSymbolAtLocation(symbol, symbol.valueDeclaration)
    if (!(symbol.flags & ts.SymbolFlags.Class)) return this.ofTyped(name, type)
    const made = type.getConstructSignatures().map((signature) => `new ${name}${this.signature(signature)}`)
    const fixed = this.checker.getPropertiesOfType(type).filter((member) => member.name !== 'prototype')
    return [...(isInternal(this.constructorOf(symbol)) ? [] : made), ...this.ofMembers(fixed, `${name}.`)]
  }

  private constructorOf(symbol: ts.Symbol): ts.Symbol | undefined {
    return symbol.members?.get(ts.InternalSymbolName.Constructor)
  }

  /** A class or an interface with the members of its instances, or a type by its text. */
  private ofType(symbol: ts.Symbol, name: string): string[] {
    const kind = symbol.flags & ts.SymbolFlags.Class ? 'class' : 'interface'
    if (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) {
      const type = this.checker.getDeclaredTypeOfSymbol(symbol)
      const { own, above } = this.inherited(symbol)
      // What a class has of one that is listed stands there.
      const members = this.checker.getPropertiesOfType(type).filter((member) => !above || own.has(member.escapedName))
      return [`${kind} ${name}${above ? ` extends ${above.name}` : ''}`, ...this.ofMembers(members, `${name}#`)]
    }
    const alias = symbol.declarations?.find(ts.isTypeAliasDeclaration)
    return alias ? [`type ${name}${this.aliasText(alias)}`] : []
  }

  /** The nearest class above that is listed, if any, and the members that a class has not of it. */
  private inherited(symbol: ts.Symbol): { own: ReadonlySet<ts.__String>; above: ts.Symbol | undefined } {
    const own = new Set(symbol.members?.keys())
    let [above] = this.basesOf(symbol)
    for (; above && !this.exported.has(above); [above] = this.basesOf(above))
      for (const name of above.members?.keys() ?? []) own.add(name)
    return { own, above }
  }

  private basesOf(symbol: ts.Symbol): ts.Symbol[] {
    const type = this.checker.getDeclaredTypeOfSymbol(symbol)
    return type.isClassOrInterface() ? this.checker.getBaseTypes(type).flatMap((base) => base.getSymbol() ?? []) : []
  }

  private ofMembers(members: readonly ts.Symbol[], prefix: string): string[] {
    return members
      .filter((member) => !isHidden(member) && !isInternal(member) && !this.isForeign(member))
      .flatMap((member) => {
        // A symbol's name has a number in it that changes from program to program.
        const name = prefix + member.name.replace(/^__@(\w+)@\d+$/, '[Symbol.$1]')
        return this.ofTyped(name, this.checker.getTypeOfSymbol(member), Boolean(member.flags & ts.SymbolFlags.Optional))
      })
  }

  private ofTyped(name: string, type: ts.Type, optional = false): string[] {
    const mark = optional ? '?' : ''
    const calls = type.getCallSignatures()
    if (calls.length > 0) return calls.map((call) => `${name}${mark}${this.signature(call)}`)
    return [withoutUndefined(`${name}${mark}: ${this.checker.typeToString(type, undefined, FLAGS)}`)]
  }

  private signature(signature: ts.Signature): string {
    return withoutUndefined(this.checker.signatureToString(signature, undefined, FLAGS))
  }

  /** `<T> = …`, as the source has it. */
  private aliasText(alias: ts.TypeAliasDeclaration): string {
    const print = (node: ts.Node) =>
      this.printer.printNode(ts.EmitHint.Unspecified, node, alias.getSourceFile()).replace(/\s+/g, ' ')
    const parameters = alias.typeParameters ? `<${alias.typeParameters.map(print).join(', ')}>` : ''
    return `${parameters} = ${print(alias.type)}`
  }

  /** True for what the language or a package declares, as Error's `stack`. */
  private isForeign(member: ts.Symbol): boolean {
    const files = member.declarations?.map((declaration) => declaration.getSourceFile()) ?? []
    const foreign = (file: ts.SourceFile) =>
      this.program.isSourceFileDefaultLibrary(file) || file.fileName.includes('/node_modules/')
    return files.length > 0 && files.every(foreign)
  }
}

/** Private members, in either spelling. */
const isHidden = (member: ts.Symbol): boolean =>
  member.name.startsWith('__#') ||
  (member.declarations ?? []).some((declaration) => ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private)

const isInternal = (member: ts.Symbol | undefined): boolean =>
  /^Internal\b/.test(ts.displayPartsToString(member?.getDocumentationComment(undefined)))

/** That what is optional, `x?: T | undefined`, may be undefined goes without saying; elsewhere it is said. */
function withoutUndefined(text: string): string {
  const short = text.replace(/ \| undefined/g, (mark, at: number) => (isOptional(text.slice(0, at)) ? '' : mark))
  return short.replace(/\?: \(([^()]* & [^()]*)\)/g, '?: $1')
}

/** True if the type at the end of a text is that of `name?: `. */
function isOptional(text: string): boolean {
  let depth = 0
  for (let i = text.length - 1; i >= 0; i--) {
    const isArrow = text[i] === '>' && text[i - 1] === '='
    if (')]}'.includes(text[i]) || (text[i] === '>' && !isArrow)) depth++
    else if ('([{<'.includes(text[i]) && depth-- === 0) return false
    else if (depth === 0 && text.startsWith('?: ', i)) return true
    else if (depth === 0 && ',;'.includes(text[i])) return false
  }
  return false
}
