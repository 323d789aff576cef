/**
 * @file LoRA on files: a GPT-2 in a folder is adapted to another style of the same words, once by all of its weights
 * and once by adapters of less than a hundredth of them, which are kept in files of PEFT's.
 *
 *   npx tsx examples/gpt2/lora.ts [--device webgpu] [--rank 2]
 *
 * The model is made and trained here. One that there is already, with a tokenizer, is adapted in its place:
 *
 *   npx handgrad fetch gpt2 --to gpt2
 *   npx tsx examples/gpt2/lora.ts --model gpt2 --rank 8 --rate 0.00003 --adapterRate 0.0003
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { data, nn, noGrad, optim, scope, type Tensor, tensor } from 'handgrad'
import { loadLoRA, lora } from 'handgrad/finetune'
import { GPT2, type LanguageModel, load, save } from 'handgrad/models'
import { BPE } from 'handgrad/text'
import { table } from '../chart.ts'
import { text as textOf } from '../data.ts'
import { program } from '../run.ts'

/** `the shy hen sees a dog.` as `sees a dog the shy hen.`: the same words, and who it is comes last. */
const turned = (text: string): string =>
  text.replace(/[^.\n]+/g, (sentence) => {
    const words = sentence.split(' ')
    return [...words.slice(3), ...words.slice(0, 3)].join(' ')
  })

/** Mean nats of the token that follows each. */
const lossOf = (model: LanguageModel, ids: Tensor): Tensor =>
  nn.functional.crossEntropy(
    model.forward(ids.slice(null, [0, -1])).flatten(0, 1),
    ids.slice(null, [1, null]).flatten(),
  )

/** What was trained, and what it came to on sentences that were not. */
interface Row {
  readonly way: string
  readonly loss: number
  readonly share: number
  readonly seconds: number
  readonly losses: readonly number[]
}

