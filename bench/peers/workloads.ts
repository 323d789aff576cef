/**
 * @file What all engines are given: the same sizes, numbers and questions. An engine writes each workload as its users
 * would; its answers are compared before anything is timed.
 */
import { generator, random } from '../../src/bench/numbers.ts'

/** What is computed, in the order of the table, and how much that is. */
export const workloads = {
  'matmul 256': { flop: 2 * 256 ** 3 },
  'matmul 512': { flop: 2 * 512 ** 3 },
  'matmul 1024': { flop: 2 * 1024 ** 3 },
  'matmul 2048': { flop: 2 * 2048 ** 3 },
  'chain of 4, (2x + 1)·relu(x)': { bytes: 8 * 2 ** 22 },
  'row sums': { bytes: 4 * 2 ** 22 },
  'full sum': { bytes: 4 * 2 ** 22 },
  'softmax of rows': { bytes: 8 * 2 ** 22 },
  '1000 dependent adds': {},
  'conv2d 16→32, 3×3': { flop: 2 * 8 * 32 * 16 * 9 * 64 * 64 },
  'layerNorm of rows': { bytes: 8 * 2 ** 20 },
  attention: { flop: 4 * 2 * 4 * 256 * 256 * 32 },
  'attention, forward and backward': { flop: 14 * 2 * 4 * 256 * 256 * 32 },
  'MLP step': {},
  'CNN step': {},
  'GPT step': {},
  'GPT-2 writes 32 tokens': {},
} as const satisfies Record<string, { flop?: number; bytes?: number }>
export type WorkloadName = keyof typeof workloads
export const workloadNames = Object.keys(workloads) as WorkloadName[]

/** Of these the first run in a fresh process is reported, too: what a user waits for before the first loss. */
export const cold: readonly WorkloadName[] = ['MLP step', 'GPT step']

/** One workload, made on one engine. */
export interface Made {
  /** A few numbers of its result, or the first losses: what engines are compared by. */
  check(): Promise<number[]>
  /** Launch it once. What it makes is freed. */
  run(): void | Promise<void>
  /** All that was launched is done. */
  done(): Promise<void>
}

/** An engine on a device. `make` fails with the reason if it cannot do a workload. */
export interface Peer {
  readonly version: string
  make(name: WorkloadName): Promise<Made>
}

/** Rows and columns of what is summed, chained and normed. */
export const [ROWS, COLS] = [4096, 1024]
export const NORMED = [4096, 256] as const
/** Batch, channels, side; filters. */
export const CONV = { batch: 8, channels: 16, side: 64, filters: 32 } as const
export const ATTENTION = { batch: 2, heads: 4, length: 256, width: 32 } as const
export const MLP = { batch: 128, sizes: [784, 256, 128, 10], lr: 0.05 } as const
/** Two convolutions with pooling, and a linear layer on 16·7·7. */
export const CNN = { batch: 32, filters: [8, 16], lr: 0.05 } as const
export const GPT = { batch: 4, length: 64, width: 64, heads: 4, layers: 2, vocabulary: 65, lr: 0.05 } as const

/** Numbers of a shape in (−scale, scale). */
export const numbers = (shape: readonly number[], seed: number, scale = 1): Float32Array<ArrayBuffer> =>
  random(
    shape.reduce((a, b) => a * b, 1),
    seed,
    scale,
  )

/** Classes from 0 to below `end`. */
export function classes(length: number, end: number, seed: number): Int32Array<ArrayBuffer> {
  const next = generator(seed)
  return Int32Array.from({ length }, () => Math.floor(next() * end))
}

/** A parameter: its shape, and how large its numbers are. The seed is its place in the list. */
export type Parameter = readonly [shape: readonly number[], scale: number]

