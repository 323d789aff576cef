/**
 * @file Letters sorted by a GPT-2 of files, in four ways: by a prompt with examples, by a head on frozen blocks, by
 * LoRA, and by all weights. Each is measured on letters that it has not seen.
 *
 *   npx tsx examples/gpt2/classify.ts [--device webgpu] [--width 96 --layers 2]
 *
 * The model is made and trained here. A published one, and texts of your own as lines of { "text", "label" }:
 *
 *   npx handgrad fetch gpt2 --to gpt2
 *   npx tsx examples/gpt2/classify.ts --model gpt2 --data texts.jsonl --rate 0.00003 --adapterRate 0.0003
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { data, noGrad, scope, type Tensor, tensor } from 'handgrad'
import { fewShot, loadLoRA, lora } from 'handgrad/finetune'
import { type Classifier, classifier, load, save } from 'handgrad/models'
import { table } from '../chart.ts'
import { cells, head as columns, curves, measured, numbersOf, type Row } from '../finetune/measure.ts'
import { program } from '../run.ts'
import { lettersOf, written } from './letters.ts'
import { apartOf, classesOf, keptBy, lossAt, read } from './sorting.ts'
import { lossOf, modelOf, type Training, trained, windowsOf } from './styles.ts'

const [BATCH, EVERY] = [16, 15]
/** Positions for a prompt, and tokens of which most words are one. */
const sizes = { positions: 72, vocabulary: 360 }

export const main = program(
  import.meta.url,
  'Letters sorted by a GPT-2 in files: by a prompt, a head alone, LoRA, all weights.',
  {
    steps: [120, 'of training the model that is made'],
    adapting: [60, 'steps of each training of a classifier'],
    letters: [400, 'a quarter of which is to be measured on'],
    width: [48, 'channels of the model that is made'],
    layers: [1, 'blocks of it'],
    rank: [4, 'of LoRA'],
    rate: [0.006, 'of learning, of all weights', 'real'],
    adapterRate: [0.01, 'of learning, of LoRA', 'real'],
    headRate: [0.05, 'of learning, of the head alone', 'real'],
    model: ['', 'a folder of a model in place of one that is made'],
    data: ['', 'a file of lines { "text", "label" } in place of letters'],
  },
  async ({ device, seed, out, steps, adapting, letters, rank, rate, adapterRate, headRate, ...given }) => {
    const random = data.randomOf({ seed, epoch: 0, index: 0 })
    const how = (what: string, steps: number, lr: number, then?: (step: number) => Promise<void>): Training => ({
      ...{ steps, lr, random },
      progress: (step, loss) => {
        given.progress(step, steps, `${what}, loss ${loss.toFixed(3)}`)
        return then?.(step)
      },
    })

    // 1. A folder of a model that has read letters and their answers, none of them with `not` or `too`.
    const folder = given.model || join(out, 'base')
    if (!given.model) {
      const text = written(seed, 1000)
      const gpt = modelOf(text, given.width, given.layers, device, sizes)
      const windows = windowsOf(gpt.tokenizer?.encode(text) ?? [], sizes.positions)
      const training = { ...how('the base', steps, rate), batch: 4 }
      await trained(gpt, gpt.parameters(), windows, (some) => lossOf(gpt, some), training)
      await save(gpt, folder)
    }

    // 2. Letters to learn from, and others to be measured on.
    const { known, unseen, labels, empty } = await lettersOf(given.data, seed, letters)
    const [truth, rows] = [classesOf(unseen, labels, device), [] as Row[]]
    const judged = async (way: string, z: Tensor, begun: number, share = 0, losses: number[] = []) =>
      rows.push({ way, ...(await measured(z, truth)), share, losses, seconds: (performance.now() - begun) / 1000 })

    // 3. A prompt: an answered letter of each kind, then the one that is to be answered. Nothing is trained.
    const begun = performance.now()
    const examples = labels.flatMap((label) => known.find((one) => one.label === label) ?? [])
    const asked = { labels, examples, template: '{text} {label}', separator: '\n', empty }
    const told = await fewShot(await load(folder, { device }), asked).classify(unseen.map(({ text }) => text))
    const z = told.map(({ probabilities: p }) => labels.map((label) => Math.log(p[label])))
    await judged(`prompt, ${labels.length} examples`, tensor(z, { device }), begun)

    // 4. A head in the vocabulary's place: on blocks that are frozen, that have LoRA beside them, that train.
    const fresh = async (): Promise<Classifier> => classifier(await load(folder, { device }), { labels })
    const kept: number[] = []
    const learn = async (way: string, model: Classifier, weights: Tensor[], lr: number): Promise<void> => {
      const begun = performance.now()
      kept.push(keptBy(model, known.slice(0, BATCH)))
      const losses: number[] = []
      const check = async (step: number): Promise<void> => {
        if (step % EVERY === 0) losses.push(await noGrad(() => scope(() => lossAt(model, unseen))).item())
      }
      await check(0)
      const training = { ...how(way, adapting, lr, check), batch: BATCH }
      await trained(model, weights, known, (some) => lossAt(model, some), training)
      await judged(way, read(model, unseen), begun, numbersOf(weights) / numbersOf(model.parameters()), losses)
    }
    const head = await fresh()
    head.freeze('transformer')
    await learn('head alone', head, [head.score.weight], headRate)
    const beside = await fresh()
    const adapter = lora(beside, { r: rank, alpha: 2 * rank, modulesToSave: ['score'] })
    await learn(`LoRA of rank ${rank}`, beside, adapter.parameters, adapterRate)
    const whole = await fresh()
    await learn('all weights', whole, whole.parameters(), rate)

    // 5. Files: of the adapter with its head, and of the whole classifier.
    const [place, tuned] = [join(out, 'sorting'), join(out, 'sorter')]
    await adapter.save(place)
    const again = await fresh()
    await loadLoRA(again, place)
    await save(whole, tuned)
    const loaded = await load(tuned, { device, classifier: true })
    const apart = [await apartOf(again, beside, unseen), await apartOf(loaded, whole, unseen)]
    const bytes = [join(place, 'adapter_model'), join(tuned, 'model')].map((x) => statSync(`${x}.safetensors`).size)

    for (const { label, text } of unseen.slice(0, 4))
      console.log(`${text} ${label}; LoRA: ${(await beside.predict(text)).label}`)
    const kilo = ['', ...kept.map((bytes) => `${Math.ceil(bytes / 1000)} kB`)]
    const lines = rows.map((row, i) => cells(row).toSpliced(-1, 0, kilo[i]))
    console.log(`\n${table(columns.toSpliced(-1, 0, 'kept'), lines)}`)
    const untold = await measured(read(whole, unseen, false), truth)
    console.log(`all weights, but without lengths: accuracy ${(100 * untold.accuracy).toFixed(1)} %`)
    console.log(`files: adapter and head ${bytes[0]} bytes, all ${bytes[1]}; read again they differ by ${apart.join()}`)
    given.show({ title: 'Letters that were not learned from', ...curves(rows, EVERY) })
    return { rows, kept, apart, untold, bytes }
  },
)
