/**
 * @file What sample must draw: from probabilities that PyTorch (tools/reference_sample.py) or this file computed in
 * float64, each token by the random word of its seed and position.
 */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import { arange, type Device, type DType, full, type SampleOptions, sample, tensor } from '../../src/index.ts'

interface Reference {
  readonly logits: readonly number[]
  readonly options?: SampleOptions
  readonly seen?: readonly number[]
  readonly probabilities: readonly number[]
}

const file = new URL('../reference/data/sample.json', import.meta.url)
const references: readonly Reference[] = JSON.parse(readFileSync(file, 'utf8'))

/** A draw this near to the end of a token may be its neighbour's. */
const NEAR = 1e-5

/** The first random word of a seed at a position, in [0, 1): block `position` of the stream of tokens. */
export const wordOf = (seed: number, position: number): number => new Philox(seed, 4 * position, 2).word() / 2 ** 32

/** The token that a number in [0, 1) stands for; undefined near the end of one. */
export function tokenAt(probabilities: ArrayLike<number>, u: number): number | undefined {
  let end = 0
  for (let id = 0; id < probabilities.length; id++) {
    end += probabilities[id]
    if (Math.abs(u - end) < NEAR) return undefined
    if (u < end) return id
  }
  return undefined
}

/** Probabilities after the options, one token at a time: slow, and written apart from the kernel and its twin. */
export function probabilitiesOf(
  logits: readonly number[],
  { temperature = 1, topK = 0, topP = 1, minP = 0 }: SampleOptions,
): Float64Array {
  const order = logits.map((_, id) => id).sort((a, b) => logits[b] - logits[a] || a - b)
  const kept = order.slice(0, topK || order.length)
  const powers = kept.map((id) => Math.exp((logits[id] - logits[order[0]]) / temperature))
  const all = powers.reduce((a, b) => a + b)
  const left = new Float64Array(logits.length)
  let before = 0
  kept.forEach((id, i) => {
    if (before < topP * all * (1 - 1e-9) && powers[i] >= minP) left[id] = powers[i]
    before += powers[i]
  })
  const sum = left.reduce((a, b) => a + b)
  return left.map((p) => p / sum)
}

/** χ² of counts against probabilities, in units of its standard deviation above its mean; ∞ where one of 0 occurred. */
function excess(counts: readonly number[], probabilities: readonly number[]): number {
  const n = counts.reduce((a, b) => a + b)
  let [sum, free] = [0, -1]
  let [few, fewExpected] = [0, 0]
  probabilities.forEach((p, id) => {
    if (p === 0 && counts[id] > 0) sum = Infinity
    // Tokens too rare for the normal distribution count as one.
    if (n * p < 5) {
      few += counts[id]
      fewExpected += n * p
      return
    }
    sum += (counts[id] - n * p) ** 2 / (n * p)
    free++
  })
  if (fewExpected > 5) {
    sum += (few - fewExpected) ** 2 / fewExpected
    free++
  }
  return free === 0 ? 0 : (sum - free) / Math.sqrt(2 * free)
}

/** Ids as numbers. */
export const idsOf = async (logits: Parameters<typeof sample>[0], options?: SampleOptions): Promise<number[]> => {
  const { ids } = sample(logits, options)
  return [...(await ids.data())]
}

/** Draws of each position of one row of logits, by one launch. */
async function draws(one: Reference, count: number, seed: number, on: { device: Device; dtype: DType }) {
  const { logits, options, seen } = one
  const rows = tensor([[...logits]], on).expand([count, logits.length])
  const marks = tensor([logits.map((_, id) => seen?.includes(id) ?? false)], { device: on.device }).repeat(count, 1)
  const position = arange(count, { device: on.device, dtype: 'int32' })
  return idsOf(rows, { ...options, ...(seen && { seen: marks }), seed, position })
}

/**
 * What holds on every device and in each dtype.
 * @param many  draws of one row of logits
 */
