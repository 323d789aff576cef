/**
 * @file What the compiler accepts and refuses: methods, overloads, and what it asks of whoever writes an op. Nothing
 * here runs: the lines are checked by `npm run typecheck`, where an `@ts-expect-error` above a line that compiles is an
 * error itself.
 */
import { expect, expectTypeOf, test } from 'vitest'
import type { TypedKernel } from '../../src/core/launch.ts'
import {
  arange,
  type Context,
  type CpuDevice,
  cat,
  customGrad,
  type Device,
  type DType,
  defineKernel,
  defineOp,
  device,
  type Extremes,
  expand,
  eye,
  full,
  grad,
  launch,
  max,
  nn,
  noGrad,
  type Op,
  type Operand,
  type Over,
  optim,
  type Shape,
  type SumOptions,
  scope,
  stack,
  sum,
  type Tensor,
  type TypedArray,
  tensor,
  where,
  zeros,
} from '../../src/index.ts'
import type * as kernels from '../../src/ops/base/kernels.generated.ts'
import { optionsOf } from '../../src/ops/base/options.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { normal } from '../table/inputs.ts'
import { type Case, type OpName, type Row, table } from '../table/table.ts'

declare const x: Tensor
declare const cpu: CpuDevice
declare const some: Device
declare const copy: (typeof kernels)['copy']

function methods() {
  // Forms of one name.
  expectTypeOf(x.max()).toEqualTypeOf<Tensor>()
  expectTypeOf(x.max(0)).toEqualTypeOf<Extremes>()
  expectTypeOf(x.min(-1, { keepdim: true })).toEqualTypeOf<Extremes>()
  expectTypeOf(max(x)).toEqualTypeOf<Tensor>()
  expectTypeOf(x.max(x)).toEqualTypeOf<Tensor>()
  expectTypeOf(max(x, x)).toEqualTypeOf<Tensor>()
  const [values, indices] = x.sort()
  expectTypeOf([values, indices]).toEqualTypeOf<Tensor[]>()
  for (const row of x) expectTypeOf(row).toEqualTypeOf<Tensor>()
  expectTypeOf(x.size()).toEqualTypeOf<Shape>()
  expectTypeOf(x.size(0)).toEqualTypeOf<number>()
  expectTypeOf(x.T.t().float().int().bool().double()).toEqualTypeOf<Tensor>()
  expectTypeOf(x.dim()).toEqualTypeOf<number>()
  expectTypeOf(x.where(x, 0)).toEqualTypeOf<Tensor>()
  // @ts-expect-error the condition comes first
  x.where(0, x)
  expectTypeOf(max(x, 1).indices).toEqualTypeOf<Tensor>()
  expectTypeOf(x.to('int32')).toEqualTypeOf<Tensor>()
  expectTypeOf(x.to(some)).toEqualTypeOf<Promise<Tensor>>()
  // @ts-expect-error no such dtype
  x.to('float8')
  // @ts-expect-error options belong to the form with a dim
  x.max({ keepdim: true })
  // @ts-expect-error a dim, not a list: amax takes lists
  x.max([0, 1])

  // A chain, with its arguments.
  expectTypeOf(x.matmul(x).add(1).relu().softmax(-1).sum([0, 1], { keepdim: true })).toEqualTypeOf<Tensor>()
  expectTypeOf(x.sum).parameters.toEqualTypeOf<
    [dims?: Over<SumOptions>, options?: boolean | { keepdim?: boolean; dtype?: DType | null }]
  >()
  expectTypeOf(x.add).parameters.toEqualTypeOf<[b: Operand, options?: { alpha?: number }]>()
  expectTypeOf(x.reshape([2, -1]).transpose().slice([0, 10], null, [null, null, 2])).toEqualTypeOf<Tensor>()
  expectTypeOf(x.where(x.eq(1).logicalNot(), 0)).toEqualTypeOf<Tensor>()
  expectTypeOf(x.indexSelect(0, [1, 2]).indexAdd(0, [0], x)).toEqualTypeOf<Tensor>()
  // @ts-expect-error too few
  x.add()
  // @ts-expect-error too many
  x.exp(1)
  // A list, or its numbers one by one.
  expectTypeOf(x.reshape(2, 3).permute(1, 0).flip(0, 1).tile(2).repeat([1, 2]).view(-1)).toEqualTypeOf<Tensor>()
  expectTypeOf(expand(x, 2, -1)).toEqualTypeOf<Tensor>()
  // @ts-expect-error one of the two
  x.reshape([2], 3)
  // @ts-expect-error two axes, not three
  x.transpose(0, 1, 2)
  // @ts-expect-error slices are lists
  x.slice(0, 10)
  // @ts-expect-error a tensor or a number
  x.mul('2')
  // @ts-expect-error matmul has no numbers
  x.matmul(2)
  // @ts-expect-error a misspelt option
  x.sum(0, { keepDim: true })
  // @ts-expect-error joining functions take a list and are not methods
  x.cat(x)
  // @ts-expect-error losses are functions
  x.crossEntropy(x)
  // @ts-expect-error not there yet, and no index signature hides it
  x.noSuchMethod()

  // In place, gradients, properties.
  expectTypeOf(noGrad(() => x.sub_(x.grad.mul(0.1)))).toEqualTypeOf<Tensor>()
  expectTypeOf(x.backward).parameters.toEqualTypeOf<
    [cotangent?: Tensor | null, options?: { retainGraph?: boolean; createGraph?: boolean }]
  >()
  expectTypeOf(x.registerHook((g) => g.mul(2))).toEqualTypeOf<() => void>()
  expectTypeOf(x.requiresGrad).toEqualTypeOf<boolean>()
  x.requiresGrad = true
  x.grad = x
  x.grad = null
  // @ts-expect-error a tensor or null
  x.grad = 1
  // @ts-expect-error shapes do not change
  x.shape[0] = 3
  // @ts-expect-error nor dtypes
  x.dtype = 'int32'
  // @ts-expect-error JS operators mean nothing here
  x * 2
}

