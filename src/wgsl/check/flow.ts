/**
 * @file How uniformity flows through the statements of a function.
 * Source: WGSL, sections "Uniformity Rules for Statements" and "Function-scope Variable Value Analysis".
 */
import type {
  Attribute,
  Block,
  Expression,
  For,
  FunctionDeclaration,
  If,
  Loop,
  Statement,
  Switch,
  While,
} from '../tree.ts'
import type { Root } from './aliasing.ts'
import type { Context } from './context.ts'
import { severityOf } from './directives.ts'
import { type Known, Values } from './flowvalues.ts'
import type { Graph, Node } from './graph.ts'
import { CONTINUE, NEXT } from './statements.ts'
import type { Scope } from './uniformity.ts'

/** A loop or switch that is being walked: the values of the variables around it at its beginning and its end. */
interface Frame {
  readonly loop: boolean
  readonly outer: readonly Root[]
  readonly begin: Map<Root, Node>
  readonly end: Map<Root, Node>
}

export class Flow extends Values {
  /** That threads come together where the function begins. */
  readonly start: Node
  /** What is returned. */
  readonly result: Node
  private readonly frames: Frame[] = []

  constructor(c: Context, graph: Graph, scope: Scope, f: FunctionDeclaration, known: Known) {
    super(c, graph, scope, f, known)
    this.start = graph.node([])
    this.result = graph.node([])
    this.block(this.start, f.body, () => {
      this.outputs()
      return this.start
    })
  }

  /** Forgets the variables that were declared since there were so many. */
  private forget(count: number): void {
    for (const v of this.declared.splice(count)) this.locals.delete(v)
  }

  /** What is assigned in there, set apart. */
  private apart(walk: () => Node): [cf: Node, assigned: Map<Root, Node>] {
    this.values.push(new Map())
    const cf = walk()
    return [cf, this.values.pop() as Map<Root, Node>]
  }

  /** What pointers point to is as it is here when the function ends. */
  private outputs(): void {
    this.f.params.forEach((param, i) => {
      const { output } = this.params[i]
      if (output) this.graph.edge(output, this.get(param) as Node)
    })
  }

  // ---- statements

  private has(of: object, behavior: number): boolean {
    return ((this.c.behaviors.get(of) ?? NEXT) & behavior) !== 0
  }

  /** Whether control goes on behind it in one way only. */
  private joins(of: object): boolean {
    return !this.c.behaviors.has(of)
  }

  /** With what the attributes say of severity. */
  private within<T>(attributes: readonly Attribute[], walk: () => T): T {
    const around = this.severity
    this.severity = severityOf(attributes, around)
    const result = walk()
    this.severity = around
    return result
  }

  /** Walks a block; `after` comes at its end, where its variables are still there. */
  private block(cf: Node, b: Block, after?: (cf: Node) => Node): Node {
    const before = this.declared.length
    const [end, assigned] = this.apart(() =>
      this.within(b.attributes, () => {
        let now = cf
        for (const s of b.body) {
          now = this.statement(now, s)
          if (!this.has(s, NEXT)) break
        }
        return after ? after(now) : now
      }),
    )
    this.forget(before)
    if (this.has(b, NEXT) || (after && this.has(b, CONTINUE))) for (const [v, value] of assigned) this.set(v, value)
    return end
  }

  private statement(cf: Node, s: Statement): Node {
    if ('attributes' in s && s.kind !== 'block') return this.within(s.attributes, () => this.plain(cf, s))
    return this.plain(cf, s)
  }

  private plain(cf: Node, s: Statement): Node {
    switch (s.kind) {
      case 'block':
        return this.block(cf, s)
      case 'variable':
        this.set(s, s.initializer ? this.value(cf, s.initializer) : cf)
        if (s.form === 'var') this.declare(s)
        return cf
      case 'assign':
        this.assign(cf, s.target, s.operator !== undefined, s.value)
        return cf
      case 'step':
        this.assign(cf, s.target, true, undefined)
        return cf
      case 'call-statement':
        this.call(cf, s.call)
        return cf
      case 'if':
        return this.if(cf, s)
      case 'switch':
        return this.switch(cf, s)
      case 'loop':
      case 'for':
      case 'while':
        return this.loop(cf, s)
      case 'break':
        this.leave(this.frames[this.frames.length - 1])
        return cf
      case 'continue':
        this.again(this.frames.findLast(({ loop }) => loop) as Frame)
        return cf
      case 'return':
        if (s.value) this.graph.edge(this.result, this.value(cf, s.value))
        this.outputs()
        return cf
      default:
        return cf
    }
  }

