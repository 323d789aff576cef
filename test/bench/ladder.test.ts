/** @file Ladders: every variant is a rung, what rungs say agrees with the shaders, and figures meet them rightly. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { climbs, sourceOfRung } from '../../src/bench/ladder.ts'
import { ladders } from '../../src/bench/ladders/index.ts'
import { ladderPage } from '../../src/bench/ladders/page.ts'
import { shownLadder, stepText } from '../../src/bench/ladders/show.ts'
import { variantsOf } from '../../src/bench/observe.ts'
import { climb, report, reportOf, softmax } from './climbed.ts'

const all = Object.entries(ladders)

test('matmul, softmax and sums have ladders, by their names', () => {
  expect(Object.keys(ladders)).toEqual(['matmul', 'softmax', 'sums'])
  for (const [name, ladder] of all) expect(ladder.name).toBe(name)
})

describe.each(all)('%s', (_, ladder) => {
  test('every variant of the kernel is a rung, once', () => {
    // Those for operands of 16 bits are the same rungs by another type.
    const variants = variantsOf(ladder.kernel).filter((variant) => !variant.endsWith('_f16'))
    expect(ladder.rungs.map(({ variant }) => variant).sort()).toEqual(variants.sort())
  })
  test('every rung shows its own entry point, and what that calls', () => {
    for (const rung of ladder.rungs) {
      const { file, text } = sourceOfRung(ladder, rung)
      expect(rung.entry).toBe(`${ladder.kernel.name}_${rung.variant}`)
      expect(text).toMatch(new RegExp(`^@compute[^{]*fn ${rung.entry}\\(`))
      expect(text.match(/@compute/g)).toHaveLength(1)
      const shader = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
      expect(shader).toContain(`fn ${rung.entry}(`)
    }
  })
  test('no rung moves less than any kernel must, nor loads more than the one before', () => {
    for (const scale of ['small', 'large'] as const)
      for (const { sizes, case: one } of ladder.cases(scale)) {
        const traffic = ladder.rungs.map(({ bytes }) => bytes(sizes))
        for (const { loaded, stored } of traffic) expect(loaded + stored).toBeGreaterThanOrEqual(one.bytes)
        traffic.slice(1).forEach(({ loaded }, i) => expect(loaded).toBeLessThanOrEqual(traffic[i].loaded))
      }
  })
  test('large cases have smaller ones of the same kernel to be checked by', () => {
    for (const { case: one } of ladder.cases('large')) expect((one.check ?? one).kernel).toBe(ladder.kernel)
  })
})

test('the traffic of matmul is that of its shader: tiles by the constants that stand there', () => {
  const sizes = { m: 128, n: 256, k: 32 }
  const bytes = (variant: string) => ladders.matmul.rungs.find((rung) => rung.variant === variant)?.bytes(sizes).loaded
  const constant = (file: string, name: string): number =>
    Number(
      new RegExp(`const ${name} = (\\d+)u;`).exec(
        readFileSync(new URL(`../../shaders/${file}`, import.meta.url), 'utf8'),
      )?.[1],
    )
  const loads = (rows: number, columns: number) => 4 * ((128 * 32 * 256) / columns + (32 * 256 * 128) / rows)
  expect(bytes('naive')).toBe(loads(1, 1))
  const width = 4 * constant('matmul_tile.wgsl', 'TILE_THREADS')
  expect(bytes('few_vec4')).toBe(loads(constant('lib/product.wgsl', 'FEW'), width))
  expect(bytes('tile')).toBe(loads(constant('matmul_tile.wgsl', 'ROWS'), width))
  expect(bytes('subgroup')).toBe(loads(constant('lib/subgroup.wgsl', 'ROWS'), width))
  const tile = constant('lib/tile.wgsl', 'TILE')
  expect(bytes('shared')).toBe(loads(tile, tile))
})

describe('a climbed ladder', () => {
  test('takes rotated inputs by the GPU, in the order of rungs, each step over the last that ran', () => {
    expect(climb.inputs).toBe('rotated')
    const found = climb.rungs.map(({ rung, step, total, best, why }) => [rung.variant, step, total, best, why])
    expect(found).toEqual([
      ['thread', undefined, undefined, false, undefined],
      ['thread_vec4', undefined, undefined, false, 'it does not fit'],
      ['group', 4, 4, true, undefined],
    ])
  })
  test('says so where a rung is a step down', () => {
    expect([stepText(2.5), stepText(0.5), stepText(undefined)]).toEqual(['2.50 × faster', '2.00 × slower', ''])
  })
  test('is a table with reasons in the terminal', () => {
    const text = shownLadder(softmax, [climb])
    expect(text).toMatch(/^softmax, 1024 rows of 512 \(rotated inputs; any kernel moves 4\.19 MB\)/)
    expect(text.replace(/\s+/g, ' ')).toMatch(/3 group.*2\.00 ms.*4\.00 × faster.*best here/)
    expect(text).toContain('it does not fit')
    for (const { title } of softmax.rungs) expect(text.replace(/\s+/g, ' ')).toContain(title)
  })
  test('is a page that loads nothing, with each source', () => {
    const page = ladderPage(softmax, [climb], report)
    expect(page).not.toMatch(/<(script|link|img)|https?:\/\/|url\(/)
    expect(page).toContain('webgpu:&#60;b&#62;')
    expect(page).toContain('width:25.0%')
    expect(page).toContain('4.00 × faster than the rung before')
    for (const { entry } of softmax.rungs) expect(page).toContain(`fn ${entry}(thread: Thread)`)
    const ids = [...page.matchAll(/href="#(\w+)"/g)].map(([, id]) => id)
    expect(ids).toHaveLength(softmax.rungs.length)
    for (const id of ids) expect(page).toContain(`<section id="${id}">`)
  })
  test('has no case where nothing was measured', () => {
    expect(climbs(softmax, 'small', reportOf([]))).toEqual([])
    expect(ladderPage(softmax, [], reportOf([]))).toContain('Nothing was measured yet.')
  })
})
