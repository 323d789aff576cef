/**
 * @file From a table with faults to a judged classifier: duplicates and missing values, words as one-hot columns,
 * numbers by min-max or z-score, stratified parts for training, validation and test, a confusion matrix, and
 * cross-validation. Whatever is learned from data (medians, ranges, words) is learned from the training part alone.
 *
 *   npx tsx examples/preprocessing.ts [--device webgpu] [--data FOLDER]
 *
 * With FOLDER or HANDGRAD_DATA the table is FOLDER/iris/iris.csv; without it one that the program makes.
 */
import { type Device, data, manualSeed, nn, noGrad, optim, tensor, train } from 'handgrad'
import * as metrics from 'handgrad/metrics'
import * as transforms from 'handgrad/transforms'
import { table } from './chart.ts'
import { cleaned, dataOption } from './data.ts'
import { program } from './run.ts'

type Rows = ArrayLike<number>
const at = <T>(list: readonly T[], rows: Rows): T[] => Array.from(rows, (row) => list[row])
const percent = (share: number): string => (100 * share).toFixed(1)

type Table = Awaited<ReturnType<typeof cleaned>>

const scalings = {
  'as they are': () => [],
  'min-max': () => [new transforms.MinMaxScaler()], //   (x − min) / (max − min)
  'z-score': () => [new transforms.StandardScaler()], // (x − mean) / deviation
}
type Scaling = keyof typeof scalings

/** Learns from `rows` what to fill in, how to scale and which words there are; gives what applies that to any rows. */
export function prepare({ numbers, words }: Table, rows: Rows, scaling: Scaling): (some: Rows) => number[][] {
  const scale = new transforms.Pipeline([new transforms.SimpleImputer({ strategy: 'median' }), ...scalings[scaling]()])
  scale.fit(at(numbers, rows))
  const encode = new transforms.OneHotEncoder({ handleUnknown: 'ignore' })
  if (words[0].length > 0) encode.fit(at(words, rows))
  return (some) => {
    const blocks = [scale.transform(at(numbers, some))]
    if (words[0].length > 0) blocks.push(encode.transform(at(words, some)))
    const part = (row: number) => blocks.map(({ data, shape: [, n] }) => [...data.subarray(row * n, (row + 1) * n)])
    return Array.from(some, (_, row) => part(row).flat())
  }
}

/** Trains a network with one hidden layer on `rows`; its loss on `validation`, and what it says of other rows. */
async function learn(device: Device, all: Table, scaling: Scaling, epochs: number, rows: Rows, validation?: Rows) {
  const features = prepare(all, rows, scaling)
  const batches = (some: Rows, shuffle: boolean) => {
    const x = features(some)
    const get = (i: number) => [x[i], { data: Int32Array.of(all.targets[some[i]]), shape: [] }]
    return new data.DataLoader({ length: x.length, get }, { batchSize: 16, shuffle, device })
  }
  const width = features(rows)[0].length
  const [first, last] = [new nn.Linear(width, 16, { device }), new nn.Linear(16, all.names.length, { device })]
  const net = new nn.Sequential(first, new nn.Tanh(), last)
  const optimizer = new optim.AdamW(net.parameters(), { lr: 0.02 })
  const parts = { train: batches(rows, true), validation: validation && batches(validation, false) }
  const options = { ...parts, loss: nn.functional.crossEntropy, optimizer, epochs, progress: false }
  const history = await train.fit(net, options)
  const predict = async (some: Rows) =>
    (await noGrad(() => net.forward(tensor(features(some), { device })).argmax(1)).array()) as number[]
  return { features, predict, losses: history.epochs.map(({ validationLoss }) => validationLoss ?? Number.NaN) }
}

/** Five times learns four fifths of the rows and is asked about the fifth that it has not seen: the accuracies. */
export async function crossValidate(device: Device, all: Table, epochs: number, seed: number): Promise<number[]> {
  const rows = { length: all.targets.length, get: (row: number) => row }
  const accuracies: number[] = []
  for (const { train, test } of data.kFold(rows, { folds: 5, stratify: all.targets, seed })) {
    manualSeed(seed)
    const { predict } = await learn(device, all, 'z-score', epochs, train.indices)
    accuracies.push(await metrics.accuracy(at(all.targets, test.indices), await predict(test.indices)))
  }
  return accuracies
}

export const main = program(
  import.meta.url,
  'A table cleaned, scaled, one-hot encoded and split; a classifier of it by confusion matrix and five folds.',
  { steps: [15, 'epochs of each training'], data: dataOption },
  async ({ device, seed, steps, data: folder, progress, show }) => {
    const all = await cleaned(folder)
    console.log(`${table(Object.keys(all.faults), [Object.values(all.faults)])}\n`)

    const samples = { length: all.targets.length, get: (row: number) => row }
    const parts = data.trainTestSplit(samples, { testSize: 0.2, validationSize: 0.2, stratify: all.targets, seed })
    const sizes = Object.entries(parts).map(([part, { indices }]) => {
      const kinds = at(all.targets, indices)
      return [part, ...all.names.map((_, k) => kinds.filter((kind) => kind === k).length)]
    })
    console.log(table(['part', ...all.names], sizes))

    const [learned, truth] = [parts.train.indices, at(all.targets, parts.test.indices)]
    const runs = []
    for (const scaling of Object.keys(scalings) as Scaling[]) {
      manualSeed(seed)
      const run = await learn(device, all, scaling, steps, learned, parts.validation.indices)
      const predicted = await run.predict(parts.test.indices)
      runs.push({ ...run, scaling, predicted, accuracy: await metrics.accuracy(truth, predicted) })
      progress(runs.length, 4, scaling)
    }
    const folds = await crossValidate(device, all, steps, seed)
    const mean = folds.reduce((sum, accuracy) => sum + accuracy, 0) / folds.length
    progress(4, 4)

    const firsts = runs.map(({ scaling, features }) => [scaling, ...features(learned)[0]])
    console.log(`\nthe first row that is learned, its words as zeros and ones\n${table(['', ...all.numeric], firsts)}`)
    const reached = runs.map((run) => [run.scaling, run.losses.at(-1) ?? Number.NaN, `${percent(run.accuracy)} %`])
    console.log(`\n${table(['scaling', 'validation loss', 'test accuracy'], reached)}`)
    const confusion = await metrics.confusionMatrix(truth, runs[2].predicted)
    const taken = confusion.map((row, k) => [all.names[k], ...row])
    console.log(`\n${table(['is, taken for', ...all.names], taken)}`)
    console.log(`\nfive folds: ${folds.map(percent).join(', ')} %, mean ${percent(mean)} %`)

    const lines = runs.map(({ scaling, losses }) => ({ name: scaling, y: losses }))
    const svg = show({ title: 'The same network, inputs scaled', xLabel: 'epoch', yLabel: 'validation loss', lines })
    return { all, parts, runs, truth, confusion, folds, mean, svg }
  },
)
