/**
 * @file The maker of mutants (npm run mutants): what it changes, how it builds the changes in, and by which entry
 * points they run.
 */
import { describe, expect, it } from 'vitest'
import type { ShaderModule } from '../../src/core/contract.ts'
import { type Mutant, quotas, ranked, shuffled } from '../../tools/mutants/mutant.ts'
import { mutantsOf as planMutants } from '../../tools/mutants/plans.ts'
import { reachOf } from '../../tools/mutants/reach.ts'
import { parse, mutantsOf as ruleMutants, rulesOf, withSwitches } from '../../tools/mutants/rules.ts'
import { mutantsOf } from '../../tools/mutants/shaders.ts'

const changes = (mutants: readonly Mutant[]): string[] => mutants.map((m) => `${m.original} => ${m.mutated}`)

describe('rules', () => {
  const text = `
const half = (a: Tensor) => mul(a, 0.5)
const fooOp = defineOp({
  name: 'foo',
  launch: ([x, g], [y]) => run(x, g, y, 1),
  vjp: { x: ({ g, x }) => where(gt(x, 0), sub(g, half(x)), 0) },
})
`
  const rules = rulesOf(parse('foo.ts', text))
  const mutants = rules.flatMap((rule) => ruleMutants('foo.ts', rule))

  it('are found by their cotangent, and helpers by being used in rules only; launches are not', () => {
    expect(rules.map(({ name }) => name)).toEqual(['foo', 'half'])
  })

  it('are changed in sign, factors, order and bounds', () => {
    const all = changes(mutants)
    expect(all).toContain('where(gt(x, 0), sub(g, half(x)), 0) => neg(where(gt(x, 0), sub(g, half(x)), 0))')
    expect(all).toContain('gt(x, 0) => ge(x, 0)')
    expect(all).toContain('sub(g, half(x)) => add(g, half(x))')
    expect(all).toContain('sub(g, half(x)) => sub(half(x), g)')
    expect(all).toContain('mul(a, 0.5) => a')
    expect(all).toContain('0.5 => 1')
    expect(all.some((change) => change.includes('run('))).toBe(false)
  })

  it('stay as they are while no switch is on', () => {
    const built = withSwitches(text, new Map(mutants.entries()), new Map(rules.entries()))
    const state = { active: -1, hits: new Set<number>(), ops: {}, neg: (x: number) => -x }
    ;(globalThis as unknown as { __m: unknown }).__m = state
    const rule = built.slice(built.indexOf('({ g, x }) =>'), built.indexOf(' },\n})'))
    const f = new Function('where', 'gt', 'sub', 'half', `return ${rule}`)(
      (c: boolean, a: number, b: number) => (c ? a : b),
      (a: number, b: number) => a > b,
      (a: number, b: number) => a - b,
      (a: number) => a / 2,
    ) as (values: { g: number; x: number }) => number
    expect(f({ g: 5, x: 2 })).toBe(4)
    expect([...state.hits]).toEqual([0])
    state.active = mutants.findIndex((m) => m.mutated.startsWith('neg('))
    expect(f({ g: 5, x: 2 })).toBe(-4)
  })
})

