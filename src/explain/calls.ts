/**
 * @file Which call of an op launched what: events of the device put to the calls that `onCall` tells of, and what each
 * op computes, what it saves, and how its gradient goes.
 */
import { bytesOf } from '../core/device.ts'
import { calling } from '../core/frame.ts'
import { Node } from '../core/graph.ts'
import { type Call, type Op, onCall } from '../core/op.ts'
import type { GradSource } from '../core/tensor.ts'
import { attrsOf, isAbsent, specOf } from '../inspect/graph.ts'
import { rowFor } from '../inspect/record/formulas.ts'
import type { CallExplanation, Named, SavedValue } from './data.ts'
import { explainLaunch } from './launch.ts'
import { functions, ops } from './sources.generated.ts'
import type { Event, Watched } from './watch.ts'

type Known = Omit<CallExplanation, 'launches' | 'of'>

/** Notes the calls of ops on a device until `stop`. */
export class Calls {
  private readonly watched: Watched
  private pending: Event[] = []
  private found: CallExplanation[] = []
  readonly stop: () => void

  constructor(watched: Watched) {
    this.watched = watched
    this.stop = onCall((call) => this.called(call))
  }

  /** What was called and launched since this was last asked for. */
  take(): CallExplanation[] {
    this.pending.push(...this.watched.take())
    this.flush(this.pending.length)
    return this.found.splice(0)
  }

  /** An op ends: what came since it allocated its first result is its own. */
  private called({ op, inputs, outputs, attrs }: Call): void {
    if (!outputs.some(({ device }) => device === this.watched.device)) return
    this.pending.push(...this.watched.take())
    this.flush(this.pending.findIndex((event) => 'alloc' in event && event.alloc === op.name))
    // A view has nothing of its own.
    const node = outputs.find(({ edge }) => edge)?.edge?.source
    this.add(knownOf(op, inputs, outputs, attrs, node), op.spec.view ? [] : this.pending.splice(0))
  }

  /** The first of what is pending belongs to no op. */
  private flush(count: number): void {
    for (const event of this.pending.splice(0, Math.max(count, 0)))
      if ('launched' in event) this.add(looseOf(event.launched.launch.label), [event])
  }

  private add(known: Known, events: readonly Event[]): void {
    const { back } = calling
    const launches = events.flatMap((event) =>
      'launched' in event ? [explainLaunch(event.launched, known.source, this.watched.facts)] : [],
    )
    this.found.push({ ...known, launches, ...(back && { of: back.name }) })
  }
}

/** What launches without an op: a fill, a copy, an optimizer. */
const looseOf = (op: string): Known => ({
  ...{ op, inputs: [], outputs: [], attrs: {}, formula: '', derivative: {}, saved: [] },
  source: { place: null, lines: [] },
})

/** What is known of a node whose op is not called again. */
export function aloneOf(node: Node): CallExplanation {
  const { name, op, attrs, inputMetas, outputMetas } = node
  const inputs = inputMetas.map((meta) => (isAbsent(meta) ? undefined : meta))
  const loose = { ...looseOf(name), inputs: namedAs([], inputs), outputs: namedAs([], outputMetas) }
  return { ...(specOf(node) ? knownOf(op as Op<unknown>, inputs, outputMetas, attrs, node) : loose), launches: [] }
}

type Like = Pick<Named, 'shape' | 'dtype'>

const namedAs = (names: readonly string[], all: readonly (Like | undefined)[]): Named[] =>
  all.flatMap((x, i) => (x ? [{ name: names[i] ?? String(i), shape: [...x.shape], dtype: x.dtype }] : []))

/** What is known of an op before it launches anything. */
function knownOf(
  op: Op<unknown>,
  inputs: readonly (Like | undefined)[],
  outputs: readonly Like[],
  attrs: unknown,
  node: GradSource | undefined,
): Known {
  const { spec } = op
  const names = spec.inputs === 'list' ? inputs.map((_, i) => String(i)) : spec.inputs.map(bare)
  const given = Object.entries((attrs ?? {}) as object)
  return {
    op: op.name,
    inputs: namedAs(names, inputs),
    outputs: namedAs(spec.outputs ?? ['y'], outputs),
    attrs: Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== null)),
    ...mathsOf(op, attrs, names),
    saved: node instanceof Node ? savedOf(op, node, names) : [],
    source: sourceOf(op),
  }
}

const bare = (name: string): string => name.replace('?', '')

/** What an op computes, and what it adds to the gradient of each input. */
function mathsOf(
  op: Op<unknown>,
  attrs: unknown,
  names: readonly string[],
): Pick<CallExplanation, 'formula' | 'derivative'> {
  const { spec, name } = op
  const row = rowFor(name, attrsOf(attrs, spec.name), names)
  // The first sentence of a docstring has the formula.
  const about = Object.hasOwn(functions, name) ? functions[name].about.split(/(?<=\.) /)[0] : ''
  const smooth = typeof spec.vjp === 'object' ? (spec.inputs === 'list' ? ['list'] : names) : []
  return {
    formula: row ? `y = ${row.result}` : about,
    derivative: Object.fromEntries(
      smooth.flatMap((input) => {
        const rule = row?.gradients[input] ?? ruleOf(op, input)
        return rule ? [[input, rule]] : []
      }),
    ),
  }
}

/** A gradient rule as it is written. */
function ruleOf({ spec, opName }: Op<unknown>, input: string): string {
  const { text = '' } = Object.hasOwn(ops, opName) ? ops[opName] : {}
  const own = text.match(new RegExp(`\\b${input}: \\([^)]*\\) => (.*?)(?: \\})*,?(?: \\})*,?$`, 'm'))
  const single = text.match(/unary\([\s\S]*?\(g(?:, \w+)?\) => ([\s\S]*?),?\s*\)$/)
  const written = own?.[1] ?? single?.[1]
  if (written && !written.endsWith('{')) return written.replace(/\s+/g, ' ')
  const rule = (spec.vjp as Readonly<Record<string, unknown>>)[input]
  return typeof rule === 'function' && text === '' ? String(rule) : ''
}

/** What a node keeps for backward, and which rules read it. */
function savedOf({ spec }: Op<unknown>, { saved, inputs }: Node, names: readonly string[]): SavedValue[] {
  const rules = Object.entries((spec.saves ?? {}) as Readonly<Record<string, readonly string[]>>)
  return Object.entries(saved).map(([name, { storage, view }]) => {
    const readBy = rules.flatMap(([rule, read]) => {
      if (!read.includes(name)) return []
      if (rule === 'all' || rule === 'list') return names.filter((_, i) => inputs[i])
      return inputs[names.indexOf(rule)] ? [rule] : []
    })
    const { dtype, length } = storage
    return { name, shape: [...view.shape], dtype, bytes: length * bytesOf[dtype], readBy }
  })
}

/** The definition of an op: the statement in our sources, or the functions of its spec. */
function sourceOf({ spec, opName }: Op<unknown>): CallExplanation['source'] {
  if (Object.hasOwn(ops, opName)) {
    const { file, line, text } = ops[opName]
    return { place: { file, line }, lines: text.split('\n') }
  }
  const parts = [spec.launch, ...Object.values(typeof spec.vjp === 'object' ? spec.vjp : {})]
  return { place: null, lines: parts.flatMap((part) => (part ? String(part).split('\n') : [])) }
}
