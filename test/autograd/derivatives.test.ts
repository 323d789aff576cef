/** @file vjp, jacobian, hessian and hvp against closed forms, in float64 on the CPU. */
import { describe, expect, expectTypeOf, it, test } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import {
  CpuDevice,
  grad,
  hessian,
  hvp,
  jacobian,
  memory,
  noGrad,
  scope,
  type Tensor,
  tensor,
  vjp,
} from '../../src/index.ts'

const device = new CpuDevice()
const random = new Philox(11)
const f64 = (data: ArrayLike<number>, shape: number[] = [data.length]): Tensor =>
  tensor(Float64Array.from(data), { shape, dtype: 'float64', device })
const draw = (...shape: number[]): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1)
  return f64(
    Float64Array.from({ length: n }, () => random.normal()),
    shape,
  )
}
const near = async (x: Tensor, want: ArrayLike<number>, shape: number[]): Promise<void> => {
  expect(x.shape).toEqual(shape)
  const got = await x.data()
  expect(got.length).toBe(want.length)
  for (let i = 0; i < want.length; i++) expect(got[i]).toBeCloseTo(want[i], 11)
}

/** y = xᵀAx + b·x, with gradient (A + Aᵀ)x + b and Hessian A + Aᵀ. */
const A = draw(3, 3)
const b = draw(3)
const quadratic = (x: Tensor): Tensor => x.dot(A.matmul(x)).add(b.dot(x))

describe('vjp', () => {
  it('gives vᵀA for y = A x', async () => {
    const [a, x, v] = [draw(4, 3), draw(3), draw(4)]
    const { outputs, grads } = vjp((t) => a.matmul(t), x, v)
    expectTypeOf(grads).toEqualTypeOf<Tensor>()
    await near(outputs, await a.matmul(x).data(), [4])
    await near(grads, await v.matmul(a).data(), [3])
    expect(outputs.requiresGrad).toBe(false)
    expect(grads.requiresGrad).toBe(false)
  })
  it('needs no v for one number', async () => {
    const x = draw(5)
    const { outputs, grads } = vjp((t) => t.square().sum(), x)
    await near(outputs, [((await x.array()) as number[]).reduce((s, v) => s + v * v, 0)], [])
    await near(grads, await x.mul(2).data(), [5])
  })
  it('takes and gives lists', async () => {
    const [p, q, v, w] = [draw(2, 2), draw(2, 2), draw(2, 2), draw()]
    const { outputs, grads } = vjp((x, y) => [x.mul(y), x.sum()], [p, q], [v, w])
    expectTypeOf(outputs).toEqualTypeOf<Tensor[]>()
    expectTypeOf(grads).toEqualTypeOf<Tensor[]>()
    await near(outputs[1], await p.sum().data(), [])
    await near(grads[0], await q.mul(v).add(w).data(), [2, 2])
    await near(grads[1], await p.mul(v).data(), [2, 2])
  })
  it('gives 0 where nothing depends on an input', async () => {
    const { grads } = vjp((x, _) => x.sum(), [draw(2), draw(3)])
    await near(grads[1], [0, 0, 0], [3])
    await near(vjp((_) => f64([1], []), draw(2)).grads, [0, 0], [2])
  })
})

describe('jacobian', () => {
  it('is A for y = A x', async () => {
    const a = draw(4, 3)
    const j = jacobian((t) => a.matmul(t), draw(3))
    expectTypeOf(j).toEqualTypeOf<Tensor>()
    await near(j, await a.data(), [4, 3])
  })
  it('puts the axes of the outputs before those of the inputs', async () => {
    const x = draw(2, 3)
    const j = jacobian((t) => t.transpose().mul(2), x)
    const want = new Float64Array(36)
    for (let r = 0; r < 2; r++) for (let c = 0; c < 3; c++) want[(c * 2 + r) * 6 + (r * 3 + c)] = 2
    await near(j, want, [3, 2, 2, 3])
  })
  it('is diagonal for elementwise functions', async () => {
    const x = f64([0.1, -0.5, 2])
    const want = (await x.data()).map((v, i) => (1 - Math.tanh(v) ** 2) * (i >= 0 ? 1 : 0))
    await near(
      jacobian((t) => t.tanh(), x),
      [want[0], 0, 0, 0, want[1], 0, 0, 0, want[2]],
      [3, 3],
    )
  })
  it('is a list for a list of inputs, and a list of those for a list of outputs', async () => {
    const [p, q] = [draw(2), draw(3)]
    const j = jacobian((x, y) => [x.sum().mul(y), x], [p, q])
    expectTypeOf(j).toEqualTypeOf<Tensor[][]>()
    const [qs, total] = [await q.data(), await p.sum().item()]
    await near(j[0][0], [qs[0], qs[0], qs[1], qs[1], qs[2], qs[2]], [3, 2])
    await near(j[0][1], [total, 0, 0, 0, total, 0, 0, 0, total], [3, 3])
    await near(j[1][0], [1, 0, 0, 1], [2, 2])
    await near(j[1][1], [0, 0, 0, 0, 0, 0], [2, 3])
  })
  it('of nothing has no rows', async () => {
    await near(
      jacobian((t) => t.slice([0, 0]), draw(3)),
      [],
      [0, 3],
    )
    await near(
      jacobian((t) => t.sum(), draw(0)),
      [],
      [0],
    )
  })
})

