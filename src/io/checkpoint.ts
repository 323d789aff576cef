/**
 * @file Checkpoints: everything that a training goes on from, in one safetensors file. Tensors of its parts are under
 * the part's name (`model.fc1.weight`), the rest of their states, random numbers and what the program adds as JSON in
 * the metadata. How states become JSON and tensors is state.ts, which of the files in a folder stay is kept.ts.
 */
import type { Device, DType } from '../core/device.ts'
import { describe, fail, HandgradError } from '../core/errors.ts'
import { contiguousCopy } from '../core/launch.ts'
import { checkAtOnce, type OpenScope, openScope } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import { getDefaultDevice } from '../devices.ts'
import { optionsOf } from '../ops/base/options.ts'
import { getRandomState, setRandomState } from '../ops/index.ts'
import { type Checkpoint, type Contents, FORMAT, PACKAGE, readContents, type Uses, VERSION } from './contents.ts'
import { type HostTensor, tensorDType } from './elements.ts'
import { checkPath, checkRecord, listed, nameOf } from './given.ts'
import type { Entry } from './header.ts'
import { type Best, checkKept, dropOthers, fileOf } from './kept.ts'
import { type Get, type Json, pack, tooMany, unpack } from './state.ts'
import { withTensors, writeTensors } from './stream.ts'

/**
 * What can be saved in a checkpoint: modules, optimizers, schedules, loaders, averages, and anything else with these
 * two. A state is of plain objects and lists of tensors, typed arrays and what JSON has.
 */
export interface Stateful {
  stateDict(): unknown
  /**
   * Check all of the state, then take it over. Its tensors are freed afterwards: copy them, or `keep(x)`. Its type is
   * what `stateDict` gives, whatever that is.
   */
  loadStateDict(state: never): unknown
}

/** What a program keeps beside the parts. */
export interface About {
  /** Epochs done; default 0. */
  readonly epoch?: number
  /** Steps done; default 0. */
  readonly step?: number
  /** Numbers by name; default: none. */
  readonly metrics?: Readonly<Record<string, number>>
  /** Anything that a state may be made of; default null. */
  readonly extra?: unknown
}

/** How {@link saveCheckpoint} writes. */
export interface CheckpointOptions extends About {
  /**
   * `path` is a folder, made where it is missing: the file in it is named by the step, `checkpoint-00000100.safetensors`,
   * and of those with such names only so many with the highest steps stay. Integer from 1. Default: `path` is a file.
   */
  readonly keepLast?: number
  /** With `keepLast`: the file with the best of a metric stays too. */
  readonly best?: Best
}

/** What {@link loadCheckpoint} loads, and how. */
export interface LoadCheckpointOptions {
  /** True: parts of the file that are not given are passed over, and random numbers stay as they are; default false. */
  readonly partial?: boolean
  /** True: the file may be of another device than the parts, which changes the last bits of what follows; default false. */
  readonly otherDevice?: boolean
}

function checkParts(op: string, parts: unknown): asserts parts is Readonly<Record<string, Stateful>> {
  const todo = 'give { model, optimizer, … }, each with stateDict() and loadStateDict(state)'
  checkRecord(op, 'the object of parts', parts, todo)
  for (const [name, part] of Object.entries(parts as object)) {
    if (name === '' || name === '__proto__') fail(op, `a part is named '${name}'`, 'choose another name')
    if (typeof part?.stateDict !== 'function' || typeof part?.loadStateDict !== 'function')
      fail(op, `part ${nameOf(name)} is ${describe(part)}`, todo)
  }
}

function checkCount(op: string, name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) fail(op, `${name} is ${describe(value)}`, 'give an integer from 0 up')
}

function checkMetrics(op: string, metrics: Readonly<Record<string, number>>): void {
  checkRecord(op, 'metrics', metrics, 'give numbers by name')
  for (const [name, value] of Object.entries(metrics))
    if (typeof value !== 'number')
      fail(op, `metric ${nameOf(name)} is ${describe(value)}`, 'give a number: await x.item()')
}

/**
 * Save everything that a training goes on from in one file, in one step: a crash leaves the old file or the new. The
 * random state is always in it. What is saved is the moment of the call; tensors of a file of more than a few megabytes
 * may not change until it is written: await it.
 * ```ts
 * await io.saveCheckpoint('last.safetensors', { model, optimizer, schedule, loader }, { epoch, step })
 * await io.saveCheckpoint('runs/1', { model, optimizer }, { step, metrics, keepLast: 3, best: { by: 'loss' } })
 * ```
 * @param path   a file, or with `keepLast` a folder
 * @param parts  by name: whatever has `stateDict()` and `loadStateDict(state)`
 * @param about.epoch     epochs done
 * @param about.step      steps done
 * @param about.metrics   numbers by name
 * @param about.extra     what else the program needs: JSON, tensors, typed arrays
 * @param about.keepLast  how many files stay in the folder
 * @param about.best      `{ by: 'accuracy', mode: 'max' }`: the file with the best of a metric stays too
 * @returns the path of the file
 * @throws HandgradError if a state has something else than tensors, typed arrays and JSON in it, a tensor changes while
 *   it is saved, or the file cannot be written
 */
