/**
 * @file What all transforms have in common: `fit` learns, `transform` applies, and what was learned is a state of host
 * arrays, which checkpoints and safetensors hold.
 */
import { describe, fail, shown } from '../../core/errors.ts'
import { tensorOf } from '../../core/launch.ts'
import { floats } from '../../core/op.ts'
import { showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import type { HostTensor } from '../../io/elements.ts'
import { checkRecord, listed } from '../../io/given.ts'
import { checkDType } from '../../ops/base/arguments.ts'

/** What a transform learned: numbers as float64, lists of classes as JSON in bytes. `saveSafetensors` takes it. */
export type TransformState = Record<string, HostTensor>

/** What is learned, by name: a number for each column, or classes. */
export type Learned = Readonly<Record<string, Float64Array | readonly unknown[]>>

/** Learns from data by `fit`, then makes other data of data by `transform`. */
export abstract class Transform<In, Out, Settings = unknown> {
  /** The class, in errors. */
  protected readonly op: string
  /** What it was made with. */
  protected readonly options: Settings
  /** Of what is learned. */
  protected abstract readonly names: readonly string[]
  #learned: Learned | undefined

  constructor(op: string, settings: Settings) {
    this.op = op
    this.options = settings
  }

  /** What `fit` learns of a table. */
  protected abstract learn(x: In): Learned
  /** What was learned, applied. @throws HandgradError before `fit`, or if x has other columns */
  abstract transform(x: In): Out
  /** The way back, where there is one. */
  inverseTransform?(x: never): unknown

  /** Learn from data; what was learned before is forgotten. A tensor is read, which waits for its device. */
  fit(x: Tensor): Promise<this>
  fit(x: In): this
  fit(x: Tensor | In): this | Promise<this> {
    if (x instanceof Tensor)
      return x.data().then((data) => this.fit((x.ndim === 1 ? data : { data, shape: x.shape }) as In))
    this.#learned = this.learn(x)
    return this
  }

  /** `fit`, then `transform` of the same. */
  fitTransform(x: Tensor): Promise<Tensor>
  fitTransform(x: In): Out
  fitTransform(x: Tensor | In): Promise<Tensor> | Out {
    // A class that has no transform of tensors refuses this one.
    return x instanceof Tensor ? this.fit(x).then(() => this.transform(x as In) as Tensor) : this.fit(x).transform(x)
  }

  /** What was learned under a name. @throws HandgradError before `fit` */
  protected got<T extends Learned[string]>(name: string): T {
    if (!this.#learned) fail(this.op, 'it has not been fitted', 'call fit(x) or loadStateDict(state)')
    return this.#learned[name] as T // as `learn` put it there
  }

  /** A number for each column, as rows of a tensor broadcast; refuses what has other rows, or no floats. */
  protected perColumn(x: Tensor, values: Float64Array): Tensor {
    const n = values.length
    checkDType(this.op, 'x', x, floats)
    if (x.ndim !== 2 || x.shape[1] !== n) fail(this.op, `x is ${showShape(x.shape)}`, `give [rows, ${n}], as at fit`)
    return tensorOf(values, [1, n], x.dtype, x.device, this.op)
  }

  /**
   * What was learned, by name: host arrays.
   * @throws HandgradError before `fit`
   */
  stateDict(): TransformState {
    return Object.fromEntries(this.names.map((name) => [name, packed(this.got(name))]))
  }

  /**
   * Take what another one had learned, whole or not at all.
   * @param state  what `stateDict()` gave, or `readSafetensors` of its file
   * @throws HandgradError if a name is missing or unknown, or its values are none
   */
  loadStateDict(state: Readonly<TransformState>): void {
    this.take(state)()
  }

  /** Check a state. @returns what takes it: so a `Pipeline` takes those of all of its steps, or none */
  take(state: Readonly<TransformState>): () => void {
    const { op, names } = this
    checkRecord(op, 'the state', state, 'give what stateDict() gave')
    for (const name of Object.keys(state))
      if (!names.includes(name)) fail(op, `the state has ${shown(name)}`, `it takes ${listed(names)}`)
    const learned = Object.fromEntries(names.map((name) => [name, unpacked(op, name, state[name])]))
    if (new Set(Object.values(learned).map((values) => values.length)).size > 1)
      fail(op, 'the state has lists of several lengths')
    return () => {
      this.#learned = learned
    }
  }
}

function packed(values: Learned[string]): HostTensor {
  if (values instanceof Float64Array) return { dtype: 'float64', shape: [values.length], data: values.slice() }
  const data = new TextEncoder().encode(JSON.stringify(values))
  return { dtype: 'uint8', shape: [data.length], data }
}

function unpacked(op: string, name: string, value: HostTensor): Learned[string] {
  try {
    if (value.dtype === 'float64' && value.data.every(Number.isFinite)) return Float64Array.from(value.data)
    const list: unknown = JSON.parse(new TextDecoder().decode(value.data as Uint8Array))
    if (Array.isArray(list)) return list
  } catch {
    // Whatever it is, it is refused below.
  }
  return fail(op, `${name} of the state is ${describe(value)} without its values`, 'give what stateDict() gave')
}
