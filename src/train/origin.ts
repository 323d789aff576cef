/**
 * @file Where numbers end: a step is taken again, every op's results are looked at, and the one is found that made what
 * is not finite of what was. Then it is taken a third time, to read that op's first bad element and its inputs. The
 * same random state gives the same numbers.
 */
import { registerHook } from '../autograd/backward.ts'
import { calling } from '../core/frame.ts'
import { noGrad } from '../core/graph.ts'
import { type Call, onCall } from '../core/op.ts'
import { keep, openScope, scope } from '../core/scope.ts'
import { indexAt, type Shape } from '../core/shape.ts'
import type { Storage } from '../core/storage.ts'
import { Tensor } from '../core/tensor.ts'
import { placeOf } from '../nn/call.ts'
import { eachApart } from '../ops/base/ahead.ts'
import { stored } from '../ops/base/halves.ts'
import { any, isfinite, isnan, logicalNot, setRandomState, stack } from '../ops/index.ts'
import { clipGradNorm } from '../optim/index.ts'
import type { Fault } from './nonfinite.ts'
import type { Snapshot } from './snapshot.ts'
import { type Pass, type Steps, type Trainable, takeSteps } from './steps.ts'

/** An input of the op, at the bad element where it has one there. */
export interface OriginInput {
  /** Its name in the op. */
  readonly name: string
  readonly shape: Shape
  /** The element that the bad one was made of, or undefined where it was made of several. */
  readonly value?: number
  /** Least and greatest of its finite elements. */
  readonly range: readonly [least: number, greatest: number]
}

/** Where a number ceased to be finite. */
export interface Origin {
  /** The op, or '' where what it began with was not finite: a parameter, an input. */
  readonly op: string
  /** True if the gradient of the op is meant, and not its value. */
  readonly gradient: boolean
  /** The module that the op was called in, `fc1 (Linear 4, 8)`; '' outside of any. Without an op: what is bad. */
  readonly where: string
  /** The line that called the op, `train.ts:12:8`, as far as the stack tells. */
  readonly source: string | undefined
  /** The first element that is not finite, its place and value. */
  readonly index: readonly number[]
  readonly value: number
  readonly inputs: readonly OriginInput[]
}

interface Noted {
  readonly name: string
  readonly where: string
  /** The call that this one belongs to the gradient of. */
  readonly of: Noted | undefined
  readonly at: number
  readonly inputs: readonly Source[]
  /** An attribute is infinite: that is what was asked for. */
  readonly asked: boolean
  source?: string
  bad: boolean
  nan: boolean
}
/** What no op of the step made. */
interface Given {
  readonly tensor: Tensor
  bad: boolean
  nan: boolean
}
type Source = Noted | Given

/** A tensor of floats that has elements. */
export const isFloat = (x: unknown): x is Tensor => x instanceof Tensor && stored.includes(x.dtype) && x.numel > 0

/** Flags that were raised on the device, read together. */
class Flags {
  private readonly own = openScope()
  private readonly noted: { bad: Tensor; nan: Tensor; of: Source }[] = []

  look(x: Tensor, of: Source): void {
    this.own.run(() =>
      noGrad(() => {
        // What they are made of ends at once: it is as large as all that the step computes.
        const bad = scope(() => any(logicalNot(isfinite(x))))
        this.noted.push({ bad, nan: scope(() => any(isnan(x))), of })
      }),
    )
  }
  async read(): Promise<void> {
    // Few to a launch: what is stacked is bound together.
    const size = 256
    for (let from = 0; from < this.noted.length; from += size) {
      const part = this.noted.slice(from, from + size)
      const whole = this.own.run(() => noGrad(() => stack(part.flatMap(({ bad, nan }) => [bad, nan]))))
      const flags = await whole.data()
      part.forEach(({ of }, i) => {
        of.bad ||= flags[2 * i] !== 0
        of.nan ||= flags[2 * i + 1] !== 0
      })
    }
    this.own.dispose()
  }
}

/** Whether an attribute is, or holds, an infinite number. */
const isAsked = (attrs: unknown): boolean =>
  typeof attrs === 'number'
    ? !Number.isFinite(attrs)
    : typeof attrs === 'object' && attrs !== null && !ArrayBuffer.isView(attrs) && Object.values(attrs).some(isAsked)

/** Calls of a step in their order; `look` is told of each. */
async function follow(
  step: () => unknown,
  look: (call: Call, of: number | undefined, at: number) => void,
): Promise<unknown> {
  let [at, of, busy]: [number, number | undefined, boolean] = [0, undefined, false]
  const together = eachApart()
  const end = onCall((call) => {
    // What looks at calls makes calls of its own.
    if (busy) return
    busy = true
    try {
      const own = at++
      look(call, of, own)
      // When the gradient of a result has come, the walk goes back through its op next.
      for (const y of call.outputs) if (y.edge && isFloat(y)) registerHook(y, () => void (of = own))
      // Where ops are recorded again, the walk back is over.
      if (call.outputs[0]?.edge) of = undefined
    } finally {
      busy = false
    }
  })
  const before = Error.stackTraceLimit
  // Between the user's line and an op lie the engine's own.
  Error.stackTraceLimit = 100
  try {
    return await step()
  } finally {
    Error.stackTraceLimit = before
    end()
    together()
  }
}

