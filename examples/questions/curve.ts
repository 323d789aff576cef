/**
 * @file Backpropagation on something that is not a network: the five parameters of a damped oscillation are found from
 * 80 noisy measurements. The model is a formula that means something, and so does each of its parameters.
 *
 *   npx tsx examples/questions/curve.ts [--device webgpu]
 */
import { linspace, noGrad, optim, randn, scope, type Tensor, tensor } from 'handgrad'
import { table } from '../chart.ts'
import { program } from '../run.ts'

const names = ['amplitude A', 'damping γ', 'frequency ω', 'phase φ', 'offset c']
const truth = [2, 0.3, 4, 0.5, 1]
const noise = 0.1

/** y(t) = A e^{−γt} cos(ωt + φ) + c for each row (A, γ, ω, φ, c) of θ [rows, 5]: [rows, times]. */
function oscillation(theta: Tensor, t: Tensor): Tensor {
  const [a, gamma, omega, phi, c] = theta.split(1, 1) // columns
  const decay = t.mul(gamma).neg().exp()
  return decay.mul(a).mul(t.mul(omega).add(phi).cos()).add(c)
}

export const main = program(
  import.meta.url,
  'Backprop on a formula: five parameters of a damped oscillation from noisy measurements.',
  { steps: [500, 'of Adam'], starts: [15, 'frequencies to begin at, from 1 to 8'] },
  async ({ device, steps, starts, progress, show }) => {
    const t = linspace(0, 6, 80, { device })
    const y = oscillation(tensor([truth], { device }), t).add(randn([80], { device }).mul(noise))
    // All beginnings side by side, a row each. They differ in ω: the loss has several valleys along it.
    const first = Array.from({ length: starts }, (_, i) => [1, 0.1, 1 + (7 * i) / (starts - 1), 0, 0])
    const theta = tensor(first, { device, requiresGrad: true })
    const losses = () => oscillation(theta, t).sub(y).square().mean(1)

    const adam = new optim.Adam([theta], { lr: 0.05 })
    const schedule = new optim.CosineAnnealingLR(adam, { tMax: steps })
    for (let step = 1; step <= steps; step++) {
      scope(() => {
        adam.zeroGrad()
        losses().sum().backward() // each row gets the gradient of its own loss
        adam.step()
        schedule.step()
      })
      if (step % 50 === 0) await theta.sum().item() // the device keeps up with the bar
      progress(step, steps)
    }
    const ends = (await noGrad(losses).array()) as number[]
    const best = ends.indexOf(Math.min(...ends))
    const found = ((await theta.array()) as number[][])[best]
    const solved = ends.filter((loss) => loss < 2 * noise ** 2).length

    console.log(
      table(
        ['', 'found', 'true'],
        names.map((name, k) => [name, found[k].toFixed(3), truth[k].toFixed(3)]),
      ),
    )
    console.log(`\nloss ${ends[best].toFixed(4)}, the noise has variance ${(noise ** 2).toFixed(4)}`)
    console.log(`${solved} of ${starts} beginnings get there`)
    const fit = noGrad(() => oscillation(theta.at([best, best + 1]), t))
    const [x, measured, fitted] = (await Promise.all([t, y, fit.flatten()].map((v) => v.array()))) as number[][]
    const lines = [
      { name: 'measured', x, y: measured, dots: true },
      { name: 'fitted', x, y: fitted },
    ]
    const svg = show({ title: 'A damped oscillation', xLabel: 'time', yLabel: 'y', lines })
    return { found, truth, loss: ends[best], solved, svg }
  },
)
