/**
 * @file Statements. Loops and switches have labels: WGSL's `break` and `continue` mean the innermost of either kind,
 * and a `continuing` block is run by `continue` too.
 */
import type { Assign, Expression, For, If, Loop, Statement, Step, Switch, Variable } from '../../wgsl/tree.ts'
import { type Type, type Vector, valueType } from '../../wgsl/types.ts'
import { zeroOf } from '../../wgsl/values.ts'
import type { Body } from './body.ts'
import { call, condition, place, pointee, value } from './expressions.ts'
import { partCount } from './generator.ts'
import { binaryParts } from './operators.ts'
import { load, memberOf, type Place, placeOfRoot, store } from './places.ts'
import { constantParts, literal } from './scalars.ts'
import type { Value } from './value.ts'

export function statements(body: Body, all: readonly Statement[]): void {
  for (const one of all) statement(body, one)
}

function statement(body: Body, s: Statement): void {
  const { w } = body
  switch (s.kind) {
    case 'block':
      return w.block('', () => statements(body, s.body))
    case 'variable':
      return declare(body, s)
    case 'assign':
      return assign(body, s)
    case 'step':
      return step(body, s)
    case 'call-statement':
      call(body, s.call)
      return
    case 'if':
      return branch(body, s)
    case 'switch':
      return choose(body, s)
    case 'loop':
      return loop(body, s)
    case 'for':
      return forLoop(body, s)
    case 'while':
      return repeat(body, s.at, s.condition, () => statements(body, s.body.body))
    case 'break':
      return w.line(`break ${body.breaks.at(-1)}`)
    case 'continue':
      return w.line(`break ${body.continues.at(-1)}`)
    case 'return':
      return leave(body, s.value)
    case 'const-assert':
      return
    case 'discard':
      throw new Error('discard is not in compute shaders')
  }
}

// ---- variables

function declare(body: Body, v: Variable): void {
  if (v.form === 'const') return
  const type = valueType(v.type as Type)
  const { initializer } = v
  if (type.kind === 'pointer') {
    // What it points to is found now: later its indices may have changed.
    const to = pointee(body, initializer as Expression)
    if (to.kind !== 'memory') throw new Error(`${v.name} points to a register`)
    const at = body.w.variable()
    body.w.line(`${at} = ${to.at}`)
    body.pointers.set(v, { ...to, at })
    return
  }
  const initial: Value = initializer ? value(body, initializer) : { type, parts: constantParts(zeroOf(type)) }
  if (body.inMemory.has(v)) return store(body, placeOfRoot(body.g.rootOf(v)), initial, v.at)
  const registers = body.registers.get(v) ?? body.newRegisters(v, partCount(type))
  body.assign(v, registers, initial.parts)
}

function assign(body: Body, { target, operator, value: given, at }: Assign): void {
  if (!target) {
    // Its value is computed, as it may be a call, unless it is the address of something.
    if (given.type?.kind !== 'pointer') value(body, given)
    return
  }
  const swizzled = target.kind === 'member' && (target.indices?.length ?? 0) > 1
  if (swizzled) return assignComponents(body, target.of, target.indices as readonly number[], operator, given, at)
  const to = place(body, target)
  if (!operator) return store(body, to, value(body, given), at)
  const before = load(body, to, at)
  const parts = binaryParts(operator, before, value(body, given), to.type, body.w)
  store(body, to, { type: to.type, parts }, at)
}

/** `v.xz = w`: each component by itself, after all of them are known. */
function assignComponents(
  body: Body,
  of: Expression,
  indices: readonly number[],
  operator: Assign['operator'],
  given: Expression,
  at: number,
): void {
  const whole = of.type?.kind === 'pointer' ? pointee(body, of) : place(body, of)
  const places = indices.map((i) => memberOf(body, whole, i))
  const before = operator && places.flatMap((one) => load(body, one, at).parts)
  const type: Type = { ...(whole.type as Vector), size: indices.length as Vector['size'] }
  const by = value(body, given)
  const parts = operator && before ? binaryParts(operator, { type, parts: before }, by, type, body.w) : by.parts
  places.forEach((one: Place, k) => {
    store(body, one, { type: one.type, parts: [parts[k]] }, at)
  })
}

function step(body: Body, { target, by, at }: Step): void {
  const to = place(body, target)
  const one: Value = { type: to.type, parts: [{ js: '1', bad: '0' }] }
  const parts = binaryParts(by > 0 ? '+' : '-', load(body, to, at), one, to.type, body.w)
  store(body, to, { type: to.type, parts }, at)
}

// ---- branches

function branch(body: Body, { condition: on, then, else: otherwise }: If): void {
  const { w } = body
  w.block(`if (${condition(body, on)}) `, () => statements(body, then.body))
  if (otherwise) w.block('else ', () => statement(body, otherwise))
}

function choose(body: Body, { on, cases, at }: Switch): void {
  const { w } = body
  const [chosen] = value(body, on).parts
  body.decides(chosen, at)
  const label = w.unused()
  body.breaks.push(label)
  w.block(`${label}: switch (${chosen.js}) `, () => {
    for (const { selectors, body: inside } of cases) {
      for (const one of selectors) w.line(one === 'default' ? 'default:' : `case ${literal(Number(one.value))}:`)
      w.block('', () => {
        statements(body, inside.body)
        w.line(`break ${label}`)
      })
    }
  })
  body.breaks.pop()
}

// ---- loops

/** `body` again and again, counting steps; `after` is run by `continue` too. */
function endless(body: Body, at: number, inside: () => void, after?: (label: string) => void): void {
  const { w, g } = body
  const [label, again] = [w.unused(), w.unused()]
  body.breaks.push(label)
  body.continues.push(again)
  w.block(`${label}: for (;;) `, () => {
    w.line(`if (++steps > limit) endless(${g.site(at)})`)
    w.block(`${again}: `, inside)
    after?.(label)
  })
  body.breaks.pop()
  body.continues.pop()
}

/** The condition is computed before each round, and a thread for which it is false leaves. */
function repeat(
  body: Body,
  at: number,
  on: Expression | undefined,
  inside: () => void,
  after?: (label: string) => void,
): void {
  const test = () => {
    if (on) body.w.line(`if (!${condition(body, on)}) break ${body.breaks.at(-1)}`)
    inside()
  }
  endless(body, at, test, after)
}

function forLoop(body: Body, { first, condition: on, next, body: inside, at }: For): void {
  body.w.block('', () => {
    if (first) statement(body, first)
    repeat(
      body,
      at,
      on,
      () => statements(body, inside.body),
      () => next && statement(body, next),
    )
  })
}

function loop(body: Body, { body: inside, continuing, at }: Loop): void {
  endless(
    body,
    at,
    () => statements(body, inside.body),
    (label) => {
      if (!continuing) return
      body.w.block('', () => {
        statements(body, continuing.body.body)
        const { breakIf } = continuing
        if (breakIf) body.w.line(`if (${condition(body, breakIf)}) break ${label}`)
      })
    },
  )
}

/** Leaves a function; its value is left where the caller takes it. */
export function leave(body: Body, e: Expression | undefined): void {
  const { w, g, instance } = body
  if (e) {
    const { parts } = value(body, e)
    const isTainted = body.checked && g.taint(instance.target, parts)
    parts.forEach(({ js, bad }, i) => {
      w.line(`r${i} = ${js}`)
      if (isTainted) w.line(`q${i} = ${bad}`)
    })
  }
  w.line('return')
}
