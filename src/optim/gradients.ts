/** @file Gradients that are changed in place, several tensors a launch: what clipping and the gradient scaler share. */
import { isHalf } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { alias, slotOf } from '../core/graph.ts'
import { contiguousCopy, launch } from '../core/launch.ts'
import { keep } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import * as kernels from '../ops/base/kernels.generated.ts'
import { listOf } from './checks.ts'

/** Tensors that one launch takes: eight bindings, less the result and the status. */
const PER_LAUNCH = 6
/** Numbers that `squares` keeps: norm, factor, three sums. */
const STATS = 5

/**
 * The gradients of those parameters that have one with elements, each in memory of its own: what shares it, as a view
 * that backward left under createGraph may, is replaced by a copy.
 * @throws HandgradError if the parameters are not tensors of one device and dtype
 */
export function ownGradients(op: string, params: Tensor | Iterable<Tensor>): readonly Tensor[] {
  const list: readonly unknown[] = params instanceof Tensor ? [params] : listOf(op, params)
  const slots = list.flatMap((x, i) => {
    if (!(x instanceof Tensor)) fail(op, `parameter ${i} is ${describe(x)}, not a tensor`)
    if (!x.edge) return []
    const slot = slotOf(op, x)
    return slot.grad && slot.grad.numel > 0 ? [{ slot, grad: slot.grad, i }] : []
  })
  const [first] = slots
  for (const { grad, i } of slots) {
    if (isHalf(grad.dtype))
      fail(op, `gradient ${i} is ${grad.dtype}, which is storage alone`, 'train parameters of float32')
    const [here, there] = [grad, first.grad].map(({ dtype, device }) => `${dtype} on ${device.name}`)
    if (grad.dtype !== first.grad.dtype || grad.device !== first.grad.device)
      fail(op, `gradients ${first.i} and ${i} are ${there} and ${here}`, 'clip those of one kind at a time')
  }
  return [...new Set(slots.map(({ slot }) => slot))].map((slot) => {
    const grad = slot.grad as Tensor
    const shown = slot.shown && !slot.shown.disposed ? slot.shown : null
    const { storage, layout } = grad
    const whole = grad.isContiguous && layout.offset === 0 && storage.length === grad.numel
    if (whole && storage.users === (shown ? 2 : 1)) return grad
    grad.become(keep(contiguousCopy(op, grad, layout)))
    shown?.become(alias(grad))
    return grad
  })
}

/** Up to six tensors at a time, with their sizes as the kernels take them. */
function* packs(xs: readonly Tensor[]): Generator<{ pack: (Tensor | null)[]; lo: number[]; hi: number[]; at: number }> {
  for (let at = 0; at < xs.length; at += PER_LAUNCH) {
    const pack = Array.from({ length: PER_LAUNCH }, (_, i) => xs[at + i] ?? null)
    const sizes = [...pack.map((x) => x?.numel ?? 0), 0, 0]
    yield { pack, lo: sizes.slice(0, 4), hi: sizes.slice(4), at }
  }
}

/**
 * ‖xs‖₂ as one vector, min(1, limit/(‖xs‖₂ + 1e-6)), and three sums of squares, of which the first is not finite where
 * an element is not.
 * @param check  report a norm that is not finite
 */
export function normOf(op: string, xs: readonly Tensor[], limit: number, check: boolean): Tensor {
  const { device, dtype } = xs[0]
  const stats = Tensor.alloc(device, dtype, [STATS], op)
  for (const { pack, lo, hi, at } of packs(xs)) {
    const [first, last] = [at === 0, at + PER_LAUNCH >= xs.length].map(Number)
    const params = { lo, hi, chunk: 0, parts: 0, first, last, limit, launch_id: 0 }
    launch(op, kernels.squares, [stats, ...pack], params, { CHECK: Number(check) }, first === 1)
  }
  return stats
}

/** xs ← xs·factor, or clamped to ±factor; of a tensor of factors the one at `at`. */
export function scaleAll(op: string, xs: readonly Tensor[], factor: Tensor, at: number, clamp = false): void {
  const { MULTIPLY, CLAMP } = kernels.scale.consts
  for (const { pack, lo, hi } of packs(xs))
    launch(op, kernels.scale, [factor, ...pack], { lo, hi, at }, { OP: clamp ? CLAMP : MULTIPLY })
}
