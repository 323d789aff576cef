/**
 * @file The shaders themselves: every module, entry point and constant compiles, with params as immediate data and as a
 * uniform; a broken one is reported by file and line; every variant of every kernel agrees with its CPU twin; the
 * special functions are as exact as shaders/lib/special.wgsl says. What ops do with the kernels is tested by the op
 * table, the device itself in webgpu.webgpu.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KernelName } from '../../src/core/contracts.generated.ts'
import * as shaders from '../../src/core/contracts.generated.ts'
import { arrayOf, type DType } from '../../src/core/device.ts'
import { toFloat16 } from '../../src/core/half.ts'
import type { Constants, Facts, Kernel, Params, TypedArray } from '../../src/core/kernel.ts'
import { CpuDevice } from '../../src/cpu/device.ts'
import * as kernels from '../../src/ops/base/kernels.generated.ts'
import { assemble } from '../../src/webgpu/assemble.ts'
import { createWebGPUDevice, type WebGPUDevice } from '../../src/webgpu/device.ts'
import { families, libOf, operandsOf } from '../../src/webgpu/plans/pointwise.ts'
import { plans } from '../../src/webgpu/plans.generated.ts'
import { wgsl } from '../../src/webgpu/wgsl.generated.ts'
import { accuracies, accuracyOn, applyOn, samples, ulp } from '../support/accuracy.ts'
import { findGpu } from '../support/adapters.ts'
import { recordLaunches } from '../support/launches.ts'
import { kernelCases } from '../support/optimizers.ts'

let gpu: GPU
let device: WebGPUDevice

beforeAll(async () => {
  gpu = (await findGpu()).gpu
  device = await createWebGPUDevice(gpu, { debug: true })
  // Kernels without cases by hand are tried on what ops launch.
  const byHand = new Set(cases.map(({ kernel }) => kernel))
  // SwiftShader takes seconds where a workgroup has barriers: there a few, and the first that a variant fits.
  const most = /swiftshader/i.test(device.name) ? 12 : Infinity
  const counts = new Map<string, number>()
  const tried = new Set<string>()
  for (const one of await recordLaunches((kernel) => !byHand.has(kernel as KernelName))) {
    const kernel = one.kernel as KernelName
    const kind = `${kernel} ${JSON.stringify(one.constants)}`
    const count = counts.get(kind) ?? 0
    const fitted = Object.entries(plans[kernel].variants)
      .filter(([, { fits }]) => fits?.(one.params, device.facts, one.constants) ?? true)
      .map(([variant]) => `${kernel}/${variant}`)
    if (count >= most && fitted.every((variant) => tried.has(variant))) continue
    counts.set(kind, count + 1)
    for (const variant of fitted) tried.add(variant)
    // What runs along a row is rounded where it is largest, and may be small again afterwards.
    cases.push({ ...one, kernel, ...(kernel === 'scan' ? { tolerance: 1e-5, ofLargest: true } : { tolerance: 1e-4 }) })
  }
})
afterAll(() => device.destroy())

/** Constants each kernel is used with: all values of each override. */
const overrides: Record<string, Constants[]> = {
  reduce: [0, 1, 2, 3].flatMap((OP) => [0, 1].map((INT) => ({ OP, INT }))),
  extremum: [0, 1].flatMap((OP) => [0, 1].map((INT) => ({ OP, INT }))),
  random: [0, 1, 2].map((KIND) => ({ KIND })),
  fill: [0, 1].map((INT) => ({ INT })),
  functions: [0, 1, 2, 3, 4, 5].map((OP) => ({ OP })),
  weights: [0, 1].map((COUNTS) => ({ COUNTS })),
  bounds: [0, 1].map((RISING) => ({ KIND: shaders.bounds.consts.OFFSET, RISING })),
  softmax: [0, 1].map((LOG) => ({ LOG })),
  cross_entropy: [0, 1].map((IGNORE) => ({ IGNORE })),
  cross_entropy_grad: [0, 1].flatMap((IGNORE) => [0, 1].map((MEAN) => ({ IGNORE, MEAN }))),
  matmul: [0, 1].flatMap((BIAS) => [0, 1].flatMap((RESIDUAL) => [0, 1].map((RELU) => ({ BIAS, RESIDUAL, RELU })))),
  ...Object.fromEntries(['sgd', 'muon'].map((kernel) => [kernel, [0, 1].map((NESTEROV) => ({ NESTEROV }))])),
  ...Object.fromEntries(
    ['adam', 'nadam', 'radam'].map((kernel) => [kernel, [0, 1].map((DECOUPLED) => ({ DECOUPLED }))]),
  ),
  rmsprop: [0, 1].map((CENTERED) => ({ CENTERED })),
  squares: [0, 1].map((CHECK) => ({ CHECK })),
  scale: [0, 1].map((OP) => ({ OP })),
  rope: [0, 1].map((INVERSE) => ({ INVERSE })),
}

/** Every op code: the kernel's consts, but for the ends of their ranges. */
const { CODES_PER_LIB, TWO_OPERANDS, TWO_INTEGERS, THREE_OPERANDS, ...codes } = shaders.pointwise.consts
const opCodes = Object.values(codes)

/**
 * Every op code of a file with the strided entry point of its operands, one with the vec4 one: what they call is the
 * same.
 */
function pointwiseCodes(entry: string): Constants[] {
  const operands = Number(entry.slice(-1))
  const codes = opCodes.map((OP) => ({ OP }))
  const own = codes.filter(({ OP }) => entry.startsWith(families[libOf(OP)]) && operandsOf(OP) === operands)
  return entry.includes('vec4') ? own.slice(0, 1) : own
}

