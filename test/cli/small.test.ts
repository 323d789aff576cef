/** @file Before a kernel of one's own is timed: its small size, the faults that refuse it, what is let through. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { smallPlans } from '../../src/bench/own/small.ts'
import type { OwnSpec } from '../../src/bench/own/spec.ts'
import { refuseFaults } from '../../src/cli/small.ts'
import { FACTS } from '../../src/interpreter/index.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const spec = (path: string, given: Omit<OwnSpec, 'code' | 'file'>): OwnSpec => ({
  code: read(path),
  file: path,
  ...given,
})
const refuse = (given: OwnSpec): string => refuseFaults(given, new Map(), true, FACTS.gpu)

/** As bench/README.md has them. */
const samples = {
  saxpy: spec('bench/kernels/saxpy.wgsl', {
    bind: ['x=randn:1048576', 'y=inout=randn:1048576'],
    param: ['n=1048576', 'a=2.5'],
    groups: 'n/256',
    flop: '2*n',
  }),
  matmul: spec('bench/kernels/matmul.wgsl', {
    bind: ['A=randn:256x256', 'B=randn:256x256', 'C=out:256x256'],
    param: ['M=256', 'K=256', 'N=256'],
    groups: 'N/TILE_X,M/TILE_Y',
    sweep: 'TILE_X=4,8,16',
    flop: '2*M*N*K',
  }),
  block_sum: spec('bench/kernels/block_sum.wgsl', {
    bind: ['input=rand:1048576', 'partials=out:1048576/WG'],
    groups: 'input.size/WG',
    sweep: 'WG=32,64,128,256',
    flop: 'input.size',
  }),
  histogram: spec('bench/kernels/histogram.wgsl', {
    bind: ['words=randint:4294967296:1048576', 'bins=inout=zeros:256'],
    groups: '64',
  }),
}

let out = ''
beforeEach(() => {
  out = ''
  vi.spyOn(console, 'log').mockImplementation((text: string) => void (out += `${text}\n`))
})
afterEach(() => vi.restoreAllMocks())

describe('the sample kernels have no faults', () => {
  const sizes = {
    saxpy: 'x 1024, y 1024',
    matmul: 'A 64x64, B 64x64, C 64x64',
    block_sum: 'input 1024, partials 32',
    histogram: 'words 1048576, bins 256',
  }
  for (const [name, size] of Object.entries(sizes))
    test(name, () => {
      expect(refuse(samples[name as keyof typeof samples])).toBe(`no faults in the interpreter, on ${size}`)
      expect(out).toBe('')
    }, 60_000)
})

describe('a small size', () => {
  const grids = (given: OwnSpec) =>
    smallPlans(given, new Map(), true)?.map(({ grid, buffers }) => [grid[0], buffers[0].count])
  test('keeps what powers of two divide, and what remains', () => {
    const { saxpy } = samples
    const of = (n: number) => grids({ ...saxpy, param: [`n=${n}`, 'a=2'], bind: ['x=rand:n', `y=inout=zeros:${n}`] })
    expect([of(1048576), of(1_000_001), of(500), of(2048)]).toEqual([[[4, 1024]], [[7, 1601]], [[2, 500]], [[8, 2048]]])
  })
  test('of a param that is swept, of dimensions, not of overrides', () => {
    const { saxpy, block_sum } = samples
    const swept = grids({ ...saxpy, bind: ['x=rand:n', 'y=inout=zeros:n'], sweep: 'n=65536,100000' })
    expect(swept).toEqual([
      [4, 1024],
      [7, 1696],
    ])
    expect(grids({ ...block_sum, bind: ['input=rand:4096x4097', 'partials=out:input.size/WG'] })?.[3]).toEqual([
      17,
      64 * 65,
    ])
  })
  test('is not made where the number of workgroups is one; what is too large then is not run', () => {
    expect(grids(samples.histogram)).toEqual([[64, 1048576]])
    const large = { ...samples.histogram, groups: '1024' }
    expect(grids(large)).toBeUndefined()
    expect(refuse(large)).toMatch(/^not looked for faults: too large for the interpreter/)
  })
})

test('faults are printed, and the kernel is refused', () => {
  const { code, file, ...rest } = samples.block_sum
  const broken = code.replace('workgroupBarrier();\n  for', 'for')
  expect(() => refuse({ file, ...rest, code: broken })).toThrow(
    'bench: block_sum with WG=32 has the faults above, and is not timed (mend them, or give --no-faults)',
  )
  expect(out).toMatch(/^bench\/kernels\/block_sum\.wgsl:1\d: block_sum: race on scratch\[\d+\]/)
  expect(out).toContain(' |       scratch[lid.x] += scratch[lid.x + stride];')
})

test('what the front end refuses is left to the compiler of the device', () => {
  expect(refuse({ ...samples.saxpy, code: samples.saxpy.code.replace('params.a *', 'params.n *') })).toMatch(
    /^not looked for faults: bench\/kernels\/saxpy\.wgsl:17: /,
  )
})