export async function saveCheckpoint(
  path: string,
  parts: Readonly<Record<string, Stateful>>,
  about?: CheckpointOptions,
): Promise<string> {
  const op = 'saveCheckpoint'
  const { epoch, step, metrics, extra, keepLast, best } = optionsOf(op, about, {
    epoch: 0,
    step: 0,
    metrics: {},
    extra: null,
    keepLast: undefined,
    best: undefined,
  })
  checkPath(op, path)
  checkParts(op, parts)
  checkCount(op, 'epoch', epoch)
  checkCount(op, 'step', step)
  checkMetrics(op, metrics)
  checkKept(op, keepLast, best, metrics)

  using own = openScope()
  const tensors: Record<string, Tensor | HostTensor> = Object.create(null)
  const devices: string[] = []
  const elsewhere: Record<string, number> = {}
  const put = (path: string, x: Tensor | HostTensor): string => {
    let name = path
    while (name in tensors) name += "'"
    tensors[name] = x
    if (!(x instanceof Tensor)) return name
    if (!devices.includes(x.device.name)) devices.push(x.device.name)
    const device = devices.indexOf(x.device.name)
    if (device > 0) elsewhere[name] = device
    return name
  }
  const states: Record<string, Json> = {}
  for (const [name, part] of Object.entries(parts))
    states[name] = {
      class: part.constructor.name,
      state: pack(
        op,
        name,
        own.run(() => part.stateDict()),
        put,
      ),
    }
  const saved = {
    epoch,
    step,
    metrics: pack(op, 'metrics', metrics, put),
    extra: pack(op, 'extra', extra, put),
    random: getRandomState(),
    devices,
    elsewhere,
    handgrad: PACKAGE,
    parts: states,
  }
  const state = JSON.stringify(saved)
  if (tooMany(state)) fail(op, 'the states and extra have too many values', 'keep long lists in typed arrays')
  const metadata = { format: FORMAT, version: String(VERSION), state }
  if (keepLast === undefined) {
    await writeTensors(op, path, tensors, metadata, {})
    return path
  }
  const file = fileOf(path, step)
  await writeTensors(op, file, tensors, metadata, { makeFolder: true })
  await dropOthers(op, path, file, keepLast, best)
  return file
}

/**
 * Go on where {@link saveCheckpoint} stood: every part takes its state over, then the random numbers. All or nothing: if
 * a part refuses its state, those before it get theirs back, for which there is memory for a second copy while it runs.
 * @param parts  by the names under which they were saved, and as they were made then
 * @param options.partial      true: only these parts, without the random numbers, such as the model alone
 * @param options.otherDevice  true: the parts may be on another device than those that were saved
 * @returns epoch, step, metrics, and what the program kept
 * @throws HandgradError with all that differs, if the file is of other parts, another model or device; FormatError at
 *   whatever is wrong in it, or if it is of a newer version
 */
export async function loadCheckpoint(
  path: string,
  parts: Readonly<Record<string, Stateful>>,
  options?: LoadCheckpointOptions,
): Promise<Checkpoint> {
  const op = 'loadCheckpoint'
  const { partial, otherDevice } = optionsOf(op, options, { partial: false, otherDevice: false })
  checkParts(op, parts)
  return withTensors(op, path, async (file) => {
    const { contents, uses } = readContents(op, path, file)
    const names = Object.keys(parts)
    const shared = names.filter((name) => Object.hasOwn(contents.parts, name))
    const differences = otherNames(names, Object.keys(contents.parts), partial)
    const own = openScope()
    const kept: Tensor[] = []
    try {
      const place = new Places(op, own, shared, parts, contents, otherDevice)
      const values = new Map<string, Tensor | HostTensor['data']>()
      const entries = new Map(file.entries.map((entry) => [entry.name, entry]))
      const read = async (used: Uses, make: (f: () => Tensor) => Tensor) => {
        for (const [name, kind] of used) {
          const entry = entries.get(name) as Entry // readContents looked
          if (kind === 'array') values.set(name, (await file.host(entry)).data)
          else {
            const [device, dtype] = place.of(entry)
            const x = make(() => Tensor.alloc(device, dtype, entry.shape, op))
            values.set(name, x)
            await file.fill(entry, x)
          }
        }
      }
      const keeping = (f: () => Tensor): Tensor => {
        const x = f()
        kept.push(x)
        return x
      }
      for (const name of shared) await read(uses.parts[name], (f) => own.run(f))
      await read(uses.extra, keeping)
      differences.push(...place.differences)

      const get: Get = (_, name) => values.get(name)
      const state = (name: string) => unpack(op, path, contents.parts[name].state, get)
      loadAll(op, own, nameOf(path), shared, parts, contents, state, differences)
      if (!partial) setRandomState(contents.random)
      const { epoch, step, metrics, handgrad } = contents
      const extra = unpack(op, path, contents.extra, get)
      return { epoch, step, metrics, extra, parts: Object.keys(contents.parts), handgrad }
    } catch (error) {
      for (const x of kept) x.dispose()
      throw error
    } finally {
      own.dispose('loadCheckpoint frees what it gives to loadStateDict: copy it, or keep(x)')
    }
  })
}