/**
 * The op that made what is not finite.
 * @param again  takes the step, from where it began and with the same random numbers; what it returns is explained if
 *   it is a tensor that is not finite, and else the gradients
 * @param named  what may not be finite from the beginning
 * @returns undefined if no op's result tells
 */
export async function findOrigin(
  again: () => unknown,
  named: readonly (readonly [string, Tensor])[],
): Promise<Origin | undefined> {
  const calls: Noted[] = []
  const given = new Map<Storage, Given>()
  const made = new Map<Storage, Noted>()
  const flags = new Flags()
  using own = openScope()
  const sourceOf = (x: Tensor): Source => {
    const known = made.get(x.storage) ?? given.get(x.storage)
    if (known) return known
    // A handle of our own: memory that is freed may be given to another.
    const tensor = own.run(() => keep(new Tensor(x.storage.retain(), x.layout)))
    const fresh: Given = { tensor, bad: false, nan: false }
    given.set(x.storage, fresh)
    flags.look(x, fresh)
    return fresh
  }
  try {
    const result = await follow(again, ({ op, inputs, outputs, attrs }, of, at) => {
      const frame = calling.now
      const noted: Noted = {
        name: op.name,
        where: frame ? placeOf(frame) : '',
        of: of === undefined ? undefined : calls[of],
        at,
        inputs: inputs.filter(isFloat).map(sourceOf),
        asked: isAsked(attrs),
        bad: false,
        nan: false,
      }
      calls.push(noted)
      for (const y of outputs) {
        if (!isFloat(y) || inputs.some((x) => x?.storage === y.storage)) continue
        made.set(y.storage, noted)
        flags.look(y, noted)
      }
    })
    await flags.read()
    const last = result instanceof Tensor && !result.disposed ? made.get(result.storage) : undefined
    const end = last?.bad ? last : lastBad(calls)
    if (!end) return undefined
    const found = originOf(end)
    return 'tensor' in found ? await ofGiven(found, named) : await ofCall(found, again)
  } finally {
    for (const { tensor } of given.values()) tensor.dispose()
  }
}

/** The last of the gradients that is not finite; masks of −∞ may stand in a forward pass. */
const lastBad = (calls: readonly Noted[]): Noted | undefined =>
  calls.findLast(({ bad, of }) => bad && of) ?? calls.findLast(({ nan }) => nan)

/** From what is not finite to what it came from. */
function originOf(end: Noted): Source {
  let at: Source = end
  while (!('tensor' in at)) {
    const before: Source | undefined = causeOf(at)
    if (!before) break
    at = before
  }
  return at
}

/** NaN comes of NaN, or of ∞ that nobody asked for; masks of −∞ that were asked for end the search. */
function causeOf({ nan, inputs }: Noted): Source | undefined {
  const before = inputs.find((one) => one.nan) ?? inputs.find((one) => one.bad)
  return before && !(nan && !before.nan && isMask(before)) ? before : undefined
}

/** Infinite because it was asked for. */
const isMask = (one: Source): boolean =>
  'tensor' in one
    ? !one.nan
    : one.asked || (one.inputs.length > 0 && !one.nan && one.inputs.some((x) => x.bad && isMask(x)))

/** A parameter or a constant that is not finite itself. */
async function ofGiven({ tensor }: Given, names: readonly (readonly [string, Tensor])[]): Promise<Origin> {
  const name =
    names.find(([, x]) => !x.disposed && x.storage === tensor.storage)?.[0] ?? `a constant ${tensor.shape.join(' × ')}`
  const [index, value] = firstBad(await tensor.data(), tensor.shape) as [number[], number]
  return { op: '', gradient: false, where: name, source: undefined, index, value, inputs: [] }
}

/** The op again, with its numbers. */
async function ofCall(found: Noted, again: () => unknown): Promise<Origin | undefined> {
  const about = found.of ?? found
  let source: string | undefined
  let reads: Promise<Origin> | undefined
  await follow(again, (call, _, at) => {
    if (at === about.at) source = callerOf(new Error('here'))
    if (at !== found.at || call.op.name !== found.name) return
    const [inputs, outputs] = [call.inputs, call.outputs]
    const names = call.op.spec.inputs
    // Asked for now, so that these are the values of now.
    const datas = Promise.all([...outputs, ...inputs].map((x) => (isFloat(x) ? x.data() : [])))
    const shapes = [...outputs, ...inputs].map((x) => x?.shape ?? [])
    reads = datas.then((values) => {
      const k = outputs.findIndex((_, i) => firstBad(values[i], shapes[i]))
      const [index, value] = firstBad(values[k], shapes[k]) ?? [[], Number.NaN]
      const parts = inputs.flatMap((x, i): OriginInput[] => {
        if (!isFloat(x)) return []
        const [data, shape] = [values[outputs.length + i], shapes[outputs.length + i]]
        const name = names === 'list' ? String(i) : (names[i] ?? String(i)).replace('?', '')
        return [{ name, shape, value: valueAt(data, shape, index, shapes[k]), range: rangeOf(data) }]
      })
      const gradient = found.of !== undefined
      return { op: about.name, gradient, where: about.where, source, index, value, inputs: parts }
    })
  })
  return reads
}

