/**
 * @file Whole functions: which of their variables are in memory, their parameters, the values an entry point begins
 * with.
 */
import type { Attribute, Block, Expression, Param, StructDeclaration, Variable } from '../../wgsl/tree.ts'
import type { Type } from '../../wgsl/types.ts'
import { Body } from './body.ts'
import { type Generator, type Instance, partCount } from './generator.ts'
import { statements } from './statements.ts'
import { walk } from './walk.ts'

/** Scalars of a variable that are kept in registers. */
const MOST_REGISTERS = 64

const known = new WeakMap<Block, ReadonlySet<Variable>>()

/** Variables of a function that pointers point to, or that have arrays, which are indexed when a thread runs. */
function inMemory(body: Block): ReadonlySet<Variable> {
  const found = known.get(body) ?? findInMemory(body)
  known.set(body, found)
  return found
}

function findInMemory(body: Block): Set<Variable> {
  const found = new Set<Variable>()
  walk(body, (one) => {
    if (one.kind === 'unary' && one.operator === '&') {
      let of: Expression = one.operand
      while (of.kind === 'index' || of.kind === 'member') of = of.of
      if (of.kind === 'identifier' && of.target?.kind === 'variable') found.add(of.target)
    }
    if (one.kind === 'variable' && one.form === 'var') {
      if (hasArray(one.type as Type) || partCount(one.type as Type) > MOST_REGISTERS) found.add(one)
    }
  })
  return found
}

const hasArray = (type: Type): boolean =>
  type.kind === 'array' || (type.kind === 'struct' && type.members.some((member) => hasArray(member.type)))

/** The text of a function. */
export function functionText(g: Generator, instance: Instance): string {
  const { target, name, roots } = instance
  const body = new Body(g, instance, inMemory(target.body))
  const params = target.params.flatMap((param, i) => {
    const root = roots[i]
    const type = param.type as Type
    if (!root) {
      const isTainted = g.isTainted(param)
      const registers = Array.from({ length: partCount(type) }, () => {
        const js = body.w.unused()
        return { js, bad: isTainted ? `${js}_` : '0' }
      })
      body.registers.set(param, registers)
      return registers.flatMap(({ js, bad }) => (isTainted ? [js, bad] : [js]))
    }
    const at = body.w.unused()
    const to = type.kind === 'pointer' ? type.to : type
    body.pointers.set(param, { kind: 'memory', type: to, root, at })
    return [at]
  })
  // Calls alone may double from function to function, and have no end that anybody lives to see.
  if (target.calls?.size && !target.workgroupSize) body.w.line(`if (++steps > limit) endless(${g.site(target.nameAt)})`)
  statements(body, target.body.body)
  const star = g.pipeline.waiting.has(target) ? '*' : ''
  return `function${star} ${name}(${params.join(', ')}) {\n${body.w.text()}\n}`
}

// ---- entry points

/** What a thread begins with, by the name of the builtin value, in variables that schedule.ts sets. */
const BUILTINS: Readonly<Record<string, readonly string[]>> = {
  global_invocation_id: ['me.gx * me.sx + me.lx', 'me.gy * me.sy + me.ly', 'me.gz * me.sz + me.lz'],
  global_invocation_index: [
    '((me.gz * me.sz + me.lz) * me.ny * me.sy + me.gy * me.sy + me.ly) * me.nx * me.sx + me.gx * me.sx + me.lx',
  ],
  local_invocation_id: ['me.lx', 'me.ly', 'me.lz'],
  local_invocation_index: ['me.thread'],
  num_subgroups: ['me.subgroups'],
  num_workgroups: ['me.nx', 'me.ny', 'me.nz'],
  subgroup_id: ['me.subgroup'],
  subgroup_invocation_id: ['me.lane'],
  subgroup_size: ['me.subgroupSize'],
  workgroup_id: ['me.gx', 'me.gy', 'me.gz'],
  workgroup_index: ['(me.gz * me.ny + me.gy) * me.nx + me.gx'],
}

const builtinOf = (attributes: readonly Attribute[]): readonly string[] | undefined => {
  const arg = attributes.find(({ name }) => name === 'builtin')?.args[0]
  return arg?.kind === 'identifier' ? BUILTINS[arg.name] : undefined
}

/** The arguments of an entry point, in the order of its parts. */
export function entryArguments(g: Generator, params: readonly Param[]): string[] {
  const structs = g.pipeline.module.declarations.filter((one): one is StructDeclaration => one.kind === 'struct')
  return params.flatMap(({ attributes, type }) => {
    const own = builtinOf(attributes)
    if (own) return own
    const members = structs.find((one) => one.type === type)?.members ?? []
    return members.flatMap((member) => builtinOf(member.attributes) ?? [])
  })
}