describe('plans', () => {
  const text = `
const LONG = 8 * 16
const groups = (rows: number, cols: number): number => rows * Math.ceil(cols / 4)
export const foo: Plan = {
  class: ({ rows }) => sizeClass(rows * 2),
  variants: {
    vec4: {
      requires: 'cols that are a multiple of 4',
      fits: ({ cols, offset }) => cols % 4 === 0 && offset === 0,
      better: ({ rows }, facts) => manyElements(rows * 3, facts) && rows === 1,
      dispatch: ({ rows, cols, wide }) => ({ entry: wide ? 'a' : 'b', groups: groups(rows, cols), blocks: [0, 1] }),
    },
  },
}
`
  const all = planMutants('foo.ts', text)

  it('are changed in what fits and in what is dispatched', () => {
    expect(changes(all).sort()).toEqual(
      [
        'rows * Math.ceil(cols / 4) => rows',
        'rows * Math.ceil(cols / 4) => Math.ceil(cols / 4)',
        'Math.ceil(cols / 4) => Math.floor(cols / 4)',
        'cols % 4 === 0 && offset === 0 => cols % 4 === 0',
        'cols % 4 === 0 && offset === 0 => offset === 0',
        'cols % 4 === 0 => cols % 4 !== 0',
        'cols % 4 => cols % 5',
        'offset === 0 => offset !== 0',
        "wide ? 'a' : 'b' => wide ? 'b' : 'a'",
        '0 => 1',
        '1 => 2',
      ].sort(),
    )
    expect(all.find(({ original }) => original === 'offset === 0')?.where).toBe('foo.variants.vec4.fits')
  })

  it('are drawn in an order that a seed gives, whatever order they come in', () => {
    const order = (list: readonly Mutant[], seed: number) => changes(shuffled(list, () => text, seed))
    expect(order([...all].reverse(), 3)).toEqual(order(all, 3))
    expect(order(all, 4)).not.toEqual(order(all, 3))
    expect(order(all, 3).sort()).toEqual(changes(all).sort())
  })
})

describe('shaders', () => {
  const lib = { file: 'lib.wgsl', text: 'fn twice(x: f32) -> f32 { return 2.0f * x; }\n' }
  const text = `const ADD = 1u;
override OP: u32 = 0u;
fn apply(x: f32, y: f32) -> f32 {
  switch OP {
    case ADD: { return x + y; }
    default: { return twice(x) - y / 3.0f; }
  }
}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.size || p.size == 0u) { return; }
  y[id.x] = apply(x[id.x], min(x[id.x + 1u], 0.5f));
}
`
  const source = { file: 'foo.wgsl', text }
  const module: ShaderModule = { source, libs: [lib], needs: [], entries: ['main'], overrides: ['OP'] }
  const mutants = mutantsOf('foo.wgsl', text)

  it('are changed in functions only: operators, operands, numbers, indices', () => {
    const all = changes(mutants)
    for (const change of [
      '+ => -',
      'twice(x) - y / 3.0f => (y / 3.0f) - (twice(x))',
      'y / 3.0f => y',
      'y / 3.0f => (3.0f) / (y)',
      '3.0f => 6.0f',
      '>= => >',
      '|| => &&',
      '0u => 1u',
      'min => max',
      'id.x => id.x + 1',
      'x => y',
    ])
      expect(all).toContain(change)
    expect(mutants.every((m) => m.where === 'apply' || m.where === 'main')).toBe(true)
    expect(all.some((change) => change.startsWith('64'))).toBe(false)
  })

  it('are run by the entry points that reach them, under their case', () => {
    const at = (place: string, file = source) => reachOf({ foo: [module] }, file.file, file.text.indexOf(place))
    expect(at('x + y')).toEqual([{ kernel: 'foo', entry: 'main', labels: new Set(['ADD']) }])
    expect(at('twice(x)')).toEqual([{ kernel: 'foo', entry: 'main', labels: null }])
    expect(at('2.0f', lib)).toEqual([{ kernel: 'foo', entry: 'main', labels: null }])
    expect(at('size ==')).toEqual([{ kernel: 'foo', entry: 'main', labels: null }])
  })

  it('are chosen by their text: an edit before them changes nothing', () => {
    const order = (t: string) => changes(ranked(mutantsOf('foo.wgsl', t), t, 1))
    expect(order(`\n\n${text}`)).toEqual(order(text))
    expect(order(text)).not.toEqual(changes(mutants))
  })
})

it('every file has its share', () => {
  const sizes = new Map([
    ['large', 900],
    ['small', 4],
    ['tiny', 1],
  ])
  expect([...quotas(sizes, 33)]).toEqual([
    ['large', 30],
    ['small', 3],
    ['tiny', 1],
  ])
})
