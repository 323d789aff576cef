/**
 * @file Keys and values of the tokens that a model has read, in memory that is written in place: one launch for each
 * block adds what it has made of new tokens.
 *
 * Rows are of different lengths, and each begins at its first token: new ones go behind a row's own end, where its
 * length says. What a shorter row has been given beside its own tokens goes there too. It lies behind all that the
 * row's tokens may see, and the next tokens are written over it. So one rule serves prompts, parts of prompts and
 * single tokens: query i of a row sees the keys up to start + i.
 */
import { type Device, type DType, isHalf } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { copyTo, launch } from '../core/launch.ts'
import { keep, scope } from '../core/scope.ts'
import { showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Cache, CacheSizes, ForwardOptions, LanguageModel, Past } from '../models/index.ts'
import * as kernels from '../ops/base/kernels.generated.ts'
import { optionsOf } from '../ops/base/options.ts'
import { type AttentionOptions, arange, contiguous, le, reshape, slice, tensor, zeros } from '../ops/index.ts'

/** Options of {@link KVCache}. */
export interface KVCacheOptions {
  /** Rows; default 1. */
  batch?: number
  /** Tokens that each row has room for; default: as many as the model has positions. */
  length?: number
  /** That of the keys and values which the model makes, as it is by default: float32 unless it is all of float64. */
  dtype?: 'float32' | 'float64'
}

/** Of one block, [batch, heads, room, channels]. */
interface Layer {
  readonly keys: Tensor
  readonly values: Tensor
}

/** Rows of a cache, at most: what is wrong with a number is said before the host counts so many. */
const MOST_ROWS = 65_535

const isCount = (n: unknown, least: number, most: number): n is number =>
  Number.isInteger(n) && (n as number) >= least && (n as number) <= most

/**
 * What a model has read, so that each token is read once:
 *
 *     const cache = new KVCache(gpt, { batch: 2, length: 64 })
 *     noGrad(() => gpt.forward(prompts, { cache, lengths: [7, 4] }))
 *     noGrad(() => gpt.forward(next, { cache }))           // a token for each row, at positions 7 and 4
 *
 * It takes 2·layers·batch·(length + 1)·heads·channels numbers, in float32 4 bytes each, once: more only by `grow`. What
 * a model has before each text (prompts of `handgrad/finetune`) is read here when it is made, and takes its room beside
 * `length`.
 */
export class KVCache implements Cache {
  readonly batch: number
  readonly dtype: DType
  private readonly model: LanguageModel
  private readonly sizes: CacheSizes
  readonly device: Device
  private layers: readonly Layer[]
  /** Keys that a row has room for: what is before its text, the text, and one beside it, as when others go on. */
  private room: number
  private counts: readonly number[]