async function reading() {
  expectTypeOf(await x.data()).toEqualTypeOf<TypedArray>()
  expectTypeOf(await x.item()).toEqualTypeOf<number>()
  expectTypeOf(await x.print()).toEqualTypeOf<void>()
  expectTypeOf(await device('cpu')).toEqualTypeOf<CpuDevice>()
  expectTypeOf(await device('webgpu', { debug: true })).toEqualTypeOf<WebGPUDevice>()
  expectTypeOf(await device('auto')).toEqualTypeOf<Device>()
  // @ts-expect-error no such kind
  await device('gpu')
}

function functions() {
  expectTypeOf(cat([x, x], 1)).toEqualTypeOf<Tensor>()
  expectTypeOf(stack([x])).toEqualTypeOf<Tensor>()
  expectTypeOf(where(x, 1, x)).toEqualTypeOf<Tensor>()
  expectTypeOf(sum(x, null, { keepdim: true })).toEqualTypeOf<Tensor>()
  // @ts-expect-error a list
  cat(x, x)
  // @ts-expect-error the last argument is missing
  where(x, 1)

  tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { dtype: 'float64', requiresGrad: true, device: cpu },
  )
  tensor(Int32Array.of(1, 2), { shape: [2, 1] })
  zeros([2, 3])
  // @ts-expect-error sizes are a list
  zeros(2, 3)
  // @ts-expect-error a misspelt option
  zeros([2], { requires_grad: true })
  // @ts-expect-error text
  tensor(['a'])
  expectTypeOf<DType>().toEqualTypeOf<'float32' | 'float64' | 'int32' | 'bool' | 'float16' | 'bfloat16'>()

  // Only allowUnused brings null.
  expectTypeOf(grad(x, [x])).toEqualTypeOf<Tensor[]>()
  expectTypeOf(grad(x, [x], { createGraph: true })).toEqualTypeOf<Tensor[]>()
  expectTypeOf(grad(x, [x], { allowUnused: true })).toEqualTypeOf<(Tensor | null)[]>()
  expectTypeOf(grad(x, x)).toEqualTypeOf<Tensor>()
  expectTypeOf(grad([x], x, { gradOutputs: x, allowUnused: true })).toEqualTypeOf<Tensor | null>()
  expectTypeOf(arange(3, { dtype: 'float64' })).toEqualTypeOf<Tensor>()
  arange(0, 3, { requiresGrad: false })
  eye(2, { dtype: 'int32' })
  full([2], true)
  // @ts-expect-error a misspelt option
  eye(2, { kind: 'int32' })

  expectTypeOf(scope(() => ({ a: x, n: 1 }))).toEqualTypeOf<{ a: Tensor; n: number }>()
  expectTypeOf(
    customGrad(
      (a: Tensor, b: Tensor) => a.mul(b),
      (g, [a, b]) => [g.mul(b), g.mul(a)],
    ),
  ).toEqualTypeOf<(a: Tensor, b: Tensor) => Tensor>()

  new optim.Adam([x], { lr: 0.1, betas: [0.9, 0.99] })
  // @ts-expect-error a misspelt option
  new optim.Adam([x], { beta: [0.9, 0.99] })
  // @ts-expect-error Layers are modules of one tensor in and one out
  new nn.Sequential(new nn.Linear(1, 2), (y: Tensor) => y)
}

