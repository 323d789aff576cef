/**
 * @file `handgrad finetune`: a model of a folder trained on further texts, all of its weights or an adapter beside
 * them, and written as Hugging Face's libraries read it. The texts are in texts.ts.
 */
import { existsSync, realpathSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Device } from '../core/device.ts'
import { fail, shown } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { scope } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import { DataLoader, trainTestSplit } from '../data/index.ts'
import { decayGroups, lora } from '../finetune/index.ts'
import { generate } from '../generate/index.ts'
import { manualSeed, nn, optim, tensor, train as training } from '../index.ts'
import { nameOf } from '../io/given.ts'
import { type LanguageModel, load, save } from '../models/index.ts'
import { clock, count, Progress } from '../text/progress.ts'
import { Interrupt } from '../train/interrupt.ts'
import { openDevice } from './devices.ts'
import { inFolder } from './folder.ts'
import { type Given, oneOf, parseOptions, positive, wholeNumber } from './options.ts'
import { type Lesson, lessonsOf } from './texts.ts'

export const finetuneOptions = {
  data: { value: 'FILE', help: 'JSON Lines of { "text" }, or of { "prompt", "completion" }' },
  eval: { value: 'FILE', help: 'the same, to measure on', standard: 'a tenth of the data, where it has ten texts' },
  lora: { value: 'R', bare: '8', help: 'train adapters of this rank beside the weights', standard: 'all weights' },
  alpha: { value: 'X', help: 'what adapters give is multiplied by alpha / rank', standard: 'twice the rank' },
  targets: { value: 'A,B', help: 'layers that get adapters, by the ends of their names', standard: 'all-linear' },
  to: { value: 'DIR', help: 'the folder of the adapter, or of the whole model', standard: 'DIR-lora or DIR-tuned' },
  epochs: { value: 'N', help: 'passes over the texts', standard: '3' },
  steps: { value: 'N', help: 'steps, in place of epochs' },
  lr: { value: 'X', help: 'learning rate at first; it goes to 0', standard: '1e-3 with --lora, else 5e-5' },
  batch: { value: 'N', help: 'texts of a step', standard: '8' },
  length: { value: 'N', help: 'tokens of a text', standard: "256, or the model's positions if they are fewer" },
  seed: { value: 'N', help: 'of all that is random', standard: '0' },
  dtype: { value: 'NAME', help: 'float32, or bfloat16 with --lora: of the weights', standard: 'float32' },
  device: { value: 'cpu|webgpu|auto', help: 'where it runs', standard: 'auto' },
  adapter: { value: 'NAME', help: "part of a WebGPU adapter's name, such as llvmpipe" },
  help: { help: 'show this' },
} as const

export const finetuneNotes =
  'Of a prompt and its completion the completion is learned. Ctrl-C ends the training, and what it has learned is kept.'

const op = 'finetune'
/** What a target is where nothing is told. */
const UNTOLD = -100
/** Tokens of the sample. */
const SAMPLE = 40
/** The word that is not the name of a layer. */
const ALL = 'all-linear'
/** What is written, at least. */
const FILES = {
  tuned: ['model.safetensors', 'config.json'],
  lora: ['adapter_model.safetensors', 'adapter_config.json'],
}
const DTYPES = { float32: true, bfloat16: true } as const

type Options = Given<typeof finetuneOptions>

/** Rows of tokens and of what follows each, filled up on the right. */
function batchOf(lessons: readonly Lesson[], device: Device): [ids: Tensor, next: Tensor] {
  const width = Math.max(...lessons.map(({ ids }) => ids.length - 1))
  const [rows, told] = [new Int32Array(lessons.length * width), new Int32Array(lessons.length * width).fill(UNTOLD)]
  lessons.forEach(({ ids, first }, b) => {
    rows.set(ids.slice(0, -1), b * width)
    told.set(ids.slice(first), b * width + first - 1)
  })
  const shape = [lessons.length, width]
  return [tensor(rows, { shape, device }), tensor(told, { shape, device })]
}

