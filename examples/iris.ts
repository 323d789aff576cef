/**
 * @file Flowers told apart by four lengths, judged by cross-validation: five times a network learns four fifths of
 * the rows and is asked about the fifth that it has not seen; each fold has every kind in its share.
 *
 *   npx tsx examples/iris.ts [--device webgpu]
 *
 * The rows are those of HANDGRAD_DATA/iris/iris.csv, a table sepal_length,sepal_width,petal_length,petal_width,species.
 * Without that folder it makes three clusters of its own.
 */
import { type Device, data, manualSeed, nn, optim, train } from 'handgrad'
import * as metrics from 'handgrad/metrics'
import { StandardScaler } from 'handgrad/transforms'
import { run } from './run.ts'

/** Three clusters in four dimensions, of which the second and third touch: x = centre + noise. */
function clusters(): data.CsvTable {
  const centres = { a: [5, 3.4, 1.5, 0.2], b: [5.9, 2.8, 4.3, 1.3], c: [6.6, 3, 5.6, 2] }
  const rows = Object.entries(centres).flatMap(([name, centre], kind) =>
    Array.from({ length: 50 }, (_, i) => {
      const random = data.randomOf({ seed: 1, epoch: kind, index: i })
      return [...centre.map((x) => (x + 0.5 * random.normal()).toFixed(2)), name].join()
    }),
  )
  return data.parseCsv(['w,x,y,z,species', ...rows].join('\n'))
}

export async function main(device: Device, folder = process.env['HANDGRAD_DATA'], epochs = 40) {
  const table = folder ? await data.loadCsv(`${folder}/iris/iris.csv`) : clusters()
  const columns = table.columns.slice(0, -1)
  const { labels, names } = table.classes('species')
  const { data: values } = table.numbers(columns)
  const at = (rows: ArrayLike<number>) =>
    Array.from(rows, (i) => [...values.subarray(i * columns.length, (i + 1) * columns.length)])
  const accuracies: number[] = []
  for (const fold of data.kFold({ length: table.length, get: (i) => i }, { folds: 5, stratify: labels, seed: 0 })) {
    manualSeed(0)
    // Mean and deviation are those of the rows that are learned: the others must not be looked at.
    const scaler = new StandardScaler()
    scaler.fit(at(fold.train.indices))
    const batchesOf = (rows: ArrayLike<number>, shuffle: boolean) => {
      const x = scaler.transform(at(rows))
      const kinds = Int32Array.from(rows, (i) => labels[i])
      const set = new data.TensorDataset(
        { data: Float32Array.from(x.data), shape: [columns.length] },
        { data: kinds, shape: [], classes: names.length },
      )
      return new data.DataLoader(set, { batchSize: 16, shuffle, device })
    }
    const [learned, asked] = [batchesOf(fold.train.indices, true), batchesOf(fold.test.indices, false)]
    const layers = [new nn.Linear(columns.length, 16, { device }), new nn.Linear(16, names.length, { device })]
    const net = new nn.Sequential(layers[0], new nn.Tanh(), layers[1])
    const optimizer = new optim.AdamW(net.parameters(), { lr: 0.02 })
    const [loss, measures] = [new nn.CrossEntropyLoss(), { accuracy: new metrics.Accuracy() }]
    await train.fit(net, { train: learned, loss, optimizer, epochs, device, progress: false })
    accuracies.push((await train.evaluate(net, asked, { loss, metrics: measures, device })).metrics.accuracy)
  }
  const accuracy = accuracies.reduce((a, b) => a + b, 0) / accuracies.length
  console.log(`accuracy of five folds: ${accuracies.map((x) => (100 * x).toFixed(1)).join(', ')} %`)
  console.log(`mean: ${(100 * accuracy).toFixed(1)} % of ${table.length} rows`)
  return { accuracy, accuracies, epochs, rows: table.length }
}

await run(import.meta.url, main)