/** Parts that are given and not in the file, or the other way round. */
function otherNames(given: readonly string[], saved: readonly string[], partial: boolean): string[] {
  const without = (all: readonly string[], some: readonly string[]) => all.filter((name) => !some.includes(name))
  const [lacking, spare] = [without(given, saved), partial ? [] : without(saved, given)]
  const found: string[] = []
  if (lacking.length > 0) found.push(`it has no ${listed(lacking)}, it has ${listed(saved) || 'no parts'}`)
  if (spare.length > 0) found.push(`it has ${listed(spare)}, which is not given`)
  return found
}

/** Where tensors of a file go: to the device and dtype that they have in the parts now. */
class Places {
  readonly differences: string[] = []
  private readonly here = new Map<string, Tensor>()
  private readonly devices = new Map<string, Device>()
  private readonly contents: Contents
  private readonly otherDevice: boolean

  constructor(
    op: string,
    own: OpenScope,
    names: readonly string[],
    parts: Readonly<Record<string, Stateful>>,
    contents: Contents,
    otherDevice: boolean,
  ) {
    this.contents = contents
    this.otherDevice = otherDevice
    for (const name of names) {
      const state = own.run(() => parts[name].stateDict())
      pack(op, name, state, (path, x) => {
        if (!(x instanceof Tensor)) return path
        this.here.set(path, x)
        this.devices.set(x.device.name, x.device)
        return path
      })
    }
    if (this.devices.size === 0) this.devices.set(getDefaultDevice().name, getDefaultDevice())
  }

  of({ name, tag }: Entry): [Device, DType] {
    const { devices, elsewhere } = this.contents
    const saved = devices[elsewhere[name] ?? 0]
    const own = this.here.get(name)
    const [first] = this.devices.values()
    const device = own?.device ?? this.devices.get(saved) ?? first
    if (device.name !== saved && !this.otherDevice)
      this.differ(`it was saved on ${saved}, what is given is on ${device.name}`)
    const dtype = tensorDType(tag)
    if (own && own.dtype !== dtype) this.differ(`${nameOf(name)} is ${dtype}, here ${own.dtype}`)
    else if (!device.dtypes.includes(dtype))
      this.differ(`${nameOf(name)} is ${dtype}, which ${device.name} does not have`)
    else return [device, dtype]
    // It is read all the same, to find what else differs.
    return [device, own?.dtype ?? device.dtypes[0]]
  }

  private differ(what: string): void {
    if (!this.differences.includes(what)) this.differences.push(what)
  }
}

/** Let every part load its state, or none. @throws HandgradError with all differences */
function loadAll(
  op: string,
  own: OpenScope,
  file: string,
  names: readonly string[],
  parts: Readonly<Record<string, Stateful>>,
  contents: Contents,
  state: (name: string) => unknown,
  differences: string[],
): void {
  const undo: (() => void)[] = []
  const back = () => {
    for (const restore of undo.reverse()) restore()
  }
  for (const name of names) {
    const part: { loadStateDict(state: unknown): unknown } = parts[name]
    // What a single part refuses, it has not taken over.
    const before = names.length > 1 || differences.length > 0 ? copied(op, own, name, parts[name]) : undefined
    try {
      const todo = 'load at once: what is awaited cannot be undone'
      checkAtOnce(op, `loadStateDict of ${nameOf(name)}`, part.loadStateDict(state(name)), todo)
      if (before) undo.push(() => void part.loadStateDict(before()))
    } catch (error) {
      if (!(error instanceof HandgradError)) back()
      if (!(error instanceof HandgradError)) throw error
      const [was, is] = [contents.parts[name].class, parts[name].constructor.name]
      const kinds = was === is ? '' : ` (of ${was}, here ${is})`
      differences.push(`${nameOf(name)}${kinds}: ${error.message.replace(/^loadStateDict: /, '')}`)
    }
  }
  if (differences.length === 0) return
  back()
  const { handgrad } = contents
  const by = handgrad === PACKAGE ? '' : ` by handgrad ${nameOf(handgrad)}, this is ${PACKAGE}`
  const todo = 'give the parts as they were saved; { partial: true } loads some, { otherDevice: true } elsewhere'
  fail(op, `${file}${by}: ${differences.join('; ')}`, todo)
}

/** The state of a part as it is now. */
function copied(op: string, own: OpenScope, name: string, part: Stateful): () => unknown {
  const values = new Map<string, unknown>()
  const json = own.run(() =>
    pack(op, name, part.stateDict(), (path, x) => {
      values.set(path, x instanceof Tensor ? contiguousCopy(op, x, x.layout) : x.data.slice())
      return path
    }),
  )
  return () => unpack(op, name, json, (_, path) => values.get(path))
}
