/**
 * @file Mutants of gradient rules: functions of a cotangent (a parameter or property named g or gs) in src/ops, the
 * reference compositions of fused ops, and what only these call. All mutants of a file are built in at once, each
 * behind a switch, so that one process tries one after the other: `expression` becomes `(active === 7 ? mutated :
 * expression)`.
 */
import ts from 'typescript'
import type { Mutant } from './mutant.ts'

/** A rule or a helper of rules. */
export interface Rule {
  readonly name: string
  readonly body: ts.ConciseBody
}

const SWAPPED: Readonly<Record<string, string>> = {
  add: 'sub',
  sub: 'add',
  gt: 'ge',
  ge: 'gt',
  lt: 'le',
  le: 'lt',
  eq: 'ne',
  ne: 'eq',
  sin: 'cos',
  cos: 'sin',
  min: 'max',
  max: 'min',
  amin: 'amax',
  amax: 'amin',
  minimum: 'maximum',
  maximum: 'minimum',
  logicalAnd: 'logicalOr',
  logicalOr: 'logicalAnd',
}
const OPERATORS: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
}
/** Calls that are not mathematics. */
const TEXTS = /^(fail|failIndex|describe|showShape|check[A-Z]\w*)$/
/** Its sign does not show. */
const ZERO = /^(zerosLike|zeros|fail)$/

type Fn = ts.ArrowFunction | ts.FunctionDeclaration | ts.FunctionExpression | ts.MethodDeclaration
const isFn = (node: ts.Node): node is Fn =>
  ts.isArrowFunction(node) ||
  ts.isFunctionDeclaration(node) ||
  ts.isFunctionExpression(node) ||
  ts.isMethodDeclaration(node)

const isCotangent = (name: ts.Node | undefined): boolean =>
  name !== undefined && ts.isIdentifier(name) && /^gs?$/.test(name.text)

/** Takes a cotangent by name, or reads it from its context. (`[x, g]` is a kernel's list of inputs, no rule.) */
function takesCotangent(fn: Fn): boolean {
  const names = new Set<string>()
  for (const { name } of fn.parameters) {
    if (isCotangent(name)) return true
    if (ts.isObjectBindingPattern(name) && name.elements.some((e) => isCotangent(e.propertyName ?? e.name))) return true
    if (ts.isIdentifier(name)) names.add(name.text)
  }
  let found = false
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && names.has(node.expression.text))
      found ||= isCotangent(node.name)
    ts.forEachChild(node, visit)
  }
  if (fn.body) visit(fn.body)
  return found
}

/** What encloses a node: the op's name where a definition says it, else the names of functions and properties. */
function nameOf(node: ts.Node): string {
  const path: string[] = []
  for (let at: ts.Node = node; at.parent; at = at.parent) {
    if ((ts.isPropertyAssignment(at) || ts.isMethodDeclaration(at)) && ts.isIdentifier(at.name))
      path.unshift(at.name.text)
    if (ts.isFunctionDeclaration(at) && at.name) path.unshift(at.name.text)
    if (ts.isVariableDeclaration(at) && ts.isIdentifier(at.name)) path.unshift(at.name.text.replace(/Op$/, ''))
  }
  return path.filter((name) => name !== 'vjp' && name !== 'x').join('.')
}

