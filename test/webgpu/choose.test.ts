/**
 * @file Which variant of a kernel is chosen, and the reasons given for the others: by a plan's own rules, by a table,
 * by force. No adapter is needed: a choice depends on facts only. That devices launch what is chosen is tested in
 * webgpu.webgpu.test.ts.
 */
import { describe, expect, test } from 'vitest'
import * as shaders from '../../src/core/contracts.generated.ts'
import type { Facts, Kernel, Plan } from '../../src/core/kernel.ts'
import * as kernels from '../../src/ops/base/kernels.generated.ts'
import { readsAsIs } from '../../src/webgpu/adapter.ts'
import { explainChoice, type Preferences } from '../../src/webgpu/choose.ts'
import { plans } from '../../src/webgpu/plans.generated.ts'
import type { TunedVariant } from '../../src/webgpu/tuned.ts'

const gpu: Facts = {
  adapter: { vendor: 'nvidia', architecture: 'ampere', device: '', description: 'driver 1' },
  software: false,
  features: new Set(),
  subgroupSize: 0,
  maxThreads: 1024,
  maxWorkgroupBytes: 32768,
  maxBindingBytes: 2 ** 27,
}
const software: Facts = { ...gpu, software: true }

const square = (n: number) => ({
  batch: 1,
  inner: 1,
  m: n,
  n,
  k: n,
  a_offset: 0,
  b_offset: 0,
  a: [0, 0, n, 1],
  b: [0, 0, n, 1],
})
const matmul = (n: number, facts: Facts, preferences?: Preferences) =>
  explainChoice(kernels.matmul, square(n), facts, {}, preferences)

const VEC4 = 'contiguous rows of b, and n, its strides and its offset multiples of 4'
const WIDE = 'a b of 32 bits'

