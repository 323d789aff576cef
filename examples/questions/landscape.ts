/**
 * @file Is the minimum global? Two landscapes. The first has one parameter, so that all of it can be drawn: sin(ωx) is
 * fitted to sin(4x) from 41 beginnings, and most end in minima that are not global. The second is of networks: students
 * of two units end at two losses, those of twelve below either. Slices show what lies between: the straight line from
 * the best student to one that is stuck, and to its own mirror image, its units in the other order.
 *
 *   npx tsx examples/questions/landscape.ts [--device webgpu]
 */
import { grad, linspace, noGrad, optim, randn, scope, type Tensor, tensor } from 'handgrad'
import { table } from '../chart.ts'
import { program } from '../run.ts'

const [WAVES, STUDENTS] = [41, 24]

/** f(x) = Σₖ vₖ tanh(wₖx + bₖ). θ is [networks, 3, units], its rows w, b, v; x is [points, 1]: [networks, points]. */
function network(x: Tensor, theta: Tensor): Tensor {
  const [w, b, v] = theta.split(1, 1)
  return x.mul(w).add(b).tanh().mul(v).sum(2)
}

export const main = program(
  import.meta.url,
  'Is the minimum global? Where many descents end, and the loss along lines between the ends.',
  { steps: [300, 'of each descent'], lr: [0.1, 'its rate; for the students it falls to 0 along a cosine'] },
  async ({ device, steps, lr, progress, show }) => {
    const on = { device, dtype: device.kind === 'cpu' ? 'float64' : 'float32' } as const
    const x = linspace(-3, 3, 30, on).unsqueeze(1)
    const numbers = async (t: Tensor) => (await t.detach().array()) as number[]

    // One parameter: L(ω) = mean (sin ωx − sin 4x)², for many ω at once: [30, 1] · [41] → [30, 41] → [41]
    const wave = (omega: Tensor) => x.mul(omega).sin().sub(x.mul(4).sin()).square().mean(0)
    const omega = linspace(1, 8, WAVES, on).requiresGrad_()
    const sgd = new optim.SGD([omega], { lr })
    for (let step = 0; step < steps; step++) {
      scope(() => {
        sgd.zeroGrad()
        wave(omega).sum().backward() // ∂/∂ωᵢ of the sum is L′(ωᵢ)
        sgd.step()
      })
    }
    const slope = grad(wave(omega).sum(), omega, { createGraph: true })
    const bend = grad(slope.sum(), omega) // L″(ωᵢ): each slope depends on its own ω alone
    const ends = await Promise.all([omega, wave(omega), slope, bend].map(numbers))
    const [at, loss, slopes, bends] = ends
    const minima = at
      .map((_, i) => ({ at: at[i], loss: loss[i], slope: Math.abs(slopes[i]), bend: bends[i], same: 1 }))
      .sort((a, b) => a.at - b.at)
      .filter((one, _, all) => {
        const first = all.find((other) => one.at - other.at < 0.1) // ends within 0.1 are one minimum
        if (first && first !== one) first.same++
        return first === one
      })
    const rows = minima.map((m) => [m.at.toFixed(2), m.loss.toFixed(3), m.slope.toFixed(3), m.bend.toFixed(1), m.same])
    console.log(table(['ω', 'loss', '|L′|', 'L″', 'descents'], rows))
    const grid = linspace(0, 9, 181, on)
    const whole = { name: 'L(ω)', x: await numbers(grid), y: await numbers(wave(grid)) }
    const lines = [whole, { name: 'ends of descents', x: at, y: loss, dots: true }]
    const svg = show({ title: 'One parameter: all of the landscape', xLabel: 'ω', yLabel: 'loss', lines })

    // Networks. A teacher of three units; students side by side: the sum of their losses gives each its own gradient.
    const y = network(x, tensor([1.5, 2, -3, 2, 0, 4, 1, -1.5, 1], { ...on, shape: [1, 3, 3] })) // w, b, v
    const losses = (theta: Tensor) => network(x, theta).sub(y).square().mean(1)
    const train = async (units: number, done: number) => {
      const theta = randn([STUDENTS, 3, units], on).mul(2).requiresGrad_()
      const adam = new optim.Adam([theta], { lr })
      const schedule = new optim.CosineAnnealingLR(adam, { tMax: steps })
      for (let step = 1; step <= steps; step++) {
        scope(() => {
          adam.zeroGrad()
          losses(theta).sum().backward()
          adam.step()
          schedule.step()
        })
        if (step % 50 === 0) await theta.sum().item() // the device keeps up with the bar
        progress(done + step, 2 * steps, `${units} units`)
      }
      const ends = await numbers(noGrad(() => losses(theta)))
      return ends.map((loss, i) => ({ loss, theta: theta.detach().at([i, i + 1]) })).sort((a, b) => a.loss - b.loss)
    }
    const [narrow, wide] = [await train(2, 0), await train(12, steps)]
    console.log('\nevery third student, best first')
    for (const [units, students] of Object.entries({ 2: narrow, 12: wide })) {
      const some = students.filter((_, i) => i % 3 === 0).map(({ loss }) => loss.toFixed(4))
      console.log(`${units.padStart(2)} units: ${some.join('  ')}`)
    }
    // A slice: θ(t) = (1 − t)·best + t·other, for many t at once.
    const [best, stuck] = [narrow[0].theta, narrow[STUDENTS / 2].theta]
    const t = linspace(0, 1, 41, on)
    const along = (other: Tensor) => numbers(losses(best.lerp(other, t.reshape(41, 1, 1))))
    const slices = { twin: await along(best.flip(2)), stuck: await along(stuck) }
    const drawn = [
      { name: 'to itself with its units swapped', x: await numbers(t), y: slices.twin },
      { name: 'to a student that is stuck', x: await numbers(t), y: slices.stuck },
    ]
    const title = 'Along straight lines from the best student of two units'
    show({ title, xLabel: 't', yLabel: 'loss', lines: drawn }, 'landscape-slice')
    const lossesOf = (students: typeof narrow) => students.map(({ loss }) => loss)
    return { minima, narrow: lossesOf(narrow), wide: lossesOf(wide), slices, svg }
  },
)
