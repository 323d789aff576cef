/**
 * @file How uniformity flows through expressions and calls: their nodes and edges in the uniformity analysis. Source:
 * WGSL, sections "Uniformity Rules for Function Calls" and "Uniformity Rules for Expressions"; that atomics vary is as
 * in Tint.
 */
import type { Call, Expression, FunctionDeclaration, Identifier } from '../tree.ts'
import type { Type } from '../types.ts'
import { isSwizzle, type Root, rootOf } from './aliasing.ts'
import type { Context } from './context.ts'
import { moduleSeverity, severityOf } from './directives.ts'
import { isUniform } from './entries.ts'
import type { Graph, Node } from './graph.ts'
import { textOf } from './text.ts'
import type { Demand, Scope, Tags, Wanted } from './uniformity.ts'

interface ParamNodes {
  readonly value: Node
  /** Of a pointer: what it points to, before and after. */
  readonly contents?: Node
  readonly output?: Node
}

/** Subgroup functions that give all threads of the subgroup the same. */
const SAME = new Set(
  ['Add', 'All', 'And', 'Any', 'Ballot', 'Broadcast', 'BroadcastFirst', 'Max', 'Min', 'Mul', 'Or', 'Xor'].map(
    (name) => `subgroup${name}`,
  ),
)
/** Those whose second argument must be the same for all. */
const SHUFFLES = ['subgroupShuffleUp', 'subgroupShuffleDown', 'subgroupShuffleXor']

/** The functions that have been analyzed, and what is known of them. */
export type Known = ReadonlyMap<FunctionDeclaration, Tags>

export class Values {
  readonly graph: Graph
  /** Reaches all that must be uniform. */
  readonly required: Node
  /** What may be different for each thread. */
  readonly varying: Node
  readonly params: readonly ParamNodes[]
  /** Of edges from `required`: who asks for it, and where in this function. */
  readonly wanted = new Map<Node, Demand>()

  protected readonly c: Context
  protected readonly f: FunctionDeclaration
  /** How severe it is where subgroup functions are not reached together. */
  protected severity: string
  /** Values of variables, those of inner blocks last. */
  protected readonly values: Map<Root, Node>[] = [new Map()]
  /** Variables that may be assigned to here; the first come first. */
  protected readonly locals = new Set<Root>()
  protected readonly declared: Root[] = []
  private readonly scope: Scope
  private readonly known: Known

  constructor(c: Context, graph: Graph, scope: Scope, f: FunctionDeclaration, known: Known) {
    this.c = c
    this.graph = graph
    this.scope = scope
    this.f = f
    this.known = known
    this.required = graph.node([])
    this.varying = graph.node([])
    this.params = f.params.map((param) => {
      const value = graph.node([])
      if (param.type?.kind !== 'pointer') {
        this.set(param, value)
        return { value }
      }
      const contents = graph.node([])
      this.set(param, contents)
      this.declare(param)
      return { value, contents, output: graph.node([]) }
    })
    this.severity = severityOf(f.attributes, moduleSeverity(c.module))
  }

  // ---- variables

  protected get(v: Root): Node | undefined {
    for (let i = this.values.length - 1; i >= 0; i--) {
      const found = this.values[i].get(v)
      if (found) return found
    }
    return undefined
  }

  protected set(v: Root, value: Node): void {
    this.values[this.values.length - 1].set(v, value)
  }

  protected declare(v: Root): void {
    this.locals.add(v)
    this.declared.push(v)
  }

  private vary(e: Expression, text: string): Node {
    return this.graph.node([this.varying], { kind: 'source', text, at: e.at })
  }

  protected control(at: number, text: string, value: Node): Node {
    return this.graph.node([value], { kind: 'control', text, at })
  }

  // ---- expressions

  /** The node of an expression's value: memory is loaded. */
  protected value(cf: Node, e: Expression): Node {
    return this.expression(cf, e, e.type?.kind === 'reference')
  }

  private expression(cf: Node, e: Expression, loads: boolean): Node {
    if (e.stage === 'const') return cf
    switch (e.kind) {
      case 'literal':
        return cf
      case 'identifier':
        return this.identifier(cf, e, loads)
      case 'unary':
        return this.expression(cf, e.operand, loads || (e.operator !== '&' && e.operand.type?.kind === 'reference'))
      case 'binary': {
        const left = this.value(cf, e.left)
        if (e.operator === '&&' || e.operator === '||') {
          return this.value(this.control(e.operatorAt, `the ${e.operator}`, left), e.right)
        }
        return this.graph.node([left, this.value(cf, e.right)])
      }
      case 'index':
        return this.graph.node([this.expression(cf, e.of, loads), this.value(cf, e.index)])
      case 'member':
        return this.expression(cf, e.of, loads || isSwizzle(e))
      case 'call':
        return this.call(cf, e)
    }
  }

