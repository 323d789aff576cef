/** @file Random statements. Every loop counts, so every program ends. */
import { condition } from './bools.ts'
import {
  at,
  bool,
  braced,
  type Callable,
  type Context,
  componentOf,
  declare,
  f32,
  fresh,
  i32,
  inside,
  isVector,
  type Name,
  plain,
  type Type,
  typeText,
  u32,
  visible,
  write,
} from './context.ts'
import { expression, literal, runtime } from './expressions.ts'
import { loop } from './loops.ts'
import { descend, writable } from './places.ts'
import { callOf } from './shared.ts'

/** How many operators are above each other, often. */
const deep = ({ draw }: Context): number =>
  draw.weighted([
    [3, 1],
    [2, 2],
    [0.5, 3],
  ])

/** So many statements, one where the budget of the program has ended. */
export function statements(c: Context, count: number): void {
  for (let i = 0; i < count && (i === 0 || c.budget > 0); i++) statement(c)
}

export function statement(c: Context): void {
  c.budget--
  const nested = c.budget <= 0 || c.around.length + c.scopes.length > 5
  const kinds: readonly (readonly [number, (c: Context) => void])[] = [
    [nested ? 1 : 4, declaration],
    [4, assignment],
    [3, compound],
    [1, increment],
    [1, called],
    [0.3, phony],
    ...(nested
      ? []
      : ([
          [3, branch],
          [1, choice],
          [2.5, loop],
          [0.3, (one) => braced(one, '', () => statements(one, 2))],
        ] as const satisfies readonly (readonly [number, (c: Context) => void])[])),
  ]
  c.draw.weighted(kinds)(c)
}

// ---- declarations

/** A type that a variable may have. */
export const anyType = (c: Context): Type => c.draw.pick(c.draw.chance(0.85) ? plain : c.composite)

function declaration(c: Context): void {
  const { draw } = c
  const kind = draw.below(10)
  if (kind === 0 && pointer(c)) return
  if (kind === 1) return constant(c)
  const type = anyType(c)
  const text = draw.chance(0.5) ? '' : `: ${typeText(c, type)}`
  if (kind < 5) {
    const value = expression(c, type, deep(c)).text
    const name = fresh(c)
    write(c, `let ${name}${text} = ${value};`)
    return declare(c, { text: name, type, is: 'value' })
  }
  variable(c, type)
}

/** With a value or without one, which makes it 0. */
export function variable(c: Context, type: Type): void {
  const { draw } = c
  // Tint 2026 makes a variable 0 once, not each time that a loop comes to it.
  const empty = c.loops === 0 && draw.chance(0.15)
  const text = empty || draw.chance(0.5) ? `: ${typeText(c, type)}` : ''
  const value = empty ? '' : ` = ${expression(c, type, deep(c)).text}`
  const name = fresh(c)
  write(c, `var ${name}${text}${value};`)
  declare(c, { text: name, type, is: 'variable', writable: true, local: true, weight: 2 })
}

/** A constant of a function, whose type may be given by its value. */
function constant(c: Context): void {
  const type = c.draw.pick([i32, u32, f32, bool])
  const value = literal(c, type).text
  const name = fresh(c)
  write(c, `const ${name} = ${value};`)
  declare(c, { text: name, type, is: 'value', constant: true, weight: 0.5 })
}

/** A pointer to a part of a variable of the function, to an element whose index is looked at now. */
function pointer(c: Context): boolean {
  if (c.draw.chance(0.3)) return pointerOutside(c)
  const roots = c.scopes.map((scope) => scope.filter(({ local }) => local))
  const place = writable({ ...c, scopes: seenOnly(c, roots) }, 1)
  if (!place || (isVectorPart(place.text) && place.type.kind === 'scalar')) return false
  const name = fresh(c)
  write(c, `let ${name} = &${place.text};`.replace('&*', ''))
  declare(c, { text: name, type: place.type, is: 'pointer', writable: true, local: true, weight: 2 })
  return true
}

/** A pointer to what a buffer holds. */
function pointerOutside(c: Context): boolean {
  const all = c.scopes[0].filter(({ is, text }) => is === 'variable' && /^p\d+[ui]\./.test(text))
  const root = c.draw.pick(all)
  const wanted = c.draw.pick([...inside(root.type)].filter((type) => type.kind !== 'scalar' && isFixed(type)))
  if (!wanted) return false
  const place = descend(c, root, wanted, 1)
  const name = fresh(c)
  write(c, `let ${name} = &${place.text};`)
  declare(c, { text: name, type: place.type, is: 'pointer', weight: 1 })
  return true
}

const isFixed = (type: Type): boolean => type.kind !== 'array' || type.count !== null

/** Names that other names hide are not seen, of whichever kind those are. */
function seenOnly(c: Context, scopes: Name[][]): Name[][] {
  const all = new Set(visible(c))
  return scopes.map((scope) => scope.filter((name) => all.has(name)))
}

/** A component of a vector has no address; whether a part is one shows in its text alone here. */
const isVectorPart = (text: string): boolean => /[.\]]/.test(text)

// ---- assignments

