/**
 * @file What a user writes: XOR learned by methods, from the installed package. Run in Node, in pages and in workers.
 */
import { device, manualSeed, nn, noGrad, optim, randn, setDefaultDevice, tensor, zeros } from 'handgrad'

/**
 * Trains a 2-8-1 network for 300 steps.
 * @param {'cpu' | 'webgpu'} kind
 * @returns {Promise<string>} 'ok', or what was wrong
 */
export async function trainXor(kind) {
  setDefaultDevice(await device(kind))
  manualSeed(7)
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ])
  const y = tensor([[0], [1], [1], [0]])
  const w1 = randn([2, 8], { requiresGrad: true })
  const b1 = zeros([8], { requiresGrad: true })
  const w2 = randn([8, 1], { requiresGrad: true })
  const b2 = zeros([1], { requiresGrad: true })
  const predict = () => x.matmul(w1).add(b1).relu().matmul(w2).add(b2)

  const opt = new optim.Adam([w1, b1, w2, b2], { lr: 0.05 })
  let last = Number.NaN
  for (let step = 1; step <= 300; step++) {
    const loss = predict().sub(y).square().mean()
    loss.backward()
    opt.step()
    opt.zeroGrad()
    if (step % 20 === 0) last = await loss.item()
  }
  const out = await noGrad(() => predict()).data()
  const right = [0, 1, 1, 0].every((want, i) => Math.abs(out[i] - want) < 0.1)
  const layers = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU())
  const shape = layers.forward(x).shape.join()
  return right && last < 0.01 && shape === '4,3' ? 'ok' : `loss ${last}, outputs ${[...out].join(', ')}, shape ${shape}`
}