describe("a plan's own rules", () => {
  test('the first variant that fits and is better is taken', () => {
    expect(matmul(256, gpu)).toEqual({
      kernel: 'matmul',
      variant: 'shared',
      refused: [
        { variant: 'few_group_f16', reason: 'it needs shader-f16, which the adapter does not offer' },
        { variant: 'subgroup_few_f16', reason: 'it needs subgroups, shader-f16, which the adapter does not offer' },
        { variant: 'shared_f16', reason: 'it needs shader-f16, which the adapter does not offer' },
        { variant: 'subgroup_vec4_f16', reason: 'it needs subgroups, shader-f16, which the adapter does not offer' },
        { variant: 'subgroup_f16', reason: 'it needs subgroups, shader-f16, which the adapter does not offer' },
        { variant: 'few_group', reason: 'it requires at most 4 rows' },
        { variant: 'few_vec4', reason: `it requires at most 4 rows, ${VEC4}` },
        { variant: 'subgroup_few', reason: 'it needs subgroups, which the adapter does not offer' },
        { variant: 'subgroup_vec4', reason: 'it needs subgroups, which the adapter does not offer' },
        { variant: 'subgroup', reason: 'it needs subgroups, which the adapter does not offer' },
        { variant: 'tile_vec4', reason: 'it is not expected to be faster here' },
        { variant: 'tile', reason: 'it is not expected to be faster here' },
        { variant: 'naive', reason: 'shared comes first' },
      ],
      dispatches: [{ entry: 'matmul_shared', groups: 16 }],
    })
  })

  test('where none is, the last one', () => {
    const { variant, dispatches } = matmul(2, software)
    expect([variant, dispatches]).toEqual(['naive', [{ entry: 'matmul_naive', groups: 1 }]])
  })

  test('an optimizer takes four elements per thread where a software adapter has many of them', () => {
    const step = (elements: number, facts: Facts) =>
      explainChoice(kernels.adam, { sizes: [elements - 64, 64, 0, 0], starts: [0, elements, 0, 0] }, facts, {}).variant
    expect([8188, 8192].map((elements) => step(elements, software))).toEqual(['element', 'vec4'])
    expect(step(1 << 20, gpu)).toBe('element')
  })

  test('a long k goes in parts of at most 64 chains, whose sums lie in at most 64 MiB', () => {
    const partsOf = (m: number, k: number, facts: Facts) => {
      const params = { ...square(m), k, a: [0, 0, k, 1] }
      const { dispatches } = explainChoice(kernels.matmul, params, facts, {}, { force: { matmul: 'tile' } })
      const scratch = new Set(dispatches.flatMap(({ blocks = [] }) => blocks.filter((one) => typeof one === 'object')))
      const bytes = [...scratch].reduce((sum, one) => sum + (one?.bytes ?? 0), 0)
      const products = dispatches.slice(0, -1).map(({ params: p }) => [p?.batch, p?.k])
      return { products, bytes }
    }
    expect(partsOf(8, 16384, software)).toEqual({ products: [], bytes: 0 })
    expect(partsOf(8, 40000, software)).toEqual({
      products: [
        [2, 13568],
        [1, 12864],
      ],
      bytes: 3 * 256,
    })
    // A GPU has one workgroup only, without parts.
    expect(partsOf(8, 4096, gpu).products).toEqual([[4, 1024]])
    // 64 sums of 16 MiB each would be 1 GiB.
    const large = partsOf(2048, 2 ** 20, software)
    expect(large.products).toEqual([[4, 2 ** 18]])
    expect(large.bytes).toBeLessThanOrEqual(5 * 2 ** 24)
  })

  test('what a variant requires is its reason', () => {
    const { variant, refused } = matmul(255, { ...software, features: new Set(['subgroups']) })
    expect(variant).toBe('tile')
    const reasons = Object.fromEntries(refused.map(({ variant, reason }) => [variant, reason]))
    expect(reasons.tile_vec4).toBe(`it requires ${VEC4}, ${WIDE}`)
    expect(reasons.subgroup).toBe(`it requires subgroups of at least 8 lanes, ${WIDE}`)
  })

  test('a b of float16 is read by its own type where the adapter has it, and only there', () => {
    const { FLOAT16, BFLOAT16 } = shaders.copy.consts
    const [withF16, lavapipe] = [
      { ...gpu, features: new Set(['shader-f16']) },
      { ...software, features: new Set(['shader-f16', 'subgroups']), subgroupSize: 8 },
    ]
    const taken = (m: number, facts: Facts, HALF: number, b = [0, 0, 1, 256]) =>
      explainChoice(kernels.matmul, { ...square(256), m, b }, facts, { HALF }).variant
    const byRows = [0, 0, 256, 1]
    expect([1, 5, 15, 16].map((m) => taken(m, withF16, FLOAT16))).toEqual([
      'few_group_f16',
      'naive',
      'naive',
      'shared_f16',
    ])
    expect([1, 5, 16].map((m) => taken(m, lavapipe, FLOAT16))).toEqual([
      'subgroup_few_f16',
      'subgroup_f16',
      'subgroup_f16',
    ])
    expect([1, 4, 5].map((m) => taken(m, lavapipe, FLOAT16, byRows))).toEqual([
      'few_vec4',
      'few_vec4',
      'subgroup_vec4_f16',
    ])
    for (const [facts, HALF] of [
      [withF16, BFLOAT16],
      [withF16, 0],
      [lavapipe, BFLOAT16],
      [lavapipe, 0],
      [gpu, FLOAT16],
      [software, FLOAT16],
    ] as const) {
      for (const m of [1, 5, 64]) expect(taken(m, facts, HALF)).not.toContain('f16')
    }
    const { refused } = explainChoice(kernels.matmul, square(256), withF16, { HALF: 0 })
    expect(refused).toContainEqual({ variant: 'shared_f16', reason: 'it requires a b of float16' })
  })

  test('products read float16 as it is where a variant for many rows does', () => {
    const on = (facts: Partial<Facts>) => readsAsIs({ ...gpu, features: new Set(['shader-f16']), ...facts })
    expect(on({})).toEqual(['float16'])
    expect(on({ software: true, subgroupSize: 8 })).toEqual(['float16'])
    expect(on({ software: true, subgroupSize: 4 })).toEqual([])
    expect(on({ features: new Set() })).toEqual([])
  })

  test('a plan of a user that says no reason', () => {
    const plan: Plan = {
      variants: {
        never: { fits: () => false, dispatch: () => [] },
        always: { dispatch: () => ({ entry: 'all', groups: 1 }) },
      },
    }
    const kernel: Kernel = { ...kernels.fill, code: { modules: [], plan } }
    expect(explainChoice(kernel, {}, gpu)).toMatchObject({
      variant: 'always',
      refused: [{ variant: 'never', reason: 'it does not fit these params' }],
    })
  })
})

