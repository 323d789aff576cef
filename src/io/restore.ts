/** @file Loading a checkpoint: where its tensors go, and that every part takes its state over, or none. */
import type { Device, DType } from '../core/device.ts'
import { fail, HandgradError } from '../core/errors.ts'
import { contiguousCopy } from '../core/launch.ts'
import { checkAtOnce, type OpenScope, openScope } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import { getDefaultDevice } from '../devices.ts'
import { setRandomState } from '../ops/index.ts'
import type { Checkpoint, LoadCheckpointOptions } from './checkpoint.ts'
import { type Contents, readContents, type Uses } from './contents.ts'
import { type HostTensor, tensorDType } from './elements.ts'
import { listed, nameOf } from './given.ts'
import type { Entry } from './header.ts'
import { withTensors } from './pieces.ts'
import { className, PACKAGE, pack, type Stateful } from './state.ts'
import { type Get, unpack } from './unpack.ts'

/** See `loadCheckpoint`. */
export async function restore(
  path: string,
  parts: Readonly<Record<string, Stateful>>,
  { partial, otherDevice }: Required<LoadCheckpointOptions>,
): Promise<Checkpoint> {
  const op = 'loadCheckpoint'
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
    const bits = tag === 'F16' ? 'float16' : tag === 'BF16' ? 'bfloat16' : undefined
    // A float32 may have been saved in 16 bits; what is of 16 bits comes back as it was.
    const dtype = bits && own?.dtype !== 'float32' ? bits : tensorDType(tag)
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
      const [was, is] = [contents.parts[name].class, className(parts[name])]
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
      while (values.has(path)) path += "'"
      values.set(path, x instanceof Tensor ? contiguousCopy(op, x, x.layout) : x.data.slice())
      return path
    }),
  )
  return () => unpack(op, name, json, (_, path) => values.get(path))
}
