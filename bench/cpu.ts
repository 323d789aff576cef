/** @file The CPU kernels besides matmul, beside tfjs on the CPU: what is bound by memory or by transcendental functions. */
import { randn, scope, type Tensor } from '../src/node.ts'
import { against, type Figure, figure, type Setting, time, verify } from './harness.ts'
import { tf, tfjs } from './peers.ts'

type Peer = ReturnType<typeof tf.tensor2d>

interface Workload {
  readonly name: string
  ours(x: Tensor): Tensor
  theirs(x: Peer): ReturnType<typeof tf.tensor>
}

const ROWS = 1024
const COLS = 512
const workloads: readonly Workload[] = [
  { name: 'add', ours: (x) => x.add(x), theirs: (x) => tf.add(x, x) },
  {
    name: 'chain of 4, (2x + 1)·relu(x)',
    ours: (x) => x.mul(2).add(1).mul(x.relu()),
    theirs: (x) => tf.mul(tf.add(tf.mul(x, 2), 1), tf.relu(x)),
  },
  { name: 'tanh', ours: (x) => x.tanh(), theirs: (x) => tf.tanh(x) },
  { name: 'row sums', ours: (x) => x.sum(1), theirs: (x) => tf.sum(x, 1) },
  { name: 'sum', ours: (x) => x.sum(), theirs: (x) => tf.sum(x) },
  { name: 'softmax of rows', ours: (x) => x.softmax(1), theirs: (x) => tf.softmax(x) },
  { name: 'transposed copy', ours: (x) => x.transpose().clone(), theirs: (x) => tf.transpose(x) },
]

export async function cpu({ device }: Setting): Promise<Figure[] | null> {
  if (device.kind !== 'cpu') return null
  const x = randn([ROWS, COLS], { device })
  const peer = tf.tensor2d((await x.data()) as Float32Array, [ROWS, COLS])
  const figures: Figure[] = []
  for (const { name, ours, theirs } of workloads) {
    const [got, want] = [await scope(() => ours(x)).data(), tf.tidy(() => [...theirs(peer).dataSync()])]
    // tfjs sums in float32, one after the other: its error grows with the count.
    const error = want.reduce((most, v, i) => Math.max(most, Math.abs(v - got[i])), 0)
    verify(name, error, 1e-4 * Math.sqrt(name === 'sum' ? ROWS * COLS : 1))
    const names = [`${name}, ${ROWS}×${COLS}`, `${name}, ${ROWS}×${COLS}, ${tfjs}`]
    const times = await time(name, [
      { name: names[0], run: () => scope(() => void ours(x)) },
      { name: names[1], run: () => tf.tidy(() => void theirs(peer).dataSync()) },
    ])
    const [mine, other] = names.map((n) => figure(n, 'ms', times.get(n) ?? [], (s) => s * 1e3))
    figures.push(against(mine, other, tfjs), other)
  }
  peer.dispose()
  return figures
}