  private identifier(cf: Node, e: Identifier, loads: boolean): Node {
    const { target, name } = e
    if (target?.kind === 'param') {
      if (this.f.attributes.some((one) => one.name === 'compute')) {
        return isUniform(this.c, target, this.scope) ? cf : this.vary(e, `${name} is not the same for all`)
      }
      const { value } = this.params[this.f.params.indexOf(target)]
      const type = target.type as Type
      if (type.kind !== 'pointer' || !loads) return this.graph.node([cf, value])
      const mutable = type.space !== 'function' && type.access !== 'read'
      return mutable ? this.vary(e, `${name} points to memory that all write`) : this.graph.node([cf, this.get(target)])
    }
    if (target?.kind !== 'variable' || target.form === 'override') return cf
    if (target.space && target.space !== 'function') {
      return target.access !== 'read' && loads ? this.vary(e, `${name} may be written by each thread`) : cf
    }
    if (target.form === 'var') return loads ? this.graph.node([cf, this.get(target)]) : cf
    const own = this.get(target)
    if (target.type?.kind !== 'pointer' || !loads) return this.graph.node([cf, own])
    return this.graph.node([cf, own, this.contents(e)])
  }

  /** The node of what a pointer points to. */
  private contents(e: Expression): Node | undefined {
    const root = rootOf(e)
    if (root?.kind !== 'variable' || root.space === 'function') return root && this.get(root)
    return root.access === 'read' ? undefined : this.vary(e, `${root.name} may be written by each thread`)
  }

  /** A new value of the memory that is assigned to, and the variable or parameter that it is in. */
  protected target(cf: Node, e: Expression, through: boolean, partly: boolean): [Node, Root | undefined] {
    switch (e.kind) {
      case 'identifier': {
        const { target } = e
        const root = rootOf(e)
        if (!root || (root.kind === 'variable' && root.space !== 'function')) return [this.graph.node([]), undefined]
        const to = this.graph.node([])
        if (through && target?.kind === 'param') this.graph.edge(to, this.params[this.f.params.indexOf(target)].value)
        else if (through && target?.kind === 'variable' && target !== root) this.graph.edge(to, this.get(target) ?? cf)
        const old = this.get(root)
        if (partly && old) this.graph.edge(to, old)
        return [to, root]
      }
      case 'index':
      case 'member': {
        const [to, root] = this.target(cf, e.of, through || e.of.type?.kind === 'pointer', true)
        if (e.kind === 'index') this.graph.edge(to, this.value(cf, e.index))
        return [to, root]
      }
      case 'unary':
        return this.target(cf, e.operand, e.operator === '*', partly || isPartial(e.operand))
      default:
        return [this.graph.node([]), undefined]
    }
  }

  // ---- calls

  private require(node: Node, wanted: Wanted, site: number, argument?: string): void {
    this.graph.edge(this.required, node)
    this.wanted.set(node, { ...wanted, site, argument })
  }

  protected call(cf: Node, e: Call): Node {
    const args = e.args.map((arg) => this.graph.node([this.value(cf, arg)]))
    const here = this.graph.node([cf])
    if (e.meaning?.kind === 'function') return this.callOf(e, e.meaning.target, args, here)
    const { name } = e.callee
    const wanted = { name, at: e.at }
    const scope = this.c.collective.get(e)
    const asks = scope === this.scope && (scope === 'workgroup' || this.severity === 'error')
    if (asks) this.require(here, wanted, e.at)
    if (name === 'workgroupUniformLoad' && scope) {
      if (asks) this.require(args[0], wanted, e.at, textOf(e.args[0], 'the pointer'))
      return here
    }
    if (asks && SHUFFLES.includes(name)) this.require(args[1], wanted, e.at, textOf(e.args[1], 'the second argument'))
    const varies =
      e.meaning?.kind === 'builtin' &&
      (name.startsWith('atomic') || (scope === 'subgroup' && !(this.scope === 'subgroup' && SAME.has(name))))
    return this.graph.node([here, ...args, varies ? this.vary(e, `${name} gives each thread its own`) : undefined])
  }

  private callOf(e: Call, target: FunctionDeclaration, args: readonly Node[], here: Node): Node {
    const { callSite, varies, params } = this.known.get(target) as Tags
    const contents = e.args.map((arg, i) => {
      return arg.type?.kind === 'pointer' ? this.graph.node([this.contents(arg), args[i]]) : args[i]
    })
    const of = (i: number, what: 'value' | 'contents') => (what === 'contents' ? contents[i] : args[i])
    if (callSite) this.require(here, callSite, e.at)
    const result = this.graph.node([
      here,
      varies ? this.vary(e, `${target.name} gives each thread its own`) : undefined,
    ])
    params.forEach(({ wanted, result: back }, i) => {
      if (wanted) this.require(of(i, wanted.what), wanted.by, e.args[i].at, textOf(e.args[i], 'the argument'))
      if (back) this.graph.edge(result, of(i, back))
    })
    params.forEach(({ output }, i) => {
      const root = e.args[i].type?.kind === 'pointer' ? rootOf(e.args[i]) : undefined
      if (!root || (root.kind === 'variable' && root.space !== 'function')) return
      const after =
        output === 'varies'
          ? this.vary(e, `${target.name} may make ${root.name} different for each thread`)
          : this.graph.node([here, ...output.map(([j, what]) => of(j, what))])
      this.set(root, after)
    })
    return result
  }
}

/** Whether a pointer is one to a part of a variable: an assignment through it leaves the rest as it was. */
function isPartial(pointer: Expression): boolean {
  for (let e = pointer; ; ) {
    if (e.kind === 'index' || e.kind === 'member') return true
    if (e.kind === 'unary') e = e.operand
    else if (
      e.kind === 'identifier' &&
      e.target?.kind === 'variable' &&
      e.target.form === 'let' &&
      e.target.initializer
    ) {
      e = e.target.initializer
    } else return false
  }
}
