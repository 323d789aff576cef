/**
 * @file A convolutional network that reads digits: two blocks of convolution, batch normalisation, ReLU and pooling.
 *
 *   npx tsx examples/short/cnn.ts [--device webgpu]
 */
import { data, nn, noGrad, optim, scope } from 'handgrad'
import { program } from '../run.ts'

export const main = program(
  import.meta.url,
  'A convolutional network that reads digits: batch normalisation, pooling, momentum, a cosine.',
  { steps: [1, 'epochs'], images: [1500, 'digits drawn'] },
  async ({ device, steps, images, progress }) => {
    const digits = new data.DigitDataset(data.syntheticDigits({ count: images, seed: 1 }))
    const { train, test } = data.trainTestSplit(digits, { testSize: 0.2 })
    const loader = new data.DataLoader(train, { batchSize: 32, shuffle: true, device })
    const block = (from: number, to: number): nn.Layer[] => [
      new nn.Conv2d(from, to, 3, { padding: 1, bias: false, device }), // normalisation takes a bias away again
      new nn.BatchNorm2d(to, { device }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
    ]
    const body = [new nn.Unflatten(1, [1, 28, 28]), ...block(1, 8), ...block(8, 16), new nn.Flatten()]
    const net = new nn.Sequential(...body, new nn.Linear(16 * 7 * 7, 10, { device }))
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9, nesterov: true, weightDecay: 1e-4 })
    const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: steps * loader.length })
    for (let epoch = 0; epoch < steps; epoch++) {
      for (const [x, classes] of loader)
        scope(() => {
          optimizer.zeroGrad()
          nn.functional.crossEntropy(net.forward(x), classes).backward()
          optimizer.step()
          schedule.step()
        })
      progress(epoch + 1, steps)
    }
    net.eval() // running statistics in place of the batch's
    const [[x, classes]] = new data.DataLoader(test, { batchSize: test.length, device })
    using hits = scope(() => noGrad(() => net.forward(x).argmax(1).eq(classes).float().mean()))
    const accuracy = await hits.item()
    console.log(`accuracy on ${test.length} digits that it has not seen: ${(100 * accuracy).toFixed(1)}%`)
    return { accuracy }
  },
)
