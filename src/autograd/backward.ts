import { describe, fail } from '../core/errors.ts'
import { alias, checkAlike, dropGrad, type Hook, setRequiresGrad, slotOf } from '../core/graph.ts'
import { keep } from '../core/scope.ts'
import { sameShape, showShape } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import {
  type BackwardOptions,
  type GradOptions,
  type Outputs,
  backward as walkBack,
  grad as walkGrad,
} from '../core/walk.ts'
import { checkSameKind } from '../ops/base/arguments.ts'
import { optionsOf } from '../ops/base/options.ts'
import { clone } from '../ops/base/views.ts'

/** retainGraph: as createGraph. */
const walkOptions = { retainGraph: undefined, createGraph: false } as const

/**
 * Add ∂y/∂leaf to `.grad` of every leaf that y depends on: reverse-mode differentiation, each node once, outputs before
 * inputs. `loss.backward()`, `y.backward(cotangent)`, `loss.backward(undefined, { retainGraph: true })`.
 * @param cotangent  ∂L/∂y, of y's shape; a 0-d (or one-element) y needs none
 * @throws HandgradError if y needs no gradient, has several elements and no cotangent, the cotangent differs from it
 *   in shape, dtype or device, the graph was released by an earlier backward, or what it saved was changed in place
 */
export function backward(y: Tensor, cotangent?: Tensor | null, options?: BackwardOptions): void {
  walkBack(y, cotangent, optionsOf('backward', options, walkOptions))
}

/**
 * ∂y/∂x for each x of `xs`, as tensors; several outputs count as their sum. No `.grad` is touched.
 * @param xs  one tensor, or a list
 * @returns one tensor, or for a list of them one for each
 * @throws HandgradError if an x needs no gradient, y does not depend on it (unless `allowUnused`), there are more
 *   cotangents than outputs, and as {@link backward}
 */
export function grad(y: Outputs, x: Tensor, options?: GradOptions & { allowUnused?: false }): Tensor
export function grad(y: Outputs, x: Tensor, options: GradOptions): Tensor | null
export function grad(y: Outputs, xs: readonly Tensor[], options?: GradOptions & { allowUnused?: false }): Tensor[]
export function grad(y: Outputs, xs: readonly Tensor[], options: GradOptions): (Tensor | null)[]
export function grad(y: Outputs, xs: Outputs, options?: GradOptions): Tensor | null | (Tensor | null)[] {
  const given = optionsOf('grad', options, { ...walkOptions, gradOutputs: null, allowUnused: false })
  const [ys, inputs, gradOutputs] = [y, xs, given.gradOutputs ?? []].map((list) => {
    const all = list instanceof Tensor ? [list] : list
    if (!Array.isArray(all)) fail('grad', `${describe(all)} was given`, 'give tensors or lists of them: grad(y, [x])')
    return all as readonly Tensor[]
  })
  const found = walkGrad(ys, inputs, { ...given, gradOutputs })
  return xs instanceof Tensor ? found[0] : found
}

/**
 * Make x a leaf of the graph, or a constant again.
 * @returns x
 * @throws HandgradError if x is the result of an op that was recorded, or is not of floats
 */
export const requiresGrad_ = (x: Tensor, on = true): Tensor => setRequiresGrad(x, on)

/**
 * Keep `.grad` of a tensor that is not a leaf, for looking at.
 * @returns x
 * @throws HandgradError if x needs no gradient
 */
export function retainGrad(x: Tensor): Tensor {
  slotOf('retainGrad', x).retain = true
  return x
}

/**
 * Call `hook` with the gradient of x whenever backward computes it; a tensor it returns takes the gradient's place,
 * nothing (undefined or null) leaves it.
 * @returns a function that takes the hook away
 * @throws HandgradError if x needs no gradient, or the hook is not a function; in backward, if it returns something
 *   else than nothing or a tensor of the gradient's shape, dtype and device
 */
export function registerHook(x: Tensor, hook: Hook): () => void {
  const slot = slotOf('registerHook', x)
  if (typeof hook !== 'function') fail('registerHook', `the hook is ${describe(hook)}`, 'give a function')
  const { shape, dtype, device } = x
  const what = `what the hook of ${x.title} returned`
  const todo = 'return a tensor at once, or nothing to leave the gradient as it is'
  const checked: Hook = (g) => {
    const changed: unknown = hook(g)
    if (changed === undefined || changed === null) return
    checkAlike('registerHook', what, changed, 'the gradient', { shape, dtype, device }, todo)
    return changed
  }
  slot.hooks.push(checked)
  return () => {
    slot.hooks = slot.hooks.filter((h) => h !== checked)
  }
}

/** Forget the gradient. Gradients add up over backward passes until this is called. */
export function zeroGrad(x: Tensor): void {
  if (x.edge) dropGrad(slotOf('zeroGrad', x))
}

/** The gradient that backward left. @throws HandgradError before the first backward */
export function gradOf(x: Tensor): Tensor {
  const slot = slotOf('grad', x)
  if (!slot.grad) {
    const todo = slot.retain
      ? 'call backward() on a loss that depends on it'
      : 'it is not a leaf: call retainGrad() before backward()'
    fail('grad', `${x.title} has no gradient yet`, todo)
  }
  if (!slot.shown || slot.shown.disposed) slot.shown = alias(slot.grad)
  return slot.shown
}

/** Take a tensor's values as the gradient, in place of what backward left; null takes it away. */
export function setGrad(x: Tensor, value: Tensor | null): void {
  if (value === null) return zeroGrad(x)
  const slot = slotOf('grad', x)
  checkSameKind('grad', x, 'the gradient', value)
  if (!sameShape(x.shape, value.shape))
    fail(
      'grad',
      `the gradient is ${showShape(value.shape)}, the tensor ${showShape(x.shape)}`,
      'they must have one shape',
    )
  // Before the old one is dropped, which may be part of it.
  const kept = keep(clone(value))
  dropGrad(slot)
  slot.grad = kept
}

/** True if `.grad` would give a tensor. */
export const hasGrad = (x: Tensor): boolean => x.edge !== null && slotOf('hasGrad', x).grad !== null
