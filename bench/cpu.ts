/**
 * @file The CPU kernels other than matmul, compared with tfjs on the CPU: what is bound by memory or by transcendental
 * functions.
 */
import { randn, scope } from '../src/node.ts'
import { against, type Figure, figure, type Setting, time, verify } from './harness.ts'
import { tf, tfjs } from './peers.ts'
import { COLS, cpuOps, ROWS } from './workloads.ts'

type Peer = ReturnType<typeof tf.tensor2d>

/** The same in tfjs. */
const peers: Readonly<Record<keyof typeof cpuOps, (x: Peer) => ReturnType<typeof tf.tensor>>> = {
  add: (x) => tf.add(x, x),
  'chain of 4, (2x + 1)·relu(x)': (x) => tf.mul(tf.add(tf.mul(x, 2), 1), tf.relu(x)),
  tanh: (x) => tf.tanh(x),
  'row sums': (x) => tf.sum(x, 1),
  sum: (x) => tf.sum(x),
  'softmax of rows': (x) => tf.softmax(x),
  'transposed copy': (x) => tf.transpose(x),
}

export async function cpu({ device }: Setting): Promise<Figure[] | null> {
  if (device.kind !== 'cpu') return null
  const x = randn([ROWS, COLS], { device })
  const peer = tf.tensor2d((await x.data()) as Float32Array, [ROWS, COLS])
  const figures: Figure[] = []
  for (const [name, ours] of Object.entries(cpuOps)) {
    const theirs = peers[name as keyof typeof cpuOps]
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
