/**
 * @file Which module made which node: noted while a model runs, when asked for, and used to fold a drawing. Modules are
 * known by what they can do, since nn/ stands beside this folder.
 */
import { describe, fail } from '../core/errors.ts'
import { Node } from '../core/graph.ts'
import { onCall } from '../core/op.ts'
import { synchronous } from '../core/scope.ts'
import type { GradSource } from '../core/tensor.ts'
import type { ModuleCall } from './graph.ts'

/** A model: what an `nn.Module` is. */
export interface NamedModules {
  /** The modules inside it by their paths, itself by ''. */
  namedModules(): Iterable<readonly [path: string, module: object]>
}

const calls = new WeakMap<GradSource, readonly ModuleCall[]>()

/** The calls that made a node, outermost first. */
export const modulesOf = (node: Node): readonly ModuleCall[] => calls.get(node) ?? []

/**
 * Run `f` and note which module of the model makes which op, so that drawings of its graph can fold modules:
 * `loss = inspect.modules(model, () => lossOf(model.forward(x)))`.
 * @param model  an `nn.Module`; the calls of `forward` of the modules inside it are noted
 * @param f      a synchronous callback
 * @returns what `f` returns
 * @throws HandgradError if `model` has no `namedModules`, `f` is not a function or returns a promise
 */
export function modules<T>(model: NamedModules, f: () => T): T {
  const op = 'inspect.modules'
  if (typeof model?.namedModules !== 'function') {
    fail(op, `${describe(model)} is not a module`, 'give the model, then the callback that runs it')
  }
  return synchronous(op, 'await outside of modules(model, () => …)', () => watch(model), f)
}

/** Stand before each module's forward. @returns what takes it away again */
function watch(model: NamedModules): () => void {
  let running: readonly ModuleCall[] = []
  const undo: (() => void)[] = []
  for (const [path, module] of model.namedModules()) {
    const { forward } = module as { forward?: unknown }
    if (path === '' || typeof forward !== 'function') continue
    const before = Object.getOwnPropertyDescriptor(module, 'forward')
    // Not enumerable: a module looks for parameters in its fields.
    const value = function (this: unknown, ...args: unknown[]): unknown {
      const outer = running
      running = [...outer, { path, kind: module.constructor.name }]
      try {
        return forward.apply(this, args)
      } finally {
        running = outer
      }
    }
    Object.defineProperty(module, 'forward', { value, configurable: true })
    undo.push(() => {
      if (before) Object.defineProperty(module, 'forward', before)
      else Reflect.deleteProperty(module, 'forward')
    })
  }
  undo.push(
    onCall(({ outputs }) => {
      for (const { edge } of outputs) if (edge?.source instanceof Node) calls.set(edge.source, running)
    }),
  )
  return () => {
    for (const step of undo) step()
  }
}