/** The rules of a file, none inside of another. */
export function rulesOf(source: ts.SourceFile): Rule[] {
  const found: Fn[] = []
  const visit = (node: ts.Node): void => {
    const reference = node.parent && ts.isPropertyAssignment(node.parent) && node.parent.name.getText() === 'reference'
    const method = ts.isMethodDeclaration(node) && node.name.getText() === 'reference'
    if (isFn(node) && node.body && (reference || method || takesCotangent(node))) found.push(node)
    else ts.forEachChild(node, visit)
  }
  visit(source)
  // Helpers: functions of the file that nothing but rules names.
  const inside = (node: ts.Node) => found.some((fn) => node.pos >= fn.pos && node.end <= fn.end)
  const uses = new Map<string, ts.Node[]>()
  const collect = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) uses.set(node.text, [...(uses.get(node.text) ?? []), node])
    ts.forEachChild(node, collect)
  }
  collect(source)
  const helpers: [ts.Identifier, Fn][] = source.statements.flatMap((s): [ts.Identifier, Fn][] => {
    if (ts.canHaveModifiers(s) && ts.getModifiers(s)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)) return []
    if (ts.isFunctionDeclaration(s) && s.name) return [[s.name, s]]
    if (!ts.isVariableStatement(s)) return []
    return s.declarationList.declarations.flatMap((d): [ts.Identifier, Fn][] =>
      ts.isIdentifier(d.name) && d.initializer && ts.isArrowFunction(d.initializer) ? [[d.name, d.initializer]] : [],
    )
  })
  for (let grew = true; grew; ) {
    grew = false
    for (const [name, fn] of helpers) {
      const others = (uses.get(name.text) ?? []).filter((use) => use !== name)
      if (found.includes(fn) || others.length === 0 || !others.every(inside)) continue
      found.push(fn)
      grew = true
    }
  }
  return found.map((fn) => ({ name: nameOf(fn), body: fn.body as ts.ConciseBody }))
}

export const parse = (file: string, text: string): ts.SourceFile =>
  ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true)

/** Name of what is called, as a function or as a method. */
function calleeOf(call: ts.CallExpression): string {
  const { expression: e } = call
  return ts.isIdentifier(e) ? e.text : ts.isPropertyAccessExpression(e) ? e.name.text : ''
}

/** op(a, b), whether imported there or not. */
const call = (op: string, ...args: string[]): [string, string] => [
  `${op}(${args.join(', ')})`,
  `globalThis.__m.ops.${op}(${args.join(', ')})`,
]

/** On the left of an assignment: must stay a place. */
const assigned = (node: ts.Node): boolean => {
  const { parent } = node
  if (ts.isBinaryExpression(parent) && parent.left === node)
    return (
      parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
      parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment
    )
  return (
    ts.isPostfixUnaryExpression(parent) || (ts.isPrefixUnaryExpression(parent) && /^(\+\+|--)/.test(parent.getText()))
  )
}

const isLiteral = (s: string): boolean => /^-?[\d.]/.test(s) || /^Math\./.test(s)

/** Every mutant of a rule. */
export function mutantsOf(file: string, { name, body }: Rule): Mutant[] {
  const text = body.getSourceFile().text
  const mutants: Mutant[] = []
  const of = (node: ts.Node): string => text.slice(node.getStart(), node.end)
  const put = (node: ts.Node, mutated: string, code?: string): void => {
    const start = node.getStart()
    // A switch begins with a bracket: at the start of a statement it would be taken for a call of the line before.
    for (let at = node; at.parent && at.getStart() === start; at = at.parent) if (ts.isExpressionStatement(at)) return
    mutants.push({ group: 'rule', file, where: name, start, end: node.end, original: of(node), mutated, code })
  }
  const flip = (node: ts.Expression): void => {
    if (ts.isCallExpression(node) && ZERO.test(calleeOf(node))) return
    if (ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node) || ts.isParenthesizedExpression(node))
      return
    put(node, `neg(${of(node)})`, `globalThis.__m.neg(${of(node)})`)
  }
  function calls(node: ts.CallExpression): void {
    const callee = calleeOf(node)
    const method = ts.isPropertyAccessExpression(node.expression) ? node.expression : null
    const onMath = method?.expression.getText() === 'Math'
    const all = (method && !onMath ? [method.expression, ...node.arguments] : [...node.arguments]).map(of)
    const other = SWAPPED[callee]
    if (onMath) {
      if (other) put(node, `Math.${other}(${all.join(', ')})`)
      return
    }
    if (other && all.length > 0) put(node, ...call(other, ...all))
    const [a, b, c] = all
    if (all.length === 2 && (callee === 'mul' || callee === 'div')) {
      if (!isLiteral(a)) put(node, a)
      if (callee === 'mul' && !isLiteral(b)) put(node, b)
    }
    if (all.length === 2 && (callee === 'sub' || callee === 'div') && a !== b) put(node, ...call(callee, b, a))
    if (all.length === 1 && (callee === 'neg' || callee === 'square' || callee === 'abs')) put(node, a)
    if (all.length === 3 && callee === 'where') put(node, ...call('where', a, c, b))
  }

  function visit(node: ts.Node): void {
    if (
      ts.isTypeNode(node) ||
      ts.isTemplateExpression(node) ||
      (ts.isBindingName(node) && ts.isObjectBindingPattern(node))
    )
      return
    if (ts.isCallExpression(node)) {
      if (TEXTS.test(calleeOf(node))) return
      calls(node)
    } else if (ts.isNumericLiteral(node) && !(ts.isPropertyAssignment(node.parent) && node.parent.name === node)) {
      const value = Number(node.text)
      put(node, String(Number.isInteger(value) ? value + 1 : value * 2))
    } else if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
      put(node, node.kind === ts.SyntaxKind.TrueKeyword ? 'false' : 'true')
    } else if (ts.isPrefixUnaryExpression(node) && /^[-!]/.test(node.getText())) {
      put(node, of(node.operand))
    } else if (ts.isConditionalExpression(node)) {
      put(node, `${of(node.condition)} ? ${of(node.whenFalse)} : ${of(node.whenTrue)}`)
    } else if (ts.isElementAccessExpression(node) && !assigned(node) && !ts.isStringLiteral(node.argumentExpression)) {
      if (!ts.isNumericLiteral(node.argumentExpression))
        put(node, `${of(node.expression)}[${of(node.argumentExpression)} + 1]`)
    } else if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText()
      const [left, right] = [of(node.left), of(node.right)]
      const other = OPERATORS[operator]
      if (other && !/['`]/.test(left + right)) put(node, `${left} ${other} ${right}`)
      if (operator === '*') put(node, left)
      if (operator === '-' || operator === '/') put(node, `(${right}) ${operator} (${left})`)
    } else if (ts.isReturnStatement(node) && node.expression && owner(node) === body.parent) flip(node.expression)
    ts.forEachChild(node, visit)
  }
  if (!ts.isBlock(body)) flip(body)
  visit(body)
  return mutants
}

