/**
 * @file A gradient rule for a composition of ops, without an op of its own. A new kernel wants defineOp of
 * ../../core/op.ts.
 */
import { describe, fail } from '../../core/errors.ts'
import { type Differentiable, gradEnabled, Node, restore, type Saved, save } from '../../core/graph.ts'
import { cutOf, floats, metaOf, ownGrad } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkTensor } from './arguments.ts'

/** Gradients of the inputs (null for none) from the cotangent g of the output, in differentiable ops. */
export type CustomRule<T> = (g: Tensor, inputs: T, output: Tensor) => readonly (Tensor | null)[]

/**
 * A function with a gradient of your own: `f` computes without recording, `vjp` goes back. For gradients that are
 * cheaper or stabler than what the ops of `f` would give, or that are not the derivative at all (straight-through
 * estimators).
 * @param f     inputs to one output
 * @param vjp   one gradient per input, of its shape
 * @param name  for errors and drawings
 * @throws HandgradError if f or vjp is not a function; at a call, if an input or the result of f is not a tensor or is
 *   disposed, or the result is not of floats and an input needs a gradient; in backward, if vjp does not give a list of
 *   one gradient per input, each of its shape, dtype and device, or null
 */
export function customGrad<T extends readonly Tensor[]>(
  f: (...inputs: T) => Tensor,
  vjp: CustomRule<T>,
  name = 'customGrad',
): (...inputs: T) => Tensor {
  if (typeof f !== 'function' || typeof vjp !== 'function') {
    fail('customGrad', `f is ${describe(f)}, vjp ${describe(vjp)}`, 'give two functions')
  }
  const handle = (x: Tensor) => new Tensor(x.storage.retain(), x.layout)
  const op: Differentiable = {
    name,
    backward: (node, [g], needs) =>
      scope(() => {
        const edge = (i: number) => (gradEnabled() ? node.inputs[i] : null)
        const inputs = node.inputs.map((_, i) => restore(name, `input ${i}`, node.saved[i], edge(i)))
        const output = restore(name, 'output', node.saved.y, gradEnabled() ? { source: node, index: 0 } : null)
        const grads: unknown = vjp(g as Tensor, inputs as unknown as T, output) // the tuple that was saved
        if (!Array.isArray(grads) || grads.length !== inputs.length) {
          const given = Array.isArray(grads) ? `${grads.length} gradients` : describe(grads)
          fail(name, `its gradient rule gave ${given}, not a list of ${inputs.length}`, 'null stands for none')
        }
        return needs.map((need, i) => {
          const found = need ? grads[i] : null
          return found == null ? null : ownGrad(name, `input ${i}`, node.inputMetas[i], found)
        })
      }),
  }
  return (...inputs) => {
    inputs.forEach((x, i) => checkTensor(name, `input ${i}`, x))
    const made = scope(() => {
      // Handles outside of the graph, one for each input. The cast: `map` keeps their number, and its type forgets it.
      const result: unknown = f(...(inputs.map(handle) as unknown as T))
      checkTensor(name, 'the result of f', result)
      return result
    })
    const y = handle(made)
    if (!inputs.includes(made)) made.dispose()
    if (!gradEnabled() || !inputs.some((x) => x.edge)) {
      y.cut = cutOf(name, inputs)
      return y
    }
    checkDType(name, 'the result of f', y, floats)
    const saved: Record<string, Saved> = { y: save(y) }
    inputs.forEach((x, i) => {
      saved[i] = save(x)
    })
    const edges = inputs.map((x) => x.edge)
    y.setEdge({ source: new Node(op, {}, edges, saved, inputs.map(metaOf), [metaOf(y)]), index: 0 })
    return y
  }
}
