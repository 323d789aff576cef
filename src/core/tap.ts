/**
 * @file Watching or changing what a device does: the one way to. Recorders, profilers, leak counters and fault
 * injection all stand here, before the device's own methods; without a tap nothing is between a tensor and its device.
 */
import type { Device } from './device.ts'
import { describe, fail } from './errors.ts'

/**
 * What stands before a device's methods. Each is given the way on, `next`, which it may call or not, and the arguments.
 */
export type Taps = {
  readonly [M in (typeof methods)[number]]?: (next: Device[M], ...args: Parameters<Device[M]>) => ReturnType<Device[M]>
}

const methods = ['run', 'alloc', 'free', 'write', 'read'] as const
type Method = (...args: unknown[]) => unknown

/** The taps on each device, the first one nearest to it. */
const tapped = new WeakMap<Device, Taps[]>()

/**
 * Stand before a device's `run`, `alloc`, `free`, `write` or `read`. The last tap is asked first.
 * @returns a function that takes the tap away, in any order with others
 * @throws HandgradError if `device` is not a device, or `taps` has something else than functions for these methods
 */
export function tap(device: Device, taps: Taps): () => void {
  if (typeof device?.run !== 'function') fail('tap', `${describe(device)} is not a device`, "give await device('auto')")
  for (const [name, f] of Object.entries(taps)) {
    if (!(methods as readonly string[]).includes(name))
      fail('tap', `a device has no ${name} to stand before`, `one of ${methods.join(', ')}`)
    if (typeof f !== 'function') fail('tap', `${name} is ${describe(f)}`, 'give a function')
  }
  const own = { ...taps }
  arrange(device, [...(tapped.get(device) ?? []), own])
  return () =>
    arrange(
      device,
      (tapped.get(device) ?? []).filter((other) => other !== own),
    )
}

/** Put the device's methods behind its taps; without any, its class has them again. */
function arrange(device: Device, all: Taps[]): void {
  tapped.set(device, all)
  const methodsOf = device as unknown as Record<string, Method>
  for (const name of methods) {
    delete methodsOf[name]
    const standing = all.map((taps) => taps[name] as Method | undefined).filter((f) => f !== undefined)
    if (standing.length === 0) continue
    const bare = methodsOf[name].bind(device)
    methodsOf[name] = standing.reduce<Method>(
      (next, f) =>
        (...args) =>
          f(next, ...args),
      bare,
    )
  }
}