export const parameters = {
  /** Weights as [in, out], with their biases. */
  mlp: MLP.sizes.slice(1).flatMap((out, i): Parameter[] => [
    [[MLP.sizes[i], out], Math.sqrt(3 / MLP.sizes[i])],
    [[out], 0.01],
  ]),
  /** Filters as [out, in, height, width]. */
  cnn: [
    [[8, 1, 3, 3], 0.5],
    [[8], 0.01],
    [[16, 8, 3, 3], 0.2],
    [[16], 0.01],
    [[16 * 7 * 7, 10], 0.06],
    [[10], 0.01],
  ] as Parameter[],
  /** Tokens, positions; of each layer: norm, qkv, projection, norm, up, down; a norm, the head. */
  gpt: [
    [[GPT.vocabulary, GPT.width], 0.3],
    [[GPT.length, GPT.width], 0.3],
    ...Array.from({ length: GPT.layers }, (): Parameter[] => [
      [[GPT.width], 1],
      [[GPT.width, 3 * GPT.width], 0.2],
      [[GPT.width, GPT.width], 0.2],
      [[GPT.width], 1],
      [[GPT.width, 4 * GPT.width], 0.2],
      [[4 * GPT.width, GPT.width], 0.1],
    ]).flat(),
    [[GPT.width], 1],
    [[GPT.width, GPT.vocabulary], 0.2],
  ] as Parameter[],
} as const

/** First numbers of a model's parameters. Norms' weights lie around 1. */
export const initial = (list: readonly Parameter[]): Float32Array<ArrayBuffer>[] =>
  list.map(([shape, scale], i) =>
    scale === 1 ? numbers(shape, 100 + i, 0.1).map((x) => 1 + x) : numbers(shape, 100 + i, scale),
  )

/** 5.3 M weights: what it writes are the likeliest tokens after a prompt, with a cache. */
export const WRITER = {
  config: { n_layer: 4, n_embd: 288, n_head: 6, n_positions: 128, vocab_size: 4608 },
  prompt: 32,
  tokens: 32,
} as const

/** The weights of the model that writes, under GPT-2's names; its head is its table of tokens. */
export function writerWeights(): Record<string, { shape: number[]; values: Float32Array<ArrayBuffer> }> {
  const { n_layer, n_embd: E, n_positions, vocab_size } = WRITER.config
  const maps = { 'attn.c_attn': [E, 3 * E], 'attn.c_proj': [E, E], 'mlp.c_fc': [E, 4 * E], 'mlp.c_proj': [4 * E, E] }
  const shapes: [name: string, shape: number[]][] = [
    ['wte.weight', [vocab_size, E]],
    ['wpe.weight', [n_positions, E]],
    ...Array.from({ length: n_layer }, (_, i) => [
      ...['ln_1', 'ln_2'].flatMap((norm) => ['weight', 'bias'].map((end) => [`h.${i}.${norm}.${end}`, [E]])),
      ...Object.entries(maps).flatMap(([map, shape]) => [
        [`h.${i}.${map}.weight`, shape],
        [`h.${i}.${map}.bias`, [shape[1]]],
      ]),
    ]).flat(),
    ['ln_f.weight', [E]],
    ['ln_f.bias', [E]],
  ] as [string, number[]][]
  return Object.fromEntries(
    shapes.map(([name, shape], i) => {
      const values = numbers(shape, 200 + i, 0.15)
      return [name, { shape, values: /ln_.\.weight$|ln_f\.weight$/.test(name) ? values.map((x) => 1 + x) : values }]
    }),
  )
}

/** The ids that it goes on from. */
export const writerPrompt = (): Int32Array<ArrayBuffer> => classes(WRITER.prompt, WRITER.config.vocab_size, 26)

/** Numbers by which two results are compared: their mean, their mean square, and a few elements. */
export function summary(values: ArrayLike<number>): number[] {
  let [sum, squares] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    sum += values[i]
    squares += values[i] ** 2
  }
  const few = [0, Math.floor(values.length / 3), values.length - 1].map((i) => values[i])
  return [sum / values.length, Math.sqrt(squares / values.length), ...few]
}
/** Steps of which the losses are compared. */
export const STEPS = 4