describe('every shader compiles', () => {
  for (const name of Object.keys(shaders) as KernelName[]) {
    for (const module of wgsl[name]) {
      test(module.source.file, async () => {
        const missing = module.needs.filter((feature) => !device.facts.features.has(feature))
        if (missing.length > 0) {
          console.log(`adapter: ${device.name} lacks ${missing.join(', ')} of ${module.source.file}`)
          return
        }
        const forms = gpu.wgslLanguageFeatures.has('immediate_address_space') ? [false, true] : [false]
        for (const immediate of forms.filter((form) => !form || shaders[name].paramBytes <= 64)) {
          const shader = device.gpu.createShaderModule({ code: assemble(module, immediate).code })
          const { messages } = await shader.getCompilationInfo()
          expect(messages.map(({ lineNum, message }) => `${lineNum}: ${message}`)).toEqual([])
          if (immediate) continue
          for (const entryPoint of module.entries) {
            for (const all of name === 'pointwise' ? pointwiseCodes(entryPoint) : (overrides[name] ?? [{}])) {
              // Of a kernel of several files, each has the overrides that it reads.
              const constants = Object.fromEntries(
                Object.entries(all).filter(([override]) => module.overrides.includes(override)),
              )
              device.gpu.pushErrorScope('validation')
              device.gpu.createComputePipeline({ layout: 'auto', compute: { module: shader, entryPoint, constants } })
              expect((await device.gpu.popErrorScope())?.message).toBeUndefined()
            }
          }
        }
      })
    }
  }

  test('a broken one is reported with kernel, file, line and text', async () => {
    const [module] = wgsl.pointwise
    const file = 'shaders/lib/apply_arithmetic.wgsl'
    const lines = (module.libs.find((lib) => lib.file === file)?.text ?? '').split('\n')
    const at = lines.findIndex((line) => line.includes('fn relu_of'))
    lines[at] = 'fn relu_of(x: f32) -> f32 { return maximum(x, 0.0f); }'
    const libs = module.libs.map((lib) => (lib.file === file ? { file, text: lines.join('\n') } : lib))
    const code = { modules: [{ ...module, libs }], plan: plans.pointwise }
    const broken: Kernel = { ...kernels.pointwise, code }
    const x = device.alloc('float32', 4, 'x')
    const y = device.alloc('float32', 4, 'y')
    device.write(x, new Float32Array(4))
    const params = { size: 4, d1: 1, d2: 4, scalar: 0, a: FLAT, b: NO_VIEW, c: NO_VIEW }
    device.run({
      kernel: broken,
      blocks: [y, x],
      params,
      constants: { OP: shaders.pointwise.consts.RELU },
      label: 'relu',
    })
    const line = new RegExp(
      `^pointwise: ${file}:${at + 1}: unresolved call target 'maximum', in "fn relu_of.*maximum.*"$`,
    )
    await expect(device.sync()).rejects.toThrow(line)
    await expect(device.read(y, 0, 4)).rejects.toThrow(line)
    expect(await device.read(x, 0, 4)).toEqual(new Float32Array(4))
    device.free(x)
    device.free(y)
  })
})

const FLOAT_MAX = 3.4028235677973366e38
const FLAT = [0, 0, 0, 1]
const NO_VIEW = [0, 0, 0, 0]

interface Input {
  dtype?: DType
  data: number[] | TypedArray
}

/** A launch on the GPU and on the CPU in float64; outputs are given by their length. */
interface Case {
  kernel: KernelName
  note: string
  /** In binding order: number: an output of so many float32; undefined: left out. */
  blocks: (number | { out: number; dtype: DType } | Input | undefined)[]
  params: Params
  constants?: Constants
  /** |gpu − cpu| ≤ tolerance · (1 + |cpu|). */
  tolerance?: number
  /** The largest |cpu| of an output counts, in place of each one's. */
  ofLargest?: boolean
}

async function compare(on: WebGPUDevice, one: Case): Promise<void> {
  const { kernel, blocks, params, constants, tolerance = 0, ofLargest = false } = one
  const cpu = new CpuDevice()
  const roles = kernels[kernel].bindings.map(({ role }) => role)
  const build = (device: WebGPUDevice | CpuDevice) =>
    blocks.map((spec) => {
      if (spec === undefined) return undefined
      if (typeof spec === 'number') return device.alloc(float(device), spec, kernel)
      if ('out' in spec) return device.alloc(spec.dtype === 'float32' ? float(device) : spec.dtype, spec.out, kernel)
      const dtype = spec.dtype ?? 'float32'
      const block = device.alloc(dtype === 'float32' ? float(device) : dtype, spec.data.length, 'input')
      if (block.dtype === 'float64') device.write(block, Float64Array.from(spec.data))
      else if (block.dtype === 'float32') device.write(block, Float32Array.from(spec.data))
      else device.write(block, arrayOf[block.dtype].from(spec.data))
      return block
    })
  const [a, b] = [build(on), build(cpu)]
  on.run({ kernel: kernels[kernel], blocks: a, params, constants, label: kernel })
  cpu.run({ kernel: kernels[kernel], blocks: b, params, constants, label: kernel })
  await Promise.all(
    roles.map(async (role, i) => {
      if (role === 'in' || !a[i]) return
      const got = await on.read(a[i], 0, a[i].length)
      // What float32 cannot hold is infinite there.
      const want = (await cpu.read(b[i]!, 0, a[i].length)).map((v) => (Math.abs(v) > FLOAT_MAX ? v * Infinity : v))
      const largest = Array.from(want, Math.abs).reduce((most, v) => (v < Infinity ? Math.max(most, v) : most), 0)
      for (let e = 0; e < got.length; e++) {
        const limit = tolerance * (1 + (ofLargest ? largest : Math.abs(want[e])))
        const same = Object.is(got[e], want[e]) || got[e] === want[e] || Math.abs(got[e] - want[e]) <= limit
        if (!same) expect.fail(`${kernel} output ${i} element ${e}: ${got[e]}, the twin has ${want[e]}`)
      }
    }),
  )
  for (const block of a) if (block) on.free(block)
}

const float = (device: WebGPUDevice | CpuDevice): DType => (device.kind === 'cpu' ? 'float64' : 'float32')

/** Reproducible numbers in [−2, 2), exactly representable. */
function numbers(count: number, seed = 1): number[] {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.fround((state / 2 ** 32) * 4 - 2)
  })
}
const integers = (count: number, limit: number, seed = 1): Input => ({
  dtype: 'int32',
  data: numbers(count, seed).map((x) => Math.floor(((x + 2) / 4) * limit)),
})
/** Bits of numbers in either format of 16 bits. */
const halves = (count: number, seed?: number): number[] => [...toFloat16(numbers(count, seed))]
const floats = (count: number, seed?: number): Input => ({ data: numbers(count, seed) })

const { ADD, WHERE, MUL_I, NEG, SUB } = shaders.pointwise.consts
const RANK1 = (size: number) => ({ size, d1: 1, d2: size, scalar: 0, a: FLAT, b: FLAT, c: FLAT })
const ONES = [1, 1, 1, 1]
const NONE4 = [0, 0, 0, 0]

