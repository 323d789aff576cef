/**
 * @file Builtin functions: which there are, which of their overloads a call means, what is asked of constant arguments.
 * Source: WGSL, section "Built-in Functions".
 */
import { choose, refuse, remember } from '../overloads.ts'
import { Invalid, type Resolved } from '../resolved.ts'
import type { Constant } from '../tree.ts'
import { abstractFloat, componentOf, f16, nameOf, type Scalar, type Type, valueType } from '../types.ts'
import { among, show } from '../values.ts'
import { bits, resolveBitcast } from './bits.ts'
import { composite } from './composite.ts'
import { numeric } from './numeric.ts'
import { featureOf, type Group, groups } from './table.ts'

/** The value of a call, from those of its arguments; `of` is the type of the first one's components. */
export type Evaluate = (args: readonly Constant[], call: { readonly of: Scalar; readonly result: Type }) => Constant

const evaluators: { readonly [name: string]: Evaluate } = { ...numeric, ...composite, ...bits }

const groupOf = new Map(groups.flatMap((group) => [...group.rows.keys()].map((name) => [name, group] as const)))

/** A builtin function has this name, of those that are refused for what they are for, too. */
export const builtinFunction = (name: string): boolean =>
  name === 'bitcast' || groupOf.has(name) || featureOf(name) !== undefined

/**
 * The meaning of a call, or what is wrong with it.
 * @param constant  all arguments are const-expressions; else abstract numbers become concrete: `select(1, 2, x > y)`
 */
export function resolveBuiltin(
  name: string,
  template: readonly Type[],
  args: readonly Type[],
  constant = true,
): Resolved | string {
  if (name === 'bitcast') {
    if (template.length === 1 && args.length === 1) return resolveBitcast(template[0], valueType(args[0]))
    return `bitcast takes one type and one value: bitcast<u32>(x); given: ${template.length} and ${args.length}`
  }
  const feature = featureOf(name)
  if (feature) return `${name} is for ${feature}: not known here`
  const group = groupOf.get(name)
  if (!group) return `there is no builtin function ${name}`
  if (template.length > 0) return `${name} takes no types; given: <${template.map(nameOf).join(', ')}>`
  const values = args.map(valueType)
  return remember(`builtin ${name} ${constant}`, values, () => find(name, group, values, constant))
}

function find(name: string, group: Group, args: readonly Type[], constant: boolean): Resolved | string {
  const rows = group.rows.get(name) ?? []
  const match = choose(rows, args, constant)
  if (!match) return refuse(name, rows, args)
  const check = checkOf(name, match.params)
  const resolved: Resolved = { ...match, ...group.flags, ...(check && { check }) }
  const evaluate = evaluators[name]
  if (!evaluate) return resolved
  const call = { of: componentOf(match.params[0]) as Scalar, result: match.result }
  return {
    ...resolved,
    evaluate: (values) => {
      check?.(values)
      return evaluate(values, call)
    },
  }
}

// ---- what is asked of constant arguments

type Known = readonly (Constant | undefined)[]

/** `offset` and `count` at the end choose among 32 bits. */
const checkBits = (name: string) => (args: Known) =>
  among(
    args.slice(-2),
    (offset, count) =>
      Number(offset) + Number(count) > 32 && `${name}: offset ${offset} and count ${count} reach beyond 32 bits`,
  )

/** The number of a thread, the second argument. */
const checkThread = (name: string, count: number, constant: boolean) => (args: Known) => {
  const [, index] = args
  if (index === undefined && constant) throw new Invalid(`${name}: its second argument has to be a const-expression`)
  among([index], (x) => (Number(x) < 0 || Number(x) >= count) && `${name}: ${show(x)} is not from 0 to ${count - 1}`)
}

function checkOf(name: string, params: readonly Type[]): ((args: Known) => void) | undefined {
  switch (name) {
    case 'clamp':
      return ([, ...ends]) => among(ends, (low, high) => low > high && `clamp: low ${low} is above high ${high}`)
    case 'smoothstep':
      return ([low, high]) => among([low, high], (a, b) => a === b && `smoothstep: low and high are both ${a}`)
    case 'ldexp': {
      const of = componentOf(params[0])
      const most = of === abstractFloat ? 1024 : of === f16 ? 16 : 128
      return ([, exponent]) => among([exponent], (x) => Number(x) > most && `ldexp: exponent ${x} is above ${most}`)
    }
    case 'extractBits':
    case 'insertBits':
      return checkBits(name)
    case 'subgroupBroadcast':
      return checkThread(name, 128, true)
    case 'quadBroadcast':
      return checkThread(name, 4, true)
    default:
      return name.startsWith('subgroupShuffle') ? checkThread(name, 128, false) : undefined
  }
}