  private assign(cf: Node, target: Expression | undefined, adds: boolean, value: Expression | undefined): void {
    if (!target) {
      if (value) this.value(cf, value)
      return
    }
    const [to, root] = this.target(cf, target, false, false)
    if (adds) {
      const old = root && this.get(root)
      if (old) this.graph.edge(to, old)
    }
    this.graph.edge(to, value ? this.value(cf, value) : cf)
    if (root) this.set(root, to)
  }

  private if(cf: Node, s: If): Node {
    const v = this.control(s.at, 'the if', this.value(cf, s.condition))
    const [cf1, first] = this.apart(() => this.block(v, s.then))
    const [cf2, second] = this.apart(() => (s.else ? this.statement(v, s.else) : v))
    for (const variable of new Set([...first.keys(), ...second.keys()])) {
      if (!this.locals.has(variable)) continue
      const old = this.get(variable)
      const then = this.has(s.then, NEXT) ? (first.get(variable) ?? old) : undefined
      const other = !s.else || this.has(s.else, NEXT) ? (second.get(variable) ?? old) : undefined
      this.set(variable, this.graph.node([then, other]))
    }
    return this.joins(s) ? cf : this.graph.node([cf1, cf2])
  }

  private switch(cf: Node, s: Switch): Node {
    const v = this.control(s.at, 'the switch', this.value(cf, s.on))
    const frame = this.enter(false)
    const ends = s.cases.map(({ body }) => {
      const [end] = this.apart(() => {
        const one = this.within(s.bodyAttributes, () => this.block(v, body))
        if (this.has(body, NEXT)) this.leave(frame)
        return one
      })
      return end
    })
    this.exit(frame)
    return this.joins(s) ? cf : this.graph.node(ends)
  }

  private loop(cf: Node, s: Loop | For | While): Node {
    const outside = this.declared.length
    if (s.kind === 'for' && s.first) this.statement(cf, s.first)
    const repeats = this.has(s.body, NEXT | CONTINUE)
    const start = this.graph.node([cf])
    const frame = this.enter(true)
    let inside = start
    if (s.kind !== 'loop' && s.condition) {
      inside = this.control(s.at, `the ${s.kind}`, this.value(start, s.condition))
      this.leave(frame)
    }
    const end = this.block(inside, s.body, (now) => {
      if (s.kind === 'while' || !repeats) return now
      if (s.kind === 'for') return s.next ? this.statement(now, s.next) : now
      if (!s.continuing) return now
      const { body, breakIf } = s.continuing
      return this.block(now, body, (last) => {
        if (!breakIf) return last
        const v = this.control(breakIf.at, 'the break if', this.value(last, breakIf))
        this.leave(frame)
        return v
      })
    })
    const condition = s.kind !== 'loop' && s.condition
    if (repeats || condition) this.graph.edge(start, end)
    this.again(frame)
    this.exit(frame)
    this.forget(outside)
    if (this.joins(s)) return cf
    return repeats ? start : end
  }

  /** Begins a loop or switch. In a loop variables have the values from before it or from the iteration before. */
  private enter(loop: boolean): Frame {
    const outer = [...this.declared]
    const begin = new Map<Root, Node>()
    if (loop) {
      for (const v of outer) {
        const value = this.graph.node([this.get(v)])
        begin.set(v, value)
        this.set(v, value)
      }
    }
    const frame = { loop, outer, begin, end: new Map<Root, Node>() }
    this.frames.push(frame)
    return frame
  }

  /** Control leaves a loop or switch here. */
  private leave({ outer, end }: Frame): void {
    for (const v of outer) {
      let value = end.get(v)
      if (!value) end.set(v, (value = this.graph.node([])))
      this.graph.edge(value, this.get(v) as Node)
    }
  }

  /** The next iteration of a loop comes after this. */
  private again({ begin }: Frame): void {
    for (const [v, value] of begin) {
      const now = this.get(v) as Node
      if (now !== value) this.graph.edge(value, now)
    }
  }

  private exit({ end }: Frame): void {
    this.frames.pop()
    for (const [v, value] of end) this.set(v, value)
  }
}
