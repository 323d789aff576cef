/**
 * @file A Hessian-vector product by double backward: `hvp` computes H·v = ∇(∇L · v) without ever forming H. L is the
 * loss of a small network; the result is compared with float64 on the CPU.
 *
 *   npx tsx examples/hvp.ts [--device webgpu]
 */
import { cat, type Device, hvp, manualSeed, nn, device as open, randn, scope, type Tensor, tensor } from 'handgrad'
import { run } from './run.ts'

/** Loss of a 5–8–3 network with weights `w`. */
function loss(w: readonly Tensor[], x: Tensor, t: Tensor): Tensor {
  const h = x.matmul(w[0]).add(w[1]).tanh()
  return nn.functional.crossEntropy(h.matmul(w[2]).add(w[3]), t)
}

/** H·v, all weights in one row. */
function curvature(w: readonly Tensor[], v: readonly Tensor[], x: Tensor, t: Tensor): Tensor {
  return scope(() => cat(hvp((...at) => loss(at, x, t), w, v).products.map((h) => h.reshape([-1]))))
}

export async function main(device: Device) {
  manualSeed(3)
  const cpu = await open('cpu')
  const shapes = [[5, 8], [8], [8, 3], [3]]
  const w = shapes.map((s) => randn(s, { device: cpu }).mul(0.5))
  const v = shapes.map((s) => randn(s, { device: cpu }))
  const x = randn([16, 5], { device: cpu })
  const t = tensor(
    Int32Array.from({ length: 16 }, (_, i) => i % 3),
    { device: cpu },
  )

  const exact = await curvature(
    w.map((p) => p.to('float64')),
    v.map((p) => p.to('float64')),
    x.to('float64'),
    t,
  ).data()
  const move = (p: Tensor) => p.to(device)
  const there = await Promise.all(w.map(move))
  const found = await curvature(there, await Promise.all(v.map(move)), await move(x), await move(t)).data()

  const norm = Math.hypot(...Array.from(exact))
  const off = Math.hypot(...Array.from(exact, (e, i) => e - found[i])) / norm
  console.log(
    `|H·v| = ${norm.toFixed(6)} for ${exact.length} weights; ${device.name} is off by ${off.toExponential(1)} of it`,
  )
  return { norm, off }
}

await run(import.meta.url, main)