describe('a table of measured variants', () => {
  const entry: TunedVariant = {
    kernel: 'matmul',
    class: '1x256x256x256',
    adapter: { vendor: 'nvidia' },
    variant: 'tile',
  }

  test('decides before the plan, with the reason', () => {
    const { variant, refused } = matmul(256, gpu, { tuned: [entry] })
    expect(variant).toBe('tile')
    expect(refused).toContainEqual({ variant: 'shared', reason: 'the table prefers tile' })
    expect(refused).toContainEqual({ variant: 'naive', reason: 'the table prefers tile' })
  })

  test('for the size class that it names: sizes up to the next power of two', () => {
    const chosen = (n: number) => matmul(n, gpu, { tuned: [entry] }).variant
    expect([128, 129, 256, 257].map(chosen)).toEqual(['shared', 'tile', 'tile', 'shared'])
  })

  test('for the adapters that it names', () => {
    const chosen = (adapter: TunedVariant['adapter']) => matmul(256, gpu, { tuned: [{ ...entry, adapter }] }).variant
    expect(chosen({})).toBe('tile')
    expect(chosen({ vendor: 'nvidia', architecture: 'ampere' })).toBe('tile')
    expect(chosen({ vendor: 'nvidia', architecture: 'amp' })).toBe('shared')
    expect(chosen({ vendor: 'amd' })).toBe('shared')
    expect(chosen({ vendor: 'nvidia', description: 'driver 2' })).toBe('shared')
  })

  test('a variant that does not fit is refused, and the next entry is asked', () => {
    const vec4 = { ...entry, class: '1x256x256x256', variant: 'tile_vec4' }
    const alone = matmul(255, gpu, { tuned: [vec4] })
    expect(alone.variant).toBe('shared')
    expect(alone.refused).toContainEqual({
      variant: 'tile_vec4',
      reason: `the table prefers it, but it requires ${VEC4}, ${WIDE}`,
    })
    expect(matmul(255, gpu, { tuned: [vec4, entry] }).variant).toBe('tile')
    expect(matmul(256, gpu, { tuned: [vec4, entry] }).variant).toBe('tile_vec4')
  })

  test('entries of other kernels, and of variants that are gone, say nothing', () => {
    const tuned = [
      { ...entry, kernel: 'softmax' },
      { ...entry, variant: 'gone' },
    ]
    expect(matmul(256, gpu, { tuned }).variant).toBe('shared')
  })

  test("force stands above it, and a plan without classes has the class ''", () => {
    const { variant, refused } = matmul(256, gpu, { tuned: [entry], force: { matmul: 'naive' } })
    expect(variant).toBe('naive')
    expect(refused).toContainEqual({ variant: 'tile', reason: 'naive is forced' })
    const unfit = matmul(255, gpu, { force: { matmul: 'tile_vec4' } })
    expect(unfit.variant).toBe('shared')
    expect(unfit.refused).toContainEqual({
      variant: 'tile_vec4',
      reason: `it is forced, but it requires ${VEC4}, ${WIDE}`,
    })
    const any = { sizes: [8, 0, 0, 0], starts: [0, 0, 0, 0] }
    const tuned = [{ kernel: 'plain', class: '', adapter: {}, variant: 'second' }]
    const dispatch = () => ({ entry: 'all', groups: 1 })
    const code = { modules: [], plan: { variants: { first: { dispatch }, second: { dispatch } } } }
    expect(explainChoice({ ...kernels.fill, name: 'plain', code }, any, gpu, {}, { tuned }).variant).toBe('second')
  })

  test('the same facts give the same choice', () => {
    const copy = (facts: Facts): Facts => ({ ...structuredClone({ ...facts, features: [] }), features: facts.features })
    for (const facts of [gpu, software]) {
      for (const preferences of [{}, { tuned: [entry] }]) {
        for (const n of [1, 16, 100, 256]) {
          expect(matmul(n, copy(facts), preferences)).toEqual(matmul(n, facts, preferences))
        }
      }
    }
  })
})

test('the last variant of every built-in kernel fits everywhere', () => {
  for (const name of Object.keys(shaders) as (keyof typeof shaders)[]) {
    expect(Object.values(plans[name].variants).at(-1)?.fits, name).toBeUndefined()
  }
})