/** A model up to its logits, the largest tensor of a step where a vocabulary is large, and its loss without them. */
class Told extends nn.Module {
  readonly model: LanguageModel
  constructor(model: LanguageModel) {
    super()
    this.model = model
  }
  forward(ids: Tensor): Tensor {
    return this.model.hidden(ids).flatten(0, 1)
  }
  readonly loss = (h: Tensor, next: Tensor, reduction: 'mean' | 'sum' = 'mean'): Tensor => {
    const named = new Map(this.model.namedParameters())
    // The adapter of a head lies beside its weight. UNTOLD is what losses leave out.
    if (named.has('lm_head.lora_A.weight'))
      return nn.functional.crossEntropy(this.model.logits(h), next.flatten(), { reduction })
    const head = named.get('lm_head.weight') ?? this.model.parameters()[0] // every family begins with its table
    return nn.functional.linearCrossEntropy(h, head, next.flatten(), { reduction })
  }
}

/** Mean of −ln of the chances of what is told. */
async function natsOf(told: Told, lessons: readonly Lesson[], batch: number, device: Device) {
  let [sum, count] = [0, 0]
  for (let at = 0; at < lessons.length; at += batch) {
    const some = lessons.slice(at, at + batch)
    const loss = scope(() =>
      noGrad(() => {
        const [ids, next] = batchOf(some, device)
        return told.loss(told.forward(ids), next, 'sum')
      }),
    )
    sum += await loss.item()
    loss.dispose()
    for (const { ids, first } of some) count += ids.length - first
  }
  return sum / count
}

/** What is asked for, as numbers. */
function settingsOf(given: Options) {
  const whole = (name: keyof Options, least = 1) => {
    const value = given[name]
    return value === undefined ? undefined : wholeNumber(op, name, value, least)
  }
  const rank = whole('lora')
  for (const name of ['alpha', 'targets'] as const)
    if (given[name] !== undefined && rank === undefined) fail(op, `--${name} is given without --lora`, 'give --lora 8')
  if (given.steps !== undefined && given.epochs !== undefined)
    fail(op, '--steps and --epochs are given', 'leave one of them out')
  const dtype = given.dtype === undefined ? 'float32' : oneOf(op, 'dtype', given.dtype, DTYPES)
  if (dtype === 'bfloat16' && rank === undefined)
    fail(op, '--dtype bfloat16 without --lora', 'weights of 16 bits are not trained: give --lora 8')
  return {
    ...{ rank, dtype, epochs: whole('epochs') ?? 3, steps: whole('steps'), batch: whole('batch') ?? 8 },
    ...{ length: whole('length'), seed: whole('seed', 0) ?? 0 },
    alpha: given.alpha === undefined ? 2 * (rank ?? 0) : positive(op, 'alpha', given.alpha),
    targets: given.targets === ALL ? ALL : given.targets?.split(','),
    lr: given.lr === undefined ? (rank === undefined ? 5e-5 : 1e-3) : positive(op, 'lr', given.lr),
  }
}

type Settings = ReturnType<typeof settingsOf>

/** Where a path leads, through links. */
const placeOf = (path: string): string => (existsSync(path) ? realpathSync(path) : resolve(path))

/** Run the command. @throws HandgradError for bad options, texts, models or devices */
export async function finetune([folder, ...args]: readonly string[]): Promise<void> {
  if (folder === undefined || folder.startsWith('--'))
    fail(op, 'which model?', 'give its folder first: handgrad finetune gpt2 --data FILE')
  const given = parseOptions(op, finetuneOptions, args)
  if (given.data === undefined) fail(op, 'which texts?', `handgrad finetune ${nameOf(folder)} --data FILE`)
  const settings = settingsOf(given)
  const kind = settings.rank === undefined ? 'tuned' : 'lora'
  const to = given.to ?? `${basename(folder)}-${kind}`
  if (to.endsWith('.safetensors')) fail(op, `--to is '${shown(to)}', the name of a file`, 'give a folder')
  if (placeOf(to) === placeOf(folder)) fail(op, `--to is '${shown(to)}', the model itself`, 'give another folder')
  const device = await openDevice(op, given.device ?? 'auto', given.adapter, (line) => console.log(line))
  try {
    manualSeed(settings.seed)
    const model = await load(folder, { device, dtype: settings.dtype })
    const { positions } = model.cacheSizes
    const length = settings.length ?? Math.min(positions, 256)
    if (length > positions) fail(op, `--length is ${length}`, `the model has ${positions} positions`)
    const all = await lessonsOf(op, given.data, model, length)
    const held = given.eval === undefined ? undefined : (await lessonsOf(op, given.eval, model, length)).lessons
    const parts = held ? [all.lessons, held] : heldOut(all.lessons, settings.seed)
    const about = { folder, to, prompt: all.prompt, device }
    const work = () => learn(model, parts[0], parts[1], settings, about)
    await inFolder(op, to, new Date(), FILES[kind], work, '--to')
  } finally {
    if (device.kind === 'webgpu') device.destroy()
  }
}

