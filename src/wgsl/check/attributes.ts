/**
 * @file Which attributes there are, where they may stand and what their arguments are.
 * Source: WGSL, section "Attributes".
 */
import type { Attribute } from '../tree.ts'
import { i32, u32 } from '../types.ts'
import { type Context, fail } from './context.ts'
import { checkDiagnostics } from './directives.ts'
import { constantOf } from './expressions.ts'

type Site = 'function' | 'parameter' | 'result' | 'member' | 'variable' | 'override' | 'statement'

interface Rule {
  readonly sites: readonly Site[]
  /** How many arguments it takes, at least and at most. */
  readonly args: readonly [number, number]
}

const RULES: Readonly<Record<string, Rule>> = {
  align: { sites: ['member'], args: [1, 1] },
  binding: { sites: ['variable'], args: [1, 1] },
  builtin: { sites: ['parameter', 'result', 'member'], args: [1, 1] },
  compute: { sites: ['function'], args: [0, 0] },
  diagnostic: { sites: ['function', 'statement'], args: [2, 2] },
  group: { sites: ['variable'], args: [1, 1] },
  id: { sites: ['override'], args: [1, 1] },
  must_use: { sites: ['function'], args: [0, 0] },
  size: { sites: ['member'], args: [1, 1] },
  workgroup_size: { sites: ['function'], args: [1, 3] },
}

/** Known to browsers; of stages or features that are not known here. */
const OTHER: Readonly<Record<string, string>> = {
  blend_src: 'of fragment shaders',
  color: 'of fragment shaders',
  fragment: 'a stage of render pipelines',
  interpolate: 'between vertex and fragment shaders',
  invariant: 'of vertex shaders',
  location: 'of vertex and fragment shaders',
  subgroup_size: 'of the feature subgroup_size_control',
  vertex: 'a stage of render pipelines',
}

export function checkAttributes(c: Context, attributes: readonly Attribute[], site: Site): void {
  const seen = new Set<string>()
  for (const { name, args, at } of attributes) {
    if (Object.hasOwn(OTHER, name)) fail(c, at, `@${name} is ${OTHER[name]}, which is not supported here`)
    if (!Object.hasOwn(RULES, name)) fail(c, at, `there is no attribute @${name}`)
    const {
      sites,
      args: [least, most],
    } = RULES[name]
    if (!sites.includes(site)) fail(c, at, `@${name} may not stand at a ${site}`, `it is for a ${sites.join(' or ')}`)
    if (args.length < least || args.length > most) {
      const wanted = least === most ? `${least}` : `${least} to ${most}`
      fail(c, at, `@${name} has ${args.length} arguments, not ${wanted}`)
    }
    if (seen.has(name) && name !== 'diagnostic') fail(c, at, `@${name} stands twice`)
    seen.add(name)
  }
  checkDiagnostics(c, attributes)
}

export const attribute = (attributes: readonly Attribute[], name: string): Attribute | undefined =>
  attributes.find((one) => one.name === name)

/** The number that an attribute has as its argument: a const-expression, an i32 or u32. */
export function numberOf(c: Context, { name, args: [arg] }: Attribute, least: 0 | 1): number {
  const value = Number(constantOf(c, arg, [i32, u32], `@${name}`))
  if (value < least) fail(c, arg.at, `@${name}(${value}) is below ${least}`)
  return value
}
