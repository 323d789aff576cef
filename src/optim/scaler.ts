/**
 * @file The gradient scaler: a loss is multiplied by a large number, so that gradients do not vanish in a narrow dtype,
 * and gradients divided by it before they are used. Whether a step is taken must be known on the host: each `step`
 * reads back one number of 4 bytes, as PyTorch's does.
 */
import { describe, fail } from '../core/errors.ts'
import { fillNew } from '../core/launch.ts'
import { keep, scope } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { mul, select } from '../ops/index.ts'
import { normOf, ownGradients, scaleAll } from './gradients.ts'

/** Options of {@link GradScaler}. */
export interface GradScalerOptions {
  /** Default 65536. */
  initScale?: number
  /** What the scale is multiplied by after `growthInterval` good steps; default 2. */
  growthFactor?: number
  /** What it is multiplied by after a step that was left out; default 0.5. */
  backoffFactor?: number
  /** Default 2000. */
  growthInterval?: number
  /** False: every method passes on what it is given; default true. */
  enabled?: boolean
}

/** Where a scaler stands, as JSON. */
export interface GradScalerState {
  readonly scale: number
  readonly growthTracker: number
}

/** What a scaler steps. */
export interface Scaled {
  readonly params: readonly Tensor[]
  /** Change the parameters by their gradients. */
  step(): unknown
}

/**
 * Scale the loss, unscale the gradients, and leave out steps whose gradients are not finite:
 * ```ts
 * scaler.scale(loss).backward()
 * scaler.unscale_(optimizer)        // only to look at or clip the gradients before the step
 * await scaler.step(optimizer)
 * scaler.update()
 * ```
 * @see Micikevicius et al. 2018, section 3.2
 */
export class GradScaler {
  private readonly options: Required<GradScalerOptions>
  private current: number
  private good = 0
  /** Optimizers since the last update: a number that is finite if their gradients are, or how their step went. */
  private readonly seen = new Map<Scaled, { finite: Tensor | null; found: boolean | null }>()

  /** @throws HandgradError if an option is unknown or out of range */
  constructor(options?: GradScalerOptions) {
    const op = 'GradScaler'
    const defaults = { initScale: 65536, growthFactor: 2, backoffFactor: 0.5, growthInterval: 2000, enabled: true }
    this.options = optionsOf(op, options, defaults)
    const { initScale, growthFactor, backoffFactor, growthInterval, enabled } = this.options
    if (!(Number.isFinite(initScale) && initScale > 0))
      fail(op, `initScale is ${describe(initScale)}`, 'give a number above 0')
    if (!(Number.isFinite(growthFactor) && growthFactor > 1))
      fail(op, `growthFactor is ${describe(growthFactor)}`, 'give a number above 1')
    if (!(typeof backoffFactor === 'number' && backoffFactor > 0 && backoffFactor < 1))
      fail(op, `backoffFactor is ${describe(backoffFactor)}`, 'give a number between 0 and 1')
    if (!(Number.isInteger(growthInterval) && growthInterval > 0))
      fail(op, `growthInterval is ${describe(growthInterval)}`, 'give an integer from 1 up')
    if (typeof enabled !== 'boolean') fail(op, `enabled is ${describe(enabled)}`, 'give true or false')
    this.current = initScale
  }

  /** The scale now; 1 where the scaler is not enabled. */
  getScale(): number {
    return this.options.enabled ? this.current : 1
  }

  /** loss·scale. @throws HandgradError if loss is not a tensor of floats */
  scale(loss: Tensor): Tensor {
    if (!(loss instanceof Tensor)) fail('scale', `the loss is ${describe(loss)}, not a tensor`)
    return this.options.enabled ? mul(loss, this.current) : loss
  }

  /**
   * Divide the optimizer's gradients by the scale, in place. `step` does so itself where it was not done before.
   * @throws HandgradError if it was done since the last `update`, or as {@link clipGradNorm}
   */
  unscale_(optimizer: Scaled): void {
    const op = 'unscale_'
    if (!this.options.enabled) return
    const seen = this.seen.get(optimizer)
    if (seen)
      fail(op, `the optimizer was ${seen.found === null ? 'unscaled' : 'stepped'} already`, 'call update() first')
    const grads = ownGradients(op, optimizer.params)
    const finite = scope(() => {
      if (grads.length === 0) return null
      const { dtype, device } = grads[0]
      scaleAll(op, grads, fillNew(op, [1], 1 / this.current, dtype, device), 0)
      // The first of the three sums is that of the greatest elements, and of those that are not finite.
      return keep(select(normOf(op, grads, 1, false), 0, 2))
    })
    this.seen.set(optimizer, { finite, found: null })
  }

  /**
   * Take the optimizer's step, unless a gradient is NaN or ∞. Waits for the device to know.
   * @returns whether the step was taken
   * @throws HandgradError if it was called since the last `update`, or as {@link clipGradNorm}
   */
  async step(optimizer: Scaled): Promise<boolean> {
    if (!this.options.enabled) {
      optimizer.step()
      return true
    }
    if (this.seen.get(optimizer)?.found != null)
      fail('step', 'the optimizer was stepped already', 'call update() first')
    if (!this.seen.has(optimizer)) this.unscale_(optimizer)
    const { finite } = this.seen.get(optimizer) as { finite: Tensor | null }
    const found = finite !== null && !Number.isFinite(await finite.item())
    finite?.dispose()
    this.seen.set(optimizer, { finite: null, found })
    if (!found) optimizer.step()
    return !found
  }

  /**
   * End the iteration: a smaller scale if a step was left out, a larger one after `growthInterval` that were not.
   * @throws HandgradError if no `step` was taken since the last one
   */
  update(): void {
    if (!this.options.enabled) return
    const { growthFactor, backoffFactor, growthInterval } = this.options
    const steps = [...this.seen.values()]
    if (!steps.some(({ found }) => found !== null))
      fail('update', 'there was no step', 'await scaler.step(optimizer) first')
    if (steps.some(({ found }) => found)) {
      this.current *= backoffFactor
      this.good = 0
    } else if (++this.good === growthInterval) {
      // One that leaves float32 would make every loss infinite.
      if (Number.isFinite(Math.fround(this.current * growthFactor))) this.current *= growthFactor
      this.good = 0
    }
    for (const { finite } of steps) finite?.dispose()
    this.seen.clear()
  }

  /** Where it stands, as JSON. */
  stateDict(): GradScalerState {
    return { scale: this.current, growthTracker: this.good }
  }

  /** Go on where another scaler stood. @throws HandgradError if it is not the state of a scaler */
  loadStateDict(state: GradScalerState): void {
    const { scale, growthTracker } = state ?? {}
    if (!(Number.isFinite(scale) && scale > 0 && Number.isInteger(growthTracker)))
      fail('loadStateDict', `${describe(state)} is not the state of a scaler`, 'give what stateDict() gave')
    this.current = scale
    this.good = growthTracker
  }
}
