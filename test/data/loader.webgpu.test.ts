/** @file Batches made ahead while the GPU works: the same training as by the plain loop, and as little memory. */
import { expect, it } from 'vitest'
import { DataLoader, randomOf, TensorDataset } from '../../src/data/index.ts'
import { manualSeed, memory, nn, optim, scope, type Tensor } from '../../src/index.ts'
import { device } from '../../src/node.ts'

it('trains to the same bits with and without prefetch, and is flat in memory', async () => {
  const features = Float32Array.from({ length: 64 * 8 }, (_, i) => Math.sin(i * i))
  const data = new TensorDataset(
    { data: features, shape: [8] },
    { data: Float32Array.from({ length: 64 }, (_, i) => features[8 * i] - features[8 * i + 3]), shape: [1] },
  )
  const run = async (prefetch: number) => {
    const gpu = await device('webgpu')
    manualSeed(1)
    const model = new nn.Linear(8, 1, { device: gpu })
    const adam = new optim.Adam(model.parameters(), { lr: 0.05 })
    const loader = new DataLoader(data, {
      batchSize: 10,
      shuffle: true,
      seed: 4,
      device: gpu,
      prefetch,
      transform: ([x, y], context) => {
        const random = randomOf(context)
        return [{ data: (x.data as Float32Array).map((v) => v + 0.1 * random.normal()), shape: x.shape }, y] as const
      },
    })
    const losses: number[] = []
    const held: number[] = []
    for (let epoch = 0; epoch < 4; epoch++) {
      for await (const [x, y] of loader as AsyncIterable<readonly [Tensor, Tensor]>) {
        const loss = scope(() => {
          adam.zeroGrad()
          const error = model.forward(x).sub(y).square().mean()
          error.backward()
          adam.step()
          return error.detach()
        })
        losses.push(await loss.item())
        loss.dispose()
      }
      held.push(memory(gpu).storages)
    }
    gpu.destroy()
    return { losses, held }
  }
  const [plain, ahead] = [await run(0), await run(3)]
  expect(ahead.losses).toEqual(plain.losses)
  expect(ahead.losses.length).toBe(28)
  expect(ahead.losses[27]).toBeLessThan(ahead.losses[0] / 2)
  expect(new Set([...plain.held, ...ahead.held]).size).toBe(1)
})