const cases: Case[] = [
  ...[1, 3, 4, 5, 257, 1030].map(
    (n): Case => ({
      kernel: 'pointwise',
      note: `${n} flat`,
      blocks: [n, floats(n), floats(n, 2)],
      params: RANK1(n),
      constants: { OP: ADD },
      tolerance: 1e-7,
    }),
  ),
  {
    kernel: 'pointwise',
    note: 'row broadcast',
    blocks: [24, floats(24), floats(12)],
    params: { size: 24, d1: 3, d2: 8, scalar: 0, a: [0, 0, 8, 1], b: [4, 0, 0, 1], c: NO_VIEW },
    constants: { OP: ADD },
    tolerance: 1e-7,
  },
  {
    kernel: 'pointwise',
    note: 'transposed, offset',
    blocks: [15, floats(20), floats(15)],
    params: { size: 15, d1: 3, d2: 5, scalar: 0, a: [2, 0, 1, 3], b: [0, 0, 5, 1], c: NO_VIEW },
    constants: { OP: SUB },
    tolerance: 1e-7,
  },
  {
    kernel: 'pointwise',
    note: 'rank 3, expanded',
    blocks: [24, floats(9)],
    params: { size: 24, d1: 3, d2: 4, scalar: 0, a: [1, 3, 0, 1], b: NO_VIEW, c: NO_VIEW },
    constants: { OP: NEG },
  },
  ...[1, 2].map(
    (SCALAR): Case => ({
      kernel: 'pointwise',
      note: `scalar ${SCALAR}`,
      blocks: [7, floats(7)],
      params: { ...RANK1(7), scalar: 0.5 },
      constants: { OP: SUB, SCALAR },
      tolerance: 1e-7,
    }),
  ),
  {
    kernel: 'pointwise',
    note: 'int scalar',
    blocks: [{ out: 6, dtype: 'int32' }, integers(6, 100)],
    params: { ...RANK1(6), scalar: -3 },
    constants: { OP: MUL_I, SCALAR: 2 },
  },
  {
    kernel: 'pointwise',
    note: 'where, scalar third',
    blocks: [9, { dtype: 'bool', data: [1, 0, 1, 1, 0, 0, 1, 0, 1] }, floats(9)],
    params: { ...RANK1(9), scalar: 2.5 },
    constants: { OP: WHERE, SCALAR: 3 },
  },
  {
    kernel: 'pointwise',
    note: 'where, three tensors',
    blocks: [9, { dtype: 'bool', data: [1, 0, 1, 1, 0, 0, 1, 0, 1] }, floats(9), floats(3)],
    params: { size: 9, d1: 3, d2: 3, scalar: 0, a: [0, 0, 3, 1], b: [0, 0, 3, 1], c: [0, 0, 0, 1] },
    constants: { OP: WHERE },
  },
  ...['EXP2', 'ERFC', 'ERFINV', 'LGAMMA', 'DIGAMMA', 'POLYGAMMA'].map(
    (name): Case => ({
      kernel: 'functions',
      note: name,
      // Away from poles, and from where erfinv ends.
      blocks: [7, { data: [9, 0.25, 0.5, -0.3, -0.6, 0.9, 0.01, 0.75] }],
      params: { size: 7, offset: 1, n: 2 },
      constants: { OP: shaders.functions.consts[name as keyof typeof shaders.functions.consts] },
      tolerance: 2e-6,
    }),
  ),
  ...[1, 6, 1025].map(
    (n): Case => ({
      kernel: 'copy',
      note: `${n} flat`,
      blocks: [{ data: numbers(n + 8, 3) }, floats(n + 4)],
      params: {
        size: n,
        dst_offset: 4,
        src_offset: 4,
        flat: 1,
        shape_lo: ONES,
        shape_hi: [1, 1, 1, n],
        dst_lo: NONE4,
        dst_hi: [0, 0, 0, 1],
        src_lo: NONE4,
        src_hi: [0, 0, 0, 1],
      },
    }),
  ),
  // Elements of 16 bits: bits of float16 that are numbers, from and to formats of shaders/lib/half.wgsl.
  ...(
    [
      ['float16 widened, in order', 9, 1, 0, 2, 2],
      ['float16 widened, from an odd place', 9, 1, 0, 3, 2],
      ['bfloat16 widened', 516, 2, 0, 0, 0],
      ['rounded to float16', 9, 0, 1, 0, 2],
      ['rounded to bfloat16, between others', 9, 0, 2, 1, 3],
      ['float16 to bfloat16', 10, 1, 2, 1, 0],
      ['bits moved to an odd place', 7, 1, 1, 1, 3],
    ] as [string, number, number, number, number, number][]
  ).map(
    ([note, n, FROM, TO, src_offset, dst_offset]): Case => ({
      kernel: 'copy',
      note,
      blocks: [
        TO === 0 ? { data: numbers(n + 8, 3) } : { dtype: 'float16', data: halves(n + 8, 3) },
        FROM === 0 ? { dtype: 'float32', data: numbers(n + 8) } : { dtype: 'float16', data: halves(n + 8) },
      ],
      params: {
        ...{ size: n, dst_offset, src_offset, flat: 1, shape_lo: ONES, shape_hi: [1, 1, 1, n] },
        ...{ dst_lo: NONE4, dst_hi: [0, 0, 0, 1], src_lo: NONE4, src_hi: [0, 0, 0, 1] },
      },
      constants: { FROM, TO, WHOLE: 0 },
    }),
  ),
  ...[
    [3, 0],
    [4, 2],
    [8, 8],
  ].map(
    ([cols, x_offset]): Case => ({
      kernel: 'gather',
      note: `rows of ${cols} elements of 16 bits from ${x_offset}`,
      blocks: [
        { out: 5 * cols, dtype: 'float16' },
        { dtype: 'float16', data: halves(x_offset + 7 * cols) },
        { dtype: 'int32', data: [6, 0, -1, 3, 3] },
      ],
      params: { count: 5, cols, first: 0, rows: 7, limit: 7, x_offset, index_offset: 0, launch_id: 0 },
      constants: { HALF: 1 },
    }),
  ),
  // Many rows, b of float16: row-major from an offset, of columns no multiple of four, and its transpose.
  ...[
    [24, 0, 1],
    [24, 4, 0],
    [23, 3, 0],
    [24, 5, 1],
  ].map(
    ([n, b_offset, turned]): Case => ({
      kernel: 'matmul',
      note: `17 rows, b ${turned ? 'transposed, ' : ''}of float16 from ${b_offset}, ${n} columns`,
      blocks: [17 * n, floats(17 * 301), { dtype: 'float16', data: halves(301 * n + 8) }, floats(n), floats(17 * n, 4)],
      params: {
        ...{ batch: 1, inner: 1, m: 17, n, k: 301, a_offset: 0, b_offset, bias_offset: 0 },
        ...{ a: [0, 0, 301, 1], b: turned ? [0, 0, 1, 301] : [0, 0, n, 1] },
      },
      constants: { BIAS: 1, RESIDUAL: 1, RELU: turned, HALF: 1 },
      tolerance: 1e-4,
    }),
  ),
  ...[1, 2].flatMap((HALF) =>
    [
      [0, 1, 24],
      [1, 24, 1],
      [4, 12, 1],
    ].map(
      ([b_offset, down, right]): Case => ({
        kernel: 'matmul',
        note: `two rows, b of format ${HALF} from ${b_offset}, steps ${down} and ${right}`,
        blocks: [2 * 12, floats(48), { dtype: 'float16', data: halves(300) }, floats(12), floats(24)],
        params: {
          ...{ batch: 1, inner: 1, m: 2, n: 12, k: right === 1 ? 12 : 24, a_offset: 0, b_offset, bias_offset: 0 },
          ...{ a: [0, 0, 24, 1], b: [0, 0, down, right] },
        },
        constants: { BIAS: 0, RELU: 0, HALF },
        tolerance: 1e-5,
      }),
    ),
  ),
  {
    kernel: 'copy',
    note: 'transposed',
    blocks: [15, floats(15)],
    params: {
      size: 15,
      dst_offset: 0,
      src_offset: 0,
      flat: 0,
      shape_lo: ONES,
      shape_hi: [1, 1, 3, 5],
      dst_lo: NONE4,
      dst_hi: [0, 0, 5, 1],
      src_lo: NONE4,
      src_hi: [0, 0, 1, 3],
    },
  },
  // Axes in the order of y, and the order in which x has them; gaps after each row of y.
  ...(
    [
      ['rows of vec4s', [2, 3, 5, 16], [0, 2, 1, 3], 4],
      ['rows of one vec4', [3, 1, 7, 4], [2, 1, 0, 3], 0],
      ['columns of blocks', [3, 2, 8, 12], [0, 1, 3, 2], 4],
      ['columns of one block, the third axis first', [2, 4, 3, 4], [0, 3, 2, 1], 8],
      ['columns of blocks, all axes turned', [4, 3, 2, 8], [3, 2, 1, 0], 0],
      ['columns of odd tiles', [2, 1, 35, 33], [1, 0, 3, 2], 3],
      ['columns of odd tiles, the third axis first', [2, 37, 2, 5], [0, 3, 2, 1], 1],
      ['columns of odd tiles, all axes turned', [70, 2, 3, 31], [3, 2, 1, 0], 0],
    ] as [string, number[], number[], number][]
  ).map(([note, shape, order, gap]): Case => {
    const size = shape.reduce((a, n) => a * n, 1)
    const row = shape[3] + gap
    const src_hi = shape.map((_, axis) => order.slice(order.indexOf(axis) + 1).reduce((a, i) => a * shape[i], 1))
    const dst_hi = [shape[1] * shape[2] * row, shape[2] * row, row, 1]
    return {
      kernel: 'copy',
      note,
      blocks: [{ data: numbers(4 + (size / shape[3]) * row, 3) }, floats(size + 4)],
      params: {
        size,
        dst_offset: 4,
        src_offset: 4,
        flat: 0,
        shape_lo: ONES,
        shape_hi: shape,
        dst_lo: NONE4,
        dst_hi,
        src_lo: NONE4,
        src_hi,
      },
    }
  }),
  {
    kernel: 'copy',
    note: 'rank 6 into a slice',
    blocks: [{ data: numbers(200, 3) }, floats(64)],
    params: {
      size: 64,
      dst_offset: 3,
      src_offset: 0,
      flat: 0,
      shape_lo: [1, 1, 2, 2],
      shape_hi: [2, 2, 2, 2],
      dst_lo: [0, 0, 96, 48],
      dst_hi: [24, 12, 6, 3],
      src_lo: [0, 0, 1, 2],
      src_hi: [4, 8, 16, 32],
    },
  },
  ...[1, 2, 3, 4, 1029].flatMap((n): Case[] => [
    { kernel: 'fill', note: `${n}`, blocks: [n], params: { size: n, value: 0.1 }, tolerance: 1e-7 },
    {
      kernel: 'fill',
      note: `${n} int`,
      blocks: [{ out: n, dtype: 'int32' }],
      params: { size: n, value: -7 },
      constants: { INT: 1 },
    },
  ]),
  ...[1, 4, 1027].flatMap((n): Case[] => [
    {
      kernel: 'random',
      note: `bits ${n}`,
      blocks: [{ out: n, dtype: 'bool' }],
      params: { size: n, seed_lo: 7, seed_hi: 9, offset_lo: 4294967295, offset_hi: 3 },
      constants: { KIND: 0 },
    },
    {
      kernel: 'random',
      note: `uniform ${n}`,
      blocks: [n],
      params: { size: n, seed_lo: 7, seed_hi: 9, offset_lo: 5, offset_hi: 0 },
      constants: { KIND: 1 },
    },
    {
      kernel: 'random',
      note: `normal ${n}`,
      blocks: [n],
      params: { size: n, seed_lo: 7, seed_hi: 9, offset_lo: 5, offset_hi: 0 },
      constants: { KIND: 2 },
      tolerance: 1e-6,
    },
  ]),
  // Good weights, of which nothing is reported; reports are tested in ops/weights.webgpu.test.ts.
  ...[0, 1].map(
    (COUNTS): Case => ({
      kernel: 'weights',
      note: COUNTS ? 'counts' : 'sums',
      blocks: [{ data: [9, 1, 0, 2, 0, 0, 3] }, { data: [9, COUNTS ? 2 : 3, 2], dtype: COUNTS ? 'int32' : 'float32' }],
      params: { size: 6, rows: 2, cols: 3, draws: 1, x_offset: 1, row_offset: 1 },
      constants: { COUNTS },
    }),
  ),
  // Good integers likewise: ops/bounds.webgpu.test.ts.
  ...[0, 1].map(
    (RISING): Case => ({
      kernel: 'bounds',
      note: RISING ? 'rising' : 'in any order',
      blocks: [{ data: RISING ? [9, 0, 2, 2, 4] : [9, 4, 0, 3, 1], dtype: 'int32' }],
      params: { size: 4, start: 0, low: 0, high: 4, x_offset: 1 },
      constants: { KIND: shaders.bounds.consts.OFFSET, RISING },
    }),
  ),
  ...[0, 1, 2, 3].flatMap((OP) => reductions('reduce', OP)),
  ...[0, 1].flatMap((OP) => reductions('extremum', OP)),
  ...matmuls(),
  ...[1, 5, 8, 300].flatMap((cols) =>
    [0, 1].map(
      (LOG): Case => ({
        kernel: 'softmax',
        note: `${cols} columns, log ${LOG}`,
        blocks: [5 * cols, floats(5 * cols + 4)],
        params: { rows: 5, cols, offset: 4 },
        constants: { LOG },
        tolerance: 2e-6,
      }),
    ),
  ),
  ...[0, 1].map(
    (LOG): Case => ({
      kernel: 'softmax',
      note: `masked, log ${LOG}`,
      blocks: [16, { data: [1, -Infinity, 2, 3, ...Array(4).fill(-Infinity), 1000, 1001, -1000, 0, 1, NaN, 2, 3] }],
      params: { rows: 4, cols: 4, offset: 0 },
      constants: { LOG },
      tolerance: 2e-6,
    }),
  ),
  {
    kernel: 'gather',
    note: 'rows',
    blocks: [{ out: 30, dtype: 'float32' }, floats(32), integers(11, 6)],
    params: { count: 10, cols: 3, first: 0, rows: 6, limit: 6, x_offset: 2, index_offset: 1 },
  },
  {
    kernel: 'gather',
    note: 'four columns',
    blocks: [{ out: 40, dtype: 'float32' }, floats(28), integers(10, 6)],
    params: { count: 10, cols: 4, first: 0, rows: 6, limit: 6, x_offset: 4, index_offset: 0 },
  },
  // x has rows 2 to 4 of 6: rows of y that take others stay.
  ...[3, 4].map(
    (cols): Case => ({
      kernel: 'gather',
      note: `a range of rows, ${cols} columns`,
      blocks: [{ data: numbers(10 * cols) }, floats(16), integers(10, 6)],
      params: { count: 10, cols, first: 2, rows: 3, limit: 6, x_offset: 4, index_offset: 0 },
    }),
  ),
  // y has rows 2 to 4 of 7.
  ...[3, 4].map(
    (cols): Case => ({
      kernel: 'scatter',
      note: `a range of rows, ${cols} columns`,
      blocks: [3 * cols, floats(160), integers(40, 7)],
      params: { first: 2, rows: 3, limit: 7, cols, count: 40, step: 1, span: 40, g_offset: 0, index_offset: 0 },
      tolerance: 1e-5,
    }),
  ),
  // More than two sorted blocks of indices.
  ...[1, 40, 700, 2500].map(
    (count): Case => ({
      kernel: 'scatter',
      note: `${count}`,
      blocks: [21, floats(count * 3 + 1), integers(count + 2, 7)],
      params: { first: 0, rows: 7, limit: 7, cols: 3, count, step: 1, span: count, g_offset: 1, index_offset: 2 },
      tolerance: 1e-5,
    }),
  ),
  {
    kernel: 'scatter',
    note: 'four columns',
    blocks: [28, floats(44), integers(10, 7)],
    params: { first: 0, rows: 7, limit: 7, cols: 4, count: 10, step: 1, span: 10, g_offset: 4, index_offset: 0 },
    tolerance: 1e-5,
  },
  {
    kernel: 'cross_entropy_grad',
    note: 'four columns',
    blocks: [
      24,
      { data: [...numbers(27), -Infinity] },
      { dtype: 'int32', data: [7, 0, 1, 2, 3] },
      floats(6, 4),
      { data: [1, 0, -2] },
      floats(1),
    ],
    params: {
      ...{ rows: 3, cols: 8, x_offset: 4, target_offset: 2, smoothing: 0.1, ignore: 1 },
      ...{ g_offset: 0, g_stride: 1 },
    },
    constants: { IGNORE: 1 },
    tolerance: 2e-6,
  },
  {
    kernel: 'scatter',
    note: 'nothing',
    blocks: [21, floats(1), integers(1, 7)],
    params: { first: 0, rows: 7, limit: 7, cols: 3, count: 0, step: 1, span: 0, g_offset: 0, index_offset: 0 },
  },
  ...[3, 300].flatMap((cols) =>
    [0, 0.1].flatMap((smoothing): Case[] => {
      const params = { rows: 6, cols, x_offset: 1, target_offset: 2, smoothing, ignore: 1, first: 0 }
      const labels: Input = { dtype: 'int32', data: [9, 9, 0, 1, 2, 1, 0, cols - 1] }
      return [
        {
          kernel: 'cross_entropy',
          note: `${cols} classes, smoothing ${smoothing}`,
          blocks: [6, 12, floats(6 * cols + 1), labels],
          params,
          tolerance: 2e-6,
        },
        {
          kernel: 'cross_entropy',
          note: `${cols} classes, ignored`,
          blocks: [6, 12, floats(6 * cols + 1), labels],
          params,
          constants: { IGNORE: 1 },
          tolerance: 2e-6,
        },
        {
          kernel: 'cross_entropy_grad',
          note: `${cols} classes, smoothing ${smoothing}`,
          blocks: [6 * cols, floats(6 * cols + 1), labels, floats(12, 4), floats(7, 5), floats(1)],
          params: { ...params, g_offset: 1, g_stride: 1 },
          constants: { IGNORE: 1 },
          tolerance: 2e-6,
        },
        {
          kernel: 'cross_entropy_grad',
          note: `${cols} classes, one g`,
          blocks: [6 * cols, floats(6 * cols + 1), labels, floats(12, 4), floats(1, 5), { data: [3] }],
          params: { ...params, g_offset: 0, g_stride: 0 },
          constants: { MEAN: 1 },
          tolerance: 2e-6,
        },
      ]
    }),
  ),
  ...[1, 6, 600].map(
    (rows): Case => ({
      kernel: 'class_mean',
      note: `${rows} rows`,
      blocks: [1, 1, floats(rows), integers(rows + 1, 3)],
      params: { rows, target_offset: 1, ignore: 2 },
      tolerance: 1e-6,
    }),
  ),
  {
    kernel: 'class_mean',
    note: 'none counts',
    blocks: [1, 1, { data: [0, 0] }, { dtype: 'int32', data: [2, 2] }],
    params: { rows: 2, target_offset: 0, ignore: 2 },
  },
  ...steps(),
  ...cached(),
]

