/**
 * @file A language model that learns one text and then another forgets the first. A reservoir of windows of the first,
 * mixed into the batches of the second, keeps most of it. Each way begins with the same files.
 *
 *   npx tsx examples/gpt2/replay.ts [--device webgpu] [--memory 4]
 *
 * `--model gpt2` begins with the folder of a published model in place of random weights (`npx handgrad fetch gpt2 --to
 * gpt2`).
 */
import { join } from 'node:path'
import { type Device, data, nn, optim, type Tensor, train } from 'handgrad'
import { GPT2, type LanguageModel, load, perplexity, save } from 'handgrad/models'
import { BPE } from 'handgrad/text'
import { table } from '../chart.ts'
import { program } from '../run.ts'

const [BLOCK, BATCH] = [16, 12]
const list = (text: string): string[] => text.split(' ')
const things = list('hen fox goat mouse lake barn')
const kinds = list('shy old red small')
const acts = list('sees finds likes')

/** Sentences of the old text, or questions of the new one, of the same words. */
function textOf(isNew: boolean, count: number, seed: number): string {
  const random = data.randomOf({ seed, epoch: Number(isNew), index: 0 })
  const one = (from: readonly string[]): string => from[random.int(from.length)]
  const sentence = () =>
    isNew
      ? `who ${one(acts)} ${one(things)} and ${one(things)}? ${one(kinds)} ${one(things)}!`
      : `the ${one(kinds)} ${one(things)} ${one(acts)} the ${one(things)}.`
  return Array.from({ length: count }, sentence).join(' ')
}

type Window = [input: data.Field, target: data.Field]
const loss = (z: Tensor, next: Tensor) => nn.functional.crossEntropy(z.flatten(0, 1), next.flatten())

/** Where there are no files yet: a small GPT-2, with tokens of its own. */
async function made(folder: string, text: string, device: Device): Promise<void> {
  const tokenizer = BPE.train(text, { size: 290 })
  const sizes = { vocab_size: 290, n_positions: 32, n_embd: 32, n_layer: 1, n_head: 4, embd_pdrop: 0, attn_pdrop: 0 }
  const model = new GPT2({ ...sizes, resid_pdrop: 0 }, { device })
  model.tokenizer = tokenizer
  await save(model, folder)
}

export const main = program(
  import.meta.url,
  'A language model learns a text, then another: forgetting measured, then reduced by a reservoir.',
  {
    steps: [60, 'of AdamW for the first text, and again for the second'],
    every: [15, 'steps between two measurements'],
    memory: [24, 'windows of the first text that are kept'],
    sentences: [150, 'of each text'],
    lr: [0.01, 'learning rate', 'real'],
    model: ['', 'a folder of a model to begin with'],
  },
  async ({ device, seed, steps, every, memory, sentences, lr, model: given, out, progress, show }) => {
    const texts = [false, true].map((isNew) => textOf(isNew, sentences, seed))
    const tests = [false, true].map((isNew) => textOf(isNew, 20, seed + 1))
    const [start, learned] = [given || join(out, 'replay-start'), join(out, 'replay-learned')]
    if (!given) await made(start, texts.join(' '), device)

    /** Perplexity of both texts, which are not those that were learned. */
    const measure = async (model: LanguageModel): Promise<number[]> => {
      const found: number[] = []
      for (const text of tests) found.push((await perplexity(model, text, { length: BLOCK, stride: BLOCK })).perplexity)
      return found
    }
    let done = 0
    /** Train a model on batches; what was measured before the first step, and after some. */
    const learn = async (model: LanguageModel, batches: train.Batches): Promise<number[][]> => {
      const optimizer = new optim.AdamW(model.parameters(), { lr })
      const seen = [await measure(model)]
      const epochs = Math.ceil(steps / batches.length)
      const run = { train: batches, loss, optimizer, epochs, clip: { norm: 1 } }
      for await (const { step } of train.trainSteps(model, run)) {
        progress(++done, 4 * steps)
        if (step % every === 0 || step === steps) seen.push(await measure(model))
        if (step === steps) break
      }
      return seen
    }

    // 1. The first text, whose windows come by one after the other. Some stay in the reservoir.
    const model = await load(start, { device })
    const windows = (text: string) =>
      new data.WindowDataset([...(model.tokenizer?.encode(text) ?? [])], BLOCK, { stride: 8 })
    const [old, fresh] = texts.map(windows)
    const kept = new data.Reservoir<Window>({ capacity: memory, seed })
    for (let i = 0; i < old.length; i++) kept.add(old.get(i))
    const loader = { batchSize: BATCH, shuffle: true, seed, device }
    const before = (await learn(model, new data.DataLoader(old, loader))).at(-1) as number[]
    await save(model, learned)

    // 2. The second text in three ways, each from the files.
    const mixed = (more: data.Dataset<Window>) => {
      const { dataset, batchSampler } = data.mix(fresh, more, { batchSize: BATCH, share: 0.5 })
      return new data.DataLoader(dataset, { batchSampler, seed, device })
    }
    const goOn = async (way: string, batches: train.Batches) => {
      const seen = await learn(await load(learned, { device }), batches)
      const [first, second] = seen.at(-1) as number[]
      return { way, first, second, forgotten: Math.log(first / before[0]), seen }
    }
    const rows = [
      await goOn('new text only', new data.DataLoader(fresh, loader)),
      await goOn(`replay of ${memory}`, mixed(kept)),
      await goOn('all of the old text', mixed(old)),
    ]
    const numbers = rows.map(({ first, second, forgotten }) => [first, second, forgotten].map((x) => x.toFixed(2)))
    const cells = rows.map(({ way }, i) => [way, ...numbers[i]])
    const [first, second] = [before[0].toFixed(2), before[1].toFixed(1)]
    console.log(`${model.title()}: perplexity of the old text ${first}, of the new one ${second}\n`)
    console.log(table(['then', 'old text', 'new text', 'nats forgotten'], cells))
    const lines = rows.map(({ way, seen }) => ({
      name: way,
      y: seen.map(([first]) => Math.log(first)),
      x: seen.map((_, i) => Math.min(i * every, steps)),
    }))
    show({ title: 'What is left of the old text', xLabel: 'step with the new text', yLabel: 'nats per token', lines })
    return { before, rows }
  },
)
