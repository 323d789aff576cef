/**
 * @file The tokens of all rows, step by step. What was drawn stays on the device and is what the next step reads, so
 * that steps go ahead of what the host knows; it learns of ends some steps later, and what was drawn behind them is
 * dropped.
 */
import type { Device } from '../core/device.ts'
import { noGrad } from '../core/graph.ts'
import { keep, scope } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import { cat, indexSelect, reshape, sample, tensor } from '../ops/index.ts'
import { KVCache } from './cache.ts'
import type { Task } from './options.ts'

/** Tokens of a row that are read in one go, at most: what a prompt takes of memory does not grow with its length. */
const CHUNK = 256
/**
 * Tokens behind the prompts that there is room for at first, twice as many in all each time that it is used up: texts
 * end long before a model's last position, which may be the hundred thousandth.
 */
const ROOM = 256
/** Steps that are encoded ahead of what is read; none on the CPU, which computes when it is asked to. */
const AHEAD = 4
/** Milliseconds after which others get their turn. */
const TURN = 20

/** What is known of a row. */
export interface Progress {
  /** All of its tokens, those of the prompt first. */
  readonly tokens: readonly number[]
  readonly done: boolean
}

/** A token for each row. */
export interface Drawn {
  readonly ids: ArrayLike<number>
  readonly logprobs: ArrayLike<number>
}

/** Draws until all rows are done. Whoever leaves early leaves nothing behind. */
export async function* stepsOf(task: Task, rows: readonly Progress[]): AsyncGenerator<Drawn, void> {
  const steps = new Steps(task, rows)
  const most = Math.max(...task.limits)
  const pending: Promise<Drawn>[] = []
  try {
    let turned = performance.now()
    for (;;) {
      while (steps.made < most && pending.length < steps.ahead) {
        // What is read again has to be known.
        if (steps.slides() && pending.length > 0) break
        const next = steps.take()
        // Whoever leaves does not wait for it.
        next.catch(() => {})
        pending.push(next)
      }
      const next = await pending.shift()
      if (!next) return
      if (performance.now() - turned > TURN) {
        await new Promise((resolve) => setTimeout(resolve))
        turned = performance.now()
      }
      if (task.signal?.aborted) return
      yield next
      if (rows.every(({ done }) => done)) return
    }
  } finally {
    steps.dispose()
    await Promise.allSettled(pending)
  }
}

/** Which tokens each prompt has: bool [rows, vocabulary]. */
function marks(prompts: Task['prompts'], vocabulary: number, device: Device): Tensor {
  const seen = new Uint32Array(prompts.length * vocabulary)
  prompts.forEach((ids, row) => {
    for (const id of ids) seen[row * vocabulary + id] = 1
  })
  return keep(tensor(seen, { shape: [prompts.length, vocabulary], dtype: 'bool', device }))
}

class Steps {
  made = 0
  readonly ahead: number
  private readonly task: Task
  private readonly rows: readonly Progress[]
  private readonly cache: KVCache
  private last: Tensor | null = null
  private readonly seen: Tensor | null

  constructor(task: Task, rows: readonly Progress[]) {
    const { model, prompts, length, vocabulary, sampling } = task
    const [{ device }] = model.parameters()
    this.task = task
    this.rows = rows
    this.ahead = device.kind === 'cpu' ? 1 : AHEAD
    const longest = Math.max(...prompts.map((ids) => ids.length))
    this.cache = new KVCache(model, { batch: prompts.length, length: Math.min(longest + ROOM, length) })
    try {
      this.seen = sampling.repetitionPenalty === 1 ? null : marks(prompts, vocabulary, device)
    } catch (error) {
      this.cache.dispose()
      throw error
    }
  }

  /** Rows for whose next token there is no position. */
  private full(): readonly boolean[] {
    return this.rows.map(({ done }, row) => !done && this.cache.lengths[row] === this.task.length)
  }

  slides(): boolean {
    return this.task.slides && this.made > 0 && this.full().includes(true)
  }

  /** Launch a step. @returns what it draws */
  take(): Promise<Drawn> {
    const { sampling, seeds, unused } = this.task
    const drawn = scope(() =>
      noGrad(() => {
        const logits = this.logits()
        return sample(logits, { ...sampling, seen: this.seen, seed: seeds, position: this.made, unused })
      }),
    )
    this.made++
    this.last?.dispose()
    this.last = keep(drawn.ids)
    const read = Promise.all([drawn.ids.data(), drawn.logprobs.data()])
    drawn.logprobs.dispose()
    return read.then(([ids, logprobs]) => ({ ids, logprobs }))
  }

  dispose(): void {
    this.cache.dispose()
    this.last?.dispose()
    this.seen?.dispose()
  }

  /** Of the next token of each row. */
  private logits(): Tensor {
    const { task, rows, cache, last } = this
    const { model, half, slides } = task
    if (!last) {
      const { positions } = model.cacheSizes
      return this.read(rows.map(({ tokens }) => (slides && tokens.length > positions ? tokens.slice(-half) : tokens)))
    }
    if (this.slides()) {
      const full = this.full()
      cache.rewind(cache.lengths.map((length, row) => (full[row] ? 0 : length)))
      return this.read(rows.map(({ tokens, done }, row) => (done ? [] : tokens.slice(full[row] ? -half : -1))))
    }
    if (rows.some(({ done }, row) => !done && cache.lengths[row] === cache.length))
      cache.grow(Math.min(2 * cache.length, task.length))
    const lengths = rows.map(({ done }, row) => (done || cache.lengths[row] === cache.length ? 0 : 1))
    const h = model.hidden(reshape(last, [-1, 1]), { cache, lengths })
    return model.logits(reshape(h, [rows.length, -1]))
  }

  /**
   * Read known tokens, in parts.
   * @returns logits of what follows the last of each row; of a row without any, something
   */
  private read(texts: readonly (readonly number[])[]): Tensor {
    const { model } = this.task
    const batch = texts.length
    const ends = texts.map(({ length }) => Math.max(length, 1) - 1)
    const longest = Math.max(...ends) + 1
    const order: number[] = []
    const found: Tensor[] = []
    const integers = (list: readonly number[] | Int32Array) =>
      tensor(Int32Array.from(list), { device: this.cache.device })
    for (let first = 0; first < longest; first += CHUNK) {
      const count = Math.min(CHUNK, longest - first)
      const ids = new Int32Array(batch * count)
      texts.forEach((text, row) => {
        ids.set(text.slice(first, first + count), row * count)
      })
      const lengths = texts.map(({ length }) => Math.min(Math.max(length - first, 0), count))
      const ending = ends.flatMap((end, row) => (end >= first && end < first + count ? [row] : []))
      order.push(...ending)
      const part = scope(() => {
        const h = model.hidden(reshape(integers(ids), [batch, count]), { cache: this.cache, lengths })
        if (ending.length === 0) return []
        const places = ending.map((row) => row * count + ends[row] - first)
        return [indexSelect(reshape(h, [batch * count, -1]), 0, integers(places))]
      })
      found.push(...part)
    }
    const joined = found.length > 1 ? cat(found) : found[0]
    const inOrder = order.every((row, i) => row === i)
    return model.logits(inOrder ? joined : indexSelect(joined, 0, integers(texts.map((_, row) => order.indexOf(row)))))
  }
}
