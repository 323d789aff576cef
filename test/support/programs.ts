/**
 * @file Random programs: chains of up to twelve differentiable ops on square matrices, as data, so that the same one
 * runs on any device in any precision. For property tests (fast-check makes and shrinks them).
 */
import fc from 'fast-check'
import {
  avgPool2d,
  cat,
  conv2d,
  type Device,
  type DType,
  einsum,
  gelu,
  layerNorm,
  mish,
  pad,
  scaledDotProductAttention,
  silu,
  stack,
  type Tensor,
  tensor,
} from '../../src/index.ts'

/** One op: which, and which earlier values it takes. */
export interface Instruction {
  readonly op: number
  readonly a: number
  readonly b: number
}
export interface Program {
  /** Rows and columns. */
  readonly n: number
  /** Values of two leaves, exact in float32. */
  readonly leaves: readonly (readonly number[])[]
  readonly steps: readonly Instruction[]
}

/** Ops that keep the shape and the size of values: smooth, so that precisions may be compared. */
const smooth: readonly ((a: Tensor, b: Tensor, n: number) => Tensor)[] = [
  (a, b) => a.add(b),
  (a, b) => a.sub(b).mul(0.5),
  (a, b) => a.mul(b).tanh(),
  (a, b) => a.div(b.square().add(1)),
  (a) => a.tanh().exp().sub(1),
  (a) => a.square().add(1).log(),
  (a) => a.square().add(0.5).sqrt().sub(a),
  (a) => a.sin().add(a.cos()),
  (a) => a.sigmoid(),
  (a) => a.softplus().tanh(),
  (a) => a.erf(),
  (a, b, n) => a.matmul(b).mul(1 / n),
  (a, b, n) =>
    a
      .transpose()
      .matmul(b.transpose())
      .mul(1 / n),
  (a) => a.softmax(0),
  (a, b) => a.add(b.logSoftmax(1)).mul(0.2),
  (a, b) => a.sum(0, { keepdim: true }).mul(0.3).add(b),
  (a, b) => a.mul(b.mean(1, { keepdim: true })).tanh(),
  (a) => a.transpose(),
  (a, _, n) =>
    a
      .reshape([n * n])
      .slice([null, null, -1])
      .reshape([n, n]),
  (a, b, n) => cat([a, b], 1).slice(null, [1, n + 1]),
  (a, b) => stack([a, b], 2).sum(2).mul(0.5),
  (a, b, n) => a.slice([0, 1]).expand([n, n]).add(b.tanh()),
  (a, _, n) =>
    a.indexSelect(
      0,
      Array.from({ length: n }, (_v, i) => (i * 3 + 1) % n),
    ),
  (a, b, n) => a.indexAdd(1, [0, n - 1], b.slice(null, [0, 1]).expand([n, 2])),
  (a, b) => silu(a).sub(gelu(b)).tanh(),
  (a, b) => mish(a).mul(0.5).add(b.atan()).mul(0.5),
  (a, b) => a.logaddexp(b).mul(0.5),
  (a, b) => a.atan2(b.square().add(1)),
  (a, b) => a.lerp(b, 0.3),
  (a, b) => a.cumsum(0).mul(0.3).add(b.logcumsumexp(1).tanh()),
  (a) => a.logsumexp(1, { keepdim: true }).sub(a).tanh(),
  (a, b) => a.var(0, { correction: 0, keepdim: true }).add(b.square()).add(1).sqrt(),
  (a, b) => a.tril().add(b.triu(1)),
  (a, b) => a.flip(0).mul(0.5).sub(b.roll(1, 1).mul(0.5)),
  (a, b) =>
    cat(a.split(1, 0), 0)
      .add(stack(b.unbind(1), 1))
      .mul(0.5),
  (a, _, n) =>
    a.gather(
      1,
      tensor(
        Int32Array.from({ length: n * n }, (_v, i) => (i * 7) % n),
        { shape: [n, n], device: a.device },
      ),
    ),
  (a, b, n) => layerNorm(a, [n], b.slice([0, 1]).reshape([n]), null, { eps: 0.5 }),
  (a, b) => scaledDotProductAttention(a, b, a.sub(b).mul(0.5)),
  (a, b) => scaledDotProductAttention(b, a, b, { isCausal: true }),
  (a, b, n) =>
    conv2d(a.reshape([1, 1, n, n]), b.reshape([1, 1, n, n]), null, { padding: n - 1 })
      .slice(null, null, [0, n], [n - 1, 2 * n - 1])
      .reshape([n, n])
      .mul(1 / n),
  (a, b, n) =>
    avgPool2d(pad(a.add(b), [0, 1, 1, 0]).reshape([1, 1, n + 1, n + 1]), 2, { stride: 1 })
      .reshape([n, n])
      .mul(0.5),
  (a, b, n) => einsum('ij,kj->ik', a, b).mul(1 / n),
  (a, b) => a.mul(b).maximum(-9).clamp({ max: 9 }).mul(0.2),
]

const value = fc.integer({ min: -2048, max: 2048 }).map((v) => v / 1024)

export const programs: fc.Arbitrary<Program> = fc.integer({ min: 1, max: 4 }).chain((n) =>
  fc.record({
    n: fc.constant(n),
    leaves: fc.array(fc.array(value, { minLength: n * n, maxLength: n * n }), { minLength: 2, maxLength: 2 }),
    steps: fc.array(fc.record({ op: fc.nat(smooth.length - 1), a: fc.nat(20), b: fc.nat(20) }), {
      minLength: 1,
      maxLength: 12,
    }),
  }),
)

/** Where and as what a program's leaves are made. */
export function leavesOf({ n, leaves }: Program, device: Device, dtype: DType): Tensor[] {
  return leaves.map((data) => tensor([...data], { shape: [n, n], device, dtype, requiresGrad: true }))
}

/** The last value of the program; it depends on the newest values most. */
export function run({ n, steps }: Program, leaves: readonly Tensor[]): Tensor {
  const values = [...leaves]
  for (const { op, a, b } of steps) {
    const pick = (i: number) => values[Math.max(0, values.length - 1 - (i % Math.min(values.length, 4)))]
    values.push(smooth[op](pick(a), pick(b), n))
  }
  return values[values.length - 1]
}
