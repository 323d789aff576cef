/**
 * @file Atomic functions. Threads run one after the other, so each is a load and a store; that others may come first is
 * what running in two orders tries.
 * Source: WGSL, section "Atomic Built-in Functions".
 */
import type { Call } from '../../wgsl/tree.ts'
import { type Type, u32 } from '../../wgsl/types.ts'
import type { Body } from './body.ts'
import { pointee, value } from './expressions.ts'
import { atomicCell, wordOf } from './places.ts'
import type { Part, Value } from './value.ts'

/** What is stored, from what is there and what is given. */
const STORED: Readonly<Record<string, (old: string, given: string) => string>> = {
  atomicStore: (_, given) => given,
  atomicExchange: (_, given) => given,
  atomicAdd: (old, given) => `${old} + ${given}`,
  atomicSub: (old, given) => `${old} - ${given}`,
  atomicMax: (old, given) => `Math.max(${old}, ${given})`,
  atomicMin: (old, given) => `Math.min(${old}, ${given})`,
  atomicAnd: (old, given) => `${old} & ${given}`,
  atomicOr: (old, given) => `${old} | ${given}`,
  atomicXor: (old, given) => `${old} ^ ${given}`,
}

export const isAtomic = (name: string): boolean =>
  name in STORED || name === 'atomicLoad' || name === 'atomicCompareExchangeWeak'

export function atomicCall(body: Body, e: Call, name: string, type: Type): Value | undefined {
  const { w, g } = body
  const { cell, of, root, at } = atomicCell(body, pointee(body, e.args[0]))
  const given = e.args.slice(1).map((arg) => value(body, arg).parts[0])
  const old = w.fresh(cell)
  if (body.checked) {
    const site = g.site(e.at, root)
    if (root.id !== 'f') w.line('accesses++')
    if (g.code.tracing) w.line(`trace(${site}, 'atomic', ${at}, 4)`)
    if (root.external) {
      // What nobody wrote cannot be added to, but may be written.
      if (name !== 'atomicStore') w.line(`if (${root.id}x[${wordOf(g, at)}]) tainted(${site}, ${site}, ${at})`)
      w.line(`if (${at} >= ${root.id}e) beyond(${site}, ${at})`)
      w.line(`${root.id}x[${wordOf(g, at)}] = 0`)
    }
    for (const part of given) body.decides(part, e.at)
  }
  const part = (js: string): Part => ({ js, bad: '0' })
  if (name === 'atomicCompareExchangeWeak') {
    const [expected, next] = given
    const exchanged = w.fresh(`${old} === ${expected.js} && !weak()`)
    w.line(`if (${exchanged}) ${cell} = ${next.js}`)
    return { type, parts: [part(old), part(exchanged)] }
  }
  if (name === 'atomicLoad') return { type, parts: [part(old)] }
  const stored = STORED[name](old, given[0].js)
  w.line(`${cell} = ${of === u32 ? `(${stored}) >>> 0` : `(${stored}) | 0`}`)
  return name === 'atomicStore' ? undefined : { type, parts: [part(old)] }
}