function reductions(kernel: 'reduce' | 'extremum', OP: number): Case[] {
  const outs = (n: number, INT: number): Case['blocks'] => {
    const values = { out: n, dtype: INT ? 'int32' : 'float32' } as const
    return kernel === 'reduce' ? [values] : [values, { out: n, dtype: 'int32' }]
  }
  const make = (
    note: string,
    n: number,
    x: Input,
    kept: number[],
    reduced: number[],
    ks: number[],
    rs: number[],
    INT = 0,
  ): Case => ({
    kernel,
    note: `op ${OP}, ${note}`,
    blocks: [...outs(n, INT), x],
    constants: { OP, INT },
    tolerance: kernel === 'reduce' ? 3e-5 : 0,
    params: { kept: [...kept, 1], reduced: [...reduced, reduced[0]], ks, rs },
  })
  const small = (count: number): Input => ({
    data: numbers(count).map((x) => (OP === 1 && kernel === 'reduce' ? 1 + x / 50 : x)),
  })
  const dented = small(24).data as number[]
  dented[7] = NaN
  dented[9] = NaN
  return [
    make('all of 24', 1, small(24), [1, 1, 1], [24, 1, 24], NONE4, FLAT),
    make('rows', 4, small(24), [4, 1, 4], [6, 1, 6], [0, 0, 0, 6], FLAT),
    make('columns', 6, small(24), [6, 1, 6], [4, 1, 4], FLAT, [0, 0, 0, 6]),
    make('columns in fours', 24, small(24 * 7 + 4), [24, 1, 24], [7, 1, 7], [4, 0, 0, 1], [0, 0, 0, 24]),
    make('columns in fours, two axes', 16, small(160), [16, 2, 8], [5, 1, 5], [0, 0, 40, 1], [0, 0, 0, 8]),
    make('rows in fours', 5, small(5 * 76), [5, 1, 5], [76, 1, 76], [0, 0, 0, 76], FLAT),
    make('outer dims of three', 3, small(25), [3, 1, 3], [8, 1, 4], [1, 0, 0, 4], [0, 0, 12, 1]),
    make('broadcast', 2, small(6), [2, 1, 2], [6, 2, 3], [0, 0, 0, 3], [0, 0, 0, 1]),
    make('long rows', 3, small(3 * 1500), [3, 1, 3], [1500, 1, 1500], [0, 0, 0, 1500], FLAT),
    make('with NaN', 4, { data: dented }, [4, 1, 4], [6, 1, 6], [0, 0, 0, 6], FLAT),
    make('integers', 4, integers(24, 9), [4, 1, 4], [6, 1, 6], [0, 0, 0, 6], FLAT, 1),
    ...(kernel === 'reduce' && OP < 2 ? [make('nothing', 4, small(1), [4, 1, 4], [0, 1, 0], NONE4, FLAT)] : []),
    ...(kernel === 'reduce' && OP !== 1
      ? [make('70,000', 1, small(70000), [1, 1, 1], [70000, 1, 70000], NONE4, FLAT)]
      : []),
    // Ties within and between splits.
    ...(kernel === 'extremum'
      ? [
          make(
            'long rows with ties',
            3,
            integers(120_000, 9),
            [3, 1, 3],
            [40_000, 1, 40_000],
            [0, 0, 0, 40_000],
            FLAT,
            1,
          ),
        ]
      : []),
  ]
}