/** What the compiler asks of an op. */
function ops() {
  const scaled = defineOp({
    name: 'scaled',
    inputs: ['x', 'w'],
    dtypes: ['float32'],
    shape: ([a], { by }: { readonly by: number }) => ({ shape: a.shape.map((n) => n * by) }),
    launch: ([a], [y]) => void y.copy_(a),
    saves: { x: ['w'], w: ['x'] },
    vjp: {
      x: ({ g, w, attrs }) => g.mul(w).mul(attrs.by),
      w: ({ g, x: saved }) => g.mul(saved),
    },
  })
  expectTypeOf(scaled).toEqualTypeOf<Op<{ readonly by: number }>>()
  expectTypeOf(scaled([x, x], { by: 2 })).toEqualTypeOf<Tensor>()
  // @ts-expect-error attributes are missing
  scaled([x, x])
  // @ts-expect-error attributes of another type
  scaled([x, x], { by: '2' })

  const plain = { name: 'plain', dtypes: ['float32'], shape: ([a]: readonly Tensor[]) => ({ shape: a.shape }) } as const
  // @ts-expect-error no gradient at all
  defineOp({ ...plain, inputs: ['x'] })
  // @ts-expect-error no gradient rule for w
  defineOp({ ...plain, inputs: ['x', 'w'], vjp: { x: ({ g }: Context<never, unknown>) => g } })
  // @ts-expect-error no gradient rule for the optional one
  defineOp({ ...plain, inputs: ['x', 'b?'], vjp: { x: ({ g }: Context<never, unknown>) => g } })
  // @ts-expect-error a reason is not free text
  defineOp({ ...plain, inputs: ['x'], vjp: 'integers' })
  // @ts-expect-error the rule of w reads an input that only the one of x saves
  defineOp({ ...plain, inputs: ['x', 'w'], saves: { x: ['x'] }, vjp: { x: ({ g }) => g, w: ({ x }) => x } })
  // @ts-expect-error the rule reads the result, which is not saved
  defineOp({ ...plain, inputs: ['x'], saves: { x: ['x'] }, vjp: { x: ({ g, y }) => g.mul(y) } })
  // @ts-expect-error the joint rule reads an input that is not saved
  defineOp({ ...plain, inputs: ['x', 'w'], saves: { all: ['x'] }, vjp: { all: ({ g, w }) => ({ x: g.mul(w) }) } })
  // @ts-expect-error the joint rule has a gradient for an input that is not there
  defineOp({ ...plain, inputs: ['x'], vjp: { all: ({ g }) => ({ w: g }) } })
  // @ts-expect-error an optional input that was left out is undefined
  defineOp({ ...plain, inputs: ['x', 'b?'], saves: { x: ['b'] }, vjp: { x: ({ g, b }) => g.mul(b), b: ({ g }) => g } })
  // @ts-expect-error a value is saved that no input or output has
  defineOp({ ...plain, inputs: ['x'], saves: { x: ['w'] }, vjp: { x: ({ g }) => g } })
  // @ts-expect-error saves of an input that is not there
  defineOp({ ...plain, inputs: ['x'], saves: { w: ['x'] }, vjp: { x: ({ g }: Context<never, unknown>) => g } })
  // @ts-expect-error the rule reads a value that no input or output has
  defineOp({ ...plain, inputs: ['x'], vjp: { x: ({ g, w }) => g.mul(w) } })
  // @ts-expect-error a rule gives a tensor
  defineOp({ ...plain, inputs: ['x'], vjp: { x: () => 0 } })
  // @ts-expect-error no dtypes
  defineOp({ name: 'plain', inputs: ['x'], shape: ([a]) => ({ shape: a.shape }), vjp: 'none' })
  // @ts-expect-error no shape
  defineOp({ name: 'plain', inputs: ['x'], dtypes: ['float32'], vjp: 'none' })
  // @ts-expect-error not a dtype
  defineOp({ ...plain, inputs: ['x'], dtypes: ['float8'], vjp: 'none' })
  defineOp({ ...plain, inputs: ['x'], vjp: 'none' })
  defineOp({ ...plain, inputs: 'list', vjp: { list: (ctx, i) => ctx.g.mul(i) } })
}