function assignment(c: Context): void {
  const place = writable(c, 1)
  if (!place) return declaration(c)
  write(c, `${place.text} = ${expression(c, place.type, deep(c)).text};`)
}

/** f32 have none, which would leave the numbers that are exact. */
function compound(c: Context): void {
  const { draw } = c
  const place = writable(c, 1, (type) => plain.includes(type) && componentOf(type) !== f32)
  if (!place) return declaration(c)
  const { type } = place
  const of = componentOf(type)!
  const operator = of === bool ? draw.pick(['&', '|']) : draw.pick(['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>'])
  write(c, `${place.text} ${operator}= ${right(c, operator, type)};`)
}

function right(c: Context, operator: string, type: Type): string {
  const of = componentOf(type)!
  if (operator === '<<' || operator === '>>') {
    return isVector(type) ? runtime(c, wide(type), deep(c)).text : runtime(c, u32, deep(c)).text
  }
  if (operator === '/' || operator === '%') return runtime(c, type, deep(c)).text
  const single = isVector(type) && '+-*'.includes(operator) && c.draw.chance(0.3)
  return expression(c, single ? of : type, deep(c)).text
}

const wide = (type: Type): Type => plain.find((one) => componentOf(one) === u32 && sizeOf(one) === sizeOf(type))!
const sizeOf = (type: Type): number => (type.kind === 'vector' ? type.size : 1)

function increment(c: Context): void {
  const place = writable(c, 1, (type) => type === i32 || type === u32)
  if (!place) return declaration(c)
  write(c, `${place.text}${c.draw.pick(['++', '--'])};`)
}

function called(c: Context): void {
  const fitting = c.functions.filter(({ mustUse }) => !mustUse)
  if (fitting.length === 0 || c.calls <= 0) return assignment(c)
  const text = callOf(c, c.draw.pick(fitting), 1)
  if (!text) return assignment(c)
  write(c, `${text};`)
}

/** Calls a function for certain. */
export function use(c: Context, callable: Callable): void {
  const { pointer, target, result } = callable
  if (pointer && !target) variable(c, pointer)
  const text = callOf(c, callable, 1)
  const name = fresh(c)
  write(c, `let ${name} = ${text};`)
  declare(c, { text: name, type: result, is: 'value', weight: 2 })
}

function phony(c: Context): void {
  write(c, `_ = ${expression(c, anyType(c), 1).text};`)
}

// ---- branches

function branch(c: Context): void {
  const { draw } = c
  const head = (): string => {
    const { text } = condition(c, deep(c))
    return draw.chance(0.7) ? `if (${text}) ` : `if ${text} `
  }
  const first = head()
  braced(c, first, () => {
    statements(c, draw.between(1, 2))
    leave(c)
  })
  if (draw.chance(0.3)) braced(c, `else ${head()}`, () => statements(c, 1))
  if (draw.chance(0.5)) braced(c, 'else ', () => statements(c, draw.between(1, 2)))
}

/** Perhaps ends what is around. */
function leave(c: Context): void {
  const { draw, around } = c
  const ways: string[] = []
  const inner = around[around.length - 1]
  if (inner && inner !== 'continuing') ways.push('break;')
  if (around.includes('loop') && !around.includes('continuing')) ways.push('continue;')
  if (c.result && !around.includes('continuing')) ways.push('return')
  if (ways.length === 0 || !draw.chance(0.35)) return
  const way = draw.pick(ways)
  write(c, way === 'return' ? `return ${expression(c, c.result!, 1).text};` : way)
}

function choice(c: Context): void {
  const { draw } = c
  const type = draw.pick([i32, u32])
  const x = runtime(c, type, deep(c))
  const selector = type === u32 ? `${at(x, 0)} & 3` : draw.pick([`${at(x, 1)} % 4`, `clamp(${x.text}, -1, 4)`, x.text])
  const numbers = [0, 1, 2, 3, -1, 0x7fffffff].slice(0, type === u32 ? 4 : 6)
  const cases: string[][] = Array.from({ length: draw.between(1, 3) }, () => [])
  const suffix = draw.chance(0.5) ? (type === u32 ? 'u' : 'i') : ''
  for (const number of numbers) if (draw.chance(0.8)) draw.pick(cases).push(`${number}${suffix}`)
  const full = cases.filter((one) => one.length > 0)
  const others = draw.below(full.length + 1)
  write(c, `switch ${draw.chance(0.5) ? `(${selector})` : selector} {`)
  c.depth++
  c.around.push('switch')
  const clause = (head: string): void =>
    braced(c, `${head}${draw.chance(0.5) ? ':' : ''} `, () => {
      statements(c, draw.between(0, 2))
      if (draw.chance(0.4)) braced(c, `if (${condition(c, 1).text}) `, () => leave(c))
    })
  full.forEach((selectors, i) => {
    if (i === others && draw.chance(0.5)) selectors.splice(draw.below(selectors.length + 1), 0, 'default')
    else if (i === others) clause('default')
    clause(`case ${selectors.join(', ')}`)
  })
  if (others === full.length) clause('default')
  c.around.pop()
  c.depth--
  write(c, '}')
}