function matmuls(): Case[] {
  const cases: Case[] = []
  const sizes = [
    [1, 1, 1],
    [2, 3, 4],
    [5, 7, 3],
    [17, 19, 23],
    [33, 65, 12],
    [64, 64, 64],
    [70, 130, 37],
    [1, 128, 64],
    [3, 6, 700],
    [64, 1, 64],
    [128, 10, 300],
    // k in parts: whole ones, and what is left
    [1, 5, 33000],
    [17, 8, 16390],
  ]
  for (const [m, n, k] of sizes) {
    for (const [at, bt] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]) {
      const a = at ? [0, 0, 1, m] : [0, 0, k, 1]
      const b = bt ? [0, 0, 1, k] : [0, 0, n, 1]
      cases.push({
        kernel: 'matmul',
        note: `${at ? 'T' : 'N'}${bt ? 'T' : 'N'} ${m}×${k}·${k}×${n}`,
        blocks: [m * n, floats(m * k), floats(k * n, 2), floats(n + 1, 3), floats(m * n, 4)],
        params: { batch: 1, inner: 1, m, n, k, a_offset: 0, b_offset: 0, bias_offset: 1, a, b },
        constants: { BIAS: at, RESIDUAL: at === bt ? 1 : 0, RELU: bt },
        // 2·√k·u·Σ|a||b|, with |a||b| of about 1
        tolerance: 2 * Math.sqrt(k) * k * 2 ** -24,
      })
    }
  }
  const batched = (note: string, a: number[], b: number[]): Case => ({
    kernel: 'matmul',
    note,
    blocks: [6 * 5 * 8, floats(6 * 5 * 4 + 1), floats(6 * 4 * 8 + 3, 2), floats(8, 3), floats(6 * 5 * 8, 4)],
    params: { batch: 6, inner: 3, m: 5, n: 8, k: 4, a_offset: 1, b_offset: 3, bias_offset: 0, a, b },
    constants: { BIAS: 1, RESIDUAL: 1 },
    tolerance: 1e-5,
  })
  cases.push(
    batched('batched', [60, 20, 4, 1], [96, 32, 8, 1]),
    batched('broadcast batch', [0, 20, 4, 1], [0, 0, 8, 1]),
    batched('strides of nothing', [0, 0, 0, 1], [96, 32, 0, 1]),
    {
      kernel: 'matmul',
      note: 'k = 0',
      blocks: [6, floats(1), floats(1), floats(3), floats(6)],
      params: {
        ...{ batch: 1, inner: 1, m: 2, n: 3, k: 0, bias_offset: 0 },
        ...{ a_offset: 0, b_offset: 0, a: [0, 0, 0, 1], b: [0, 0, 3, 1] },
      },
      constants: { BIAS: 1 },
    },
    {
      kernel: 'matmul',
      note: 'k in parts, two axes of the batch',
      blocks: [4 * 2 * 3, floats(4 * 2 * 17000), floats(3 * 17000, 2), floats(3), floats(4 * 2 * 3, 4)],
      params: {
        ...{ batch: 4, inner: 2, m: 2, n: 3, k: 17000, a_offset: 0, b_offset: 0, bias_offset: 0 },
        ...{ a: [68000, 34000, 17000, 1], b: [0, 0, 1, 17000] },
      },
      constants: { BIAS: 1, RESIDUAL: 1, RELU: 1 },
      tolerance: 1e-2,
    },
  )
  return cases
}

