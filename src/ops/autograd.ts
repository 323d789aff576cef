/** @file Tensor methods that concern gradients and reading back: `backward`, `grad`, `detach`, hooks, `to`, `equal`, `allclose`. */
import type { Device, DType } from '../device.ts'
import { describe, fail } from '../errors.ts'
import {
  alias,
  type BackwardOptions,
  dropGrad,
  type Hook,
  isLeaf,
  setRequiresGrad,
  slotOf,
  useGradOps,
  backward as walkBack,
} from '../graph.ts'
import { sameShape, showShape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { checkTensor } from './arguments.ts'
import { cast } from './cast.ts'
import { add } from './elementwise.ts'
import { fillNew, tensorOf } from './launches.ts'
import { clone } from './movement.ts'

useGradOps({
  add,
  ones: ({ shape, dtype, device }) => fillNew('backward', shape, 1, dtype, device),
  // A gradient that nothing else holds moves; anything else is copied, so that w.grad may be changed in place.
  own: (x) =>
    x.isContiguous && x.storage.users === 1 && x.storage.length === x.numel
      ? new Tensor(x.storage.retain(), x.layout)
      : clone(x),
})

/** As {@link walkBack}: `loss.backward()`, `y.backward(cotangent)`, `loss.backward(undefined, { retainGraph: true })`. */
export const backward = (y: Tensor, cotangent?: Tensor, options?: BackwardOptions): void =>
  walkBack(y, cotangent, options)

/** The same memory, outside of the graph: no gradient flows through it. */
export function detach(x: Tensor): Tensor {
  checkTensor('detach', 'x', x)
  return new Tensor(x.storage.retain(), x.layout)
}

/** Make x a leaf of the graph, or a constant again. @returns x */
export const requiresGrad_ = (x: Tensor, on = true): Tensor => setRequiresGrad(x, on)

/** Keep `.grad` of a tensor that is not a leaf, for looking at. @returns x */
export function retainGrad(x: Tensor): Tensor {
  slotOf('retainGrad', x).retain = true
  return x
}

/**
 * Call `hook` with the gradient of x whenever backward computes it; a tensor it returns takes the gradient's place.
 * @returns a function that takes the hook away
 */
export function registerHook(x: Tensor, hook: Hook): () => void {
  const slot = slotOf('registerHook', x)
  if (typeof hook !== 'function') fail('registerHook', `the hook is ${describe(hook)}`, 'give a function')
  slot.hooks.push(hook)
  return () => {
    slot.hooks = slot.hooks.filter((h) => h !== hook)
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

/** True if `.grad` would give a tensor. */
export const hasGrad = (x: Tensor): boolean => x.edge !== null && slotOf('hasGrad', x).grad !== null

/**
 * `x.to('int32')`: the values in another dtype, recorded in the graph. `await x.to(device)`: a copy on another device, outside of
 * the graph (a leaf stays a leaf).
 */
export function to(x: Tensor, dtype: DType): Tensor
export function to(x: Tensor, device: Device): Promise<Tensor>
export function to(x: Tensor, target: DType | Device): Tensor | Promise<Tensor> {
  if (typeof target === 'string') return cast(x, target)
  if (typeof target?.run !== 'function') fail('to', `${describe(target)} is neither a dtype nor a device`)
  return toDevice(x, target)
}

async function toDevice(x: Tensor, device: Device): Promise<Tensor> {
  if (!device.dtypes.includes(x.dtype))
    fail('to', `${device.name} has no ${x.dtype}`, `cast first: x.to('${device.dtypes[0]}')`)
  const leaf = x.edge !== null && isLeaf(x)
  const { shape, dtype } = x
  const y = tensorOf(await x.data(), shape, dtype, device, 'to')
  return leaf ? setRequiresGrad(y, true) : y
}

/** True if shapes, dtypes and all elements are equal; NaN equals nothing. */
export async function equal(x: Tensor, y: Tensor): Promise<boolean> {
  checkTensor('equal', 'x', x)
  checkTensor('equal', 'y', y)
  if (!sameShape(x.shape, y.shape) || x.dtype !== y.dtype) return false
  const [a, b] = await Promise.all([x.data(), y.data()])
  return a.every((v, i) => v === b[i])
}

/** True if |x − y| ≤ atol + rtol·|y| everywhere. @throws HandgradError if shapes differ */
export async function allclose(
  x: Tensor,
  y: Tensor,
  options: { rtol?: number; atol?: number; equalNan?: boolean } = {},
): Promise<boolean> {
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options
  checkTensor('allclose', 'x', x)
  checkTensor('allclose', 'y', y)
  if (!sameShape(x.shape, y.shape)) fail('allclose', `${showShape(x.shape)} and ${showShape(y.shape)} differ`)
  const [a, b] = await Promise.all([x.data(), y.data()])
  return a.every(
    (v, i) =>
      v === b[i] ||
      Math.abs(v - b[i]) <= atol + rtol * Math.abs(b[i]) ||
      (equalNan && Number.isNaN(v) && Number.isNaN(b[i])),
  )
}
