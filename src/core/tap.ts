/**
 * @file Watching or changing what a device does: the one way to. Recorders, profilers, leak counters and fault
 * injection all stand here, before the device's own methods; without a tap nothing is between a tensor and its device.
 */
import type { Block, Device } from './device.ts'
import { describe, fail } from './errors.ts'

/**
 * What stands before a device's methods. Each is given the way on, `next`, which it may call or not, and the arguments.
 */
export type Taps = {
  readonly [M in (typeof methods)[number]]?: (next: Device[M], ...args: Parameters<Device[M]>) => ReturnType<Device[M]>
}

const methods = ['run', 'alloc', 'free', 'write', 'read'] as const
type Method = (...args: unknown[]) => unknown

interface Tapped {
  /** The first one nearest to the device. */
  readonly taps: readonly Taps[]
  /** Methods that the device has itself and not by its class. */
  readonly own: Readonly<Record<string, Method>>
}
const tapped = new WeakMap<Device, Tapped>()

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
  const added = { ...taps }
  arrange(device, (all) => [...all, added])
  return () => arrange(device, (all) => all.filter((other) => other !== added))
}

/** Put the device's methods behind its taps; without any, they are what they were. */
function arrange(device: Device, change: (taps: readonly Taps[]) => readonly Taps[]): void {
  // Five methods of five types, each put behind functions of its own type: `Taps` says so, a loop over names cannot.
  const methodsOf = device as unknown as Record<string, Method>
  const before = tapped.get(device)
  const own = before?.own ?? Object.fromEntries(methods.flatMap((name) => ownMethod(methodsOf, name)))
  const taps = change(before?.taps ?? [])
  tapped.set(device, { taps, own })
  for (const name of methods) {
    if (own[name]) methodsOf[name] = own[name]
    else delete methodsOf[name]
    const standing = taps.map((one) => one[name] as Method | undefined).filter((f) => f !== undefined)
    if (standing.length === 0) continue
    const bare = methodsOf[name].bind(device)
    methodsOf[name] = standing.reduce<Method>(
      (next, f) =>
        (...args) =>
          passedOn(name, f(next, ...args)),
      bare,
    )
  }
  if (taps.length === 0) tapped.delete(device)
}

/** What a tap returned, where others wait for it. */
function passedOn(name: (typeof methods)[number], result: unknown): unknown {
  const good =
    name === 'alloc'
      ? typeof (result as Block | undefined)?.length === 'number'
      : name !== 'read' || typeof (result as PromiseLike<unknown> | undefined)?.then === 'function'
  if (!good) fail('tap', `${name} gave ${describe(result)}`, 'return what next(…) gives')
  return result
}

const ownMethod = (of: Readonly<Record<string, Method>>, name: string): [string, Method][] =>
  Object.hasOwn(of, name) ? [[name, of[name]]] : []
