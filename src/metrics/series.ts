/**
 * @file Numbers that a training loop computes at every step but reads only now and then: they stay on the device until
 * asked for, because each read waits for everything before it.
 */
import type { Device } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { Live } from '../core/kernel.ts'
import { copyElement, fillNew } from '../core/launch.ts'
import { keep } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import { slice } from '../ops/base/views.ts'

/** A list of up to `capacity` numbers on a device. */
export class Series {
  private readonly values: Tensor
  private pushed = 0
  private taken = 0

  /**
   * @param capacity  an integer from 0 up
   * @param dtype     of the tensors that will be pushed
   * @throws HandgradError if one of the three is something else
   */
  constructor(capacity: number, device: Device, dtype: 'float32' | 'float64' | 'int32' = 'float32') {
    if (!(Number.isInteger(capacity) && capacity >= 0))
      fail('Series', `capacity is ${describe(capacity)}`, 'give an integer from 0 up')
    if (typeof device?.run !== 'function') fail('Series', `device is ${describe(device)}`, "give await device('auto')")
    if (!['float32', 'float64', 'int32'].includes(dtype))
      fail('Series', `dtype is ${describe(dtype)}`, "give 'float32', 'float64' or 'int32'")
    this.values = keep(fillNew('Series', [capacity], 0, dtype, device))
  }

  /** Append a tensor of one element; nothing waits. */
  push(x: Tensor): void {
    const { values } = this
    if (!(x instanceof Tensor)) fail('Series', `${describe(x)} is not a tensor`, 'push one number at a time')
    if (x.numel !== 1) fail('Series', `${x.title} has ${x.numel} elements`, 'push one number at a time')
    if (x.dtype !== values.dtype)
      fail('Series', `${x.title} is ${x.dtype}, the series ${values.dtype}`, 'say so when you make it')
    if (x.device !== values.device)
      fail('Series', `${x.title} is on ${x.device.name}, the series on ${values.device.name}`)
    // The position is a live cell: a push that was recorded takes the next one each time it is run again.
    const at = new Live(0, this.next)
    at.advance()
    copyElement('Series', values, at, x)
  }

  /** The position of the next number. A function of its own for all cells. */
  private readonly next = (): number => {
    const { numel } = this.values
    if (this.pushed === numel) fail('Series', `${numel} numbers fill it`, 'make it larger')
    return this.pushed++
  }

  /** The numbers pushed since the last call; waits for the device. */
  async take(): Promise<number[]> {
    const [from, to] = [this.taken, this.pushed]
    this.taken = to
    if (from === to) return []
    using part = slice(this.values, [from, to])
    return [...(await part.data())]
  }

  /** Free the memory; `using` does it too. */
  dispose(): void {
    this.values.dispose()
  }
  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose()
  }
}
