/**
 * @file Rotary positions of a model: how fast its angles grow, and tables of their cosines and sines, computed in
 * float64.
 * @see https://arxiv.org/abs/2104.09864, and for `llama3` section 3.4.3 of https://arxiv.org/abs/2407.21783
 */
import type { Device, DType } from '../core/device.ts'
import { describe } from '../core/errors.ts'
import { keep } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import { rope, tensor } from '../ops/index.ts'
import type { Text } from './attend.ts'
import type { Fault, Json, Kind } from './config.ts'

/** How a model was made to read texts that are longer than those it was first trained on. */
export interface RopeScaling {
  /** `linear` divides all frequencies by `factor`, `llama3` the low ones. */
  rope_type: 'linear' | 'llama3'
  /** From 1. */
  factor: number
  /** llama3: waves longer than original_max_position_embeddings / low_freq_factor tokens are low. */
  low_freq_factor?: number
  /** llama3: those shorter than original_max_position_embeddings / high_freq_factor are high, and stay. */
  high_freq_factor?: number
  /** llama3: tokens of a text before. */
  original_max_position_embeddings?: number
}

/** What a configuration says of frequencies. */
export interface Frequencies {
  readonly head_dim: number
  readonly rope_theta: number
  readonly rope_scaling: RopeScaling | null
}

const KINDS: Readonly<Record<RopeScaling['rope_type'], readonly (keyof RopeScaling)[]>> = {
  linear: ['factor'],
  llama3: ['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'],
}

function scalingFault(given: unknown): Fault | null {
  if (given === null) return null
  if (typeof given !== 'object' || Array.isArray(given))
    return [`rope_scaling is ${describe(given)}`, 'give an object, or null']
  const scaling = given as Json
  const { rope_type: type } = scaling
  if (typeof type !== 'string' || !Object.hasOwn(KINDS, type))
    return [`rope_scaling has rope_type ${describe(type)}`, `there are ${Object.keys(KINDS).join(' and ')}`]
  const names = KINDS[type as RopeScaling['rope_type']] // it is one of them
  const unfit = names.find((name) => !(Number.isFinite(scaling[name]) && (scaling[name] as number) > 0))
  if (unfit) return [`${unfit} of rope_scaling is ${describe(scaling[unfit])}`, 'give a number above 0']
  const { factor, low_freq_factor: low, high_freq_factor: high } = given as RopeScaling
  if (factor < 1) return [`factor of rope_scaling is ${factor}`, 'give a number from 1']
  if (type === 'llama3' && !((low as number) < (high as number)))
    return [`low_freq_factor ${low} of rope_scaling is not below high_freq_factor ${high}`, 'exchange them?']
  return null
}

/** As a key of a configuration. */
export const scaling: Kind = {
  fits: (given) => scalingFault(given) === null,
  todo: () => 'give null',
  fault: scalingFault,
}

/**
 * What a config.json says of frequencies, whose names are `rope_theta` and `rope_scaling`; newer versions of
 * transformers write both as `rope_parameters`, older ones `type` for `rope_type`.
 */
export function ropeOf(json: Json): Json {
  const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x)
  const { rope_theta, ...rest } = isObject(json['rope_parameters'])
    ? json['rope_parameters']
    : { rope_theta: undefined }
  const given = isObject(json['rope_parameters']) ? rest : json['rope_scaling']
  const theta = rope_theta ?? json['rope_theta']
  if (!isObject(given)) return { rope_theta: theta, rope_scaling: given }
  const { type, ...known } = given
  // Where nothing but θ is said, nothing is scaled.
  const rope_type = known['rope_type'] ?? type ?? (Object.keys(known).length === 0 ? 'default' : undefined)
  return { rope_theta: theta, rope_scaling: rope_type === 'default' ? null : { ...known, rope_type } }
}

/** Radians by which each of head_dim/2 pairs is turned from a token to the next. */
export function frequencies({ head_dim, rope_theta, rope_scaling }: Frequencies): Float64Array {
  const own = Float64Array.from({ length: head_dim / 2 }, (_, c) => rope_theta ** ((-2 * c) / head_dim))
  if (rope_scaling === null) return own
  const { rope_type, factor } = rope_scaling
  if (rope_type === 'linear') return own.map((f) => f / factor)
  const {
    low_freq_factor: low,
    high_freq_factor: high,
    original_max_position_embeddings: before,
  } = rope_scaling as Required<RopeScaling> // llama3 has them all
  return own.map((f) => {
    // Waves in a text as they were before: from `high` on f stays, up to `low` it is divided, between them partly.
    const waves = (before * f) / (2 * Math.PI)
    const stays = Math.min(Math.max((waves - low) / (high - low), 0), 1)
    return stays * f + ((1 - stays) * f) / factor
  })
}

/** Turns queries and keys by their positions; its tables are made when they are first needed. */
export class Rotary {
  private readonly steps: Float64Array
  private readonly positions: number
  private tables: { readonly cos: Tensor; readonly sin: Tensor } | null = null

  constructor(config: Frequencies & { readonly max_position_embeddings: number }) {
    this.steps = frequencies(config)
    this.positions = config.max_position_embeddings
  }

  /** @param x [batch, heads, tokens, channels] @returns the same shape */
  turned(x: Tensor, { past }: Text): Tensor {
    const { cos, sin } = this.on(x.device, x.dtype)
    return rope(x, cos, sin, past?.positions)
  }

  private on(device: Device, dtype: DType): { readonly cos: Tensor; readonly sin: Tensor } {
    const { tables, steps, positions } = this
    if (tables && tables.cos.device === device && tables.cos.dtype === dtype) return tables
    const shape = [positions, steps.length]
    const [cos, sin] = [Math.cos, Math.sin].map((f) => {
      const values = new Float64Array(positions * steps.length)
      for (let i = 0; i < values.length; i++) values[i] = f(Math.floor(i / steps.length) * steps[i % steps.length])
      return keep(tensor(values, { shape, dtype, device }))
    })
    this.tables = { cos, sin }
    return this.tables
  }
}
