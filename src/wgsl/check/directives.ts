/**
 * @file `enable`, `requires` and `diagnostic`: which features there are, and how severe what a rule finds is.
 * Source: WGSL, sections "Directives" and "Diagnostics".
 */
import type { Attribute, Expression, Module } from '../tree.ts'
import { fail } from './context.ts'

const EXTENSIONS = ['f16', 'subgroups']
/** Known to browsers, but of stages or sizes that are not known here. */
const OTHER_EXTENSIONS = ['clip_distances', 'dual_source_blending', 'primitive_index', 'subgroup_size_control']
const FEATURES = [
  'linear_indexing',
  'packed_4x8_integer_dot_product',
  'pointer_composite_access',
  'subgroup_id',
  'subgroup_uniformity',
  'swizzle_assignment',
  'uniform_buffer_standard_layout',
  'unrestricted_pointer_parameters',
]
const OTHER_FEATURES = [
  'buffer_view',
  'fragment_depth',
  'immediate_address_space',
  'readonly_and_readwrite_storage_textures',
  'texture_and_sampler_let',
  'texture_formats_tier1',
]
const SEVERITIES = ['error', 'warning', 'info', 'off']

/** The extensions that are enabled. Unknown ones are refused; so are diagnostics that contradict each other. */
export function readDirectives({ source, directives }: Module): ReadonlySet<string> {
  const enabled = new Set<string>()
  const rules = new Map<string, string>()
  for (const { kind, names, at } of directives) {
    if (kind === 'diagnostic') {
      filter({ source }, at, rules, names[0], names[1])
      continue
    }
    const [known, other] = kind === 'enable' ? [EXTENSIONS, OTHER_EXTENSIONS] : [FEATURES, OTHER_FEATURES]
    for (const name of names) {
      if (kind === 'enable') enabled.add(name)
      if (known.includes(name)) continue
      if (other.includes(name))
        fail({ source }, at, `${name} is not supported here: it is not of compute shaders alone`)
      fail({ source }, at, `${kind} ${name}: there is no such feature`, `known are ${known.join(', ')}`)
    }
  }
  return enabled
}

function filter(
  c: Parameters<typeof fail>[0],
  at: number,
  rules: Map<string, string>,
  severity: string,
  rule: string,
): void {
  if (!SEVERITIES.includes(severity)) {
    fail(c, at, `${severity} is not a severity of a diagnostic`, `write one of ${SEVERITIES.join(', ')}`)
  }
  const before = rules.get(rule)
  if (before && before !== severity) fail(c, at, `the diagnostic ${rule} is ${before} and ${severity} at once`)
  rules.set(rule, severity)
}

const dotted = (e: Expression): string =>
  e.kind === 'member' ? `${dotted(e.of)}.${e.name}` : e.kind === 'identifier' ? e.name : ''

/** Refuses `@diagnostic` attributes of one thing that name a rule twice. */
export function checkDiagnostics(c: Parameters<typeof fail>[0], attributes: readonly Attribute[]): void {
  const rules = new Map<string, string>()
  for (const { name, args, at } of attributes) {
    if (name !== 'diagnostic') continue
    const [severity, rule] = args.map(dotted)
    if (rules.has(rule)) fail(c, at, `two diagnostic attributes name ${rule}`)
    filter(c, at, rules, severity, rule)
  }
}

/** What `subgroup_uniformity` is here: as attributes say, else as `around`. */
export function severityOf(attributes: readonly Attribute[], around: string): string {
  for (const { name, args } of attributes) {
    if (name === 'diagnostic' && dotted(args[1]) === 'subgroup_uniformity') return dotted(args[0])
  }
  return around
}

/** The same of a whole module. */
export const moduleSeverity = ({ directives }: Module): string =>
  directives.find(({ kind, names }) => kind === 'diagnostic' && names[1] === 'subgroup_uniformity')?.names[0] ?? 'error'
