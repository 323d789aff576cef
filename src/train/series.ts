/**
 * @file Numbers that a training loop computes at every step but reads only now and then: they stay on the device until asked for,
 * because each read waits for everything before it.
 */
import type { Device } from '../device.ts'
import { fail } from '../errors.ts'
import { noGrad } from '../graph.ts'
import { copy_ } from '../ops/inplace.ts'
import { fillNew } from '../ops/launches.ts'
import { reshape, slice } from '../ops/movement.ts'
import { keep, scope } from '../scope.ts'
import type { Tensor } from '../tensor.ts'

/** A list of up to `capacity` numbers on a device. */
export class Series {
  private readonly values: Tensor
  private pushed = 0
  private taken = 0

  /** @param dtype  of the tensors that will be pushed */
  constructor(capacity: number, device: Device, dtype: 'float32' | 'int32' = 'float32') {
    this.values = keep(fillNew('Series', [capacity], 0, dtype, device))
  }

  /** Append a tensor of one element; nothing waits. */
  push(x: Tensor): void {
    if (this.pushed === this.values.numel) fail('Series', `${this.pushed} numbers fill it`, 'make it larger')
    const at = this.pushed++
    scope(() => noGrad(() => copy_(slice(this.values, [at, at + 1]), reshape(x, [1]))))
  }

  /** The numbers pushed since the last call; waits for the device. */
  async take(): Promise<number[]> {
    const [from, to] = [this.taken, this.pushed]
    this.taken = to
    if (from === to) return []
    using part = slice(this.values, [from, to])
    return [...(await part.data())]
  }

  dispose(): void {
    this.values.dispose()
  }
  [Symbol.dispose](): void {
    this.dispose()
  }
}
