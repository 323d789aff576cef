/**
 * @file `handgrad train`, the main job: train a digit classifier, show how it goes, and leave weights, metrics and a
 * report in a folder. Options are in settings.ts, models in classifier.ts, data in digits.ts; the training is
 * `train.fit`, the report that of src/report.
 */
import { existsSync } from 'node:fs'
import { rmdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Profile } from '../bench/index.ts'
import type { Device } from '../core/device.ts'
import { fail, shown as quoted } from '../core/errors.ts'
import { trainTestSplit } from '../data/index.ts'
import { manualSeed, nn, type optim, train as training } from '../index.ts'
import { writeBytes } from '../io/files.ts'
import { latestCheckpoint, saveSafetensors } from '../io/index.ts'
import { Accuracy } from '../metrics/index.ts'
import { type Judgement, judge } from '../report/index.ts'
import { count } from '../text/progress.ts'
import type { Callback, History } from '../train/index.ts'
import { captureGraph, type DigitLoader, makeLoader, makeModel, scaled } from './classifier.ts'
import { openDevice } from './devices.ts'
import { type DigitData, DOWNLOADS, loadDigits } from './digits.ts'
import { inFolder } from './folder.ts'
import { type Metrics, metricsOf } from './metrics.ts'
import { commandLine, parseOptions, wholeNumber } from './options.ts'
import { optimizers, schedules } from './recipes.ts'
import { page } from './report.ts'
import {
  CHECKPOINTS,
  holdsOut,
  type Kept,
  resumed,
  settingsOf,
  type TrainGiven,
  type TrainSettings,
  trainOptions,
} from './settings.ts'
import { type Measured, say, shown, summarize } from './shown.ts'

/** Images per batch of a test. */
const TEST_BATCH = 500
/** Part of the training images that tells which epoch is the best, where that is asked for. */
const HELD_OUT = 0.1
/** What a run leaves in its folder. */
const [METRICS, WEIGHTS, REPORT] = ['metrics.json', 'weights.safetensors', 'report.html']
/** What it leaves besides with --profile. */
const TRACE = 'profile.trace.json'
/** Steps before the profile: kernels are compiled, memory is got. */
const WARM = 10

/** Run the command. @throws HandgradError for bad options, data or devices */
export async function train(args: readonly string[]): Promise<void> {
  const given = parseOptions('train', trainOptions, args)
  const { resume } = given
  const before = resume === undefined ? undefined : await resumed(resume, given)
  const settings = before?.settings ?? settingsOf(given)
  const profiled = given.profile === undefined ? 0 : wholeNumber('train', 'profile', given.profile, 1)
  if (!before && given.out !== undefined) await refuseTaken(given.out)
  const started = new Date()
  const files = [METRICS, WEIGHTS, REPORT, ...(profiled > 0 ? [TRACE] : [])]
  await inFolder('train', resume ?? given.out, started, files, async (folder) => {
    const device = await openDevice('train', given.device ?? 'auto', given.adapter, console.log)
    try {
      const { data, kept } = await loaded(given, settings, before)
      // A run goes on where it was: what chose the device is part of how.
      const chosen = (['device', 'adapter'] as const).flatMap((name) => (given[name] ? [`--${name}`, given[name]] : []))
      await run({ ...prepare(device, data, settings), kept, chosen, profiled }, folder, started, before !== undefined)
    } catch (error) {
      // Made by the training, and empty if that did not get far.
      await rmdir(join(folder, CHECKPOINTS)).catch(() => undefined)
      throw error
    } finally {
      if (device.kind === 'webgpu') device.destroy()
    }
  })
}

/** Refuse to begin anew where a run could go on: its checkpoints would be taken for this one's. */
async function refuseTaken(out: string): Promise<void> {
  const folder = join(out, CHECKPOINTS)
  if (!existsSync(folder) || (await latestCheckpoint(folder)) === undefined) return
  fail('train', `--out is '${quoted(out)}', which holds a run`, `go on with --resume ${quoted(out)}, or take it away`)
}

/** The data set, and what of it and of the settings goes into checkpoints. */
async function loaded(given: TrainGiven, settings: TrainSettings, before: Kept | undefined) {
  const download = given.download === 'true'
  const asked = given.data ?? (before ? before.source : process.env['HANDGRAD_DATA'])
  const source = asked || (download ? DOWNLOADS : undefined)
  const data = await loadDigits(source, download)
  const about = { name: data.name, train: data.train.count, test: data.test.count, std: data.std }
  const text = ({ name, train, test, std }: Kept['data']) => `${name}, ${train} + ${test} images, std ${std}`
  if (before && text(before.data) !== text(about))
    fail('train', `the data is ${text(about)}, the run had ${text(before.data)}`, 'give its data with --data')
  const folder = source === undefined ? null : resolve(source)
  const kept: Kept = { settings, source: folder, data: about, seconds: before?.seconds ?? 0 }
  return { data, kept }
}

/** What one run trains, and with what. */
interface Run {
  readonly device: Device
  readonly data: DigitData
  readonly settings: TrainSettings
  readonly model: nn.Sequential
  readonly optimizer: optim.Optimizer
  readonly loader: DigitLoader
  readonly validation: DigitLoader
  readonly test: DigitLoader
  readonly measured: Measured
  /** Images that are trained on. */
  readonly images: number
  readonly parameters: number
  readonly kept: Kept
  /** Options that chose the device. */
  readonly chosen: readonly string[]
  /** Steps that are profiled. */
  readonly profiled: number
}

