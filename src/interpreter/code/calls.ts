/**
 * @file Calls of the program's own functions, and the builtin functions in which threads meet: barriers, subgroups.
 * Functions in which threads wait are generators: they yield what they wait for to schedule.ts, and go on when all have
 * come. Results are left in the variables r0, r1, …, which the caller copies before anything else runs.
 */
import type { Call, FunctionDeclaration } from '../../wgsl/tree.ts'
import { none, type Type } from '../../wgsl/types.ts'
import type { Body } from './body.ts'
import { pointee, value } from './expressions.ts'
import { partCount, type Root } from './generator.ts'
import { load } from './places.ts'
import { badOf, type Part, type Value } from './value.ts'

export function callFunction(body: Body, e: Call, target: FunctionDeclaration): Value | undefined {
  const { w, g } = body
  const roots: (Root | undefined)[] = []
  const args = e.args.flatMap((arg, i) => {
    const param = target.params[i]
    if (param.type?.kind === 'pointer') {
      const to = pointee(body, arg)
      if (to.kind !== 'memory') throw new Error(`${param.name} points to a register`)
      roots.push(to.root)
      return [to.at]
    }
    roots.push(undefined)
    const { parts } = value(body, arg)
    const isTainted = body.checked && g.taint(param, parts)
    return parts.flatMap(({ js, bad }) => (isTainted ? [js, bad] : [js]))
  })
  const { name } = g.instance(target, roots)
  const call = `${name}(${args.join(', ')})`
  w.line(g.pipeline.waiting.has(target) ? `yield* ${call}` : call)
  const type = target.result as Type
  if (type === none) return undefined
  return { type, parts: results(body, partCount(type), g.isTainted(target)) }
}

const results = ({ w }: Body, count: number, areTainted: boolean): Part[] =>
  Array.from({ length: count }, (_, i) => ({ js: w.fresh(`r${i}`), bad: areTainted ? w.fresh(`q${i}`) : '0' }))

/** A function of workgroups or subgroups; `other` if the name is of none. */
export function collective(body: Body, e: Call, name: string, type: Type): Value | undefined | 'other' {
  const { w, g } = body
  if (name === 'workgroupUniformLoad') {
    const to = pointee(body, e.args[0])
    const wait = `yield ${g.sites.push({ at: e.at, loads: true }) - 1}`
    w.line(wait)
    const loaded = load(body, to, e.at)
    w.line(wait)
    return loaded
  }
  if (/Barrier$/.test(name)) {
    // Which memory it orders is said by its sign: see schedule.ts.
    const site = g.site(e.at)
    if (name !== 'textureBarrier') w.line(`yield ${name === 'storageBarrier' ? `-${site}` : site}`)
    return undefined
  }
  if (!/^(subgroup|quad)/.test(name)) return 'other'
  const [given, ...others] = e.args.map((arg) => value(body, arg))
  const parts = given?.parts ?? []
  for (const other of others) body.decides(other.parts[0], e.at)
  const of = given?.type.kind === 'vector' ? given.type.of : given?.type
  const scalar = of?.kind === 'scalar' ? of.name : ''
  const lane = others[0]?.parts[0].js ?? '0'
  const list = `[${parts.map(({ js }) => js).join(', ')}]`
  const out = w.fresh(
    `yield { site: ${g.site(e.at)}, name: '${name}', of: '${scalar}', values: ${list}, lane: ${lane} }`,
  )
  // Undefined data of one lane is that of all who ask.
  const bad = badOf(parts, w)
  return {
    type,
    parts: Array.from({ length: partCount(type) }, (_, i) => ({ js: w.fresh(`${out}[${i}]`), bad })),
  }
}