function steps(): Case[] {
  const sizes = [7, 4, 260]
  const pairs = sizes.flatMap((n, i) => [floats(n, 2 * i + 1), floats(n, 2 * i + 2)])
  const squares = (above: number) => ({ data: numbers(272, 8).map((x) => Math.fround(x * x) + above) })
  const layouts = [[3], [1, 9], [0, 8, 12]]
  const rules = kernelCases.flatMap(({ kernel, params, constants, state, first, above }) => {
    const kept = [first === 'square' ? squares(above) : floats(272, 7), squares(0), squares(0)].slice(0, state)
    const slots = kernels[kernel].bindings.length - 6
    const blocks = Array.from({ length: slots }, (_, i) => kept[i])
    return layouts.slice(0, state < 3 ? 3 : 2).map((starts): Case => {
      const n = starts.length
      return {
        kernel,
        note: `${n} tensors, ${state} kept, ${JSON.stringify(constants)}`,
        blocks: [...blocks, ...pairs.slice(0, 2 * n)],
        params: {
          sizes: [...sizes.slice(0, n), 0, 0, 0].slice(0, 4),
          starts: [...starts, 0, 0, 0].slice(0, 4),
          ...params,
        },
        constants,
        tolerance: 1e-5,
      }
    })
  })
  const averages = layouts.map(
    (starts): Case => ({
      kernel: 'average',
      note: `${starts.length} tensors`,
      blocks: pairs.slice(0, 2 * starts.length),
      params: {
        sizes: [...sizes.slice(0, starts.length), 0, 0, 0].slice(0, 4),
        starts: [...starts, 0, 0, 0].slice(0, 4),
        keep: 0.75,
        rate: 0.25,
      },
      tolerance: 1e-6,
    }),
  )
  return [...rules, ...averages, ...[1, 2, 3, 4, 5, 6].flatMap(gradientCases)]
}

