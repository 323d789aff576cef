/** @file What is particular to the report of `handgrad train`; the page itself is that of `handgrad/report`. */
import type { Profile } from '../bench/index.ts'
import type { Graph } from '../inspect/index.ts'
import { type Judgement, type ReportOptions, report } from '../report/index.ts'
import { count } from '../text/progress.ts'
import type { History } from '../train/index.ts'
import { models } from './classifier.ts'
import type { Metrics } from './metrics.ts'
import { schedules } from './recipes.ts'
import { percent } from './shown.ts'

type Parts = Required<Pick<ReportOptions, 'model' | 'device'>> & {
  readonly metrics: Metrics
  readonly judgement: Judgement
  readonly graph: Graph
  readonly profile: Profile | undefined
  /** Sizes of an image. */
  readonly size: readonly [rows: number, cols: number]
}

/** The page of a run. */
export function page(history: History, { metrics, judgement, size, ...parts }: Parts): Promise<string> {
  const { data, settings, node, platform, cores } = metrics
  const { confusion, samples, mistakes, accuracy } = judgement
  const { title, weights } = models[settings.model]
  const held = history.epochs.length > 0 && metrics.epochs[0].testLoss === undefined
  const measured = held
    ? 'held out of the training images: they decided how it went on'
    : 'the test images; nothing was chosen by them'
  const made = data.synthetic ? 'synthetic digits, drawn by the program itself' : data.name
  const epochs = (n: number) => `${count(n)} epoch${n === 1 ? '' : 's'}`
  const stop = settings.earlyStop === null ? '' : `, ended after ${epochs(settings.earlyStop)} without a better one`
  return report(history, {
    ...parts,
    ...{ confusion, samples, mistakes },
    title: `Digit classifier: ${title}`,
    lead: `Trained with ${settings.optimizer} on ${made}: ${percent(accuracy, 2)} of ${count(data.test.images)} test images right. “Validation” is after each epoch, on ${measured}.`,
    badge: data.synthetic ? 'synthetic data: these figures are not MNIST results' : undefined,
    weights: weights(size),
    facts: {
      started: metrics.started,
      system: `Node ${node}, ${platform}, ${cores} cores`,
      'training images': `${count(data.train.images)}, ${data.train.source}`,
      'test images': `${count(data.test.images)}, ${data.test.source}`,
      pixels: `u / 255 / ${data.std.toFixed(4)}`,
      settings: `${settings.optimizer}, learning rate ${settings.lr}, which ${schedules[settings.schedule].about}; batches of ${settings.batch}, ${epochs(settings.epochs)}${stop}, seed ${settings.seed}`,
      speed: `${count(Math.round(metrics.imagesPerSecond))} images per second`,
      'beside this file': `weights.safetensors, metrics.json, checkpoints${parts.profile ? ', profile.trace.json for ui.perfetto.dev' : ''}`,
    },
  })
}
