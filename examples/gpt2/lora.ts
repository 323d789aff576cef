/**
 * @file LoRA on files: a GPT-2 in a folder is adapted to another style of the same words, once by all of its weights
 * and once by adapters of a few hundredths of them, which are kept in files of PEFT's.
 *
 *   npx tsx examples/gpt2/lora.ts [--device webgpu] [--width 288 --layers 2 --rank 2]
 *
 * The model is made and trained here. One that there is already, with a tokenizer, is adapted in its place:
 *
 *   npx handgrad fetch gpt2 --to gpt2
 *   npx tsx examples/gpt2/lora.ts --model gpt2 --rank 8 --rate 0.00003 --adapterRate 0.0003
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { data, noGrad, scope, type Tensor, tensor } from 'handgrad'
import { loadLoRA, lora } from 'handgrad/finetune'
import { type LanguageModel, load, save } from 'handgrad/models'
import { table } from '../chart.ts'
import { text as textOf } from '../data.ts'
import { program } from '../run.ts'
import { inARow, lossOf, modelOf, type Training, trained, turned, windowsOf } from './styles.ts'

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
    steps: [100, 'of training the model that is made'],
    adapting: [80, 'steps of each adaptation'],
    width: [96, 'channels of the model that is made'],
    layers: [1, 'blocks of it'],
    rank: [2, 'of LoRA'],
    rate: [0.002, 'of learning, of all weights', 'real'],
    adapterRate: [0.01, 'of learning, of LoRA', 'real'],
    model: ['', 'a folder of a model in place of one that is made'],
  },
  async ({ device, seed, out, steps, adapting, width, layers, rank, rate, adapterRate, model: given, ...shown }) => {
    const text = inARow((await textOf('')).text)
    const random = data.randomOf({ seed, epoch: 0, index: 0 })
    const how = (what: string, steps: number, lr: number): Training => ({
      ...{ steps, lr, random },
      progress: (step, loss) => shown.progress(step, steps, `${what}, loss ${loss.toFixed(3)}`),
    })

    // 1. A folder of a model, which knows the first style.
    const folder = given || join(out, 'base')
    const losses: number[] = []
    if (!given) {
      const made = modelOf(text, width, layers, device)
      const known = windowsOf(made.tokenizer?.encode(text) ?? [])
      const loss = (some: readonly number[][]) => lossOf(made, some)
      losses.push(...(await trained(made, made.parameters(), known, loss, how('the base', steps, rate))))
      await save(made, folder)
    }
    const base = () => load(folder, { device })

    // 2. The other style: sentences to learn from, and others to be measured on.
    const plain = await base()
    const { tokenizer } = plain
    if (!tokenizer) throw new Error(`${folder} has no tokenizer`)
    const ids = tokenizer.encode(turned(text))
    const cut = Math.floor(0.9 * ids.length)
    const learned = windowsOf(ids.slice(0, cut))
    const unseen = windowsOf(ids.slice(cut)).slice(0, 64)
    const measured = (model: LanguageModel): Promise<number> => noGrad(() => scope(() => lossOf(model, unseen))).item()
    const rows: Row[] = [{ way: 'as it is', loss: await measured(plain), share: 0, seconds: 0, losses: [] }]

    // 3. All weights; then adapters beside weights that are frozen.
    const adapted = async (way: string, model: LanguageModel, weights: Tensor[], share: number, lr: number) => {
      const begun = performance.now()
      const found = await trained(model, weights, learned, (some) => lossOf(model, some), how(way, adapting, lr))
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
    const texts = tensor(unseen, { dtype: 'int32', device }).slice(null, [0, -1])
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
    shown.show({ title: 'Another style of the same words', xLabel: 'step', yLabel: 'nats per token', lines })
    return { rows, gain, apart, merged, bytes, losses }
  },
)