/** Rows that are cut off at their end, and one that is full; heads as a product leaves them, k before v. */
function cached(): Case[] {
  return [
    { batch: 1, heads: 1, tokens: 1, channels: 1, room: 1, starts: [0] },
    { batch: 3, heads: 2, tokens: 4, channels: 3, room: 7, starts: [0, 5, 7] },
    { batch: 2, heads: 3, tokens: 17, channels: 8, room: 20, starts: [2, 3] },
  ].map(({ batch, heads, tokens, channels, room, starts }): Case => {
    const width = heads * channels
    const walk = (first: number) => [first, 2 * tokens * width, channels, 2 * width]
    const size = batch * heads * tokens * channels
    const x = floats(2 * size, 3)
    return {
      kernel: 'cache',
      note: `${batch} rows of ${tokens} in ${room}`,
      blocks: [
        floats(batch * heads * room * channels, 1),
        floats(batch * heads * room * channels, 2),
        x,
        x,
        { dtype: 'int32', data: [9, ...starts] },
      ],
      params: { k: walk(0), v: walk(width), size, heads, tokens, channels, room, start_offset: 1 },
    }
  })
}

/** The kernels that change gradients in place, on so many tensors: sizes are odd, and more than one part's. */
function gradientCases(count: number): Case[] {
  const sizes = [5000, 3, 257, 1, 1030, 64].map((size, i) => (i < count ? size : 0))
  const xs = sizes.map((size, i) => (size > 0 ? { data: numbers(size, i + 1) } : undefined))
  const both = { lo: sizes.slice(0, 4), hi: [...sizes.slice(4), 0, 0] }
  const sums = { ...both, chunk: 0, parts: 0, limit: 0.5, launch_id: 0 }
  const scaled = [0, 1].map(
    (OP): Case => ({
      kernel: 'scale',
      note: `${count} tensors, op ${OP}`,
      blocks: [{ data: [7, 0.3] }, ...xs],
      params: { ...both, at: 1 },
      constants: { OP },
      tolerance: 1e-6,
    }),
  )
  const squares = [
    [1, 1],
    [1, 0],
    [0, 1],
  ].map(
    ([first, last]): Case => ({
      kernel: 'squares',
      note: `${count} tensors, first ${first}, last ${last}`,
      blocks: [{ data: [1, 1, 0, 2, 0] }, ...xs],
      params: { ...sums, first, last },
      constants: { CHECK: 1 },
      tolerance: 1e-6,
    }),
  )
  return [...scaled, ...squares]
}

/** Runs every case with each variant of its kernel that fits, in turn. */
describe('every variant agrees with the CPU twin in float64', () => {
  for (const name of Object.keys(shaders) as KernelName[]) {
    for (const variant of Object.keys(plans[name].variants)) {
      test(`${name}/${variant}`, async () => {
        const forced = await createWebGPUDevice(gpu, { debug: true, force: { [name]: variant } })
        await Promise.all(cases.filter(({ kernel }) => kernel === name).map((one) => compare(forced, one)))
        await forced.sync()
        const ran = forced.counts()[`${name}/${variant}`]
        const { fits } = plans[name].variants[variant]
        const fitting = (facts: Facts) =>
          cases.some((one) => one.kernel === name && (fits?.(one.params, facts, one.constants ?? {}) ?? true))
        const features = new Set(['subgroups', 'shader-f16'])
        const offersAll: Facts = { ...forced.facts, features, subgroupSize: 32 }
        expect(fitting(offersAll), 'a case that the variant fits').toBe(true)
        if (fitting(forced.facts)) expect(ran).toBeGreaterThan(0)
        else console.log(`adapter: ${forced.name} does not offer ${name}/${variant}`)
        expect(forced.memory().live).toBe(0)
        forced.destroy()
      })
    }
  }

  test('and with params as uniforms', async () => {
    const plain = await createWebGPUDevice(gpu, { debug: true, immediates: false })
    await Promise.all(cases.map((one) => compare(plain, one)))
    await plain.sync()
    plain.destroy()
  })
})

