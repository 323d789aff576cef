/**
 * @file Matrix products: squares and the shapes of a small classifier's training step. On the CPU compared with tfjs,
 * on WebGPU each variant of the kernel compared with the adapter's multiply-add peak.
 */
import { type Device, device as open, randn, scope, type Tensor } from '../src/node.ts'
import type { WebGPUDevice } from '../src/webgpu/device.ts'
import { plans } from '../src/webgpu/plans.generated.ts'
import { against, type Case, type Figure, figure, type Setting, time, verify } from './harness.ts'
import { peak } from './peak.ts'
import { tf, tfjs } from './peers.ts'

interface Product {
  readonly name: string
  readonly m: number
  readonly n: number
  readonly k: number
  /** Which operand is given as the transpose of a contiguous matrix. */
  readonly turned?: 'a' | 'b'
}

const square = (n: number): Product => ({ name: `${n}`, m: n, n, k: n })
const squares = [64, 128, 256, 512].map(square)
/** Forward, weight gradient, input gradient of 784–256 at batch 64. */
const layer: Product[] = [
  { name: '64×784 · (256×784)ᵀ', m: 64, k: 784, n: 256, turned: 'b' },
  { name: '(64×256)ᵀ · 64×784', m: 256, k: 64, n: 784, turned: 'a' },
  { name: '64×256 · 256×784', m: 64, k: 256, n: 784 },
]

const flop = ({ m, n, k }: Product): number => 2 * m * n * k

function operands({ m, n, k, turned }: Product, device: Device): [Tensor, Tensor] {
  const a = turned === 'a' ? randn([k, m], { device }).transpose() : randn([m, k], { device })
  const b = turned === 'b' ? randn([n, k], { device }).transpose() : randn([k, n], { device })
  return [a, b]
}

/** 200 of the results against float64 sums: |error| ≤ 2√k·u·Σ|a||b|, what float32 sums may be off. */
async function check(name: string, { m, n, k }: Product, a: Tensor, b: Tensor): Promise<void> {
  const [x, y] = [await a.data(), await b.data()]
  const z = await scope(() => a.matmul(b)).data()
  for (let s = 0; s < 200; s++) {
    const at = Math.floor((s / 200) * m * n)
    const [i, j] = [Math.floor(at / n), at % n]
    let [exact, scale] = [0, 0]
    for (let l = 0; l < k; l++) {
      exact += x[i * k + l] * y[l * n + j]
      scale += Math.abs(x[i * k + l] * y[l * n + j])
    }
    verify(`${name} [${i}, ${j}]`, Math.abs(z[at] - exact), 2 * Math.sqrt(k) * 2 ** -24 * scale)
  }
}

/** Enough products per call to outweigh the wait at its end. */
function repeated(a: Tensor, b: Tensor, count: number): () => Promise<void> {
  return async () => {
    scope(() => {
      for (let i = 0; i < count; i++) a.matmul(b)
    })
    await a.device.sync()
  }
}

async function onCpu({ device, full }: Setting): Promise<Figure[]> {
  const limit = peak(device)
  const figures = [limit.figure((await time(limit.name, [limit])).get(limit.name) ?? [])]
  for (const product of [...squares, ...(full ? [square(1024)] : []), ...layer]) {
    const [a, b] = operands(product, device)
    await check(product.name, product, a, b)
    const { m, n, k } = product
    const [x, y] = [
      tf.tensor2d((await a.data()) as Float32Array, [m, k]),
      tf.tensor2d((await b.data()) as Float32Array, [k, n]),
    ]
    const peer = () => {
      const z = tf.matMul(x, y)
      z.dataSync()
      z.dispose()
    }
    const count = Math.max(1, Math.round(2e6 / flop(product)))
    const names = [`matmul ${product.name}`, `matmul ${product.name}, ${tfjs}`]
    const times = await time(`matmul ${product.name}`, [
      { name: names[0], run: repeated(a, b, count) },
      { name: names[1], run: peer },
    ])
    const theirs = figure(names[1], 'GFLOP/s', times.get(names[1]) ?? [], (s) => flop(product) / s / 1e9)
    const ours = figure(names[0], 'GFLOP/s', times.get(names[0]) ?? [], (s) => (count * flop(product)) / s / 1e9)
    figures.push(against(ours, theirs, tfjs), theirs)
    tf.dispose([x, y])
  }
  return figures
}

async function onWebGPU({ device, full }: Setting): Promise<Figure[]> {
  const limit = peak(device)
  const cases: Case[] = [limit]
  const rates: ((times: Map<string, number[]>) => Figure)[] = []
  const forced: Device[] = []
  const sizes = [...squares.slice(1), square(1024), ...(full ? [square(2048)] : [])]
  for (const variant of ['chosen', ...Object.keys(plans.matmul.variants)]) {
    const chosen = variant === 'chosen'
    const own = chosen ? (device as WebGPUDevice) : await open('webgpu', { force: { matmul: variant } })
    if (!chosen) forced.push(own)
    const ran = (): number => own.counts()[`matmul/${variant}`] ?? 0
    // Variants that this adapter would not choose may be slow: of each, one square, and more only when asked for.
    for (const product of [...(chosen || full ? sizes : [square(256)]), ...layer]) {
      const [a, b] = operands(product, own)
      const before = ran()
      await check(`${product.name} by ${variant}`, product, a, b)
      // Where a variant does not fit, another one ran.
      if (!chosen && ran() === before) continue
      const count = Math.max(1, Math.round(2e8 / flop(product)))
      const name = `matmul ${product.name}, ${variant}`
      cases.push({ name, run: repeated(a, b, count) })
      rates.push((times) => figure(name, 'GFLOP/s', times.get(name) ?? [], (s) => (count * flop(product)) / s / 1e9))
    }
  }
  // All take turns, those of every variant and the peak: a slow minute of the machine meets them all.
  const times = await time('matmul', cases)
  for (const own of forced) own.destroy()
  const most = limit.figure(times.get(limit.name) ?? [])
  return [most, ...rates.map((rate) => against(rate(times), most))]
}

export const matmul = (setting: Setting): Promise<Figure[]> =>
  setting.device.kind === 'cpu' ? onCpu(setting) : onWebGPU(setting)