/** What the compiler asks of a function with options. */
function options(given?: { alpha?: number; mode?: 'a' | 'b'; weight?: Tensor | null; scale?: number }) {
  const all = optionsOf('f', given, { alpha: 1, mode: 'a', weight: null, scale: undefined })
  expectTypeOf(all.alpha).toEqualTypeOf<number>()
  expectTypeOf(all.mode).toEqualTypeOf<'a' | 'b'>()
  expectTypeOf(all.weight).toEqualTypeOf<Tensor | null>()
  expectTypeOf(all.scale).toEqualTypeOf<number | undefined>()
  // @ts-expect-error no default for scale
  optionsOf('f', given, { alpha: 1, mode: 'a', weight: null })
  // @ts-expect-error a default for what is not an option
  optionsOf('f', given, { alpha: 1, mode: 'a', weight: null, scale: undefined, beta: 2 })
  // @ts-expect-error a default of another type
  optionsOf('f', given, { alpha: '1', mode: 'a', weight: null, scale: undefined })
}

/** What the compiler asks of a kernel and its launches. */
function kernelTypes() {
  defineKernel({ wgsl: '', cpu: ([y, a], { size }) => void (y[0] = a[0] * size) })
  // @ts-expect-error no CPU twin
  defineKernel({ wgsl: '' })
  expectTypeOf(copy).toExtend<TypedKernel<{ readonly size: unknown }>>()
  const base = { size: 1, dst_offset: 0, src_offset: 0, flat: 1 }
  const four = [0, 0, 0, 0]
  const strides = { shape_lo: four, shape_hi: four, dst_lo: four, dst_hi: four, src_lo: four, src_hi: four }
  launch('mine', copy, [x, x], { ...base, ...strides })
  // @ts-expect-error params are those of the shader
  launch('mine', copy, [x, x], base)
}

/** What the compiler asks of the op table. */
function rows() {
  const row: Row = { cases: [{ x: [normal(2)] }], order: 2, bound: {} }
  // @ts-expect-error a row has a case
  const empty: Row = { cases: [], order: 2, bound: {} }
  // @ts-expect-error less than second order has a reason
  const silent: Row = { cases: [{ x: [normal(2)] }], order: { upTo: 1 }, bound: {} }
  const { add: _, ...others } = table
  // @ts-expect-error an op without a row
  const missing: { readonly [K in OpName]: Row } = others
  // @ts-expect-error a row without an op
  const unknown: { readonly [K in OpName]: Row } = { ...table, subtract: row }
  const one: Case = { x: [], f: (a) => [a, a.add(1)] }
  return [row, empty, silent, missing, unknown, one]
}

test('compiles', () => {
  for (const part of [methods, reading, functions, ops, options, kernelTypes, rows]) expect(part).toBeTypeOf('function')
})
