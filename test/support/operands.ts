/**
 * @file What tests of refusals call functions with: made here once, so that a case launches nothing but what it tests.
 */
import * as handgrad from '../../src/index.ts'
import { type Any, device, type Refusal } from './refusals.ts'

export const other = new handgrad.CpuDevice()
export const only32 = Object.assign(new handgrad.CpuDevice(), { dtypes: ['float32'] })
export const int = (data: number[], shape = [data.length], on = device) =>
  handgrad.tensor(Int32Array.from(data), { shape, device: on })
export const zeroes = (...shape: number[]) => handgrad.zeros(shape)

export const x = handgrad.tensor([
  [1, 2],
  [3, 4],
])
export const d = x.to('float64')
export const xo = handgrad.tensor(
  [
    [1, 2],
    [3, 4],
  ],
  { device: other },
)
export const [v2, v3, v4, m12, m23] = [zeroes(2), zeroes(3), zeroes(4), zeroes(1, 2), zeroes(2, 3)]
export const [m32, m33, m42, batch2, batch3] = [
  zeroes(3, 2),
  zeroes(3, 3),
  zeroes(4, 2),
  zeroes(2, 2, 3),
  zeroes(3, 3, 2),
]
export const [one, zero, empty, empty20, rank8] = [
  zeroes(),
  zeroes(1),
  zeroes(0),
  zeroes(2, 0),
  zeroes(1, 1, 1, 1, 1, 1, 1, 1),
]
export const [b, b3] = [handgrad.tensor([true, false]), handgrad.tensor([true, false, true])]
export const [i, i0, i1, i2, i11, i21] = [
  int([1, 2, 3]),
  int([0], []),
  int([0]),
  int([1, 2]),
  int([0], [1, 1]),
  int([0, 1], [2, 1]),
]

export const [away, away2] = [int([0], [1], other), int([0, 1], [2], other)]
export const [classes, late, early, negative, five] = [int([0, 1]), int([0, 2]), int([-1, 0]), int([0, -3]), int([5])]
export const w = handgrad.randn([2, 2], { requiresGrad: true })
export const other2 = handgrad.randn([2], { requiresGrad: true })
export const [total, doubled, loss, copy] = [x.sum(), w.mul(2), w.sum(), x.clone()]
export const used = w.mul(1).sum()
handgrad.grad(used, [w])
export const gone = zeroes(2)
gone.dispose()

export function closed(): handgrad.OpenScope {
  const s = handgrad.openScope()
  s.dispose()
  return s
}

/** WGSL of a kernel that copies, with parts of it replaced. */
export const kernel = (part: Readonly<Record<string, string>> = {}): string =>
  [
    part.header ?? '// kernel: plus',
    part.params ?? 'struct Params { size: u32 }',
    part.uniform ?? '@group(0) @binding(0) var<uniform> p: Params;',
    part.y ?? '@group(0) @binding(1) var<storage, read_write> y: array<f32>;',
    part.x ?? '@group(0) @binding(2) var<storage, read> x: array<f32>;',
    `${part.entry ?? '@compute @workgroup_size(64) fn main'}() { y[0] = x[0]; }`,
  ].join('\n')

export const plus = handgrad.defineKernel({ wgsl: kernel(), cpu: () => {} })

/** Refusals by name, or why there are none. Ops may leave theirs to the op table, which tries every dtype on each. */
export type Rows<Name extends string> = Readonly<Record<Name, readonly [Refusal, ...Refusal[]] | string>>

export type Exported = {
  [K in keyof typeof handgrad]: (typeof handgrad)[K] extends (...args: never[]) => unknown ? K : never
}[keyof typeof handgrad]

export const y = w.mul(2)
export const stretched = zeroes(1, 2).expand([3, 2])
export const [big, seven] = [zeroes(5, 2, 2), zeroes(7)]

/** Tensors without their types. */
export const loose = { x, w, i, b, y, gone, stretched } as Record<
  'x' | 'w' | 'i' | 'b' | 'y' | 'gone' | 'stretched',
  Any
>

/** The error a call throws. */
export function thrown(call: () => unknown): Error {
  try {
    call()
  } catch (error) {
    return error as Error
  }
  throw new Error(`nothing was refused by ${call}`)
}

/** Functions that are not ops, by the file of test/errors that has what they refuse; engine.test.ts has the rest. */
export type Creation =
  | 'tensor'
  | 'full'
  | 'zeros'
  | 'ones'
  | 'onesLike'
  | 'zerosLike'
  | 'arange'
  | 'rand'
  | 'randn'
  | 'manualSeed'
  | 'setRandomState'
  | 'setDefaultDevice'
export type Autograd = 'detach' | 'backward' | 'grad' | 'noGrad' | 'enableGrad' | 'scope' | 'openScope' | 'memory'
export type Custom = 'customGrad' | 'defineKernel' | 'defineOp' | 'launch' | 'onCall' | 'tap'
