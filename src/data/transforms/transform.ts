/**
 * @file What all transforms have in common: `fit` learns, `transform` applies, and what was learned is a state of host
 * arrays, which checkpoints and safetensors hold.
 */
import { describe, fail, shown } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import type { HostTensor } from '../../io/elements.ts'
import { checkRecord, listed } from '../../io/given.ts'
import { checkDType } from '../../ops/base/arguments.ts'
import type { Numbers } from './table.ts'

/** What a transform learned: numbers as float64, lists of classes as JSON in bytes. `saveSafetensors` takes it. */
export type TransformState = Record<string, HostTensor>

/** What is learned, by name: a number for each column, or classes. */
export type Learned = Readonly<Record<string, Float64Array | readonly unknown[]>>

/** Learns from data by `fit`, then makes other data of data by `transform`. */
export abstract class Transform<In, Out> {
  /** The class, in errors. */
  protected readonly op: string
  /** Of what is learned. */
  protected readonly names: readonly string[]
  private learned: Learned | undefined

  constructor(op: string, names: readonly string[]) {
    this.op = op
    this.names = names
  }

  /** Learn from data, which `where` names in errors. */
  protected abstract learn(where: string, x: In): Learned
  abstract transform(x: In): Out
  /** The way back, where there is one. */
  inverseTransform?(x: never): unknown

  /** Learn from data; what was learned before is forgotten. */
  fit(x: In): this {
    this.learned = this.learn(`${this.op}.fit`, x)
    return this
  }

  /** `fit`, then `transform` of the same. */
  fitTransform(x: In): Out {
    return this.fit(x).transform(x)
  }

  /** What was learned under a name. @throws HandgradError before `fit` */
  protected got<T extends Learned[string]>(where: string, name: string): T {
    if (!this.learned) fail(`${this.op}.${where}`, 'it has not been fitted', 'call fit(x) or loadStateDict(state)')
    return this.learned[name] as T // as `learn` or `parse` put it there
  }

  /**
   * What was learned, by name: host arrays.
   * @throws HandgradError before `fit`
   */
  stateDict(): TransformState {
    const pairs = this.names.map((name) => [name, packed(this.got('stateDict', name))] as const)
    return Object.fromEntries(pairs)
  }

  /**
   * Take what another one had learned, whole or not at all.
   * @param state  what `stateDict()` gave, or `readSafetensors` of its file
   * @throws HandgradError if a name is missing or unknown, or its values are none
   */
  loadStateDict(state: Readonly<TransformState>): void {
    Transform.parse(this, `${this.op}.loadStateDict`, state)()
  }

  /** Check a state. @returns what takes it */
  protected static parse(own: Transform<never, unknown>, where: string, state: Readonly<TransformState>): () => void {
    return own.parsed(where, state)
  }

  protected parsed(where: string, state: Readonly<TransformState>): () => void {
    checkRecord(where, 'the state', state, 'give what stateDict() gave')
    const odd = [...Object.keys(state), ...this.names].find((name) => !(name in state && this.names.includes(name)))
    if (odd) fail(where, `${shown(odd)} is ${odd in state ? 'unknown' : 'missing'}`, `it takes ${listed(this.names)}`)
    const learned = Object.fromEntries(this.names.map((name) => [name, unpacked(where, name, state[name])]))
    const [first, ...rest] = Object.values(learned)
    if (rest.some((other) => other.length !== first.length)) fail(where, 'values differ in their number')
    return () => {
      this.learned = learned
    }
  }
}

function packed(values: Learned[string]): HostTensor {
  if (values instanceof Float64Array) return { dtype: 'float64', shape: [values.length], data: values.slice() }
  const data = new TextEncoder().encode(JSON.stringify(values))
  return { dtype: 'uint8', shape: [data.length], data }
}

function unpacked(where: string, name: string, value: HostTensor): Learned[string] {
  const data: unknown = value?.data
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) {
    const values = Float64Array.from(data as Float64Array)
    if (value.dtype !== 'uint8' && values.every(Number.isFinite)) return values
    try {
      const list: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(values)))
      if (Array.isArray(list)) return list
    } catch {}
  }
  return fail(where, `${name} is ${describe(data ?? value)}, and no values`, 'give what stateDict() gave')
}

/** A tensor's values as a table. */
export const hostOf = async (x: Tensor): Promise<Numbers> => ({
  data: (await x.data()) as Float32Array,
  shape: x.shape,
})

/** Refuse a tensor that is not rows of floats with so many columns. */
export function checkRows(where: string, x: Tensor, columns: number): void {
  checkDType(where, 'x', x, floats)
  if (x.ndim !== 2 || x.shape[1] !== columns) fail(where, `x is ${showShape(x.shape)}`, `give [rows, ${columns}]`)
}
