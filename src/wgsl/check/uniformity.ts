/**
 * @file Barriers stand only where all threads of a workgroup come together, subgroup functions where those of a
 * subgroup do. For each function, callees first, it is found what its callers and its arguments must be like.
 * Source: WGSL, section "Uniformity", once for each of its two scopes.
 */
import type { FunctionDeclaration } from '../tree.ts'
import { type Context, fail, lineOf } from './context.ts'
import { Flow } from './flow.ts'
import { Graph, type Node, wayTo } from './graph.ts'

export type Scope = 'workgroup' | 'subgroup'

/** Of a pointer: itself or what it points to. */
export type What = 'value' | 'contents'

/** The builtin function that asks for something to be uniform. */
export interface Wanted {
  readonly name: string
  readonly at: number
}

/** The same as it is asked for in a function: at a call, perhaps of an argument. */
export interface Demand extends Wanted {
  readonly site: number
  readonly argument?: string
}

/** What callers of a function have to know. */
export interface Tags {
  /** It may be called only where threads come together. */
  readonly callSite?: Wanted
  /** What it returns may be different for each thread, whatever it is given. */
  readonly varies: boolean
  readonly params: readonly ParamTags[]
}
interface ParamTags {
  /** It must be uniform. */
  readonly wanted?: { readonly what: What; readonly by: Wanted }
  /** The result is uniform only if this is. */
  readonly result?: What
  /** Of a pointer: what it points to may vary after the call, or does if one of these parameters does. */
  readonly output: 'varies' | readonly (readonly [param: number, what: What])[]
}

export function checkUniformity(c: Context, functions: readonly FunctionDeclaration[]): void {
  for (const scope of ['workgroup', 'subgroup'] as const) {
    if (![...c.collective.values()].includes(scope)) continue
    const known = new Map<FunctionDeclaration, Tags>()
    const last = functions[functions.length - 1]
    const graph = new Graph(() => fail(c, last.at, 'the program is too large to see where its threads come together'))
    for (const f of functions) known.set(f, tagsOf(c, new Flow(c, graph, scope, f, known), scope))
  }
}

function tagsOf(c: Context, flow: Flow, scope: Scope): Tags {
  const { graph, required, varying, start, params } = flow
  const reached = graph.reach(required)
  if (reached.has(varying)) failure(c, flow, wayTo(reached, varying), scope)
  /** What a set of nodes has of a parameter; contents include the pointer. */
  const whatOf = (set: ReadonlyMap<Node, unknown>, i: number): What | undefined => {
    const { value, contents } = params[i]
    return contents && set.has(contents) ? 'contents' : set.has(value) ? 'value' : undefined
  }
  const by = (node: Node): Wanted => flow.wanted.get(wayTo(reached, node)[1]) as Wanted
  const result = graph.reach(flow.result)
  return {
    callSite: reached.has(start) ? by(start) : undefined,
    varies: result.has(varying),
    params: params.map(({ value, contents, output }, i) => {
      const what = whatOf(reached, i)
      const outputs = output && graph.reach(output)
      return {
        wanted: what && { what, by: by(what === 'contents' ? (contents as Node) : value) },
        result: whatOf(result, i),
        output: !outputs
          ? []
          : outputs.has(varying)
            ? 'varies'
            : params.flatMap((_, j) => {
                const from = whatOf(outputs, j)
                return from ? [[j, from] as const] : []
              }),
      }
    }),
  }
}

/** Says where threads part, and by what: at the builtin function that they should reach together, as Tint does. */
function failure(c: Context, flow: Flow, way: readonly Node[], scope: Scope): never {
  const { name, at, site, argument } = flow.wanted.get(way[1]) as Demand
  const notes = way.flatMap(({ note }) => note ?? [])
  const control = notes.findLast(({ kind }) => kind === 'control')
  const source = notes.findLast(({ kind }) => kind === 'source')
  const because = source ? `: ${source.text}` : ''
  const all = `all threads of a ${scope}`
  if (argument && !control) {
    const what = site === at ? `${argument} in ${name}` : `${argument} in ${lineOf(c, site)}`
    const reach = site === at ? '' : `, so that they reach ${name} together`
    fail(c, at, `${what} must be the same for ${all}${reach}${because}`)
  }
  const called = site === at ? name : `${name}, called from ${lineOf(c, site)},`
  const where = control ? `${control.text} in ${lineOf(c, control.at)} may part them` : 'they may be apart'
  const remedy = control ? `move it out of ${control.text}` : undefined
  fail(c, at, `${called} must be reached by ${all} together, but ${where}${because}`, remedy)
}
