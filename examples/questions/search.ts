/**
 * @file Hyper-parameter search: grid against random, at the same price. Two numbers are searched, the learning rate, on
 * which nearly all depends, and the weight decay, on which little does. A grid of 4 × 4 tries four learning rates, 16
 * random points try sixteen. Ten of each, with other seeds: one search alone says little. All trials are trained side
 * by side, the first axis of every tensor counts them, and winners are judged on data that had no part in the choice.
 *
 *   npx tsx examples/questions/search.ts [--device webgpu]
 */
import { noGrad, rand, randn, scope, type Tensor, tensor } from 'handgrad'
import { table } from '../chart.ts'
import { program } from '../run.ts'

const [features, hidden, side] = [6, 8, 4]
const enough = 0.25 // a validation loss to be content with: the noise has 0.09, no learning 0.5
const between = ([low, high]: readonly [number, number], u: number) => low * (high / low) ** u // even in the logarithm
const rates = [0.001, 30] as const
const decays = [1e-6, 1e-2] as const

export const main = program(
  import.meta.url,
  'Hyper-parameter search: a grid against random points, with seeds.',
  { steps: [80, 'of gradient descent in each trial'], seeds: [10, 'searches of each kind'] },
  async ({ device, steps, seeds, progress, show }) => {
    // y = sin of one direction + noise; small sets, so that the choice among many is a matter of luck too.
    const direction = randn([features], { device }).div(2)
    const draw = (count: number) => {
      const x = randn([count, features], { device })
      return {
        x,
        y: x
          .matmul(direction)
          .sin()
          .add(randn([count], { device }).mul(0.3)),
      }
    }
    const [training, validation, test] = [draw(60), draw(60), draw(200)]

    // Points of the unit square. A grid is shifted as a whole, by less than its spacing; random points go anywhere.
    const budget = side * side
    const shifts = (await rand([seeds, 2]).array()) as number[][]
    const cell = (i: number, shift: number) => (i + shift) / side
    const grids = shifts.flatMap(([u, v]) =>
      Array.from({ length: budget }, (_, i) => [cell(Math.floor(i / side), u), cell(i % side, v)]),
    )
    const random = (await rand([seeds * budget, 2]).array()) as number[][]
    const points = [...grids, ...random].map(([u, v]) => [between(rates, u), between(decays, v)])
    const column = (k: number) =>
      tensor(
        points.map((point) => point[k]),
        { shape: [points.length, 1, 1], device },
      )
    const [lr, decay] = [column(0), column(1)]

    // Every trial begins with the same weights.
    const one = [
      randn([1, features, hidden], { device }).div(Math.sqrt(features)),
      randn([1, hidden, 1], { device }).div(4),
    ]
    const copies = (w: Tensor) => w.expand(points.length, ...w.shape.slice(1)).clone()
    const weights = one.map((w) => copies(w).requiresGrad_())
    const losses = ({ x, y }: { x: Tensor; y: Tensor }) =>
      x.matmul(weights[0]).tanh().matmul(weights[1]).squeeze(2).sub(y).square().mean(1)
    for (let step = 1; step <= steps; step++) {
      scope(() => {
        for (const w of weights) w.zeroGrad()
        losses(training).sum().backward()
        // w ← w − η (∂L/∂w + λw), with η and λ of each trial
        noGrad(() => weights.forEach((w) => w.sub_(w.grad.add(w.mul(decay)).mul(lr))))
      })
      if (step % 20 === 0) await weights[1].sum().item() // the device keeps up with the bar
      progress(step, steps)
    }
    const [chosenBy, judgedBy] = await Promise.all(
      [validation, test].map(async (set) => (await noGrad(() => losses(set)).array()) as number[]),
    )
    // The best of each search by validation; a trial that broke (NaN) loses.
    const winners = Array.from({ length: 2 * seeds }, (_, search) => {
      const trials = Array.from({ length: budget }, (_, i) => search * budget + i)
      const best = trials.reduce((a, b) => (chosenBy[b] < chosenBy[a] || Number.isNaN(chosenBy[a]) ? b : a))
      return { rate: points[best][0], decay: points[best][1], validation: chosenBy[best], test: judgedBy[best] }
    })
    const kinds = { 'grid 4 × 4': winners.slice(0, seeds), 'random 16': winners.slice(seeds) }
    const all = Object.values(kinds).map((ones) => [...ones].sort((p, q) => p.validation - q.validation))
    const rows = Object.keys(kinds).map((kind, k) => {
      const [first, middle, last] = [0, seeds >> 1, seeds - 1].map((i) => all[k][i].validation.toFixed(3))
      return [kind, first, middle, last, all[k][seeds >> 1].test.toFixed(3)]
    })
    const head = [`${seeds} searches each`, 'luckiest', 'median', 'unluckiest', 'median winner on test data']
    console.log(table(head, rows))
    // What the search is about: the loss over the learning rate, with all decays in one cloud.
    const good = points.map(([rate], i) => ({ rate, loss: chosenBy[i] })).filter(({ loss }) => loss < 3)
    const within = good.filter(({ loss }) => loss < enough).map(({ rate }) => rate)
    const [low, high] = [Math.min(...within), Math.max(...within)]
    const share = Math.log(high / low) / Math.log(rates[1] / rates[0])
    const hits = all.map((ones) => ones.filter(({ validation }) => validation < enough).length)
    const chances = { grid: Math.min(1, side * share), random: 1 - (1 - share) ** budget }
    console.log(
      `\na loss below ${enough}: rates from ${low.toFixed(2)} to ${high.toFixed(2)}, ${(100 * share).toFixed(0)} % of what is searched`,
    )
    const [grid4, random16] = [chances.grid, chances.random].map((chance) => chance.toFixed(2))
    console.log(`chance to hit that: grid 4s = ${grid4}, random 1 − (1 − s)¹⁶ = ${random16}`)
    console.log(`searches that did: ${hits[0]} of ${seeds} grids, ${hits[1]} of ${seeds} random ones`)
    const rate = good.map((one) => one.rate)
    const cloud = { name: 'all trials', x: rate, y: good.map(({ loss }) => loss), dots: true }
    const winning = all.map((ones, k) => {
      const [x, y] = [ones.map((one) => one.rate), ones.map((one) => one.validation)]
      return { name: `winners, ${Object.keys(kinds)[k]}`, x, y, dots: true }
    })
    const [title, xLabel] = ['Hyper-parameter search', 'learning rate']
    const svg = show({ title, xLabel, yLabel: 'validation loss', log: 'x', lines: [cloud, ...winning] })
    const [grid, randomly] = all
    return { grid, random: randomly, chances, share, hits, svg }
  },
)