/** The first element that is not finite. */
function firstBad(data: ArrayLike<number>, shape: Shape): [index: number[], value: number] | undefined {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return [indexAt(shape, i), data[i]]
  return undefined
}

/** What of an input that broadcasts to the result stands at an element of it. */
function valueAt(data: ArrayLike<number>, shape: Shape, index: readonly number[], whole: Shape): number | undefined {
  const skipped = whole.length - shape.length
  if (skipped < 0 || shape.some((size, i) => size !== 1 && size !== whole[skipped + i])) return undefined
  return data[shape.reduce((at, size, i) => at * size + (size === 1 ? 0 : index[skipped + i]), 0)]
}

function rangeOf(data: ArrayLike<number>): [number, number] {
  let [least, greatest] = [Infinity, -Infinity]
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) continue
    least = Math.min(least, data[i])
    greatest = Math.max(greatest, data[i])
  }
  return [least, greatest]
}

/** Where this package lies; its own lines are of no interest. In a bundle that is a plain script nobody knows. */
const HOME = (import.meta.url ?? '').replace(/train\/[^/]*$/, '')

/** The place of a line of a stack: in brackets, behind `at`, or as Firefox has it. Paths may have spaces and an @. */
const PLACE = /\((.*:\d+:\d+)\)$|^\s*at (?:async )?(.+:\d+:\d+)$|@(\w+:\/\/.*:\d+:\d+)$/

/** The first line of a stack that is not the engine's, if anybody knows where the engine is. */
export function callerOf({ stack = '' }: { readonly stack?: string }, home = HOME): string | undefined {
  const own = home.replace(/^file:\/\//, '')
  for (const line of stack.split('\n')) {
    const place = PLACE.exec(line)?.slice(1).find(Boolean)
    if (place && !place.includes(own) && !place.startsWith('node:')) return place
  }
  return undefined
}

/**
 * Go back to a snapshot, take the steps up to the fault again, and say by which op of which step it began.
 * @param from  steps that had been taken at the snapshot
 */
export async function search(
  op: string,
  model: Trainable,
  run: Steps,
  snapshot: Snapshot,
  from: number,
  fault: Fault,
): Promise<string> {
  let found: string | undefined
  const look = async (pass: Pass): Promise<void> => {
    using norm = clipGradNorm(run.params, Infinity)
    const [loss, length] = await Promise.all([pass.loss.item(), norm.item()])
    // A scaler leaves out steps whose gradients are not finite.
    if (Number.isFinite(loss) && (run.scaler || Number.isFinite(length))) return
    const origin = await originIn(model, run, pass)
    if (origin) found = `${origin}${pass.step < fault.step ? `, at step ${pass.step} before` : ''}`
  }
  snapshot.restore()
  const steps = takeSteps(op, model, { ...run, metrics: {}, ema: undefined, from }, async (pass) => {
    if (!found) await look(pass)
  })
  for await (const { step } of steps) if (found || step >= fault.step) break
  return found ?? 'taken again, the steps before it were finite'
}

/** Where a pass of a training that is taken again ceases to be finite, in words. */
async function originIn(model: Trainable, run: Steps, pass: Pass): Promise<string | undefined> {
  using own = openScope()
  const again = (): Tensor =>
    own.run(() => {
      run.optimizer.zeroGrad()
      setRandomState(pass.random)
      return pass.again()
    })
  const given = pass.inputs.map((x, i) => [`input ${i} of the batch`, x] as const)
  const origin = await findOrigin(again, [...given, ...model.namedParameters()])
  return origin && sayOrigin(origin)
}

/** An origin in words. */
export function sayOrigin({ op, gradient, where, source, index, value, inputs }: Origin): string {
  const at = index.length > 0 ? ` at [${index.join(', ')}]` : ''
  if (!op) return `${where} is ${value}${at} from the beginning`
  const place = [where && `in ${where}`, source && `at ${source}`].filter(Boolean).join(', ')
  return `${gradient ? 'the gradient of ' : ''}${op}${place && ` ${place},`} gives ${value}${at}${sayInputs(inputs)}`
}

/** Six digits tell enough. */
const short = (v: number): number => Number(v.toPrecision(6))

/** What the bad element was made of. */
export const sayInputs = (inputs: readonly OriginInput[]): string =>
  inputs.length === 0
    ? ''
    : ` of ${inputs
        .map(({ name, shape, value, range }) =>
          value === undefined
            ? `${name} [${shape.join(', ')}] from ${short(range[0])} to ${short(range[1])}`
            : `${name} = ${short(value)}`,
        )
        .join(', ')}`