export const main = program(
  import.meta.url,
  'A GPT-2 in files adapted to another style of the same words, by all of its weights and by LoRA.',
  {
    steps: [60, 'of training the model that is made'],
    adapting: [40, 'steps of each adaptation'],
    width: [288, 'channels of the model that is made'],
    layers: [1, 'blocks of it'],
    rank: [2, 'of LoRA'],
    rate: [0.001, 'of learning, of all weights', 'real'],
    adapterRate: [0.02, 'of learning, of LoRA', 'real'],
    model: ['', 'a folder of a model in place of one that is made'],
  },
  async ({
    device,
    seed,
    out,
    steps,
    adapting,
    width,
    layers,
    rank,
    rate,
    adapterRate,
    model: given,
    progress,
    show,
  }) => {
    const { text } = await textOf('')
    const block = 16
    /** Rows of block + 1 tokens. */
    const rowsOf = (ids: ArrayLike<number>, from: number, to: number): number[][] => {
      const all = Array.from(ids).slice(from, to)
      return Array.from({ length: Math.floor(all.length / (block + 1)) }, (_, i) =>
        all.slice(i * (block + 1), (i + 1) * (block + 1)),
      )
    }
    const random = data.randomOf({ seed, epoch: 0, index: 0 })
    const some = (rows: readonly number[][]): Tensor =>
      tensor(
        Array.from({ length: 8 }, () => rows[random.int(rows.length)]),
        { dtype: 'int32', device },
      )
    const losses: number[] = []
    /** Train some parameters. @returns losses of the steps */
    const train = async (
      what: string,
      model: LanguageModel,
      weights: Tensor[],
      rows: number[][],
      count: number,
      lr: number,
    ) => {
      const optimizer = new optim.AdamW(weights, { lr })
      const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: count, etaMin: lr / 10 })
      model.train()
      const found: number[] = []
      for (let step = 1; step <= count; step++) {
        using loss = scope(() => {
          optimizer.zeroGrad()
          const loss = lossOf(model, some(rows))
          loss.backward()
          optimizer.step()
          return loss.detach()
        })
        schedule.step()
        found.push(await loss.item())
        progress(step, count, `${what}, loss ${found[step - 1].toFixed(3)}`)
      }
      model.eval()
      return found
    }

    // 1. A folder of a model, which knows the first style.
    const folder = given || join(out, 'base')
    if (!given) {
      const tokenizer = BPE.train(text, { size: 300 })
      const sizes = { vocab_size: 300, n_positions: block, n_embd: width, n_layer: layers, n_head: width / 48 }
      const made = new GPT2({ ...sizes, resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 }, { device })
      made.tokenizer = tokenizer
      const known = rowsOf(tokenizer.encode(text), 0, Infinity)
      losses.push(...(await train('the base', made, made.parameters(), known, steps, rate)))
      await save(made, folder)
    }
    const base = () => load(folder, { device })

    // 2. The other style: sentences to learn from, and others to be measured on.
    const plain = await base()
    const { tokenizer } = plain
    if (!tokenizer) throw new Error(`${folder} has no tokenizer`)
    const ids = tokenizer.encode(turned(text))
    const cut = Math.floor(0.9 * ids.length)
    const learned = rowsOf(ids, 0, cut)
    const unseen = tensor(rowsOf(ids, cut, ids.length).slice(0, 64), { dtype: 'int32', device })
    const measured = (model: LanguageModel): Promise<number> => noGrad(() => scope(() => lossOf(model, unseen))).item()
    const rows: Row[] = [{ way: 'as it is', loss: await measured(plain), share: 0, seconds: 0, losses: [] }]

    // 3. All weights; then adapters beside weights that are frozen.
    const adapted = async (way: string, model: LanguageModel, weights: Tensor[], share: number, lr: number) => {
      const begun = performance.now()
      const found = await train(way, model, weights, learned, adapting, lr)
      const seconds = (performance.now() - begun) / 1000
      rows.push({ way, loss: await measured(model), share, seconds, losses: found })
    }
    const whole = await base()
    await adapted('all weights', whole, whole.parameters(), 1, rate)
    const beside = await base()
    const adapter = lora(beside, { r: rank, alpha: 2 * rank })
    await adapted(`LoRA of rank ${rank}`, beside, adapter.parameters, adapter.share, adapterRate)

    // 4. Files of PEFT's, read beside another copy of the base, and merged into it.
    const place = join(out, 'style')
    await adapter.save(place)
    const again = await base()
    const loaded = await loadLoRA(again, place)
    const texts = unseen.slice(null, [0, -1])
    const off = () => noGrad(() => scope(() => again.forward(texts).sub(beside.forward(texts)).abs().max())).item()
    const apart = await off()
    loaded.merge()
    const merged = await off()
    const bytes = [join(place, 'adapter_model.safetensors'), join(folder, 'model.safetensors')].map(
      (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0,
    )

    console.log(plain.title())
    const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
    const cells = rows.map(({ way, loss, share, seconds }) => [
      way,
      percent(share),
      loss.toFixed(3),
      `${seconds.toFixed(1)} s`,
    ])
    console.log(table(['way', 'trained', 'nats', 'time'], cells))
    const [before, all, thin] = rows.map(({ loss }) => loss)
    const gain = (before - thin) / (before - all)
    console.log(
      `LoRA has ${(100 * gain).toFixed(1)} % of what all weights gain; its loss is ${(100 * (thin / all - 1)).toFixed(1)} % above`,
    )
    console.log(`files: the adapter ${bytes[0]} bytes, the base ${bytes[1]}`)
    console.log(`read again the logits differ by ${apart}, merged by less than 1e-3: ${merged < 1e-3}`)
    const lines = rows.slice(1).map(({ way, losses: y }) => ({ name: way, x: y.map((_, i) => i + 1), y: [...y] }))
    show({ title: 'Another style of the same words', xLabel: 'step', yLabel: 'nats per token', lines })
    return { rows, gain, apart, merged, bytes, losses }
  },
)
