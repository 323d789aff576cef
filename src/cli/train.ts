/**
 * @file `handgrad train`, the main job: train the digit classifier, show how it goes, and leave weights, metrics and a
 * report in a folder. The model is in classifier.ts, its training in src/train, data in digits.ts, the report in
 * report.ts.
 */
import { join } from 'node:path'
import type { Device } from '../core/device.ts'
import { manualSeed, type nn, optim } from '../index.ts'
import { writeBytes } from '../io/files.ts'
import { saveSafetensors } from '../io/index.ts'
import { matrixText } from '../report/matrix.ts'
import { plot, smoothed } from '../text/plot.ts'
import { clock, Progress } from '../text/progress.ts'
import { joined, terminalOf, wrapped } from '../text/terminal.ts'
import { type Evaluation, evaluate, trainEpoch } from '../train/index.ts'
import { captureGraph, type DigitLoader, makeLoader, makeModel } from './classifier.ts'
import { openDevice } from './devices.ts'
import { type DigitData, DOWNLOADS, loadDigits } from './digits.ts'
import { inFolder } from './folder.ts'
import { type Metrics, metricsOf, type TrainSettings } from './metrics.ts'
import { parseOptions, positive, wholeNumber } from './options.ts'
import { report } from './report.ts'

/** Images per batch of a test. */
const TEST_BATCH = 500
/** What a run leaves in its folder. */
const [METRICS, WEIGHTS, REPORT] = ['metrics.json', 'weights.safetensors', 'report.html']

export const trainOptions = {
  device: { value: 'cpu|webgpu|auto', help: 'where to compute; auto takes a real GPU, else the CPU', standard: 'auto' },
  adapter: { value: 'NAME', help: "part of a WebGPU adapter's name, such as llvmpipe" },
  data: { value: 'DIR', help: "folder with MNIST's four IDX files", standard: '$HANDGRAD_DATA, else synthetic digits' },
  download: { help: `fetch MNIST into --data DIR (${DOWNLOADS} if none is given) and train on it` },
  epochs: { value: 'N', help: 'passes over the training images', standard: '3' },
  batch: { value: 'N', help: 'images per step', standard: '64' },
  lr: { value: 'X', help: 'largest learning rate of Adam; it rises to it, then falls', standard: '0.002' },
  seed: { value: 'N', help: 'of initial weights and shuffles', standard: '0' },
  out: { value: 'DIR', help: 'folder for the results', standard: 'runs/<time>' },
  help: { help: 'show this' },
} as const

/** Run the command. @throws HandgradError for bad options, data or devices */
export async function train(args: readonly string[]): Promise<void> {
  const given = parseOptions('train', trainOptions, args)
  const settings: TrainSettings = {
    epochs: wholeNumber('train', 'epochs', given.epochs ?? '3', 1),
    batch: wholeNumber('train', 'batch', given.batch ?? '64', 1),
    lr: positive('train', 'lr', given.lr ?? '0.002'),
    seed: wholeNumber('train', 'seed', given.seed ?? '0', 0),
  }
  const started = new Date()
  await inFolder('train', given.out, started, [METRICS, WEIGHTS, REPORT], async (folder) => {
    const device = await openDevice('train', given.device ?? 'auto', given.adapter, console.log)
    try {
      const source = given.data ?? (process.env['HANDGRAD_DATA'] || undefined)
      await run(device, await loadDigits(source, given.download === 'true'), settings, folder, started)
    } finally {
      if (device.kind === 'webgpu') device.destroy()
    }
  })
}

/** What one run trains, and with what. */
interface Run {
  readonly device: Device
  readonly data: DigitData
  readonly settings: TrainSettings
  readonly model: nn.Sequential
  readonly optimizer: optim.Optimizer
  readonly loader: DigitLoader
  readonly parameters: number
}

async function run(
  device: Device,
  data: DigitData,
  settings: TrainSettings,
  folder: string,
  started: Date,
): Promise<void> {
  const all = prepare(device, data, settings)
  const begun = performance.now()
  const trained = await trainAll(all)
  const seconds = (performance.now() - begun) / 1000
  const metrics = metricsOf({ ...all, ...trained, seconds, started })
  await writeResults(folder, all, metrics, trained.evaluation)
  summarize(data, trained, seconds)
  console.log(`report: ${join(folder, REPORT)}`)
}

/** Model, optimizer and batches, from the seed. */
function prepare(device: Device, data: DigitData, settings: TrainSettings): Run {
  const { batch, lr, seed } = settings
  const { train, test } = data
  manualSeed(seed)
  const model = makeModel(train.rows * train.cols, train.classes, device)
  const optimizer = new optim.Adam(model.parameters(), { lr })
  const loader = makeLoader(train, data, { batchSize: batch, shuffle: true, seed, device })
  const parameters = model.parameters().reduce((sum, p) => sum + p.numel, 0)
  const images = `${data.name}: ${count(train.count)} images to train on, ${count(test.count)} to test;`
  say(`${images} ${count(parameters)} parameters on ${device.name}`)
  return { device, data, settings, model, optimizer, loader, parameters }
}

