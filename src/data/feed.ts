/**
 * @file Where a loader's samples come from in one epoch: a data set by indices, or a stream that is read from its
 * beginning. Making batches of them is loader.ts.
 */
import { describe, fail } from '../core/errors.ts'
import type { OpenScope } from '../core/scope.ts'
import { checkIndex, type Dataset, type IterableDataset, type SampleContext, Subset } from './dataset.ts'

/** The samples of a batch, which may still be on their way, and their indices in the data set that holds them all. */
export interface Group<S> {
  readonly indices: Int32Array
  readonly samples: (S | PromiseLike<S>)[]
}

/** Samples of an epoch, batch after batch. What they are made of belongs to the scope that is given. */
export interface Feed<S> {
  /** The next batch; null at the end. Only a feed of an asynchronous stream gives a promise. */
  next(own: OpenScope): Group<S> | null | Promise<Group<S> | null>
  /** Read no further. */
  close(): void
}

/** What all samples of an epoch have in common. */
export type EpochContext = Omit<SampleContext, 'index'>

/** True for what has samples one after the other, and none by index. */
export const isStream = (data: unknown): data is IterableDataset<unknown> =>
  typeof data === 'object' &&
  data !== null &&
  typeof (data as Partial<Dataset<unknown>>).get !== 'function' &&
  (Symbol.iterator in data || Symbol.asyncIterator in data)

/** The index that a sample has in the data set of which this one is a part. */
function originOf(dataset: unknown, index: number): number {
  for (; dataset instanceof Subset; dataset = dataset.dataset) index = dataset.indices[index]
  return index
}

/**
 * Samples by index.
 * @param batches  indices of the k-th batch; undefined after the last one
 * @param from     the first batch
 */
export function feedOf<S>(
  dataset: Dataset<S | PromiseLike<S>>,
  batches: (k: number) => Int32Array | undefined,
  from: number,
  context: EpochContext,
): Feed<S> {
  let batch = from
  return {
    next: (own) => {
      const indices = batches(batch++)
      if (!indices) return null
      const sampleOf = (index: number): S | PromiseLike<S> => {
        checkIndex('DataLoader', index, dataset.length)
        const sample = dataset.get(index, { ...context, index: originOf(dataset, index) })
        if (sample === undefined) fail('DataLoader', `sample ${index} is undefined`, 'get(index) returns it')
        return sample
      }
      const samples = own.run(() => Array.from(indices, sampleOf))
      return { indices: indices.map((index) => originOf(dataset, index)), samples }
    },
    close: () => undefined,
  }
}

/** Samples of a stream, in batches of `size`; those of `skip` batches are left out. */
export function feedOfStream<S>(
  stream: IterableDataset<S>,
  size: number,
  dropLast: boolean,
  skip: number,
  async: boolean,
): Feed<S> {
  let at = 0
  let iterator: Iterator<S> | AsyncIterator<S> | undefined
  const started = (): Iterator<S> | AsyncIterator<S> => {
    if (Symbol.asyncIterator in stream && async) return stream[Symbol.asyncIterator]()
    if (Symbol.iterator in stream) return stream[Symbol.iterator]()
    return fail('DataLoader', 'the data set is an asynchronous stream', 'take its batches by for await')
  }
  /** Puts a sample into the batch; true when it is full. */
  const taken = (samples: S[], value: S): boolean => {
    if (value === undefined) fail('DataLoader', `sample ${at} is undefined`, 'a stream gives samples')
    if (at++ >= skip * size) samples.push(value)
    return samples.length === size
  }
  const ended = (samples: S[], done: boolean): Group<S> | null => {
    if (done && at === 0)
      fail('DataLoader', 'the stream gave no sample', 'a generator ends once: give what begins anew, such as an array')
    if (samples.length === 0 || (done && dropLast && samples.length < size)) return null
    return { indices: Int32Array.from(samples, (_, i) => at - samples.length + i), samples }
  }
  return {
    next: (own) => {
      iterator ??= started()
      const samples: S[] = []
      const from = iterator
      if (Symbol.asyncIterator in stream && async)
        return (async () => {
          for (;;) {
            const { done, value } = await from.next()
            if (done || taken(samples, value)) return ended(samples, done === true)
          }
        })()
      return own.run(() => {
        for (;;) {
          const step = from.next()
          if ('then' in step)
            return fail('DataLoader', `the stream gave ${describe(step)}`, 'take its batches by for await')
          if (step.done || taken(samples, step.value)) return ended(samples, step.done === true)
        }
      })
    },
    // What it holds open, such as a file, is let go of.
    close: () => {
      const closed = iterator?.return?.()
      if (closed && 'then' in closed) closed.then(undefined, () => undefined)
    },
  }
}
