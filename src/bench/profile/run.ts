/**
 * @file `profile` takes steps and watches them; `profiling` watches those that a training takes anyway. The first step
 * compiles and is never counted.
 */
import type { Device } from '../../core/device.ts'
import { describe, fail } from '../../core/errors.ts'
import { onCall } from '../../core/op.ts'
import { optionsOf } from '../../ops/base/options.ts'
import type { Callback } from '../../train/index.ts'
import { median } from '../stats.ts'
import type { DeviceClock } from './data.ts'
import { type StepEvents, Watch } from './events.ts'
import { Profile } from './profile.ts'

/** How {@link profile} takes its steps. */
export interface ProfileOptions {
  /** Steps that are watched; default 5. */
  steps?: number
  /** Steps before, from 1 up: the first compiles, the others are timed without the profiler. Default 3. */
  warmup?: number
  /** The device that is watched; default: where the first step's ops are, a GPU rather than the CPU. */
  device?: Device
}

/**
 * Where the time of a step goes: for each op, shape, kernel and variant its time on the device and on the host, bytes,
 * operations, dispatches, allocations. The step is the program's own; it runs `warmup + steps` times.
 * ```ts
 * const found = await profile(() => {
 *   optimizer.zeroGrad()
 *   scope(() => crossEntropy(model.forward(x), y).backward())
 *   optimizer.step()
 * })
 * console.log(`${found}`)
 * await writeFile('step.trace.json', JSON.stringify(found.toTrace()))
 * ```
 * On WebGPU times are those of the adapter's timestamps, with a pass for each dispatch; where it has none, the profile
 * says so and has times of the host and counts. Nothing else should run meanwhile.
 * @param step  may be async; each step is waited for, the device included
 * @throws HandgradError if step is not a function, an option is unknown or out of range, or no device is given and the
 *   step calls no op; and as the step
 */
export async function profile(step: () => unknown, options?: ProfileOptions): Promise<Profile> {
  const op = 'profile'
  if (typeof step !== 'function') fail(op, `the step is ${describe(step)}`, 'give a function that takes a step')
  const given = optionsOf(op, options, { steps: 5, warmup: 3, device: undefined })
  const { steps, warmup } = given
  checkCount(op, 'steps', steps)
  checkCount(op, 'warmup', warmup)
  const { device, seconds: cold } = await firstStep(step, given.device)
  const plain: { wall: number; host: number }[] = []
  for (let i = 1; i < warmup; i++) plain.push(await timed(step, device))
  const watch = new Watch(device)
  const seen: StepEvents[] = []
  try {
    await watch.begin()
    for (let i = 0; i < steps; i++) {
      await step()
      seen.push(await watch.mark())
    }
  } finally {
    watch.stop()
  }
  const walls = plain.length > 0 ? plain.map(({ wall }) => wall) : seen.map(({ begin, end }) => (end - begin) / 1e3)
  return new Profile({
    device: device.name,
    clock: clockOf(watch),
    steps: seen,
    first: { wall: cold, more: Math.max(0, cold - median(walls)) },
    plain: plain.length > 0 ? { wall: median(walls), host: median(plain.map(({ host }) => host)) } : null,
  })
}

/** How {@link profiling} watches a training. */
export interface ProfilingOptions {
  /** Steps that are watched; default 5. */
  steps?: number
  /** Steps of the training before, from 1 up; default 10. */
  after?: number
  /** The device that is watched; default: where the model is. */
  device?: Device
  /** Given the profile when it is complete, or at the end of the training what there is of it. */
  tell: (profile: Profile) => void
}

/**
 * {@link profile} for `train.fit`: a callback that watches some steps, from one to the next: reading the batch,
 * forward, backward, the optimizer. What comes between two epochs is left out. The training goes on bit for bit as
 * without it.
 * ```ts
 * const callbacks = [profiling({ tell: (found) => console.log(`${found}`) })]
 * await train.fit(model, { train: loader, loss, optimizer, callbacks })
 * ```
 * @throws HandgradError if an option is unknown or out of range, or `tell` is not a function
 */
export function profiling(options: ProfilingOptions): Callback {
  const op = 'profiling'
  const given = optionsOf(op, options, { steps: 5, after: 10, device: undefined, tell: undefined })
  const { steps, after, tell } = given
  checkCount(op, 'steps', steps)
  checkCount(op, 'after', after)
  if (typeof tell !== 'function') fail(op, `tell is ${describe(tell)}`, 'give a function of a profile')
  const seen: StepEvents[] = []
  let taken = 0
  let watch: Watch | null = null
  const finish = (): void => {
    if (!watch) return
    const { device } = watch
    const clock = clockOf(watch)
    watch.stop()
    watch = null
    if (seen.length > 0) tell(new Profile({ device: device.name, clock, steps: seen, first: null, plain: null }))
  }
  return async ({ kind, model }) => {
    if (kind === 'end') finish()
    else if (kind === 'step') {
      taken++
      if (watch) seen.push(await watch.mark())
      if (seen.length === steps) finish()
      if (taken === after) {
        watch = new Watch(given.device ?? model.parameters()[0].device)
        await watch.begin()
      }
    } else if (kind === 'read' || kind === 'epoch' || kind === 'checkpoint') await watch?.skip()
  }
}

const clockOf = ({ device, timed }: Watch): DeviceClock =>
  device.kind !== 'webgpu' ? 'launches' : timed ? 'timestamps' : null

function checkCount(op: string, name: string, n: unknown): void {
  if (!Number.isSafeInteger(n) || (n as number) < 1) fail(op, `${name} is ${describe(n)}`, 'give an integer from 1 up')
}

/** Take the first step, and see where its ops are. */
async function firstStep(step: () => unknown, given: Device | undefined) {
  const found = new Set<Device>()
  const stop = onCall(({ outputs }) => {
    for (const { device } of outputs) found.add(device)
  })
  const begin = performance.now()
  try {
    await step()
  } finally {
    stop()
  }
  const all = [...found]
  const device =
    given ??
    all.find(({ kind }) => kind !== 'cpu') ??
    all[0] ??
    fail('profile', 'the step calls no op', 'say which device it uses: { device }')
  await device.sync()
  return { device, seconds: (performance.now() - begin) / 1e3 }
}

/** A step without the profiler. */
async function timed(step: () => unknown, device: Device) {
  const begin = performance.now()
  await step()
  const encoded = performance.now()
  await device.sync()
  return { wall: (performance.now() - begin) / 1e3, host: (encoded - begin) / 1e3 }
}
