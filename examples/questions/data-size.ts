/**
 * @file How much data do I need? Networks are trained on 32 to 1,024 points. Their error on new points follows a power
 * law, c + a·n^−b: c is the floor that noise leaves, the rest is what more data takes away. The law is fitted to the
 * smaller sizes and has to predict the two largest.
 *
 *   npx tsx examples/questions/data-size.ts [--device webgpu]
 */
import { cat, noGrad, ones, optim, rand, randn, scope, type Tensor } from 'handgrad'
import { table } from '../chart.ts'
import { program } from '../run.ts'

const [hidden, noise, sizes] = [8, 0.5, [32, 64, 128, 256, 512, 1024]]
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length

/** For each floor c the line ln(e − c) = ln a − b ln n by least squares; of these laws the one that is nearest to e. */
function powerLaw(n: readonly number[], e: readonly number[], floors: readonly number[]) {
  const laws = floors.map((c) => {
    const [u, v] = [n.map(Math.log), e.map((error) => Math.log(error - c))]
    const [mu, mv] = [mean(u), mean(v)]
    const b = -mean(u.map((one, i) => (one - mu) * (v[i] - mv))) / mean(u.map((one) => (one - mu) ** 2))
    const a = Math.exp(mv + b * mu)
    const at = (size: number) => c + a * size ** -b
    return { a, b, c, at, misfit: mean(n.map((size, i) => Math.log(at(size) / e[i]) ** 2)) }
  })
  return laws.reduce((best, law) => (law.misfit < best.misfit ? law : best))
}

export const main = program(
  import.meta.url,
  'How much data? Test error over the number of samples, and the power law that predicts it.',
  { steps: [100, 'of Adam for each size'], points: [2048, 'of all networks of a size'] },
  async ({ device, steps, points, progress, show }) => {
    // Points (x₁, x₂, 1), the 1 for the bias, and y = sin(2x₁)·x₂ + noise; a set of its own for each network.
    const draw = (sets: number, count: number) => {
      const x = rand([sets, count, 2], { device }).mul(2).sub(1)
      const [x1, x2] = x.split(1, 2)
      const off = randn([sets, count, 1], { device }).mul(noise)
      return { x: cat([x, ones([sets, count, 1], { device })], 2), y: x1.mul(2).sin().mul(x2).add(off), off }
    }
    const test = draw(1, 2000)
    const ends: number[][] = []
    for (const n of sizes) {
      const seeds = Math.ceil(points / n) // small sets are a matter of luck, and cheap: more of them
      const training = draw(seeds, n)
      const w = randn([seeds, 3, hidden], { device }).div(2).requiresGrad_()
      const v = randn([seeds, hidden, 1], { device }).div(2).requiresGrad_()
      // The first axis counts networks: [seeds, n, 3] · [seeds, 3, hidden] · [seeds, hidden, 1] → an error for each.
      const errors = ({ x, y }: { x: Tensor; y: Tensor }) => x.matmul(w).tanh().matmul(v).sub(y).square().mean([1, 2])
      const adam = new optim.Adam([w, v], { lr: 0.1 })
      const schedule = new optim.CosineAnnealingLR(adam, { tMax: steps })
      for (let step = 1; step <= steps; step++) {
        scope(() => {
          adam.zeroGrad()
          errors(training).sum().backward()
          adam.step()
          schedule.step()
        })
        if (step % 20 === 0) await w.sum().item() // the device keeps up with the bar
        progress(ends.length * steps + step, sizes.length * steps, `${n} points`)
      }
      ends.push(await Promise.all([training, test].map((set) => noGrad(() => errors(set).mean()).item())))
    }
    const errors = ends.map(([, unseen]) => unseen)
    const [known, measured] = [sizes.slice(0, -2), errors.slice(0, -2)] // all but the two largest
    const floors = Array.from({ length: 200 }, (_, i) => (i / 200) * Math.min(...measured))
    const [law, bare] = [floors, [0]].map((cs) => powerLaw(known, measured, cs))
    const floor = await test.off.square().mean().item() // what the function itself would get
    const whole = powerLaw(sizes, errors, [floor])
    const rows = sizes.map((n, i) => {
      const cells = [...ends[i], law.at(n), bare.at(n), errors[i] - floor].map((e) => e.toFixed(3))
      return [n, ...cells, i < known.length ? 'fitted' : 'predicted']
    })
    console.log(table(['points', 'training', 'test', 'law', 'c = 0', 'test − noise', ''], rows))
    const text = ({ a, b, c }: typeof law) => `${c.toFixed(3)} + ${a.toFixed(2)} · n^−${b.toFixed(2)}`
    console.log(`\nlaw: ${text(law)}\nwith the noise as c, from all sizes: ${text(whole)}`)
    const lines = [
      { name: 'test error', x: sizes, y: errors, dots: true },
      { name: 'law', x: sizes, y: sizes.map(law.at) },
      { name: 'test − noise', x: sizes, y: errors.map((e) => e - floor), dots: true },
      { name: 'a·n^−b', x: sizes, y: sizes.map((n) => whole.at(n) - floor) },
    ]
    const svg = show({ title: 'Error against data size', xLabel: 'points', yLabel: 'error', log: 'xy', lines })
    return { errors, law, bare, floor, whole, svg }
  },
)
