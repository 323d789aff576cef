/**
 * @file An op of your own in one file: WGSL kernel, CPU twin, gradient. Here the softsign y = x / (1 + |x|), whose
 * gradient dy/dx = 1 / (1 + |x|)² is written in ops that have gradients themselves, so second derivatives come for
 * free.
 *
 *   npx tsx examples/own-op.ts [--device webgpu]
 */
import { defineKernel, defineOp, grad, gradcheck, gradgradcheck, launch, linspace, randn, type Tensor } from 'handgrad'
import { program } from './run.ts'

const softsignKernel = defineKernel({
  // One thread per element: a kernel with one entry point and a param `size` needs no plan.
  wgsl: `
// kernel: softsign
struct Params { size: u32, offset: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@compute @workgroup_size(256)
fn softsign(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane; // groups past 65,535 fold into y
  if (i >= p.size) { return; }
  let v = x[p.offset + i];
  y[i] = v / (1.0 + abs(v));
}`,
  cpu: ([y, x], { size, offset }) => {
    for (let i = 0; i < size; i++) y[i] = x[offset + i] / (1 + Math.abs(x[offset + i]))
  },
})

const softsignOp = defineOp({
  name: 'softsign',
  inputs: ['x'],
  dtypes: ['float32', 'float64'],
  contiguous: ['x'], // other layouts are copied first
  shape: ([x]) => ({ shape: x.shape }),
  launch: ([x], [y]) => launch('softsign', softsignKernel, [y, x], { size: x.numel, offset: x.layout.offset }),
  saves: { x: ['x'] },
  vjp: { x: ({ g, x }) => g.div(x.abs().add(1).square()) },
})

/** y = x / (1 + |x|). */
export const softsign = (x: Tensor): Tensor => softsignOp([x], {})

export const main = program(
  import.meta.url,
  'An op of your own: WGSL kernel, CPU twin, gradient; checked to the second derivative.',
  { steps: [81, 'values of x at which it is drawn'] },
  async ({ device, steps, show }) => {
    const point = randn([3, 4], { dtype: 'float64' })
    const first = await gradcheck(softsign, [point])
    const second = await gradgradcheck(softsign, [point])
    console.log(`gradient against differences:          ${first.worst.toExponential(1)}`)
    console.log(`second derivative against differences: ${second.worst.toExponential(1)}`)

    // The same numbers on the device and, in float64, on the CPU: values, and the gradient of their sum. A transposed
    // input shows that the op takes any layout.
    const values = point.to('float32')
    const on = async (x: Tensor) => {
      const y = softsign(x.requiresGrad_().transpose())
      y.sum().backward()
      return Promise.all([y.data(), x.grad.data()])
    }
    const [got, want] = [await on(await values.to(device)), await on(values.to('float64'))]
    const off = got.map((list, i) => Math.max(...Array.from(list, (v, j) => Math.abs(v - want[i][j]))))
    console.log(
      `${device.name} against float64: values ${off[0].toExponential(1)}, gradient ${off[1].toExponential(1)}`,
    )

    // It is as any op: the curve and its slopes, by differentiating twice.
    const x = linspace(-4, 4, steps, { device, requiresGrad: true })
    const y = softsign(x)
    const slope = grad(y.sum(), x, { createGraph: true })
    const bend = grad(slope.sum(), x)
    const at = Array.from(await x.data())
    const curves = { 'softsign(x)': y, 'its gradient': slope, 'its second derivative': bend }
    const lines = Object.entries(curves).map(async ([name, t]) => ({ name, x: at, y: Array.from(await t.data()) }))
    show({ title: 'An op of your own', xLabel: 'x', yLabel: 'y', lines: await Promise.all(lines) })
    return { first: first.worst, second: second.worst, off: Math.max(...off) }
  },
)
