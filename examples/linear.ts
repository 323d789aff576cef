/**
 * @file Fit y = 3x + 2 + 0.1·noise with a hand-written training loop. Beside each line stands what a PyTorch reader
 * expects there. The usual "learning rate 0.01, 100 epochs" stops far from the answer; the second half says why.
 *
 *   npx tsx examples/linear.ts [--device webgpu]
 */
import { type Device, manualSeed, noGrad, randn, scope, type Tensor, tensor } from 'handgrad'
import { run } from './run.ts'

/** 100 epochs of gradient descent from w = b = 0 on the mean squared error. */
async function descend(x: Tensor, y: Tensor, lr: number): Promise<{ w: number; b: number; loss: number }> {
  const { device } = x
  const w = tensor([0], { device, requiresGrad: true }) //       w = torch.zeros(1, requires_grad=True)
  const b = tensor([0], { device, requiresGrad: true }) //       b = torch.zeros(1, requires_grad=True)
  let loss = tensor(0, { device })

  for (let epoch = 0; epoch < 100; epoch++) {
    //                 for epoch in range(100):
    loss = scope(() => {
      //                                          (frees what the step made; optional)
      const prediction = x.mul(w).add(b) //                          prediction = x * w + b
      const loss = prediction.sub(y).square().mean() //              loss = ((prediction - y) ** 2).mean()
      loss.backward() //                                             loss.backward()
      noGrad(() => {
        //                                              with torch.no_grad():
        w.sub_(w.grad.mul(lr)) //                                        w -= lr * w.grad
        b.sub_(b.grad.mul(lr)) //                                        b -= lr * b.grad
      })
      w.zeroGrad() //                                                w.grad.zero_()
      b.zeroGrad() //                                                b.grad.zero_()
      return loss.detach()
    })
  }
  return { w: await w.item(), b: await b.item(), loss: await loss.item() }
}

export async function main(device: Device) {
  manualSeed(7)
  const x = randn([100, 1], { device }) //                       x = torch.randn(100, 1)
  const y = x
    .mul(3)
    .add(2)
    .add(randn([100, 1], { device }).mul(0.1)) // y = 3 * x + 2 + 0.1 * torch.randn(100, 1)

  const slow = await descend(x, y, 0.01)
  const fast = await descend(x, y, 0.1)
  for (const [lr, { w, b, loss }] of [
    [0.01, slow],
    [0.1, fast],
  ] as const) {
    console.log(`lr ${lr}: w = ${w.toFixed(3)}, b = ${b.toFixed(3)}, loss ${loss.toFixed(4)} after 100 epochs`)
  }

  // Why: with L = mean((wx + b − y)²) and x of mean 0, ∂L/∂w = 2·mean(x²)·(w − w*), so one step shrinks the error of w
  //   w ← w − lr·∂L/∂w   ⇒   (w − w*) ← (1 − 2·lr·mean(x²))·(w − w*)
  // by a constant factor. 100 steps leave its 100th power: at lr 0.01 about 0.98¹⁰⁰ = 13 % of the way is still to go.
  const power = await x.square().mean().item()
  const left = (lr: number) => (1 - 2 * lr * power) ** 100
  const predicted = fast.w * (1 - left(0.01))
  console.log(`\nmean(x²) = ${power.toFixed(3)}; a step leaves 1 − 2·lr·mean(x²) of the error, 100 steps leave`)
  console.log(
    `  lr 0.01: ${(100 * left(0.01)).toFixed(1)} % of w*, so w ≈ ${predicted.toFixed(2)}: not wrong, unfinished`,
  )
  console.log(`  lr 0.1:  ${left(0.1).toExponential(0)} of w*: w and b are as good as the noise allows`)
  return { slow, fast, predicted }
}

await run(import.meta.url, main)