/** The function that a statement belongs to. */
function owner(node: ts.Node): ts.Node {
  let at = node.parent
  while (!isFn(at)) at = at.parent
  return at
}

/**
 * The file with mutants built in behind switches, and a note in each rule that it ran.
 * @param chosen  mutants of this file, by number
 * @param rules   of this file, by number
 */
export function withSwitches(
  text: string,
  chosen: ReadonlyMap<number, Mutant>,
  rules: ReadonlyMap<number, Rule>,
): string {
  interface Range {
    readonly start: number
    readonly end: number
    readonly wrap: (inner: string) => string
  }
  const ranges: Range[] = []
  const places = new Map<string, [number, Mutant][]>()
  for (const [id, m] of chosen) {
    const key = `${m.start} ${m.end}`
    places.set(key, [...(places.get(key) ?? []), [id, m]])
  }
  for (const list of places.values()) {
    const [[, { start, end }]] = list
    const cases = list.map(([id, m]) => `globalThis.__m.active===${id}?(${m.code ?? m.mutated}):`).join('')
    ranges.push({ start, end, wrap: (inner) => `(${cases}(${inner}))` })
  }
  for (const [id, { body }] of rules) {
    const hit = `globalThis.__m.hits.add(${id})`
    const start = body.getStart()
    ranges.push({
      start,
      end: body.end,
      wrap: ts.isBlock(body) ? (inner) => `{${hit};${inner.slice(1)}` : (inner) => `(${hit},${inner})`,
    })
  }
  // Outer ranges first; of equal ones, the notes (added last) are outermost.
  const order = ranges.map((range, i) => ({ range, i }))
  order.sort((a, b) => a.range.start - b.range.start || b.range.end - a.range.end || b.i - a.i)
  const sorted = order.map(({ range }) => range)
  let next = 0
  const render = (from: number, to: number): string => {
    let out = ''
    let at = from
    while (next < sorted.length && sorted[next].start < to) {
      const range = sorted[next++]
      out += text.slice(at, range.start) + range.wrap(render(range.start, range.end))
      at = range.end
    }
    return out + text.slice(at, to)
  }
  return render(0, text.length)
}
