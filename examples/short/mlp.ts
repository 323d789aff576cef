/**
 * @file A perceptron of two layers that reads digits, with dropout, clipped gradients and a learning rate of one cycle.
 *
 *   npx tsx examples/short/mlp.ts [--device webgpu]
 */
import { data, nn, noGrad, optim, scope } from 'handgrad'
import { program } from '../run.ts'

export const main = program(
  import.meta.url,
  'A perceptron that reads digits: dropout, clipped gradients, a learning rate of one cycle.',
  { steps: [3, 'epochs'], images: [1500, 'digits drawn'], clip: [1, 'the largest norm of a gradient', 'real'] },
  async ({ device, steps, images, clip, progress }) => {
    const digits = new data.DigitDataset(data.syntheticDigits({ count: images, seed: 1 }))
    const { train, test } = data.trainTestSplit(digits, { testSize: 0.2 })
    const loader = new data.DataLoader(train, { batchSize: 64, shuffle: true, device })
    const first = new nn.Linear(784, 64, { device })
    const net = new nn.Sequential(first, new nn.ReLU(), new nn.Dropout(0.1), new nn.Linear(64, 10, { device }))
    const lossOf = new nn.CrossEntropyLoss({ labelSmoothing: 0.05 })
    const optimizer = new optim.AdamW(net.parameters(), { lr: 3e-3 })
    const schedule = new optim.OneCycleLR(optimizer, { maxLr: 1e-2, totalSteps: steps * loader.length })
    for (let epoch = 0; epoch < steps; epoch++) {
      for (const [x, classes] of loader)
        scope(() => {
          optimizer.zeroGrad()
          lossOf.forward(net.forward(x), classes).backward()
          optim.clipGradNorm(net.parameters(), clip)
          optimizer.step()
          schedule.step()
        })
      progress(epoch + 1, steps)
    }
    net.eval()
    let right = 0
    for (const [x, classes] of new data.DataLoader(test, { batchSize: 200, device })) {
      using hits = scope(() => noGrad(() => net.forward(x).argmax(1).eq(classes).sum()))
      right += await hits.item()
    }
    const accuracy = right / test.length
    console.log(`accuracy on ${test.length} digits that it has not seen: ${(100 * accuracy).toFixed(1)}%`)
    return { accuracy }
  },
)
