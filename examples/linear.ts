/**
 * @file Fit y = 3x + 2 + 0.1·noise with a hand-written training loop. Beside each line stands what a PyTorch reader
 * expects there. The usual "learning rate 0.01, 100 epochs" stops far from the answer; the formula that is printed and
 * drawn below it says why, and after how many epochs it would be there.
 *
 *   npx tsx examples/linear.ts [--device webgpu] [--steps 400]
 */
import { noGrad, randn, scope, type Tensor, tensor } from 'handgrad'
import { table } from './chart.ts'
import { program } from './run.ts'

/** Gradient descent from w = b = 0 on L = mean((wx + b − y)²), all points in each step; w and L after each. */
async function descend(x: Tensor, y: Tensor, lr: number, epochs: number) {
  const { device } = x
  const w = tensor([0], { device, requiresGrad: true }) //     w = torch.zeros(1, requires_grad=True)
  const b = tensor([0], { device, requiresGrad: true }) //     b = torch.zeros(1, requires_grad=True)
  const [ws, losses] = [[0], [] as number[]]

  for (let epoch = 0; epoch < epochs; epoch++) {
    //                                                         for epoch in range(epochs):
    // scope() frees what a step has made, but for what is returned. It may be left out.
    const loss = scope(() => {
      const prediction = x.mul(w).add(b) //                        prediction = x * w + b
      const loss = prediction.sub(y).square().mean() //            loss = ((prediction - y) ** 2).mean()
      loss.backward() //                                           loss.backward()
      noGrad(() => {
        //                                                         with torch.no_grad():
        w.sub_(w.grad.mul(lr)) //                                      w -= lr * w.grad
        b.sub_(b.grad.mul(lr)) //                                      b -= lr * b.grad
      })
      w.zeroGrad() //                                              w.grad.zero_()
      b.zeroGrad() //                                              b.grad.zero_()
      return loss.detach()
    })
    losses.push(await loss.item()) //                              losses.append(loss.item())
    ws.push(await w.item()) //                                     ws.append(w.item())
  }
  return { w: ws[epochs], b: await b.item(), loss: losses[epochs - 1] ?? Number.NaN, ws }
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length

/** Where L is least, by setting ∂L/∂w = ∂L/∂b = 0: w* = mean((x − x̄)(y − ȳ)) / mean((x − x̄)²), b* = ȳ − w*·x̄. */
function leastSquares(xs: readonly number[], ys: readonly number[]) {
  const [mx, my] = [mean(xs), mean(ys)]
  const w = mean(xs.map((x, i) => (x - mx) * (ys[i] - my))) / mean(xs.map((x) => (x - mx) ** 2))
  return { w, b: my - w * mx }
}

export const main = program(
  import.meta.url,
  'A line fitted by gradient descent, and why a learning rate of 0.01 stops halfway.',
  {
    steps: [100, 'epochs of gradient descent'],
    slow: [0.01, 'one learning rate'],
    fast: [0.1, 'the other'],
  },
  async ({ device, steps, slow, fast, progress, show }) => {
    const x = randn([100, 1], { device }) //                   x = torch.randn(100, 1)
    const noise = randn([100, 1], { device }).mul(0.1) //      noise = 0.1 * torch.randn(100, 1)
    const y = x.mul(3).add(2).add(noise) //                    y = 3 * x + 2 + noise
    const [xs, ys] = (await Promise.all([x, y].map((v) => v.flatten().array()))) as number[][]
    const best = leastSquares(xs, ys)

    // With x of mean 0, ∂L/∂w = 2·mean(x(wx + b − y)) = 2·mean(x²)·(w − w*), so that one step
    //   w ← w − lr·∂L/∂w   is   (w − w*) ← (1 − 2·lr·mean(x²))·(w − w*):
    // what is left of the error shrinks by one factor. From w = 0, after k steps, w = w*·(1 − factorᵏ).
    const power = mean(xs.map((v) => v * v))
    const factor = (lr: number) => 1 - 2 * lr * power
    // |factor|ᵏ = 1/100 at k = ln(1/100) / ln|factor|; with |factor| ≥ 1 the error does not shrink at all.
    const needed = (size: number) => (size < 1 ? Math.ceil(Math.log(0.01) / Math.log(size)) : 'never')
    const expected = (lr: number) => Array.from({ length: steps + 1 }, (_, k) => best.w * (1 - factor(lr) ** k))

    const runs = []
    for (const lr of [slow, fast]) {
      const curve = expected(lr)
      const run = await descend(x, y, lr, steps)
      runs.push({ ...run, lr, curve, off: Math.max(...run.ws.map((w, k) => Math.abs(w - curve[k]))) })
      progress(runs.length * steps, 2 * steps, `w ${run.w.toFixed(3)}`)
    }

    const row = (name: string, { w, b, loss }: { w: number; b: number; loss: number }) => [name, w, b, loss]
    const rows = runs.map((run) => row(`lr ${run.lr}, ${steps} epochs`, run))
    const loss = await y.sub(x.mul(best.w).add(best.b)).square().mean().item()
    console.log(table(['', 'w', 'b', 'loss'], [...rows, row('least squares', { ...best, loss })]))

    console.log(`\nmean(x) = ${mean(xs).toFixed(3)}, mean(x²) = ${power.toFixed(3)}`)
    console.log('a step leaves the factor 1 − 2·lr·mean(x²) of the error of w:')
    const forecasts = runs.map(({ lr, curve, w }) => {
      const f = factor(lr)
      return [`lr ${lr}`, f, f ** steps, curve[steps], w, needed(Math.abs(f))]
    })
    console.log(table(['', 'factor', `factor^${steps}`, 'w expected', 'w', 'epochs to 1 %'], forecasts))

    const some = Array.from({ length: Math.floor(steps / 5) + 1 }, (_, i) => 5 * i)
    const lines = runs.flatMap(({ lr, ws, curve }) => [
      { name: `lr ${lr}`, y: ws },
      { name: 'expected', x: some, y: some.map((k) => curve[k]), dots: true },
    ])
    const svg = show({ title: 'w on its way to 3', xLabel: 'epoch', yLabel: 'w', lines })
    return { slow: runs[0], fast: runs[1], best, svg }
  },
)
