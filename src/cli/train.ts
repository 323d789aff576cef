/**
 * @file `handgrad train`, the main job: train the digit classifier, show how it goes, and leave weights, metrics and a report in a
 * folder. The steps are in classifier.ts, data in digits.ts, the report in report.ts.
 */
import { join } from 'node:path'
import type { Device } from '../core/device.ts'
import { manualSeed, optim } from '../index.ts'
import { writeBytes } from '../io/files.ts'
import { saveSafetensors } from '../io/index.ts'
import { matrixText } from '../report/matrix.ts'
import { plot, smoothed } from '../report/plot.ts'
import { clock, Progress } from '../report/progress.ts'
import { oneCycle } from '../train/index.ts'
import { captureGraph, type Evaluation, evaluate, makeLoader, makeModel, trainEpoch } from './classifier.ts'
import { openDevice } from './devices.ts'
import { type DigitData, DOWNLOADS, loadDigits } from './digits.ts'
import { makeFolder } from './folder.ts'
import { type Metrics, metricsOf } from './metrics.ts'
import { parseOptions, positive, wholeNumber } from './options.ts'
import { report } from './report.ts'

export const trainOptions = {
  device: { value: 'cpu|webgpu|auto', help: 'where to compute; auto takes a real GPU, else the CPU', standard: 'auto' },
  adapter: { value: 'NAME', help: "part of a WebGPU adapter's name, such as llvmpipe" },
  data: { value: 'DIR', help: "folder with MNIST's four IDX files", standard: '$HANDGRAD_DATA, else synthetic digits' },
  download: { help: `fetch MNIST into --data DIR (${DOWNLOADS} if none is given) and train on it` },
  epochs: { value: 'N', help: 'passes over the training images', standard: '3' },
  batch: { value: 'N', help: 'images per step', standard: '64' },
  lr: { value: 'X', help: 'largest learning rate of Adam; it rises to it, then falls to 0', standard: '0.002' },
  seed: { value: 'N', help: 'of initial weights and shuffles', standard: '0' },
  out: { value: 'DIR', help: 'folder for the results', standard: 'runs/<time>' },
  help: { help: 'show this' },
} as const

export interface TrainSettings {
  readonly epochs: number
  readonly batch: number
  readonly lr: number
  readonly seed: number
}

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
  const device = await openDevice('train', given.device ?? 'auto', given.adapter, console.log)
  try {
    const data = await loadDigits(given.data ?? (process.env['HANDGRAD_DATA'] || undefined), given.download === 'true')
    const folder = await makeFolder(given.out, started)
    await run(device, data, settings, folder, started)
  } finally {
    if (device.kind === 'webgpu') device.destroy()
  }
}

async function run(
  device: Device,
  data: DigitData,
  settings: TrainSettings,
  folder: string,
  started: Date,
): Promise<void> {
  const { epochs, batch, lr, seed } = settings
  const { train, test } = data
  manualSeed(seed)
  const model = makeModel(train.rows * train.cols, train.classes, device)
  const optimizer = new optim.Adam(model.parameters(), { lr })
  const loader = makeLoader(train, data, { batchSize: batch, shuffle: true, seed, device })
  const parameters = model.parameters().reduce((sum, p) => sum + p.numel, 0)
  console.log(
    `${data.name}: ${count(train.count)} images to train on, ${count(test.count)} to test; ${count(parameters)} parameters on ${device.name}`,
  )

  const losses: number[] = []
  const history: Metrics['epochs'][number][] = []
  const progress = new Progress()
  const total = epochs * loader.length
  const begun = performance.now()
  /** Seconds spent in training steps. */
  let busy = 0
  let tested: Evaluation | undefined
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const title = `epoch ${epoch}/${epochs}`
    const from = performance.now()
    const rate = (step: number) => oneCycle((epoch - 1) * loader.length + step, total, lr)
    const result = await trainEpoch(model, optimizer, loader, device, rate, ({ steps, loss, accuracy }) => {
      const seconds = (performance.now() - from) / 1000
      const all = losses.length + steps
      const eta = ((busy + seconds) / all) * (total - all)
      const speed = `${count(Math.round(Math.min(steps * batch, train.count) / seconds))} img/s`
      progress.update(
        title,
        steps / loader.length,
        `loss ${loss.toFixed(4)}  ${data.synthetic ? 'synthetic ' : ''}acc ${percent(accuracy)}  ${speed}  eta ${clock(eta)}`,
      )
    })
    const seconds = (performance.now() - from) / 1000
    busy += seconds
    losses.push(...result.losses)
    tested = await evaluate(model, test, data, device)
    const loss = result.losses.reduce((a, b) => a + b, 0) / result.losses.length
    history.push({
      epoch,
      loss,
      accuracy: result.accuracy,
      testLoss: tested.loss,
      testAccuracy: tested.accuracy,
      seconds,
    })
    const right = `accuracy ${percent(result.accuracy)} training, ${percent(tested.accuracy)} test${mark(data)}`
    progress.done(
      `${title}  loss ${loss.toFixed(4)} training, ${tested.loss.toFixed(4)} test  ${right}  ${seconds.toFixed(1)} s`,
    )
  }
  const evaluation = tested as Evaluation // there is at least one epoch

  const seconds = (performance.now() - begun) / 1000
  const metrics = metricsOf({ device, data, settings, parameters, losses, history, evaluation, seconds, busy, started })
  const graph = await captureGraph(model, loader)
  await writeBytes(
    'train',
    join(folder, 'metrics.json'),
    new TextEncoder().encode(`${JSON.stringify(metrics, null, 1)}\n`),
  )
  // Nothing here depends on the clock: the same run gives the same file.
  const about = { model: model.toString(), data: data.name, mean: String(data.mean), std: String(data.std) }
  await saveSafetensors(join(folder, 'weights.safetensors'), model.stateDict(), { metadata: about })
  await writeBytes(
    'train',
    join(folder, 'report.html'),
    new TextEncoder().encode(report({ metrics, data, evaluation, graph })),
  )

  console.log(
    `\n${plot(smoothed(losses), { title: 'training loss (cross-entropy, smoothed, log scale)', xLabel: 'step', x: [1, losses.length], log: true })}`,
  )
  console.log(
    `\nconfusion of ${data.name}, ${count(test.count)} test images: rows are true digits, columns answers\n${matrixText(evaluation.confusion)}`,
  )
  const wrong = evaluation.confusion.total - evaluation.confusion.right
  console.log(
    `\ntest accuracy on ${data.name}: ${percent(evaluation.accuracy, 2)} (${count(wrong)} of ${count(test.count)} wrong) in ${clock(seconds)}`,
  )
  console.log(`report: ${join(folder, 'report.html')}`)
}

const count = (n: number): string => n.toLocaleString('en-US')
const percent = (part: number, digits = 1): string => `${(100 * part).toFixed(digits)}%`
/** No accuracy on data of our own making goes without its name. */
const mark = ({ synthetic }: DigitData): string => (synthetic ? ' (synthetic)' : '')
