/** @file What `handgrad train` writes to metrics.json: everything the report shows, for programs. */
import { availableParallelism } from 'node:os'
import type { Device } from '../core/device.ts'
import type { Judgement } from '../report/index.ts'
import type { ClassReport, History } from '../train/index.ts'
import { WebGPUDevice } from '../webgpu/device.ts'
import type { DigitData } from './digits.ts'
import type { TrainSettings } from './settings.ts'
import type { Measured } from './shown.ts'

export interface Metrics {
  /** Local start, ISO 8601 in UTC. */
  readonly started: string
  readonly device: {
    readonly name: string
    readonly kind: string
    readonly software: boolean
    readonly adapter?: string
  }
  readonly node: string
  readonly platform: string
  readonly cores: number
  readonly data: {
    readonly name: string
    readonly synthetic: boolean
    readonly train: { readonly images: number; readonly source: string }
    readonly test: { readonly images: number; readonly source: string }
    readonly mean: number
    readonly std: number
  }
  readonly settings: TrainSettings
  readonly parameters: number
  readonly epochs: readonly {
    readonly epoch: number
    readonly loss: number
    readonly accuracy: number
    /** After the epoch, on the test images … */
    readonly testLoss?: number
    readonly testAccuracy?: number
    /** … or, where these decide how the training goes on, on images held out of it. */
    readonly validationLoss?: number
    readonly validationAccuracy?: number
    readonly seconds: number
  }[]
  readonly test: {
    readonly accuracy: number
    readonly loss: number
    /** `confusion[true][predicted]`. */
    readonly confusion: readonly (readonly number[])[]
    readonly classes: readonly ClassReport[]
  }
  /** The whole training with tests, and training steps alone. */
  readonly seconds: number
  readonly imagesPerSecond: number
  /** Loss of every step; bit-identical for the same seed on the same device. */
  readonly losses: readonly number[]
  /** Learning rate of every step, and norm of its gradients. */
  readonly rates: readonly number[]
  readonly gradNorms: readonly number[]
}

export interface RunFigures {
  readonly device: Device
  readonly data: DigitData
  readonly settings: TrainSettings
  readonly parameters: number
  /** Images that were trained on. */
  readonly images: number
  readonly measured: Measured
  readonly history: History
  readonly judgement: Judgement
  readonly seconds: number
  readonly started: Date
}

export function metricsOf(run: RunFigures): Metrics {
  const { device, data, settings, parameters, history, judgement, seconds, started } = run
  const { losses, rates, gradNorms, epochs } = history
  const { name, synthetic, mean, std, train, test } = data
  const part = ({ count, source }: typeof train) => ({ images: count, source })
  const gpu =
    device instanceof WebGPUDevice
      ? { software: device.facts.software, adapter: device.info.description }
      : { software: true }
  return {
    started: started.toISOString(),
    device: { name: device.name, kind: device.kind, ...gpu },
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    data: { name, synthetic, train: part(train), test: part(test), mean, std },
    settings,
    parameters,
    epochs: epochs.map(({ epoch, loss, metrics, validationLoss, validation, seconds }) => ({
      epoch,
      loss,
      accuracy: metrics.accuracy,
      [`${run.measured}Loss`]: validationLoss,
      [`${run.measured}Accuracy`]: validation?.accuracy,
      seconds,
    })),
    test: {
      accuracy: judgement.accuracy,
      loss: judgement.loss,
      confusion: judgement.confusion.counts,
      classes: judgement.confusion.report(),
    },
    seconds,
    imagesPerSecond: (run.images * epochs.length) / epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
    losses,
    rates,
    gradNorms,
  }
}