  /**
   * @throws HandgradError if batch or length is not an integer from 1, length is more than the model has positions, or
   *   the model computes in another dtype
   */
  constructor(model: LanguageModel, options?: KVCacheOptions) {
    const op = 'KVCache'
    const parameter = model?.parameters?.()[0] ?? fail(op, `the model is ${describe(model)}`, 'give a LanguageModel')
    const sizes = model.cacheSizes
    const { positions, before } = sizes
    const computed = isHalf(parameter.dtype) ? 'float32' : parameter.dtype
    const defaults = { batch: 1, length: positions, dtype: computed as 'float32' }
    const { batch, length, dtype } = optionsOf(op, options, defaults)
    if (!isCount(batch, 1, MOST_ROWS)) fail(op, `batch is ${describe(batch)}`, `give an integer from 1 to ${MOST_ROWS}`)
    if (!isCount(length, 1, positions))
      fail(op, `length is ${describe(length)}`, `the model has positions for 1 to ${positions} tokens`)
    if (dtype !== computed) fail(op, `dtype is ${describe(dtype)}, the model computes in ${computed}`, 'leave it out')
    this.model = model
    this.sizes = sizes
    this.batch = batch
    this.dtype = dtype
    this.device = parameter.device
    this.counts = new Array<number>(batch).fill(0)
    this.room = this.first + length + 1
    this.layers = this.empty(this.room)
    if (!before) return
    try {
      const past = () => this.reading(before.tokens, this.counts, () => {})
      scope(() => noGrad(() => before.read(past(), batch)))
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  /** Memory for so many keys of each row: all of it, or none. */
  private empty(room: number): Layer[] {
    const { batch, device, dtype, sizes } = this
    const made: Tensor[] = []
    try {
      while (made.length < 2 * sizes.layers)
        made.push(keep(zeros([batch, sizes.heads, room, sizes.channels], { dtype, device })))
    } catch (error) {
      for (const x of made) x.dispose()
      throw error
    }
    return Array.from({ length: sizes.layers }, (_, i) => ({ keys: made[2 * i], values: made[2 * i + 1] }))
  }

  /** Tokens that each row has room for. */
  get length(): number {
    return this.room - this.first - 1
  }

  /** Tokens of each row by now. */
  get lengths(): readonly number[] {
    return this.counts
  }

  /**
   * Forget all but the first n tokens of each row.
   * @param n  for all rows, of which shorter ones stay as they are; or one for each row
   * @throws HandgradError if it is not an integer from 0 to the length of the longest row, or of its own
   */
  rewind(n: number | readonly number[]): void {
    const op = 'KVCache.rewind'
    if (Array.isArray(n)) {
      if (n.length !== this.batch) fail(op, `${n.length} lengths for ${this.batch} rows`, 'give one for each row')
      n.forEach((own, row) => {
        if (!isCount(own, 0, this.counts[row]))
          fail(
            op,
            `row ${row} has ${this.counts[row]} tokens, its length is ${describe(own)}`,
            'give no more than it has',
          )
      })
      this.counts = [...n]
    } else {
      const most = Math.max(...this.counts)
      if (!isCount(n, 0, most))
        fail(op, `n is ${describe(n)}`, `give an integer from 0 to ${most}, or one for each row`)
      this.counts = this.counts.map((own) => Math.min(own, n))
    }
  }

  /**
   * Give each row room for more tokens. What was read is copied: for a moment there is memory for both.
   * @param length  tokens that each row has room for from now on
   * @throws HandgradError if it is not an integer from `length` to the model's positions, or the cache was disposed
   */
  grow(length: number): void {
    const op = 'KVCache.grow'
    this.checkThere(op)
    const { positions } = this.sizes
    if (!isCount(length, this.length, positions))
      fail(op, `length is ${describe(length)}`, `give an integer from ${this.length}, its length, to ${positions}`)
    if (length === this.length) return
    const room = this.first + length + 1
    const wider = this.empty(room)
    scope(() => {
      const copy = (y: Tensor, x: Tensor) => {
        const part = slice(y, null, null, [0, this.room])
        copyTo(op, part, part.layout, x, x.layout)
      }
      this.layers.forEach(({ keys, values }, i) => {
        copy(wider[i].keys, keys)
        copy(wider[i].values, values)
      })
    })
    this.dispose()
    this.layers = wider
    this.room = room
  }

  private checkThere(op: string): void {
    if (this.layers[0].keys.disposed) fail(op, 'it was disposed', 'make another one')
  }

  /** Free its memory now. Without it, the garbage collector does. */
  dispose(): void {
    for (const { keys, values } of this.layers) for (const x of [keys, values]) x.dispose()
  }
  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose()
  }

  /** As a model calls it. @internal */
  begin(model: LanguageModel, batch: number, tokens: number, lengths: ForwardOptions['lengths']): Past {
    const op = 'KVCache'
    if (model !== this.model) fail(op, 'it was made for another model', 'make one for each')
    this.checkThere(op)
    if (batch !== this.batch) fail(op, `the batch is ${batch}, the cache has ${this.batch} rows`, 'give as many rows')
    const counts = this.given(tokens, lengths)
    counts.forEach((n, row) => {
      const have = this.counts[row]
      if (have + n > this.length)
        fail(
          op,
          `row ${row} has ${have} of ${this.length} tokens, ${n} more do not fit`,
          'rewind, or give it more length',
        )
    })
    const end = this.counts.map((have, row) => have + counts[row])
    const starts = this.counts.map((have) => this.first + have)
    return noGrad(() => this.reading(tokens, starts, () => (this.counts = end)))
  }

  /** How many of the tokens of each row count. */
  private given(tokens: number, lengths: ForwardOptions['lengths']): readonly number[] {
    const op = 'KVCache'
    const { batch } = this
    if (lengths == null) {
      if (batch > 1 && tokens > 1)
        fail(op, `${batch} rows of ${tokens} tokens without lengths`, 'give lengths, the tokens that count in each row')
      return new Array<number>(batch).fill(tokens)
    }
    if (!Array.isArray(lengths))
      fail(op, `lengths is ${describe(lengths)}`, 'give numbers: rows are counted on the host')
    const given = lengths as readonly unknown[]
    if (given.length !== batch) fail(op, `${given.length} lengths for ${batch} rows`, 'give one for each row')
    return given.map((n, row) =>
      isCount(n, 0, tokens)
        ? n
        : fail(op, `row ${row} has length ${describe(n)}`, `give an integer from 0 to ${tokens}, what it was given`),
    )
  }

  /** Tokens that stand before each text. */
  private get first(): number {
    return this.sizes.before?.tokens ?? 0
  }

  private reading(tokens: number, starts: readonly number[], end: () => void): Past {
    const { batch, sizes, layers, device, dtype, room } = this
    const most = this.first + sizes.positions - 1
    const ends = starts.map((start) => Math.min(start + tokens, room))
    const places = starts.flatMap((start) => Array.from({ length: tokens }, (_, t) => Math.min(start + t, most)))
    const made: Tensor[] = []
    const own = (x: Tensor): Tensor => {
      made.push(x)
      return x
    }
    // All that depends on where rows are goes up at once.
    const all = own(tensor(Int32Array.from([...places, ...starts, ...ends]), { device }))
    const part = (first: number, count: number) => own(slice(all, [first, first + count]))
    const positions = own(reshape(part(0, places.length), [batch, tokens]))
    const start = part(places.length, batch)
    const keyLengths = part(places.length + batch, batch)
    // Beside the tokens of other rows, so many may be behind a row's end that counting from the last is of no use.
    const crowded = starts.some((start) => start + tokens > room)
    const longest = Math.max(...ends)
    const mask = () => own(le(own(arange(longest, { device })), own(reshape(positions, [batch, 1, tokens, 1]))))
    const sees: AttentionOptions = crowded ? { keyLengths, attnMask: mask() } : { keyLengths, causalFromLast: true }
    let next = 0
    const extend = (k: Tensor, v: Tensor) => {
      const layer = layers[next++] ?? fail('KVCache', `attention was called more than ${layers.length} times`)
      const { heads, channels } = sizes
      const shape = [batch, heads, tokens, channels]
      for (const [name, x] of Object.entries({ k, v })) {
        if (`${x.shape}` !== `${shape}`) fail('KVCache', `${name} is ${showShape(x.shape)}, not ${showShape(shape)}`)
        if (x.dtype !== dtype || x.device !== device)
          fail(
            'KVCache',
            `${name} is ${x.dtype} on ${x.device.name}, the cache ${dtype} on ${device.name}`,
            'make a cache after the model was moved',
          )
      }
      const [fromK, fromV] = [k, v].map((x) => (x.layout.strides[3] === 1 || channels === 1 ? x : own(contiguous(x))))
      const walk = ({ layout: { offset, strides } }: Tensor) => [offset, ...strides.slice(0, 3)]
      launch('KVCache', kernels.cache, [layer.keys, layer.values, fromK, fromV, start], {
        ...{ k: walk(fromK), v: walk(fromV), size: batch * heads * tokens * channels },
        ...{ heads, tokens, channels, room, start_offset: start.layout.offset },
      })
      const seen = (x: Tensor) => own(slice(x, null, null, [0, longest]))
      return { k: seen(layer.keys), v: seen(layer.values), sees }
    }
    return {
      positions,
      extend,
      end: () => {
        if (next !== layers.length)
          fail('KVCache', `attention was called ${next} times, not ${layers.length}`, 'was the model changed?')
        end()
      },
      dispose: () => {
        for (const x of made) x.dispose()
      },
    }
  }
}
