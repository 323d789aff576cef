/**
 * @file Watching a training step from outside: every recorded call by `onCall`, every rule by standing before the op of
 * its node, every leaf by a hook, and by `tap` the launches that change one. What is seen is copied at once, because
 * the step may free or change it.
 */
import type { Device } from '../../core/device.ts'
import { fail } from '../../core/errors.ts'
import { type Differentiable, Leaf, type Node, noGrad } from '../../core/graph.ts'
import { contiguousCopy } from '../../core/launch.ts'
import { type Call, onCall } from '../../core/op.ts'
import type { OpenScope } from '../../core/scope.ts'
import { tap } from '../../core/tap.ts'
import { type Edge, type GradSource, Tensor } from '../../core/tensor.ts'
import { eachApart } from '../../ops/base/ahead.ts'
import { add } from '../../ops/index.ts'
import { type GraphOptions, type Survey, survey } from '../graph.ts'

const op = 'inspect.record'

/** A rule that ran: what had arrived at the node, and what it gave for each input. */
export interface RuleRun {
  readonly node: Node
  readonly arrived: readonly (Tensor | null)[]
  readonly gradients: readonly (Tensor | null)[]
}

/** All that arrived at a leaf, and its `.grad` before and after that. */
export interface LeafRun {
  readonly leaf: Leaf
  readonly before: Tensor | null
  readonly grad: Tensor
}

/** A parameter's values before and after the step, and the name of what changed it. */
export interface Update {
  readonly leaf: Leaf
  readonly before: Tensor
  readonly after: Tensor
  readonly by: string
}

export class Watch {
  /** The graph as it was when backward began; null before. */
  survey: Survey | null = null
  readonly rules: RuleRun[] = []
  readonly leaves: LeafRun[] = []
  private readonly scope: OpenScope
  private readonly options: GraphOptions
  /** Copies by where they stand in the graph, and of constants by the tensor's number. */
  private readonly values = new Map<GradSource | number, Map<number, Tensor>>()
  private readonly watched = new Set<Node>()
  /** Nodes of the graph whose rules have not run. */
  private waiting = new Set<Node>()
  /** Handles that see later changes, and what changed them last. */
  private readonly parameters = new Map<Leaf, { now: Tensor; version: number; by: string }>()
  private readonly devices = new Set<Device>()
  private readonly ends: (() => void)[] = []

  constructor(scope: OpenScope, options: GraphOptions) {
    this.scope = scope
    this.options = options
    this.ends.push(
      eachApart(),
      onCall((call) => this.called(call)),
    )
  }

  /** Watch no longer. */
  end(): void {
    for (const end of this.ends.splice(0)) end()
  }

  /** The value of a place in the graph, or of a constant; null where none was seen. */
  valueOf(edge: Edge | null, constant: number | undefined): Tensor | null {
    const found = this.values.get(edge?.source ?? (constant as number))
    return found?.get(edge?.index ?? 0) ?? null
  }

  /** The parameters that the step changed, after it. */
  updates(): Update[] {
    return [...this.parameters].flatMap(([leaf, { now, version, by }]) => {
      const before = this.valueOf({ source: leaf, index: 0 }, undefined)
      return before && now.storage.version !== version ? [{ leaf, before, after: this.copy(now), by }] : []
    })
  }

  private copy(x: Tensor): Tensor {
    return this.scope.run(() => contiguousCopy(op, x, x.layout))
  }

  private called({ inputs, outputs }: Call): void {
    const y = outputs.find(({ edge }) => edge)
    // What is outside of the graph is a constant of the ops that take it.
    if (!y?.edge) return
    for (const x of [...inputs, ...outputs]) if (x) this.note(x)
    this.watch(y.edge.source as Node)
    this.watchDevice(y.device)
  }

  /** Keep a value when it is first seen. */
  private note(x: Tensor, key: GradSource | number = x.edge?.source ?? x.id): void {
    const known = this.values.get(key) ?? new Map<number, Tensor>()
    this.values.set(key, known)
    const index = x.edge?.index ?? 0
    if (known.has(index)) return
    known.set(index, this.copy(x))
    if (!(key instanceof Leaf)) return
    const now = this.scope.run(() => new Tensor(x.storage.retain(), x.layout))
    this.parameters.set(key, { now, version: x.storage.version, by: '' })
  }

  /** Stand before the op of a node, for this node alone. */
  private watch(node: Node): void {
    if (this.watched.has(node)) return
    this.watched.add(node)
    const own = node.op
    const backward: Differentiable['backward'] = (...step) => this.rule(own, ...step)
    // Only this file changes a node's op: to all others it is what the node was made with.
    const changed = node as { op: Differentiable }
    changed.op = Object.create(own, { backward: { value: backward } })
    this.ends.push(() => {
      changed.op = own
    })
  }

  private rule(own: Differentiable, ...step: Parameters<Differentiable['backward']>): (Tensor | null)[] {
    const [node, arrived] = step
    if (!this.survey) this.begin(node, arrived)
    if (!this.waiting.delete(node))
      fail(op, `the step went backward a second time, at ${node.name}`, 'record a step with one backward')
    const gradients = own.backward(...step)
    const copies = (list: readonly (Tensor | null)[]) => list.map((g) => g && this.copy(g))
    this.rules.push({ node, arrived: copies(arrived), gradients: copies(gradients) })
    return gradients
  }

  /** Backward begins at a node: look at the graph while it is whole. */
  private begin(node: Node, arrived: readonly (Tensor | null)[]): void {
    const index = arrived.findIndex((g) => g)
    const value = this.valueOf({ source: node, index }, undefined) as Tensor
    const root = new Tensor(value.storage.retain(), value.layout, { source: node, index })
    this.survey = survey(op, root, this.options)
    root.dispose()
    this.waiting = new Set(this.survey.order)
    // What customGrad took and made was in no call.
    for (const one of this.survey.order) this.watch(one)
    for (const { edge, meta, tensor, saved } of this.survey.origins) {
      if (edge?.source instanceof Leaf) this.watchLeaf(edge.source)
      if (this.valueOf(edge, meta.id)) continue
      const kept = saved?.storage.version === saved?.version && saved
      if (tensor) this.note(tensor)
      else if (kept) {
        const value = this.scope.run(() => new Tensor(kept.storage.retain(), kept.view, edge))
        this.note(value, edge?.source ?? meta.id)
      }
    }
  }

  private watchLeaf(leaf: Leaf): void {
    const hook = (g: Tensor): void => {
      const before = leaf.slot.grad && this.copy(leaf.slot.grad)
      const arrived = this.copy(g)
      const grad = before ? this.scope.run(() => noGrad(() => add(before, arrived))) : arrived
      this.leaves.push({ leaf, before, grad })
    }
    const { slot } = leaf
    slot.hooks = [...slot.hooks, hook]
    this.ends.push(() => {
      slot.hooks = slot.hooks.filter((other) => other !== hook)
    })
  }

  /** Note which launches write to a parameter. */
  private watchDevice(device: Device): void {
    if (this.devices.has(device)) return
    this.devices.add(device)
    const end = tap(device, {
      run: (next, launch) => {
        next(launch)
        const { bindings } = launch.kernel
        for (const parameter of this.parameters.values()) {
          const at = launch.blocks.indexOf(parameter.now.storage.block)
          if (at >= 0 && bindings[Math.min(at, bindings.length - 1)].role !== 'in') parameter.by = launch.label
        }
      },
    })
    this.ends.push(end)
  }
}
