/** @file Numbers of tensors, taken on the device and read together. */
import { noGrad } from '../../core/graph.ts'
import { contiguousCopy } from '../../core/launch.ts'
import { keep, openScope } from '../../core/scope.ts'
import type { Tensor } from '../../core/tensor.ts'
import { reshape } from '../../ops/base/views.ts'
import { abs, cast, eq, gt, max, mean, mul, narrow, stack, sub } from '../../ops/index.ts'
import { normOf } from '../../optim/gradients.ts'

/** Contiguous, in memory of its own: what the kernel of norms takes. */
const whole = (x: Tensor): Tensor =>
  x.isContiguous && x.layout.offset === 0 && x.storage.length === x.numel ? x : contiguousCopy('inspect', x, x.layout)

/** √(mean x²), right over all of float32's range, by the kernel that gradients are clipped by. */
export const rmsOf = (x: Tensor): Tensor =>
  mul(narrow(normOf('inspect', [whole(x)], Infinity, false), 0, 0, 1), 1 / Math.sqrt(x.numel))

/** A number that is finite if every element of tensors of one kind is: one launch for six of them. */
export const finiteOf = (xs: readonly Tensor[]): Tensor =>
  narrow(normOf('inspect', xs.map(whole), Infinity, false), 0, 2, 1)

/** How much samples differ: the root mean square of x less its mean over the samples. */
export const spreadOf = (x: Tensor): Tensor => rmsOf(sub(x, mean(x, [0], { keepdim: true })))

/** The greatest |x|. */
export const greatestOf = (x: Tensor): Tensor => max(abs(x))

/** Share of zeros. */
export const zerosOf = (x: Tensor): Tensor => mean(cast(eq(x, 0), 'float32'))

/** Ends of the activations that have two, around the middle between them: where the slope is below 2 % of the most. */
const middles = { tanh: [0, 0.99], sigmoid: [0.5, 0.495], hardtanh: [0, 1], hardsigmoid: [0.5, 0.5] } as const
type Bounded = keyof typeof middles

export const isBounded = (op: string): op is Bounded => Object.hasOwn(middles, op)

/** Share of what an activation gave that lies at its ends. */
export function saturationOf(op: Bounded, y: Tensor): Tensor {
  const [middle, reach] = middles[op]
  return sub(1, mean(cast(gt(reach * (1 - 1e-6), abs(sub(y, middle))), 'float32')))
}

/** Numbers that are read from the device together. */
export class Figures {
  private readonly own = openScope()
  private readonly noted: { value: Tensor; use: (v: number) => void }[] = []

  /** Compute something that outlives the scopes around it, outside of the graph. */
  run<T>(f: () => T): T {
    return this.own.run(() => noGrad(f))
  }
  /** A tensor of one number, which `use` is given by {@link read}. */
  note(f: () => Tensor, use: (v: number) => void): void {
    this.noted.push({ value: this.run(() => reshape(cast(f(), 'float32'), [])), use })
  }
  /** Hand out all numbers, and free what was computed. */
  async read(): Promise<void> {
    const { noted } = this
    const numbers = noted.length > 0 ? await this.run(() => stack(noted.map(({ value }) => value))).data() : []
    noted.forEach(({ use }, i) => {
      use(numbers[i])
    })
    this.own.dispose()
  }
}

/** A copy that outlives every scope. */
export const held = (x: Tensor): Tensor => keep(contiguousCopy('inspect', x, x.layout))