export function samplingTests(many: number, on: () => { device: Device; dtype: DType }): void {
  const SEED = 2 ** 33 + 5
  const name = ({ logits, options, seen }: Reference) =>
    `${logits.length} logits ${JSON.stringify(options ?? {})}${seen ? `, seen ${seen}` : ''}`

  it.each(references.map((one) => [name(one), one] as const))('as PyTorch: %s', async (_, one) => {
    const ids = await draws(one, many, SEED, on())
    const counts = one.probabilities.map((_, id) => ids.filter((drawn) => drawn === id).length)
    // Draws of one seed: a deviation that one row in 10,000 has.
    expect(excess(counts, one.probabilities)).toBeLessThan(5)
    const wrong = ids.flatMap((id, position) => {
      const want = tokenAt(one.probabilities, wordOf(SEED, position))
      return want === undefined || want === id ? [] : [{ position, id, want }]
    })
    expect(wrong).toEqual([])
  })

  it('draws from 150,000 ids as the probabilities in float64 say', async () => {
    const random = new Philox(3)
    const logits = Array.from({ length: 150_001 }, () => Math.fround(4 * random.normal()))
    const tried: SampleOptions[] = [{}, { topK: 40 }, { topP: 0.9 }, { topK: 5000, topP: 0.6, minP: 1e-3 }]
    for (const options of tried) {
      const probabilities = probabilitiesOf(logits, options)
      const ids = await draws({ logits, options, probabilities: [] }, 4, 77, on())
      expect(ids).toEqual(ids.map((id, position) => tokenAt(probabilities, wordOf(77, position)) ?? id))
    }
    expect(await idsOf(tensor([logits], on()), { temperature: 0 })).toEqual([
      logits.indexOf(logits.reduce((a, b) => Math.max(a, b))),
    ])
  })

  it('draws the same alone as in any batch', async () => {
    const random = new Philox(9)
    const rows = Array.from({ length: 7 }, () => Array.from({ length: 301 }, () => 2 * random.normal()))
    const [seeds, places] = [rows.map((_, r) => 2 ** 40 * r + r), rows.map((_, r) => 3 * r)]
    const options = { temperature: 0.9, topK: 50, topP: 0.95 }
    const position = tensor(Int32Array.from(places), { device: on().device })
    const together = await idsOf(tensor(rows, on()), { ...options, seed: seeds, position })
    const alone = await Promise.all(
      rows.map((row, r) => idsOf(tensor([row], on()), { ...options, seed: seeds[r], position: places[r] })),
    )
    expect(together).toEqual(alone.flat())
    const turned = await idsOf(tensor(rows.toReversed(), on()), {
      ...options,
      seed: seeds.toReversed(),
      position: position.flip([0]),
    })
    expect(turned).toEqual(together.toReversed())
  })

  it('takes seeds as one, a list, or a tensor', async () => {
    const logits = tensor([[0, 0.5, 1, 1.5, 0, 1, 2]], on()).expand([40, 7])
    const words = Int32Array.from({ length: 40 }, (_, r) => 31 * r)
    const seeds = tensor(words, { device: on().device })
    const listed = await idsOf(logits, { seed: [...words], position: 3 })
    expect(await idsOf(logits, { seed: seeds, position: 3 })).toEqual(listed)
    expect(new Set(listed).size).toBeGreaterThan(3)
    // One seed and one position are one draw; the upper word of a seed counts.
    expect(new Set(await idsOf(logits, { seed: 4 })).size).toBe(1)
    expect(await idsOf(logits, { seed: [...words].map((low) => low + 2 ** 32), position: 3 })).not.toEqual(listed)
  })

  it('gives the log-softmax of the logits as they were', async () => {
    const logits = tensor([[1, 2, -Infinity, 0.5, 4, -3]], on()).expand([30, 6])
    const position = arange(30, { device: on().device, dtype: 'int32' })
    const { ids, logprobs } = sample(logits, { temperature: 3, topK: 5, position, unused: [4] })
    const sum = [1, 2, 0.5, -3].reduce((s, v) => s + Math.exp(v), 0)
    const [drawn, got] = await Promise.all([ids.data(), logprobs.data()])
    expect(new Set(drawn)).toEqual(new Set([0, 1, 3, 5]))
    drawn.forEach((id, r) => {
      expect(got[r]).toBeCloseTo([1, 2, 0, 0.5, 0, -3][id] - Math.log(sum), 5)
    })
  })

  it('marks what it draws, and nothing else', async () => {
    const before = Array.from({ length: 4 }, (_, r) => Array.from({ length: 9 }, (_, c) => r === 2 && c === 7))
    const seen = tensor(before, { device: on().device })
    const logits = tensor(
      Array.from({ length: 36 }, (_, i) => Math.sin(5 * i)),
      { ...on(), shape: [4, 9] },
    )
    const ids = await idsOf(logits, { seen, repetitionPenalty: 1.2, seed: [4, 3, 2, 1] })
    const want = ids.map((id, r) => Array.from({ length: 9 }, (_, c) => c === id || before[r][c]))
    expect(await seen.array()).toEqual(want)
  })

  it('takes the first of equal logits, and exactly as many as topK says', async () => {
    const equal = full([many, 300], 0.25, on())
    const position = arange(many, { device: on().device, dtype: 'int32' })
    expect(new Set(await idsOf(equal, { temperature: 0, position }))).toEqual(new Set([0]))
    expect(new Set(await idsOf(equal, { topK: 3, position }))).toEqual(new Set([0, 1, 2]))
    expect(new Set(await idsOf(equal, { topP: 0.01, position }))).toEqual(new Set([0, 1, 2]))
    expect(await idsOf(tensor([[-0, 0, -1]], on()), { topK: 1 })).toEqual([0])
    expect(await idsOf(tensor([[1, 3, 3, 2]], on()), { topK: 1, seed: 8 })).toEqual([1])
  })

  it('never draws -Infinity, though topK has room', async () => {
    const logits = tensor([[-Infinity, 1, -Infinity, 1, -Infinity]], on()).expand([many, 5])
    const position = arange(many, { device: on().device, dtype: 'int32' })
    for (const options of [{}, { topK: 4 }, { topK: 4, topP: 0.999 }, { minP: 1e-30 }])
      expect(new Set(await idsOf(logits, { ...options, position }))).toEqual(new Set([1, 3]))
  })

  it('transformers#2302: the penalty makes a token of a negative logit less likely, once however often it was there', async () => {
    const seen = tensor([[true, false, true, false]], { device: on().device })
    // −1 → −3 and 3 → 1: with dividing alone, −1 would become −1/3 and win over −0.5.
    const logits = tensor([[-1, -0.5, -2, -0.75]], on())
    expect(await idsOf(logits, { temperature: 0, repetitionPenalty: 3, seen })).toEqual([1])
    const again = tensor([[false, true, false, false]], { device: on().device })
    const positive = tensor([[1.25, 3, 0, 0]], on())
    expect(await idsOf(positive, { temperature: 0, repetitionPenalty: 3, seen: again })).toEqual([0])
    const next = { temperature: 0, repetitionPenalty: 2, seen: again }
    expect(await idsOf(tensor([[1.25, 3, 0, 0]], on()), next)).toEqual([1])
    expect(await idsOf(tensor([[1.25, 3, 0, 0]], on()), next)).toEqual([1])
  })

  it('esm#360: the token that crosses topP stays', async () => {
    const position = arange(many, { device: on().device, dtype: 'int32' })
    const drawn = async (p: number[], topP: number) => {
      const logits = tensor([p.map(Math.log)], on()).expand([many, p.length])
      return [...new Set(await idsOf(logits, { topP, position }))].sort()
    }
    expect(await drawn([0.4, 0.3, 0.2, 0.1], 0.8)).toEqual([0, 1, 2])
    expect(await drawn([0.5, 0.41, 0.09], 0.9)).toEqual([0, 1])
    // What reaches it exactly is enough.
    expect(await drawn([0.5, 0.25, 0.25], 0.5)).toEqual([0])
  })

  it('WebGPT#12: topK is not ignored', async () => {
    const logits = tensor([[0.1, 0, 0.3, 0.2, 0.25]], on()).expand([many, 5])
    const position = arange(many, { device: on().device, dtype: 'int32' })
    expect(new Set(await idsOf(logits, { topK: 2, position }))).toEqual(new Set([2, 4]))
    expect(new Set(await idsOf(logits, { topK: 5, position })).size).toBe(5)
  })

  it('nanoGPT#121: ids of a padded vocabulary are never drawn, whatever their logits are', async () => {
    const logits = tensor([[0, 1, 9, 2, NaN, Infinity]], on()).expand([many, 6])
    const position = arange(many, { device: on().device, dtype: 'int32' })
    const unused = Int32Array.of(4, 5)
    expect(new Set(await idsOf(logits, { position, unused, temperature: 8 }))).toEqual(new Set([0, 1, 2, 3]))
    expect(new Set(await idsOf(logits, { position, unused: [5, 2, 4], topK: 2 }))).toEqual(new Set([1, 3]))
    expect(new Set(await idsOf(logits, { position, unused: [2, 4, 5], temperature: 0 }))).toEqual(new Set([3]))
  })
}

const place = (r: number, c: number, value: unknown) =>
  `sample: logit ${c} of row ${r} is ${value} (logits are numbers below Infinity; -Infinity is never drawn)`

/** Logits that nothing can be drawn by, and what is said of them. */
export const undrawable: readonly (readonly [text: string, rows: number[][], options: SampleOptions])[] = [
  [
    place(1, 2, NaN),
    [
      [1, 2, 3],
      [1, 2, NaN],
    ],
    {},
  ],
  [place(0, 0, Infinity), [[Infinity, 2, 3]], { temperature: 0 }],
  [
    'sample: the logits of row 0 are all -Infinity (leave one that can be drawn)',
    [[-Infinity, -Infinity]],
    { topK: 1 },
  ],
  [
    'sample: the logits of row 1 are all -Infinity (leave one that can be drawn)',
    [
      [1, 2],
      [-Infinity, 0],
    ],
    { unused: [1] },
  ],
]