describe('hessian', () => {
  it('is A + Aᵀ for xᵀAx', async () => {
    const h = hessian(quadratic, draw(3))
    expectTypeOf(h).toEqualTypeOf<Tensor>()
    await near(h, await A.add(A.transpose()).data(), [3, 3])
  })
  it('is 0 for a linear function', async () => {
    await near(
      hessian((x) => b.dot(x), draw(3)),
      new Float64Array(9),
      [3, 3],
    )
  })
  it('has a block for each two inputs', async () => {
    const [p, q] = [draw(2), draw(2)]
    const h = hessian((x, y) => x.square().mul(y).sum(), [p, q])
    expectTypeOf(h).toEqualTypeOf<Tensor[][]>()
    const [ps, qs] = [await p.data(), await q.data()]
    await near(h[0][0], [2 * qs[0], 0, 0, 2 * qs[1]], [2, 2])
    await near(h[0][1], [2 * ps[0], 0, 0, 2 * ps[1]], [2, 2])
    await near(h[1][0], [2 * ps[0], 0, 0, 2 * ps[1]], [2, 2])
    await near(h[1][1], [0, 0, 0, 0], [2, 2])
  })
})

describe('hvp', () => {
  it('is (A + Aᵀ)v for xᵀAx, along with value and gradient', async () => {
    const [x, v] = [draw(3), draw(3)]
    const { output, grads, products } = hvp(quadratic, x, v)
    expectTypeOf(products).toEqualTypeOf<Tensor>()
    await near(output, await quadratic(x).data(), [])
    await near(grads, await A.add(A.transpose()).matmul(x).add(b).data(), [3])
    await near(products, await A.add(A.transpose()).matmul(v).data(), [3])
    for (const y of [output, grads, products]) expect(y.requiresGrad).toBe(false)
  })
  it('is the Hessian times v', async () => {
    const [p, q, v, w] = [draw(2, 3), draw(3), draw(2, 3), draw(3)]
    const f = (x: Tensor, y: Tensor) => x.matmul(y).tanh().exp().sum().mul(y.square().sum())
    const h = hessian(f, [p, q])
    const { products } = hvp(f, [p, q], [v, w])
    const row = (block: Tensor, x: Tensor, n: number) => block.reshape([n, x.numel]).matmul(x.reshape([-1]))
    await near(
      products[0],
      await row(h[0][0], v, 6)
        .add(row(h[0][1], w, 6))
        .data(),
      [2, 3],
    )
    await near(
      products[1],
      await row(h[1][0], v, 3)
        .add(row(h[1][1], w, 3))
        .data(),
      [3],
    )
  })
  it('is 0 for a linear function', async () => {
    await near(hvp((x) => b.dot(x), draw(3), draw(3)).products, [0, 0, 0], [3])
  })
})

describe('all of them', () => {
  it('can be nested, with createGraph', async () => {
    const x = f64([0.3, -1.2])
    // The third derivatives of Σ x⁴ are 24x on the diagonal.
    const third = jacobian((t) => hessian((u) => u.pow(4).sum(), t, { createGraph: true }), x)
    const want = new Float64Array(8)
    want[0] = 24 * 0.3
    want[7] = 24 * -1.2
    await near(third, want, [2, 2, 2])
  })
  it('pass gradients to what the inputs were made of, with createGraph', async () => {
    const w = draw(2).requiresGrad_()
    const x = () => w.mul(3)
    const { grads } = vjp((t) => t.pow(3).sum(), x(), undefined, { createGraph: true })
    const [g] = grad(grads.sum(), [w])
    await near(g, await w.detach().mul(3).mul(6).mul(3).data(), [2])
    const { products } = hvp((t) => t.pow(4).sum(), x(), f64([1, 1]), { createGraph: true })
    const [h] = grad(products.sum(), [w])
    await near(h, await w.detach().mul(3).mul(24).mul(3).data(), [2])
  })
  it('record inside noGrad, and leave .grad alone', async () => {
    const x = f64([1, 2]).requiresGrad_()
    const g = noGrad(() => vjp((t) => t.square().sum(), x).grads)
    await near(g, [2, 4], [2])
    expect(x.hasGrad).toBe(false)
    expect(g.requiresGrad).toBe(false)
  })
  test('leave no tensors and no graph behind', () => {
    const x = draw(3)
    const before = memory(device)
    scope(() => {
      vjp(quadratic, x)
      jacobian((t) => t.tanh(), x)
      hessian(quadratic, x)
      hvp(quadratic, x, b)
    })
    const after = memory(device)
    for (const key of ['tensors', 'nodes', 'storages'] as const) expect(after[key]).toBe(before[key])
    const { grads } = hvp(quadratic, x, b)
    expect(memory(device).nodes).toBe(before.nodes)
    grads.dispose()
  })
})
