/**
 * @file What does a gradient cost? Every op of a forward and a backward pass is watched, and its multiplications and
 * additions are counted: backward is about twice forward, however many weights there are. Nudging each weight instead
 * takes an evaluation per weight. The times are measured too; they depend on the machine, the counts do not.
 *
 *   npx tsx examples/questions/cost.ts [--device webgpu]
 */
import { nn, onCall, randn, scope, type Tensor } from 'handgrad'
import { table } from '../chart.ts'
import { program } from '../run.ts'

const [layers, batch] = [4, 64]
const views = ['permute', 'reshape', 'expand'] // another way to look at the same numbers: nothing is computed

/** Operations that an action takes: a product [m, k] × [k, n] takes m·n·k, a bias and other ops one per element. */
function counted<T>(action: () => T): { result: T; operations: number } {
  let operations = 0
  const off = onCall(({ op, inputs, outputs }) => {
    const [input, output] = [inputs[0] ?? outputs[0], outputs[0]]
    const product = output.numel * input.shape[input.shape.length - 1]
    if (op.name === 'linear') operations += product + output.numel
    else if (op.name === 'matmul') operations += product
    else if (!views.includes(op.name)) operations += Math.max(input.numel, output.numel)
  })
  try {
    return { result: action(), operations }
  } finally {
    off()
  }
}
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]

export const main = program(
  import.meta.url,
  'What does a gradient cost? Operations and time of backward against forward.',
  { steps: [15, 'passes that are timed, for each width'], widest: [128, 'units of the widest network'] },
  async ({ device, steps, widest, progress, show }) => {
    const widths = [4, 8, 16, 32, 64, 128, 256, 512].filter((width) => width <= widest)
    const rows: { width: number; weights: number; forward: number; backward: number; times: number }[] = []
    for (const width of widths) {
      const stack = Array.from({ length: layers }, () => [new nn.Linear(width, width), new nn.Tanh()])
      const model = await new nn.Sequential(...stack.flat()).to(device)
      const x = randn([batch, width], { device })
      const evaluate = (): Tensor => model.forward(x).square().mean()
      const [there, back] = scope(() => {
        const forward = counted(evaluate)
        return [forward.operations, counted(() => forward.result.backward()).operations]
      })
      // Time: a pass of forward alone, and one of both; sync waits until the device has done its work.
      const times: number[][] = [[], []]
      for (let i = 0; i < 2 * steps; i++) {
        const start = performance.now()
        scope(() => {
          const loss = evaluate()
          if (i % 2) loss.backward()
        })
        await device.sync()
        times[i % 2].push(performance.now() - start)
      }
      const weights = model.parameters().reduce((sum, p) => sum + p.numel, 0)
      rows.push({ width, weights, forward: there, backward: back, times: median(times[1]) / median(times[0]) })
      progress(rows.length, widths.length, `width ${width}`)
    }
    const ratio = ({ forward, backward }: { forward: number; backward: number }) => backward / forward
    const cells = rows.map((r) => [r.width, r.weights, r.forward, r.backward, ratio(r).toFixed(2)])
    console.log(table(['width', 'weights', 'operations forward', 'backward', 'ratio'], cells))
    // Products: forward one per layer; backward two, G·W and Gᵀ·x, but only Gᵀ·x for the first layer: x needs none.
    console.log(`\nproducts of matrices alone: (2·${layers} − 1)/${layers} = ${(2 - 1 / layers).toFixed(2)}`)
    console.log(`time of forward and backward in forwards: ${rows.map(({ times }) => times.toFixed(1)).join(', ')}`)
    const x = rows.map(({ weights }) => weights)
    const lines = [
      { name: 'perturbation: one for each weight', x, y: x.map((n) => n + 1) },
      { name: 'backprop', x, y: rows.map((row) => 1 + ratio(row)) },
    ]
    const svg = show({ title: 'What a gradient costs', xLabel: 'weights', yLabel: 'forward passes', log: 'xy', lines })
    return { rows: rows.map((row) => ({ ...row, ratio: ratio(row) })), svg }
  },
)
