/** @file Tokens drawn by the logits of a language model, as generation wants them. */
import * as shaders from '../../core/contracts.generated.ts'
import type { Device } from '../../core/device.ts'
import { describe, fail } from '../../core/errors.ts'
import { launch, tensorOf } from '../../core/launch.ts'
import { defineOp, floats } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { type Shape, sameShape, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import * as kernels from '../base/kernels.generated.ts'
import { optionsOf } from '../base/options.ts'
import { checkSampling, type Sampling } from '../base/sampling.ts'

const { PENALTY, MARK, UNUSED, POSITIONS, SEEDS, LONG_SEEDS } = shaders.sample.consts

/** Options of {@link sample}. */
export interface SampleOptions {
  /** What logits are divided by, from 0 up; 0: the greatest logit is taken. Default 1. */
  temperature?: number
  /** How many of the greatest logits stay; 0, the default: all. */
  topK?: number
  /** Of what topK left, the fewest tokens stay whose probabilities together reach topP, above 0. Default 1: all. */
  topP?: number
  /** A token stays if its probability is at least minP times the greatest, from 0 to 1. Default 0: all. */
  minP?: number
  /** What logits of tokens in `seen` are divided by, or multiplied by where they are below 0. Default 1. */
  repetitionPenalty?: number
  /**
   * bool, as logits: which tokens were there already, for the penalty. The drawn ones are added to it, so that a loop
   * need not. Default null.
   */
  seen?: Tensor | null
  /** An integer from 0 to 2⁵³ − 1 for all rows; a list of as many as rows; or int32 [rows]. Default 0. */
  seed?: number | readonly number[] | Tensor
  /** Which of a seed's numbers are drawn by: an integer from 0 to 2³¹ − 1 for all rows, or int32 [rows]. Default 0. */
  position?: number | Tensor
  /** Ids that are never drawn, whatever their logits are: those of `tokenizer.unused(logits)`. Default null. */
  unused?: ArrayLike<number> | null
}

interface SampleAttrs extends Sampling {
  /** Columns after these are unused. */
  readonly used: number
  readonly seed: number
  readonly position: number
}

/** Ids, at most: the kernel rounds the probability of each to a multiple of 2⁻³². */
const MOST = 2 ** 20

/** What float32 holds, nearly. */
const GREATEST = 3e38

/** What rounding takes from sums of probabilities, at most: topP is reached but for as much. */
const SLACK = 2 ** -20

const sampleOp = defineOp({
  name: 'sample',
  inputs: ['logits', 'seen?', 'seeds?', 'positions?', 'unused?'],
  outputs: ['ids', 'logprobs'],
  dtypes: { logits: floats, seen: ['bool'], seeds: ['int32'], positions: ['int32'], unused: ['bool'] },
  contiguous: ['logits', 'seeds', 'positions'],
  shape: ([{ shape }], _: SampleAttrs) => [{ shape: [shape[0]], dtype: 'int32' }, { shape: [shape[0]] }],
  launch: ([x, seen, seeds, positions, unused], [ids, logprobs], attrs) => {
    const { used, temperature, topK, topP, minP, repetitionPenalty, seed, position } = attrs
    const [rows, cols] = x.shape
    const greedy = temperature === 0
    let flags = seen ? MARK : 0
    if (seen && repetitionPenalty !== 1) flags |= PENALTY
    if (seeds) flags |= seeds.ndim === 1 ? SEEDS : LONG_SEEDS
    if (positions) flags |= POSITIONS
    if (unused) flags |= UNUSED
    const params = {
      rows,
      cols,
      used,
      x_offset: x.layout.offset,
      seen_offset: seen?.layout.offset ?? 0,
      seeds_offset: seeds?.layout.offset ?? 0,
      positions_offset: positions?.layout.offset ?? 0,
      flags,
      seed_lo: seed % 2 ** 32,
      seed_hi: Math.floor(seed / 2 ** 32),
      position,
      top_k: greedy ? 1 : topK < used ? topK : 0,
      // In units of 2⁻³².
      top_p: topP < 1 ? Math.max(1, Math.round(topP * (1 - SLACK) * 2 ** 32)) : 0,
      inverse: greedy ? 1 : Math.min(1 / temperature, GREATEST),
      cut: minP > 0 ? Math.max(temperature * Math.log(minP), -GREATEST) : -GREATEST,
      penalty: repetitionPenalty,
      inverse_penalty: 1 / repetitionPenalty,
      launch_id: 0,
    }
    launch(
      'sample',
      kernels.sample,
      [ids, logprobs, seen, x, seeds, positions, unused].map((t) => t ?? null),
      params,
    )
  },
  // A token is a step function of its logits.
  vjp: 'none',
})

/**
 * A token for each row of logits, drawn by softmax(logits) after the options, in this order: repetitionPenalty (Keskar
 * et al. 2019), temperature, topK, topP (Holtzman et al. 2020), minP (Nguyen et al. 2024). Of equal logits the lowest
 * ids stay, so that topK leaves exactly as many. No gradient. Dtypes: floats.
 *
 * A row's token depends on nothing but its seed, its position and its logits: u = w/2³² in [0, 1), w the first word of
 * Philox with this key and counter, is looked up in the probabilities, added up in the order of ids. So it is the same
 * alone, in any batch and on any device, unless u is within 1e-5 of the end of a token. Rows of one seed and one
 * position share their u.
 *
 *     const { ids, logprobs } = sample(logits, { temperature: 0.8, topK: 40, seed: 1, position: step })
 * @param logits  [rows, vocabulary]
 * @returns `ids`, int32 [rows], and `logprobs` [rows], the log-softmax of the logits at these ids, before any option,
 *   over all ids but the unused
 * @throws HandgradError if logits are not [rows, vocabulary] or the vocabulary is 0 or above 2²⁰, an option is out of
 *   the range said there, topK above the vocabulary, repetitionPenalty is given without seen, seen is not contiguous or
 *   of another shape, seeds or positions are not one for each row, or all ids are unused; on the CPU at once, on a GPU
 *   at the next read, if a logit is NaN or +∞, or all of a row are −∞
 */
export function sample(logits: Tensor, options?: SampleOptions): { readonly ids: Tensor; readonly logprobs: Tensor } {
  const op = 'sample'
  const { seen, seed, position, unused, ...numbers } = optionsOf(op, options, {
    temperature: 1,
    topK: 0,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    seen: null,
    seed: 0,
    position: 0,
    unused: null,
  })
  checkDType(op, 'logits', logits, floats)
  const { shape, device } = logits
  const [rows, vocabulary] = shape
  if (shape.length !== 2 || vocabulary === 0 || vocabulary > MOST)
    fail(op, `logits are ${showShape(shape)}`, `give [rows, vocabulary], of 1 to ${MOST} ids`)
  checkSampling(op, numbers, vocabulary)
  if (seen !== null) checkSeen(op, seen, shape)
  else if (numbers.repetitionPenalty !== 1)
    fail(
      op,
      `repetitionPenalty is ${numbers.repetitionPenalty} without seen`,
      'give seen, of bool, which holds what was there',
    )
  if (position instanceof Tensor) checkRows(op, 'position', position, rows)
  else checkInteger(op, 'position', position, 2 ** 31 - 1)
  if (seed instanceof Tensor) checkRows(op, 'seed', seed, rows)
  else if (typeof seed === 'number') checkInteger(op, 'seed', seed, Number.MAX_SAFE_INTEGER)
  else checkSeeds(op, seed, rows)
  const { used, mask } = usedOf(op, unused, vocabulary)
  return scope(() => {
    const [seeds, one] =
      typeof seed === 'number' ? [undefined, seed] : seed instanceof Tensor ? [seed, 0] : [wordsOf(seed, device), 0]
    const [positions, at] = position instanceof Tensor ? [position, 0] : [undefined, position]
    const masked = mask && tensorOf(mask, [vocabulary], 'bool', device, op)
    const attrs = { ...numbers, used, seed: one, position: at }
    const [ids, logprobs] = sampleOp.all([logits, seen ?? undefined, seeds, positions, masked], attrs)
    return { ids, logprobs }
  })
}

function checkInteger(op: string, name: string, n: unknown, most: number): void {
  if (!(Number.isInteger(n) && (n as number) >= 0 && (n as number) <= most))
    fail(op, `${name} is ${describe(n)}`, `give an integer from 0 to ${most}`)
}

function checkSeen(op: string, seen: Tensor, shape: Shape): void {
  checkDType(op, 'seen', seen, ['bool'])
  if (!sameShape(seen.shape, shape))
    fail(op, `seen is ${showShape(seen.shape)}, the logits ${showShape(shape)}`, 'give one for each logit')
  if (!seen.isContiguous)
    fail(op, 'seen is a view with other strides', 'it is written in place: give a contiguous tensor')
}

/** Refuse what is not an int32 for each row. */
function checkRows(op: string, name: string, x: Tensor, rows: number): void {
  checkDType(op, name, x, ['int32'])
  if (!sameShape(x.shape, [rows]))
    fail(op, `${name} is ${showShape(x.shape)}, the rows ${rows}`, `give [${rows}], one for each row`)
}

function checkSeeds(op: string, seeds: unknown, rows: number): asserts seeds is readonly number[] {
  if (!Array.isArray(seeds)) fail(op, `seed is ${describe(seeds)}`, 'give a number, a list of numbers or a tensor')
  if (seeds.length !== rows) fail(op, `${seeds.length} seeds are given, the rows are ${rows}`, 'give one for each row')
  seeds.forEach((seed, r) => checkInteger(op, `seed[${r}]`, seed, Number.MAX_SAFE_INTEGER))
}

/** Seeds as kernels take them, [rows, 2]: low and high word. */
const wordsOf = (seeds: readonly number[], device: Device): Tensor => {
  const words = Uint32Array.from(seeds.flatMap((seed) => [seed % 2 ** 32, Math.floor(seed / 2 ** 32)]))
  return tensorOf(new Int32Array(words.buffer), [seeds.length, 2], 'int32', device, 'sample')
}

/** How many columns there are before unused ones only, and which of those are unused, if any. */
function usedOf(
  op: string,
  unused: ArrayLike<number> | null,
  vocabulary: number,
): { used: number; mask?: Uint32Array } {
  if (unused === null) return { used: vocabulary }
  if (typeof unused !== 'object' || typeof unused.length !== 'number')
    fail(op, `unused is ${describe(unused)}`, 'give a list of ids')
  const mask = new Uint32Array(vocabulary)
  for (let i = 0; i < unused.length; i++) {
    const id = unused[i]
    if (!(Number.isInteger(id) && id >= 0 && id < vocabulary))
      fail(op, `unused[${i}] is ${describe(id)}`, `give ids from 0 to ${vocabulary - 1}`)
    mask[id] = 1
  }
  const used = mask.lastIndexOf(0) + 1
  if (used === 0) fail(op, `all ${vocabulary} ids are unused`, 'leave one that can be drawn')
  return mask.subarray(0, used).includes(1) ? { used, mask } : { used }
}
