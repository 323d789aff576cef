/**
 * @file What a model is made of, as config.json says it, under the names that files have. A family is a table of keys,
 * each with its default and what it may hold; what would change results and is not done is refused by name. All that is
 * wrong is said at once.
 */
import { checkOptions, describe, fail, shown } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { gelu, relu, silu, tanh } from '../ops/index.ts'

/** The name of a function between two layers: `gelu_new` is the form by tanh, `gelu` the exact one. */
export type Activation = 'gelu_new' | 'gelu_pytorch_tanh' | 'gelu' | 'relu' | 'silu' | 'swish' | 'tanh'

/** The functions themselves. */
export const activations: Readonly<Record<Activation, (x: Tensor) => Tensor>> = {
  gelu_new: (x: Tensor) => gelu(x, { approximate: 'tanh' }),
  gelu_pytorch_tanh: (x: Tensor) => gelu(x, { approximate: 'tanh' }),
  gelu: (x: Tensor) => gelu(x),
  relu,
  silu,
  swish: silu,
  tanh,
}

// ---- what a key may hold

/** What a key may hold, and what to give, which may depend on the other keys. */
export interface Kind {
  fits(value: unknown, config: Readonly<Record<string, unknown>>): boolean
  todo(config: Readonly<Record<string, unknown>>): string
  /** What is wrong, where it is more than that the value is none. */
  fault?(value: unknown): Fault | null
}

const kind = (todo: string, fits: (value: unknown) => boolean): Kind => ({ fits, todo: () => todo })
const isCount = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 1
const isBetween = (low: number, high: number, n: unknown): boolean => typeof n === 'number' && n >= low && n <= high

export const count = kind('give an integer from 1', isCount)
/** Positions whose turns are kept in a table. */
export const places = kind('give an integer from 1 to 2^24', (n) => isCount(n) && (n as number) <= 2 ** 24)
export const countOrNull = kind('give an integer from 1, or null', (n) => n === null || isCount(n))
export const share = kind('give a number from 0 to 1', (p) => isBetween(0, 1, p))
export const amount = kind('give a number from 0 up', (n) => isBetween(0, Number.MAX_VALUE, n))
export const above = kind('give a number above 0', (n) => isBetween(Number.MIN_VALUE, Number.MAX_VALUE, n))
export const oneOf = (words: readonly string[]): Kind =>
  kind(`there are ${words.join(', ')}`, (word) => typeof word === 'string' && words.includes(word))
export const flag = kind('give true or false', (value) => typeof value === 'boolean')
export const activation = oneOf(Object.keys(activations))
const isId = (id: unknown, count: unknown): boolean =>
  Number.isInteger(id) && (id as number) >= 0 && (id as number) < (count as number)
const idsIn = (given: unknown): readonly unknown[] => (given === null ? [] : Array.isArray(given) ? given : [given])
const areIds = (ids: unknown, count: unknown): boolean => idsIn(ids).every((id) => isId(id, count))
export const ids: Kind = {
  fits: (ids, { vocab_size }) => areIds(ids, vocab_size),
  todo: ({ vocab_size }) => `give an id below ${vocab_size}, or null`,
}

// ---- a whole configuration

/** What is wrong, and what to do. */
export type Fault = readonly [what: string, todo: string]

/** For each key its default and what it may hold. */
export type Keys<C> = { readonly [K in keyof C]-?: readonly [initial: Required<C>[K], kind: Kind] }
/** A configuration with a value for each key. */
export type Whole<C> = Readonly<Required<C>>

/** Refuse all that is wrong at once: `what (todo); what (todo)`. */
function refuse(op: string, faults: readonly Fault[]): never {
  const [what, todo] = faults[faults.length - 1]
  const before = faults.slice(0, -1).map(([what, todo]) => `${what} (${todo})`)
  return fail(op, [...before, what].join('; '), todo)
}

/**
 * A whole configuration.
 * @param pairs   what is wrong between values, each of which is what it may be
 * @param faults  what else is wrong with it already
 * @throws HandgradError if a value is none, or values do not fit each other
 */
export function configOf<C extends object>(
  op: string,
  given: C | undefined,
  keys: Keys<C>,
  pairs: (config: Whole<C>) => readonly Fault[],
  faults: readonly Fault[] = [],
): Whole<C> {
  const table: [string, readonly [unknown, Kind]][] = Object.entries(keys)
  if (given !== undefined)
    checkOptions(
      op,
      given,
      table.map(([name]) => name),
    )
  const values: Readonly<Record<string, unknown>> = { ...given }
  const or = (name: string, initial: unknown) => (values[name] === undefined ? initial : values[name])
  const config = Object.fromEntries(table.map(([name, [initial]]) => [name, or(name, initial)]))
  const odd = table.flatMap(([name, [, { fits, todo, fault }]]): Fault[] => {
    if (fits(config[name], config)) return []
    return [fault?.(config[name]) ?? [`${name} is ${describe(config[name])}`, todo(config)]]
  })
  const whole = config as Whole<C> // a value for each key, of its kind where nothing is odd
  const all = [...faults, ...odd, ...(odd.length > 0 ? [] : pairs(whole))]
  return all.length > 0 ? refuse(op, all) : Object.freeze(whole)
}

// ---- a config.json

/** What a config.json holds. */
export type Json = Readonly<Record<string, unknown>>

/** Nothing, as a key of a config.json may have it. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)

/** Keys of every family that change what a model computes, and their values that change nothing. */
const changing: Readonly<Record<string, readonly unknown[]>> = {
  add_cross_attention: [false],
  is_encoder_decoder: [false],
  pruned_heads: [],
  quantization_config: [],
}

/** What of a config.json is not done. @param more  keys of the family, as `changing` */
export function foreign(json: Json, more: typeof changing = {}): Fault[] {
  const own: Fault[] = isEmpty(json['auto_map'])
    ? []
    : [['auto_map is there: the model has code of its own, which is never run', 'there is no way around it']]
  const others = Object.entries({ ...changing, ...more }).flatMap(([key, values]): Fault[] => {
    const value = json[key]
    if (isEmpty(value) || values.includes(value)) return []
    return [[`${key} is ${shown(JSON.stringify(value))}`, 'such models are not read']]
  })
  return [...own, ...others]
}

/** The keys of a config.json that a family knows. */
export const ownKeys = <C>(json: Json, keys: Keys<C>): Json =>
  Object.fromEntries(Object.keys(keys).flatMap((key) => (json[key] === undefined ? [] : [[key, json[key]]])))

/**
 * Ids of the tokens that begin and end texts, which transformers writes for every model as those of the published one,
 * also where the vocabulary is smaller.
 * @param known  those of the published model
 */
export function endsOf(json: Json, vocabulary: unknown, known: { bos: number | null; eos: number | null }) {
  // What is not an id at all stays as it is, and is refused.
  const isBeyond = (id: unknown): boolean => Number.isInteger(id) && !isId(id, vocabulary)
  const inside = (given: unknown): unknown => {
    if (!Array.isArray(given)) return isBeyond(given) ? null : given
    const left = given.filter((id) => !isBeyond(id))
    return left.length > 0 ? left : null
  }
  const { bos_token_id = known.bos, eos_token_id = known.eos } = json
  // Texts begin with one token; a list of them says nothing.
  const first = Array.isArray(bos_token_id) ? null : inside(bos_token_id)
  return { bos_token_id: first, eos_token_id: inside(eos_token_id) }
}
