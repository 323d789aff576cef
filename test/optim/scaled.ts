/** @file What the gradient scaler must do on any device. */
import { expect, it } from 'vitest'
import { type Device, memory, optim, scope, type Tensor, tap, tensor } from '../../src/index.ts'

/** Weights of more than one launch, their optimizer, and a step whose gradients are all so large. */
function trained(device: Device, scaler: optim.GradScaler) {
  const weights = Array.from({ length: 8 }, (_, i) => tensor([i, 1], { device, requiresGrad: true }))
  const optimizer = new optim.SGD(weights, { lr: 1 })
  const step = async (gradient: number, at = 7): Promise<boolean> => {
    optimizer.zeroGrad()
    scope(() => weights.forEach((w, i) => scaler.scale(w.sum().mul(i === at ? gradient : 0)).backward()))
    const taken = await scaler.step(optimizer)
    scaler.update()
    return taken
  }
  return { weights, optimizer, step }
}
const valuesOf = async (weights: readonly Tensor[]) => (await Promise.all(weights.map((w) => w.array()))).flat()

/** @param whole  take all of the 2,000 steps after which the scale grows, not the last two */
export function scalerSuite(get: () => Device, whole: boolean): void {
  it('asks the device once a step, for 4 bytes', async () => {
    const device = get()
    const { step } = trained(device, new optim.GradScaler())
    const reads: number[] = []
    const end = tap(device, {
      read: (next, block, start, length) => {
        reads.push(4 * (length ?? block.length))
        return next(block, start, length)
      },
    })
    for (const gradient of [0, 0.5, Infinity]) await step(gradient)
    end()
    expect(reads).toEqual([4, 4, 4])
  })

  it('doubles the scale after 2,000 steps, and from there after 2,000 more', async () => {
    const scaler = new optim.GradScaler()
    const device = get()
    const w = tensor([1], { device, requiresGrad: true })
    const optimizer = new optim.SGD([w], { lr: 0 })
    scope(() => scaler.scale(w.sum()).backward())
    if (!whole) scaler.loadStateDict({ scale: 65536, growthTracker: 1997 })
    for (let i = whole ? 1 : 1998; i <= 2000; i++) {
      expect(scaler.getScale()).toBe(65536)
      expect(await scaler.step(optimizer)).toBe(true)
      scaler.update()
    }
    expect(scaler.stateDict()).toEqual({ scale: 131072, growthTracker: 0 })
    // One that is left out ends the count.
    scaler.loadStateDict({ scale: 131072, growthTracker: 1999 })
    optimizer.zeroGrad()
    scope(() => scaler.scale(w.sum().mul(Number.NaN)).backward())
    expect(await scaler.step(optimizer)).toBe(false)
    scaler.update()
    expect(scaler.stateDict()).toEqual({ scale: 65536, growthTracker: 0 })
  })

  it('halves the scale and leaves the step out where any gradient is ∞ or NaN', async () => {
    const device = get()
    const scaler = new optim.GradScaler({ initScale: 1024 })
    const { weights, step } = trained(device, scaler)
    const before = await valuesOf(weights)
    const scales: number[] = []
    for (const [gradient, at] of [
      [Infinity, 0],
      [-Infinity, 6],
      [Number.NaN, 7],
    ]) {
      expect(await step(gradient, at)).toBe(false)
      scales.push(scaler.getScale())
    }
    expect(scales).toEqual([512, 256, 128])
    expect(await valuesOf(weights)).toEqual(before)
    // Finite ones are as if they had not been scaled.
    expect(await step(0.25)).toBe(true)
    expect((await valuesOf(weights)).slice(14)).toEqual([6.75, 0.75])
    expect(scaler.getScale()).toBe(128)
  })

  it('holds nothing more afterwards', async () => {
    const device = get()
    const { weights, step } = trained(device, new optim.GradScaler())
    await step(0.5)
    const held = () => {
      const { nodes, storages, bytes } = memory(device)
      return { nodes, storages, bytes }
    }
    const before = held()
    for (const gradient of [0.5, Infinity, 0.5]) await step(gradient)
    expect(held()).toEqual(before)
    for (const w of weights) w.dispose()
  })
}
