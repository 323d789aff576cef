/** @file The data of `handgrad train`: MNIST from a folder or the network, or the digits that the project draws itself. */
import { type Digits, downloadMnist, loadMnist, meanStd, syntheticDigits } from '../data/index.ts'
import { Progress } from './progress.ts'

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
  /** Of the training pixels in 0 … 1; both parts are standardised with them. */
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
    return { train, test, ...meanStd(train.images), name: 'synthetic digits', synthetic: true }
  }
  const place = folder ?? DOWNLOADS
  if (download) await fetchMnist(place)
  const { train, test } = await loadMnist(place)
  return { train, test, ...meanStd(train.images), name: 'MNIST', synthetic: false }
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
