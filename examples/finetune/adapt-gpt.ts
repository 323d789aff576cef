/**
 * @file A small GPT is pre-trained on made reviews of which some give a rating, then adapted to new reviews, in which
 * words occur that turn the meaning round: from a prompt alone, by a new head, frozen layers, LoRA, and all layers.
 *
 *   npx tsx examples/finetune/adapt-gpt.ts [--device webgpu]
 */
import { type Device, data, nn, noGrad, optim, scope, type Tensor, tensor } from 'handgrad'
import { table } from '../chart.ts'
import { program } from '../run.ts'
import { adapt, saved } from './lora.ts'
import { cells, curves, head, measured, only, type Row, type Samples, train } from './measure.ts'

const list = (text: string): string[] => text.split(' ')
const things = list('soup bread room film')
const plain = list('very so quite really')
const turning = list('not hardly') // only in the new reviews
const [good, bad] = [list('good great lovely fresh'), list('bad awful dull stale')]
const ratings = [list('yes no'), list('up down'), list('plus minus')] // each document keeps to one of them
const words = [...things, ...plain, ...turning, ...good, ...bad, ...ratings.flat()]
const indices = (text: readonly string[]): number[] => text.map((word) => words.indexOf(word))
const codes = (texts: readonly string[][], device: Device): Tensor =>
  tensor(texts.map(indices), { dtype: 'int32', device })
type Random = ReturnType<typeof data.randomOf>
const pick = <T>(random: Random, from: readonly T[]): T => from[random.int(from.length)]

/** `soup very good`, and whether that is praise. */
function review(random: Random, degrees: readonly string[]): { text: string[]; praise: boolean } {
  const [adjectives, degree] = [pick(random, [good, bad]), pick(random, degrees)]
  const text = [pick(random, things), degree, pick(random, adjectives)]
  return { text, praise: (adjectives === good) !== turning.includes(degree) }
}
/** `soup very good yes film so dull no …`: reviews, each with its rating. */
const rated = (random: Random, count: number, degrees: readonly string[], rating: readonly string[]): string[] =>
  Array.from({ length: count }, () => review(random, degrees)).flatMap((r) => [...r.text, rating[r.praise ? 0 : 1]])

const lastOf = (x: Tensor): Tensor => x.at(null, -1)
const SHOTS = 2 // examples in a prompt
type GPT = ReturnType<typeof gpt>
/** Causal self-attention and two linear maps, twice; then a score for each word that may come next. */
export function gpt(width: number, device: Device) {
  const options = { dimFeedforward: 2 * width, dropout: 0, batchFirst: true, normFirst: true, device }
  const layer = () => new nn.TransformerEncoderLayer(width, 4, options)
  const blocks = new nn.TransformerEncoder(layer, 2, new nn.LayerNorm(width, { device }))
  blocks.registerForwardPreHook((_, [x]) => [x, { isCausal: true }])
  const places = new nn.PositionalEncoding(width, { dropout: 0, maxLen: 4 * (SHOTS + 1), batchFirst: true, device })
  const embed = new nn.Embedding(words.length, width, { device })
  return new nn.Sequential({ embed, places, blocks, head: new nn.Linear(width, words.length, { device }) })
}

export const main = program(
  import.meta.url,
  'A GPT that is pre-trained here and adapted to new reviews in six ways: one table.',
  {
    steps: [90, 'of pre-training'],
    adapting: [20, 'steps of each adaptation'],
    width: [24, 'numbers for each word'],
    labelled: [72, 'new reviews to adapt to'],
    rank: [4, 'of LoRA'],
  },
  async ({ device, seed, out, steps, adapting, width, labelled, rank, progress, show }) => {
    const random = data.randomOf({ seed, epoch: 0, index: 0 })
    const pretrained = gpt(width, device)
    const adam = new optim.Adam(pretrained.parameters(), { lr: 0.01 })
    for (let step = 1; step <= steps; step++) {
      const texts = Array.from({ length: 8 }, () => rated(random, SHOTS + 1, plain, pick(random, ratings)))
      adam.zeroGrad()
      scope(() => {
        const text = codes(texts, device)
        const next = pretrained.forward(text.at(null, [null, -1])) // from each word, the one after it
        nn.functional.crossEntropy(next.flatten(0, 1), text.at(null, [1, null]).flatten()).backward()
      })
      adam.step()
      progress(step, steps + 5 * adapting, 'pre-training')
    }

    const draw = (count: number) => Array.from({ length: count }, () => review(random, [...plain, ...turning]))
    const samples = (reviews: ReturnType<typeof draw>): Samples => {
      const [texts, classes] = [reviews.map(({ text }) => text), reviews.map(({ praise }) => Number(praise))]
      return { x: codes(texts, device), y: tensor(classes, { dtype: 'int32', device }) }
    }
    const [known, unknown] = [draw(labelled), draw(100)]
    const sets = [samples(known), samples(unknown)] as const

    /** Nothing is trained: what would the GPT write after `shots` rated reviews and this one? */
    const prompted = async (way: string, shots: number): Promise<Row> => {
      const [begun, rating] = [performance.now(), ratings[2]]
      const prompts = unknown.map(({ text }) => [...rated(random, shots, [...plain, ...turning], rating), ...text])
      const next = noGrad(() => lastOf(pretrained.forward(codes(prompts, device))))
      const wanted = unknown.map(({ praise }) => words.indexOf(rating[praise ? 0 : 1]))
      const reached = await measured(next, tensor(wanted, { dtype: 'int32', device }))
      return { way, ...reached, share: 0, seconds: (performance.now() - begun) / 1000, losses: [] }
    }
    /** A copy of the GPT with a head for two classes, which reads what the last word has gathered. */
    const copy = (): GPT => {
      const net = gpt(width, device)
      net.loadStateDict(pretrained.stateDict())
      net.replace('head', new nn.Sequential(new nn.Lambda(lastOf), new nn.Linear(width, 2, { device })))
      return net
    }
    const linears = '0.self_attn.out_proj 0.linear1 0.linear2 1.self_attn.out_proj 1.linear1 1.linear2'
    const paths = list(linears).map((name) => `blocks.layers.${name}`)
    const lora = adapt(only(copy(), 'head'), paths, rank)
    const blank = copy()
    blank.loadStateDict(gpt(width, device).stateDict(), { strict: false })
    const by = (way: string, net: GPT, lr: number) => train(way, net, sets, { steps: adapting, lr })
    const rows = [
      await prompted('prompt, no example', 0),
      await prompted(`prompt, ${SHOTS} examples`, SHOTS),
      await by('not pre-trained', blank, 0.01),
      await by('new head', only(copy(), 'head'), 0.01),
      await by('upper layer', only(copy(), 'head', 'blocks.layers.1'), 0.01),
      await by('LoRA', lora, 0.02),
      await by('all layers', copy(), 0.005),
    ]
    console.log(table(head, rows.map(cells)))
    const svg = show({ title: 'A GPT adapted to new reviews', ...curves(rows) })
    const adapter = await saved(lora, adapt(only(copy(), 'head'), paths, rank), pretrained, sets[1].x, out)
    return { rows, ...adapter, svg }
  },
)
