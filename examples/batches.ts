/**
 * @file A classifier trained from a DataLoader, by a loop that holds the same memory after every step. The loader frees
 * each batch when it is asked for the next one, and `scope` what a step made. The loss that is logged leaves its scope
 * and ends with the block that `using` stands in.
 *
 * `using` is TypeScript 5.2; in tsconfig.json: "target": "ES2022", "lib": ["ES2023", "ESNext.Disposable", "DOM"].
 *
 *   npx tsx examples/batches.ts [--device webgpu]
 */
import { data, type Memory, memory, nn, noGrad, optim, scope, type Tensor } from 'handgrad'
import { program } from './run.ts'

const { crossEntropy } = nn.functional

export const main = program(
  import.meta.url,
  'A classifier trained from a DataLoader, in memory that stays the same to the byte.',
  { steps: [2, 'epochs'], images: [4000, 'digits drawn'] },
  async ({ device, steps, images, progress, show }) => {
    const digits = new data.DigitDataset(data.syntheticDigits({ count: images, seed: 1 }))
    const { train, test } = data.trainTestSplit(digits, { testSize: 0.2 })
    const loader = new data.DataLoader(train, { batchSize: 64, shuffle: true, dropLast: true, device })
    const net = new nn.Sequential(new nn.Linear(784, 32, { device }), new nn.ReLU(), new nn.Linear(32, 10, { device }))
    const adam = new optim.Adam(net.parameters(), { lr: 3e-3 })

    /** One step of descent. @returns its loss, without the graph */
    const step = (x: Tensor, classes: Tensor): Tensor => {
      adam.zeroGrad()
      const loss = crossEntropy(net.forward(x), classes)
      loss.backward()
      adam.step()
      return loss.detach()
    }

    const held: Memory[] = []
    const losses: number[] = []
    for (let epoch = 0; epoch < steps; epoch++) {
      let i = 0
      for (const [x, classes] of loader) {
        if (i++ % 10 > 0)
          scope(() => void step(x, classes)) // everything but the weights' new values is freed here
        else {
          using loss = scope(() => step(x, classes)) //          what scope returns is yours …
          losses.push(await loss.item())
        } //                                                     … and ends here
        held.push(memory(device))
        progress(held.length, steps * loader.length)
      } // x and classes end with their step; keep(x) would let one live on
      const { tensors, bytes } = memory(device)
      console.log(`epoch ${epoch + 1}: loss ${losses.at(-1)?.toFixed(3)}, ${tensors} tensors, ${bytes} bytes`)
    }

    // Nothing is trained here, so nothing needs a graph; the number of right answers is all that leaves the scope.
    let right = 0
    for (const [x, classes] of new data.DataLoader(test, { batchSize: 200, device })) {
      using hits = scope(() => noGrad(() => net.forward(x).argmax(1).eq(classes).sum()))
      right += await hits.item()
    }
    const accuracy = right / test.length
    console.log(`accuracy on ${test.length} digits that it has not seen: ${(100 * accuracy).toFixed(1)}%`)
    show({ title: 'Read at every tenth step', xLabel: 'reading', yLabel: 'loss', lines: [{ name: 'loss', y: losses }] })
    return { held, losses, accuracy }
  },
)
