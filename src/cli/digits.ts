/**
 * @file The data of `handgrad train`: MNIST from a folder or the network, or the digits that the project draws itself.
 */
import { type Digits, downloadMnist, loadMnist, meanStd, syntheticDigits } from '../data/index.ts'
import { Progress } from '../text/progress.ts'

/** Images of the embedded data set. */
const TRAIN = 20_000
const TEST = 5_000
/** The two parts are drawn from streams of their own, the same whatever the seed of the training is. */
const TRAIN_SEED = 1
const TEST_SEED = 2
/** Where `--download` puts MNIST unless told otherwise; runs/ is not committed. */
export const DOWNLOADS = 'runs/mnist'

export interface DigitData {
  readonly train: Digits
  readonly test: Digits
  /**
   * Pixels become (u / 255 − mean) / std: mean 0, std the root mean square of the training pixels. Paper stays 0 and
   * moves no weight; shifted to another value it would be an input that all units share, and the last digits in which
   * devices differ would grow ten times faster.
   */
  readonly mean: number
  readonly std: number
  /** Shown beside every accuracy: `MNIST`, or `synthetic digits`. */
  readonly name: string
  readonly synthetic: boolean
}

/**
 * @param folder    of MNIST's four files; none: the embedded data set
 * @param download  fetch missing files into the folder first
 */
export async function loadDigits(folder: string | undefined, download: boolean): Promise<DigitData> {
  if (!folder && !download) {
    const [train, test] = [
      syntheticDigits({ count: TRAIN, seed: TRAIN_SEED }),
      syntheticDigits({ count: TEST, seed: TEST_SEED }),
    ]
    return { train, test, ...scaleOf(train), name: 'synthetic digits', synthetic: true }
  }
  const path = folder ?? DOWNLOADS
  if (download) await fetchMnist(path)
  const { train, test } = await loadMnist(path)
  return { train, test, ...scaleOf(train), name: 'MNIST', synthetic: false }
}

function scaleOf({ images }: Digits): { mean: number; std: number } {
  const { mean, std } = meanStd(images)
  return { mean: 0, std: Math.hypot(mean, std) }
}

async function fetchMnist(folder: string): Promise<void> {
  const progress = new Progress()
  await downloadMnist(folder, {
    onProgress: ({ file, received, total }) => {
      const size = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
      progress.update(
        file,
        total ? received / total : 0,
        total ? `${size(received)} of ${size(total)}` : size(received),
      )
    },
  })
  progress.done(`MNIST is in ${folder}, its checksums are right`)
}