/** Model, optimizer and batches, from the seed. */
function prepare(device: Device, data: DigitData, settings: TrainSettings): Omit<Run, 'kept' | 'chosen' | 'profiled'> {
  const { batch, lr, seed } = settings
  manualSeed(seed)
  const model = makeModel(settings.model, data.train, device)
  const optimizer = optimizers[settings.optimizer].make(model.parameters(), { lr })
  const all = scaled(data.train, data)
  const parts = holdsOut(settings)
    ? trainTestSplit(all, { testSize: HELD_OUT, seed, stratify: data.train.labels })
    : undefined
  const images = parts?.train ?? all
  const loader = makeLoader(images, { batchSize: batch, shuffle: true, seed, device })
  const measuring = { batchSize: TEST_BATCH, device }
  const test = makeLoader(scaled(data.test, data), measuring)
  const validation = parts ? makeLoader(parts.test, measuring) : test
  const parameters = model.parameters().reduce((sum, p) => sum + p.numel, 0)
  const held = parts ? `${count(parts.test.length)} to validate, ` : ''
  const sizes = `${count(images.length)} images to train on, ${held}${count(data.test.count)} to test`
  say(`${data.name}: ${sizes}; ${count(parameters)} parameters on ${device.name}`)
  const measured = parts ? 'validation' : 'test'
  return {
    device,
    data,
    settings,
    model,
    optimizer,
    loader,
    validation,
    test,
    measured,
    images: images.length,
    parameters,
  }
}

async function run(all: Run, folder: string, started: Date, resumes: boolean): Promise<void> {
  const { data, model, test, kept } = all
  const begun = performance.now() - 1000 * kept.seconds
  const times: Profile[] = []
  const history = await trained(all, folder, resumes, begun, await profiler(all, times))
  const { rows, cols } = data.test
  // Ink on paper.
  const pixels = [(1 - data.mean) / data.std, -data.mean / data.std] as const
  const judgement = await judge(model, test, { imageSize: [rows, cols], pixels })
  kept.seconds = (performance.now() - begun) / 1000
  const metrics = metricsOf({ ...all, history, judgement, seconds: kept.seconds, started })
  if (all.profiled > 0 && times.length === 0) say('no profile: there were too few steps')
  await writeResults(folder, all, { history, metrics, judgement, profile: times[0] })
  summarize(data, history.losses, judgement.confusion, kept.seconds)
  console.log(`report: ${join(folder, REPORT)}`)
}

/** What watches steps, loaded if that is asked for: early in the first epoch, where it is long enough. */
async function profiler({ profiled, settings, loader }: Run, times: Profile[]): Promise<Callback[]> {
  if (profiled === 0) return []
  const { profiling } = await import('../bench/index.ts')
  const spare = settings.epochs * loader.length - profiled
  const after = Math.max(1, Math.min(WARM, spare))
  return [profiling({ steps: profiled, after, tell: (profile) => void times.push(profile) })]
}

/** All epochs, each measured; the run is saved after each, and when it is interrupted. */
function trained(
  { data, settings, model, optimizer, loader, validation, measured, kept, chosen }: Run,
  folder: string,
  resumes: boolean,
  begun: number,
  watching: readonly Callback[],
): Promise<History> {
  const { epochs, lr, earlyStop } = settings
  const { make, every } = schedules[settings.schedule]
  const checkpoints = join(folder, CHECKPOINTS)
  return training.fit(model, {
    train: loader,
    validation,
    loss: nn.functional.crossEntropy,
    optimizer,
    schedule: make(optimizer, { lr, epochs, perEpoch: loader.length }),
    scheduleEvery: every,
    epochs,
    metrics: { accuracy: new Accuracy() },
    gradNorm: true,
    earlyStop: earlyStop === null ? undefined : { patience: earlyStop },
    progress: false,
    callbacks: [...watching, () => void (kept.seconds = (performance.now() - begun) / 1000), shown(data, measured)],
    checkpoint: {
      folder: checkpoints,
      keepLast: 2,
      extra: kept,
      hint: commandLine('train', ['--resume', folder, ...chosen]),
    },
    resume: resumes ? checkpoints : undefined,
  })
}

interface Results {
  readonly history: History
  readonly metrics: Metrics
  readonly judgement: Judgement
  readonly profile: Profile | undefined
}

/** metrics.json, weights.safetensors and report.html. */
async function writeResults(folder: string, run: Run, results: Results): Promise<void> {
  const { history, metrics, judgement, profile } = results
  const { model, data, loader, device } = run
  const write = (file: string, text: string) => writeBytes('train', join(folder, file), new TextEncoder().encode(text))
  const graph = await captureGraph(model, loader)
  await write(METRICS, `${JSON.stringify(metrics, null, 1)}\n`)
  // Nothing here depends on the clock: the same run gives the same file.
  const about = { model: model.toString(), data: data.name, mean: String(data.mean), std: String(data.std) }
  await saveSafetensors(join(folder, WEIGHTS), model.stateDict(), { metadata: about })
  const size = [data.test.rows, data.test.cols] as const
  await write(REPORT, await page(history, { model, device, metrics, judgement, graph, profile, size }))
  if (profile) await write(TRACE, `${JSON.stringify(profile.toTrace())}\n`)
}
