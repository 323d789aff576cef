/**
 * @file A convolutional network of LeNet's size, with batch normalisation, reads digits. Then its first layer is looked
 * at: its filters, what they make of a digit, and one pixel of that worked out by hand.
 *
 *   npx tsx examples/cnn.ts [--data FOLDER] [--device webgpu]
 *
 * FOLDER/mnist has MNIST's four files, and takes --epochs 4 --batch 64; without it handgrad draws digits itself.
 */
import { type Device, data, nn, noGrad, optim, train } from 'handgrad'
import * as metrics from 'handgrad/metrics'
import { judge, report } from 'handgrad/report'
import { dataOption, digits } from './data.ts'
import { type Picture, picturesSVG, picturesText } from './images.ts'
import { program } from './run.ts'

/** h = pool(relu(γ · (W ∗ x − μ)/σ + β)): a convolution, normalised, cut off below 0, the largest of each 2 × 2. */
const block = (conv: nn.Conv2d, channels: number, device: Device): nn.Sequential =>
  new nn.Sequential({
    conv,
    norm: new nn.BatchNorm2d(channels, { device }),
    relu: new nn.ReLU(),
    pool: new nn.MaxPool2d(2),
  })

export function lenet(device: Device) {
  // Without biases: the norm would take them away again, and has its own, β.
  const conv = new nn.Conv2d(1, 6, 5, { padding: 2, bias: false, device })
  const first = block(conv, 6, device) //                                                    [1, 28, 28] → [6, 14, 14]
  const second = block(new nn.Conv2d(6, 16, 5, { bias: false, device }), 16, device) //      → [16, 5, 5]
  const model = new nn.Sequential({
    ...{ first, second, flatten: new nn.Flatten() },
    ...{ fc1: new nn.Linear(16 * 5 * 5, 120, { device }), relu1: new nn.ReLU() },
    ...{ fc2: new nn.Linear(120, 84, { device }), relu2: new nn.ReLU() },
    out: new nn.Linear(84, 10, { device }),
  })
  return { model, first, conv }
}

/** (W ∗ x)[r, c] = Σᵢⱼ W[i, j] · x[r + i − 2, c + j − 2], where x is 0 outside of the image. */
function byHand(filter: Picture, image: Picture, r: number, c: number): number {
  const terms = filter.flatMap((row, i) => row.map((w, j) => w * (image[r + i - 2]?.[c + j - 2] ?? 0)))
  return terms.reduce((a, b) => a + b, 0)
}

export const main = program(
  import.meta.url,
  'A convolutional network reads digits; its filters and what they see.',
  {
    epochs: [2, 'through all images'],
    batch: [10, 'images in a step'],
    steps: [0, 'of training at most; 0: all epochs'],
    lr: [6e-3, 'the largest learning rate, of one cycle'],
    images: [300, 'that are drawn where no data is given'],
    data: dataOption,
  },
  async ({ device, epochs, batch, steps, lr, images, data: folder, seed, progress, show, save }) => {
    const parts = await digits(folder, images)
    const scale = { ...data.meanStd(parts.train.images), shape: [1, 28, 28] }
    const [learned, asked] = [parts.train, parts.test].map((part) => new data.DigitDataset(part, scale))
    const batches = new data.DataLoader(learned, { batchSize: batch, shuffle: true, seed, device })
    const tests = new data.DataLoader(asked, { batchSize: 200, device })
    const { model, first, conv } = lenet(device)
    const optimizer = new optim.Adam(model.parameters(), { lr })
    const total = epochs * batches.length
    const schedule = new optim.OneCycleLR(optimizer, { maxLr: lr, totalSteps: total, cycleMomentum: false })
    const history = await train.fit(model, {
      ...{ train: batches, validation: tests, loss: nn.functional.crossEntropy, optimizer, schedule, epochs, device },
      metrics: { accuracy: new metrics.Accuracy() },
      progress: false,
      callbacks: [
        (event) => {
          if (event.kind !== 'step') return
          progress(event.step, steps || total, `epoch ${event.epoch}`)
          if (event.step === steps) event.stop()
        },
      ],
    })
    const { confusion, accuracy, samples, mistakes } = await judge(model, tests)
    console.log(`${parts.train.count} images to learn from; ${parts.train.source}\n\n${model}\n`)
    console.log(`${await confusion.classificationReport({ micro: true, digits: 3 })}`)
    const shown = { model, confusion, samples, mistakes, weights: true, badge: parts.test.source } as const
    console.log(`the page of this training: ${save('cnn.html', await report(history, shown))}`)

    // The first layer on a test image, in evaluation mode: W ∗ x, and the maps after norm, relu and pooling.
    const [[x]] = new data.DataLoader(asked, { batchSize: 1, device })
    const [convolved, maps] = noGrad(() => [conv.forward(x), first.forward(x)])
    const read = [conv.weight.squeeze(1), x.squeeze(0), convolved.squeeze(0), maps.squeeze(0)]
    const [filters, [image], planes, seen] = (await Promise.all(read.map((t) => t.array()))) as Picture[][]
    console.log(`\nthe six filters, and what they see of a ${parts.test.labels[0]}:\n\n${picturesText(filters)}\n`)
    console.log(`${picturesText([image])}\n\n${picturesText(seen.slice(0, 3))}\n\n${picturesText(seen.slice(3))}\n`)
    const pictures = picturesSVG('six filters, their maps of a digit, and the digit', [filters, seen, [image]])
    save('cnn-maps.svg', pictures)
    const all = planes.map((plane, k) => plane.map((row, r) => row.map((v, c) => v - byHand(filters[k], image, r, c))))
    const worst = Math.max(...all.flat(2).map(Math.abs))
    const [hand, layer] = [byHand(filters[0], image, 14, 14), planes[0][14][14]].map((v) => v.toFixed(4))
    console.log(`(W ∗ x)[14, 14] of the first filter: ${hand} by hand, ${layer} by the layer`)

    const step = history.losses.map((_, i) => i + 1)
    const lines = [
      { name: 'each step', x: step, y: history.losses },
      {
        name: 'test',
        x: history.epochs.map((one) => one.step),
        y: history.epochs.map((one) => one.validationLoss ?? 0),
      },
    ]
    const svg = show({ title: 'A convolutional network reads digits', xLabel: 'step', yLabel: 'loss', log: 'y', lines })
    console.log(`${(100 * accuracy).toFixed(2)} % of ${parts.test.count} test images right`)
    return { history, accuracy, confusion, worst, filters, seen, pictures, svg, source: parts.test.source }
  },
)
