/** @file What the parts of the checker share: the program, what is enabled in it, where in it the checker is. */
import type { Source } from '../source.ts'
import type { Call, Expression, FunctionDeclaration, Module, Stage, Statement, StructDeclaration } from '../tree.ts'
import type { Type } from '../types.ts'

export interface Context {
  readonly module: Module
  readonly source: Source
  /** What the program enables: `f16`, `subgroups`. */
  readonly enabled: ReadonlySet<string>
  /**
   * How control leaves statements and blocks, in bits of statements.ts; nothing of those that it leaves at their end.
   */
  readonly behaviors: Map<object, number>
  /** Calls of builtin functions that want all threads of a workgroup or a subgroup together. */
  readonly collective: Map<Call, 'workgroup' | 'subgroup'>
  readonly structs: Map<Type, StructDeclaration>
  /** The function whose body is checked. */
  fn: FunctionDeclaration | undefined
  /** Above 0 in an operand that is not evaluated, such as the right one of `false && x`. */
  unevaluated: number
}

/** Texts of names and types may be of any length; a message is for a terminal. */
const LONGEST = 240
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)

export function fail(c: { readonly source: Source }, at: number, what: string, remedy?: string): never {
  throw c.source.error(at, cut(what), remedy && cut(remedy))
}

/** The line of an offset, for texts that name a second place. */
export const lineOf = (c: { readonly source: Source }, at: number): string => {
  const { file, line } = c.source.place(at)
  return c.source.files.length > 1 ? `${file}:${line}` : `line ${line}`
}

/** The expressions that an expression consists of, types in its templates left out. */
export function operandsOf(e: Expression): readonly Expression[] {
  switch (e.kind) {
    case 'unary':
      return [e.operand]
    case 'binary':
      return [e.left, e.right]
    case 'call':
      return e.args
    case 'index':
      return [e.of, e.index]
    case 'member':
      return [e.of]
    default:
      return []
  }
}

/** The expressions and statements that a statement consists of, in their order; types are among them. */
export function partsOf(s: Statement): readonly (Expression | Statement)[] {
  switch (s.kind) {
    case 'block':
      return s.body
    case 'variable':
      return present([...s.template, s.written, s.initializer])
    case 'assign':
      return present([s.target, s.value])
    case 'step':
      return [s.target]
    case 'call-statement':
      return [s.call]
    case 'if':
      return present([s.condition, s.then, s.else])
    case 'switch':
      return [s.on, ...s.cases.flatMap((one) => [...one.selectors.filter((x) => x !== 'default'), one.body])]
    case 'loop':
      return present([s.body, s.continuing?.body, s.continuing?.breakIf])
    case 'for':
      return present([s.first, s.condition, s.next, s.body])
    case 'while':
      return [s.condition, s.body]
    case 'return':
      return present([s.value])
    case 'const-assert':
      return [s.condition]
    default:
      return []
  }
}

const present = <T>(parts: readonly (T | undefined)[]): T[] => parts.filter((part) => part !== undefined)

const EXPRESSIONS = new Set(['literal', 'identifier', 'unary', 'binary', 'call', 'index', 'member'])

/** Visits parts, each by what it is. */
export function visit(
  parts: readonly (Expression | Statement)[],
  expression: (e: Expression) => void,
  statement: (s: Statement) => void,
): void {
  for (const part of parts) {
    if (EXPRESSIONS.has(part.kind)) expression(part as Expression)
    else statement(part as Statement)
  }
}

const STAGES: readonly Stage[] = ['const', 'override', 'runtime']

/** The latest of the stages. */
export const latest = (stages: Iterable<Stage>): Stage => {
  let last = 0
  for (const stage of stages) last = Math.max(last, STAGES.indexOf(stage))
  return STAGES[last]
}
export const isLater = (stage: Stage, than: Stage): boolean => STAGES.indexOf(stage) > STAGES.indexOf(than)