/** What is trained on, and what it is measured on: a tenth, or of a few texts the same. */
function heldOut(lessons: readonly Lesson[], seed: number): [readonly Lesson[], readonly Lesson[]] {
  if (lessons.length < 10) return [lessons, lessons]
  const all = { length: lessons.length, get: (i: number) => lessons[i] }
  const { train, test } = trainTestSplit(all, { testSize: 0.1, seed })
  return [[...train.indices].map((i) => lessons[i]), [...test.indices].map((i) => lessons[i])]
}

/** What a training is told beside its numbers. */
interface About {
  readonly folder: string
  readonly to: string
  readonly prompt: string
  readonly device: Device
}

async function learn(
  model: LanguageModel,
  lessons: readonly Lesson[],
  held: readonly Lesson[],
  { rank, alpha, targets, batch, epochs, steps, lr, seed }: Settings,
  { folder, to, prompt, device }: About,
): Promise<void> {
  const adapter = rank === undefined ? null : lora(model, { r: rank, alpha, ...(targets && { targets }) })
  const optimizer = new optim.AdamW(adapter ? [...adapter.parameters] : decayGroups(model, 0.01), { lr })
  const batches = new DataLoader(
    { length: lessons.length, get: (i) => lessons[i] },
    { batchSize: batch, shuffle: true, seed, collate: (some: Lesson[]) => batchOf(some, device) },
  )
  const most = steps ?? epochs * batches.length
  const numbers = (adapter?.parameters ?? model.parameters()).reduce((sum, { numel }) => sum + numel, 0)
  const share = adapter ? `, ${(100 * adapter.share).toFixed(2)} % of all` : ''
  console.log(`${model.title()} on ${device.name}: ${count(numbers)} numbers train${share}`)
  const same = held === lessons ? ', the same to measure on' : `, ${count(held.length)} to measure on`
  console.log(`${count(lessons.length)} texts${same}; ${count(most)} steps`)
  const told = new Told(model)
  const before = await natsOf(told, held, batch, device)
  const bar = new Progress()
  const begun = performance.now()
  const interrupt = new Interrupt()
  let done = 0
  try {
    const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: most })
    const options = { train: batches, loss: told.loss, optimizer, schedule, clip: { norm: 1 } }
    for await (const { step, loss } of training.trainSteps(told, {
      ...options,
      epochs: Math.ceil(most / batches.length),
    })) {
      done = step
      const left = ((performance.now() - begun) / 1000 / step) * (most - step)
      bar.update(op, step / most, `loss ${(await loss.item()).toFixed(4)}  eta ${clock(left)}`)
      // Ctrl-C is heard between turns of the event loop, which steps on the CPU do not give up by themselves.
      await new Promise((resolve) => setTimeout(resolve))
      if (step === most || interrupt.asked) break
    }
  } finally {
    interrupt.off()
  }
  model.eval()
  const after = await natsOf(told, held, batch, device)
  const time = clock((performance.now() - begun) / 1000)
  bar.done(`${count(done)} steps in ${time}: ${before.toFixed(4)} nats per token before, ${after.toFixed(4)} after`)
  if (done < most) console.log(`interrupted: what ${count(done)} of ${count(most)} steps have learned is kept`)
  if (adapter) await adapter.save(to, { baseModel: folder })
  else await save(model, to)
  console.log(`${adapter ? 'adapter' : 'model'}: ${to}`)
  // An empty prompt needs a token that texts begin with.
  if (prompt === '' && typeof model.config['bos_token_id'] !== 'number') return
  const { text } = await generate.all(model, prompt, { maxTokens: SAMPLE, context: 'slide', seed })
  console.log(`\n${prompt}${text}`)
}