interface Trained {
  /** Loss of every step. */
  readonly losses: readonly number[]
  readonly history: Metrics['epochs']
  /** Of the last epoch. */
  readonly evaluation: Evaluation
  /** Seconds spent in training steps. */
  readonly busy: number
}

/** All epochs, each with a test after it; progress is shown. */
async function trainAll({ device, data, settings, model, optimizer, loader }: Run): Promise<Trained> {
  const { epochs, batch, lr } = settings
  const total = epochs * loader.length
  const schedule = new optim.OneCycleLR(optimizer, { maxLr: lr, totalSteps: total, cycleMomentum: false })
  const progress = new Progress()
  const losses: number[] = []
  const history: Metrics['epochs'][number][] = []
  let busy = 0
  let evaluation: Evaluation | undefined
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const title = `epoch ${epoch}/${epochs}`
    const from = performance.now()
    const elapsed = () => (performance.now() - from) / 1000
    const result = await trainEpoch(model, optimizer, loader, {
      schedule,
      onFigures: ({ steps, loss, accuracy }) => {
        const done = losses.length + steps
        const eta = ((busy + elapsed()) / done) * (total - done)
        const speed = `${count(Math.round(Math.min(steps * batch, data.train.count) / elapsed()))} img/s`
        const figures = `loss ${loss.toFixed(4)}  ${data.synthetic ? 'synthetic ' : ''}acc ${percent(accuracy)}`
        progress.update(title, steps / loader.length, `${figures}  ${speed}  eta ${clock(eta)}`)
      },
    })
    const seconds = elapsed()
    busy += seconds
    losses.push(...result.losses)
    evaluation = await evaluate(model, makeLoader(data.test, data, { batchSize: TEST_BATCH, device }))
    history.push({
      epoch,
      loss: result.losses.reduce((a, b) => a + b, 0) / result.losses.length,
      accuracy: result.accuracy,
      testLoss: evaluation.loss,
      testAccuracy: evaluation.accuracy,
      seconds,
    })
    progress.done(epochLine(title, history[history.length - 1], data))
  }
  return { losses, history, evaluation: evaluation as Evaluation, busy } // there is at least one epoch
}

/** What an epoch reached, in one line where it fits, else in a line for each figure. */
function epochLine(title: string, figures: Metrics['epochs'][number], data: DigitData): string {
  const { loss, testLoss, accuracy, testAccuracy, seconds } = figures
  const parts = [
    title,
    `loss ${loss.toFixed(4)} training, ${testLoss.toFixed(4)} test`,
    `accuracy ${percent(accuracy)} training, ${percent(testAccuracy)} test${mark(data)}`,
    `${seconds.toFixed(1)} s`,
  ]
  return joined(parts, '  ', terminalOf().columns, '  ')
}

/** metrics.json, weights.safetensors and report.html. */
async function writeResults(folder: string, run: Run, metrics: Metrics, evaluation: Evaluation): Promise<void> {
  const { model, data, loader } = run
  const write = (file: string, text: string) => writeBytes('train', join(folder, file), new TextEncoder().encode(text))
  const graph = await captureGraph(model, loader)
  await write(METRICS, `${JSON.stringify(metrics, null, 1)}\n`)
  // Nothing here depends on the clock: the same run gives the same file.
  const about = { model: model.toString(), data: data.name, mean: String(data.mean), std: String(data.std) }
  await saveSafetensors(join(folder, WEIGHTS), model.stateDict(), { metadata: about })
  await write(REPORT, await report({ metrics, data, evaluation, graph }))
}

/** The loss curve, the confusion matrix and the accuracy, on the terminal. */
function summarize(data: DigitData, { losses, evaluation }: Trained, seconds: number): void {
  const { confusion, accuracy } = evaluation
  const terminal = terminalOf()
  const images = count(data.test.count)
  const title = 'training loss (cross-entropy, smoothed, log scale)'
  const x = [1, losses.length] as const
  console.log(`\n${plot(smoothed(losses), { title, xLabel: 'step', x, log: true, terminal })}\n`)
  say(`confusion of ${data.name}, ${images} test images: rows are true digits, columns answers`)
  console.log(`${matrixText(confusion, terminal)}\n`)
  const wrong = `(${count(confusion.total - confusion.right)} of ${images} wrong) in ${clock(seconds)}`
  const text = wrapped(`test accuracy on ${data.name}: ${percent(accuracy, 2)} ${wrong}`, terminal.columns)
  console.log(text.replace(percent(accuracy, 2), (figure) => terminal.paint('bold', figure)))
}

/** Print a text in lines that fit. */
const say = (text: string): void => console.log(wrapped(text, terminalOf().columns))

const count = (n: number): string => n.toLocaleString('en-US')
const percent = (part: number, digits = 1): string => `${(100 * part).toFixed(digits)}%`
/** No accuracy on data of our own making goes without its name. */
const mark = ({ synthetic }: DigitData): string => (synthetic ? ' (synthetic)' : '')