describe('special functions, against float64', () => {
  const { EXP, EXPM1, LOG, LOG1P, SQRT, RECIPROCAL, SIN, TANH, SIGMOID, SOFTPLUS, ERF, DIV, POW } =
    shaders.pointwise.consts
  const { MAXIMUM, MINIMUM, RELU, SIGN, ABS, ROUND, EQ, NE, LT, GE, F32_TO_I32, F32_TO_BOOL } = shaders.pointwise.consts

  /** op(x), op(x, y) on the device, as the dtype asked for. */
  const apply = (OP: number, x: number[], y?: number[], dtype?: DType) => applyOn(device, OP, x, y, dtype)

  const report: string[] = []
  for (const row of accuracies) {
    const { name, ulps, absolute = 0 } = row
    test(`${name}: ${ulps} ulp${absolute ? ` or ${absolute}` : ''}`, async () => {
      const { worst, at } = await accuracyOn(device, row)
      report.push(`${name} ${absolute ? `${absolute} absolute, else ` : ''}${worst.toFixed(2)}`)
      expect(worst, `at ${at}`).toBeLessThanOrEqual(ulps)
    })
  }
  afterAll(() => console.log(`worst ulp on ${device.name}: ${report.join(', ')}`))

  test('pow: (6 + 4·|y·log₂ x|) ulp, and its cases', async () => {
    const x: number[] = []
    const y: number[] = []
    for (const base of samples(50, false).filter((_, i) => i % 7 === 0)) {
      for (const exponent of [-3.5, -3, -2, -1, -0.5, 0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 7.25]) {
        const power = base ** exponent
        if (power < 1e-37 || power > 1e37) continue
        x.push(base)
        y.push(exponent)
      }
    }
    const got = await apply(POW, x, y)
    x.forEach((base, i) => {
      const want = base ** y[i]
      const allowed = (6 + 4 * Math.abs(y[i] * Math.log2(base))) * ulp(want) + Math.abs(y[i]) * 2 ** -21 * want
      expect(Math.abs(got[i] - want), `${base} ** ${y[i]}`).toBeLessThanOrEqual(allowed)
    })
    const cases: [number, number, number][] = [
      [-2, 3, -8],
      [-2, 2, 4],
      [-2, -1, -0.5],
      [-2, 5, -32],
      [-3, -3, -1 / 27],
      [-8, 0.5, NaN],
      [-8, 1 / 3, NaN],
      [0, 0, 1],
      [0, 2, 0],
      [0, -1, Infinity],
      [0, -2.5, Infinity],
      [0, 0.5, 0],
      [1, 1e10, 1],
      [-1, 1e10, 1],
      [-1, 3, -1],
      [NaN, 0, 1],
      [1, NaN, 1],
      [2, NaN, NaN],
      [NaN, 2, NaN],
      [Infinity, 2, Infinity],
      [Infinity, -1, 0],
      [2, Infinity, Infinity],
      [2, -Infinity, 0],
      [-Infinity, 3, -Infinity],
      [0.5, Infinity, 0],
      [-1, Infinity, 1],
      [2, 200, Infinity],
      [2, -200, 0],
      [10, 2, 100],
      [-1.5, 3, -3.375],
    ]
    const values = await apply(
      POW,
      cases.map(([a]) => a),
      cases.map(([, b]) => b),
    )
    cases.forEach(([a, b, want], i) => {
      const close = Object.is(values[i], want) || Math.abs(values[i] - want) <= 4e-7 * Math.abs(want)
      expect(close, `${a} ** ${b} is ${want}, not ${values[i]}`).toBe(true)
    })
  })

  test('div: 3 ulp', async () => {
    const x = samples(1e6)
    const y = x.map((_, i) => x[(i * 7 + 3) % x.length])
    const got = await apply(DIV, x, y)
    x.forEach((a, i) => {
      const want = Math.fround(a) / y[i]
      if (Math.abs(want) < 1e-36 || Math.abs(want) > 3e38) return
      expect(Math.abs(got[i] - want), `${a} / ${y[i]}`).toBeLessThanOrEqual(3 * ulp(want))
    })
  })

  test('ends of the range, NaN and ∞', async () => {
    const special = [NaN, Infinity, -Infinity, 0, 1000, -1000, 1e-40, -1]
    const expectations: [number, number[]][] = [
      [EXP, [NaN, Infinity, 0, 1, Infinity, 0, 1, Math.fround(Math.exp(-1))]],
      [LOG, [NaN, Infinity, NaN, -Infinity, Math.fround(Math.log(1000)), NaN]],
      [LOG1P, [NaN, Infinity, NaN, 0, Math.fround(Math.log1p(1000)), NaN, 1e-40, -Infinity]],
      [EXPM1, [NaN, Infinity, -1, 0, Infinity, -1, 1e-40]],
      [TANH, [NaN, 1, -1, 0, 1, -1, 1e-40]],
      [SIGMOID, [NaN, 1, 0, 0.5, 1, 0, 0.5]],
      [SOFTPLUS, [NaN, Infinity, 0, Math.fround(Math.log(2)), 1000, 0]],
      [ERF, [NaN, 1, -1, 0, 1, -1, 1e-40]],
      [SIN, [NaN, NaN, NaN, 0]],
      [RELU, [NaN, Infinity, 0, 0, 1000, 0]],
      [ABS, [NaN, Infinity, Infinity, 0, 1000, 1000]],
      [SIGN, [NaN, 1, -1, 0, 1, -1]],
      [SQRT, [NaN, Infinity, NaN, 0]],
      [RECIPROCAL, [NaN, 0, 0, Infinity]],
    ]
    for (const [code, want] of expectations) {
      const got = await apply(code, special)
      want.forEach((value, i) => {
        const same = Object.is(got[i], value) || Math.abs(got[i] - value) <= Math.max(4e-7 * Math.abs(value), 1.2e-38)
        expect(same, `op ${code} of ${special[i]} is ${value}, not ${got[i]}`).toBe(true)
      })
    }
  })

  test('NaN in comparisons, maximum, minimum and casts', async () => {
    const x = [NaN, 1, NaN, 1, 2]
    const y = [1, NaN, NaN, 1, 1]
    expect([...(await apply(MAXIMUM, x, y))]).toEqual([NaN, NaN, NaN, 1, 2])
    expect([...(await apply(MINIMUM, x, y))]).toEqual([NaN, NaN, NaN, 1, 1])
    expect([...(await apply(EQ, x, y, 'bool'))]).toEqual([0, 0, 0, 1, 0])
    expect([...(await apply(NE, x, y, 'bool'))]).toEqual([1, 1, 1, 0, 1])
    expect([...(await apply(LT, x, y, 'bool'))]).toEqual([0, 0, 0, 0, 0])
    expect([...(await apply(GE, x, y, 'bool'))]).toEqual([0, 0, 0, 1, 1])
    const wide = [NaN, Infinity, -Infinity, 2147483648, -2147483648, 1.9, -1.9, 2147483520]
    const ints = [0, 2147483647, -2147483648, 2147483647, -2147483648, 1, -1, 2147483520]
    expect([...(await apply(F32_TO_I32, wide, undefined, 'int32'))]).toEqual(ints)
    expect([...(await apply(F32_TO_BOOL, [NaN, 0, -0, 0.1, -3], undefined, 'bool'))]).toEqual([1, 0, 0, 1, 1])
    const halves = await apply(ROUND, [0.5, 1.5, 2.5, -0.5, -1.5, 0.4999])
    expect([...halves].map((v) => v + 0)).toEqual([0, 2, 2, 0, -2, 0])
  })
})
