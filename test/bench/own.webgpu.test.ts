/** @file A kernel of one's own on a device: right ones are timed, faults are named and not timed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { referenceOf } from '../../src/bench/own/reference.ts'
import { type OwnOptions, runOwn } from '../../src/bench/own/run.ts'
import { shownOwn } from '../../src/bench/own/show.ts'
import type { OwnSpec } from '../../src/bench/own/spec.ts'
import { parseOptions } from '../../src/cli/options.ts'
import { ownOptions } from '../../src/cli/own.ts'
import { readNpy } from '../../src/io/index.ts'
import { device as open } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { handgrad } from '../support/cli.ts'
import { writeNpyOf } from './support.ts'

let device: WebGPUDevice
const folder = mkdtempSync(join(tmpdir(), 'handgrad-own-'))
beforeAll(async () => {
  device = (await open('webgpu')) as WebGPUDevice
})
afterAll(() => {
  device.destroy()
  rmSync(folder, { recursive: true, force: true })
})

const place = { runtime: '', dawn: null, system: '', processor: '', load: null, version: '', commit: null, flags: [] }
const run = (spec: Omit<OwnSpec, 'file'>, options: Partial<OwnOptions> = {}) =>
  runOwn(device, { file: 'my.wgsl', ...spec }, { seconds: 0.05, place, ...options })

/** y = a·x of n elements; `index` is where a thread writes. */
const scale = (index = 'id.x', guard = 'if (id.x >= p.n) { return; }') => `
override LANES: u32 = 64;
struct P { n: u32, a: f32 }
@group(0) @binding(0) var<uniform> p: P;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(LANES) fn scale(@builtin(global_invocation_id) id: vec3u) {
  ${guard}
  y[${index}] = p.a * x[id.x];
}
`
const bound = { bind: ['x=rand:1000', 'y=out:1000'], param: ['n=1000', 'a=2'], groups: 'n/LANES' }
const reference: OwnOptions['reference'] = { default: ({ x }, { a }) => x.map((v) => (a as number) * v) }

describe('a right kernel', () => {
  test('is checked, then timed by hot and rotated inputs, every value of a sweep', async () => {
    const peaks = {
      flops: { f32: 1e9 },
      bandwidth: [{ bytes: 2 ** 26, read: 1e9, copy: 5e8 }],
      rows: [],
    }
    const result = await run(
      { ...bound, code: scale(), sweep: 'LANES=32,64', flop: 'n' },
      { reference, peaks: async () => peaks },
    )
    expect(result.verdicts).toEqual(
      ['LANES=32', 'LANES=64'].map((variant) => ({ variant, result: 'right', lines: [] })),
    )
    const { figures } = result.report
    const keys = new Set(figures.map(({ variant, inputs }) => `${variant} ${inputs}`))
    expect(keys).toEqual(new Set(['LANES=32 hot', 'LANES=32 rotated', 'LANES=64 hot', 'LANES=64 rotated']))
    for (const one of figures) {
      expect(one).toMatchObject({ suite: 'own', name: 'scale', source: 'my.wgsl', flop: 1000, bytes: 8000, ulp: 0 })
      expect(one.seconds.median).toBeGreaterThan(0)
      // 8,000 bytes at 1 GB/s are 8 µs, which is more than 1,000 operations take.
      if (one.clock === 'gpu') expect(one.share).toBeCloseTo(8e-6 / one.seconds.median, 9)
    }
    const text = shownOwn(result)
    expect(text).toContain('right: every element, the largest error is 0.00 ulp')
    expect(text.match(/ {2}best$/gm)).toHaveLength(2)
    expect(text).toMatch(/roofline: 0\.13 operations a byte; bound by memory, 1\.00 GB\/s, which allows 125 MFLOP\/s\./)
  })
  test('says plainly that it was not checked where there is no reference', async () => {
    const result = await run({ ...bound, code: scale() })
    expect(result.verdicts).toEqual([{ variant: undefined, result: 'unchecked', lines: [] }])
    expect(shownOwn(result)).toMatch(/^not checked: no --check was given, so nothing says that the result is right/)
    expect(shownOwn(result)).toContain("this device's peaks were not measured")
  })
  test('changes what is inout, which is restored for each run and timed by the GPU alone', async () => {
    const code = scale().replace('p.a * x[id.x]', 'y[id.x] + p.a * x[id.x]')
    const sum: OwnOptions['reference'] = {
      default: ({ x, y }, { a }) => ({ y: y.map((v, i) => v + (a as number) * x[i]) }),
    }
    const result = await run({ ...bound, bind: ['x=rand:1000', 'y=inout=ones:1000'], code }, { reference: sum })
    expect(result.verdicts[0]).toMatchObject({ result: 'right' })
    expect(new Set(result.report.figures.map(({ clock }) => clock))).toEqual(new Set(['gpu']))
    expect(shownOwn(result)).toContain('inout: buffers are restored by a copy after each run')
  })
  test('reads an array of a file', async () => {
    const path = join(folder, 'x.npy')
    writeNpyOf(path, [4, 250], (i) => i / 7)
    const seen: number[] = []
    const spy: OwnOptions['reference'] = {
      default: ({ x }, _, shapes) => {
        seen.push(...shapes.x, x[7])
        return x.map((v) => 2 * v)
      },
    }
    const result = await run(
      { ...bound, bind: [`x=${path}`, 'y=out:1000'], code: scale() },
      { reference: spy, read: readNpy },
    )
    expect(result.verdicts[0]).toMatchObject({ result: 'right' })
    expect(seen).toEqual([4, 250, 1])
  })
})

describe('a faulty kernel is named and not timed', () => {
  const verdictOf = async (code: string, change: Partial<OwnSpec> = {}, options: Partial<OwnOptions> = {}) => {
    const { verdicts, report } = await run({ ...bound, ...change, code }, options)
    expect(report.figures).toEqual([])
    expect(report.skipped).toMatchObject([{ suite: 'own', name: 'scale', failed: true }])
    return verdicts[0].lines
  }
  test('wrong elements', async () => {
    const lines = await verdictOf(scale().replace('p.a * x', 'f32(1u + u32(id.x == 5u)) * p.a * x'), {}, { reference })
    expect(lines).toHaveLength(2)
    expect(lines[0]).toBe('1 of 1000 elements of y are wrong, by more than 64 ulp:')
    expect(lines[1]).toMatch(/^ {2}y\[5\] is [\d.]+, right is [\d.]+$/)
  })
  test('a missing bound: 1,024 threads for 1,000 elements', async () => {
    expect(await verdictOf(scale('id.x', ''))).toEqual([
      '24 guard cells of y were written, the first at y[1000], and it ends at 999',
    ])
  })
  test('elements that are not written', async () => {
    expect(await verdictOf(scale('id.x / 2u'))).toEqual([
      '500 of 1000 elements of y were not written, or read before they were, the first is y[500] (bind what is written in part as inout=zeros:SHAPE)',
    ])
  })
  test('an input that is changed', async () => {
    const code = scale()
      .replace('var<storage, read> x', 'var<storage, read_write> x')
      .replace('y[id.x] =', 'x[3] = -1; y[id.x] =')
    expect(await verdictOf(code)).toEqual(['x is an input and was changed, first x[3] (bind it as inout=…)'])
  })
  test('what is read before it is written is NaN', async () => {
    const lines = await verdictOf(scale().replace('y[id.x] =', 'y[id.x] +='), {}, { reference })
    expect(lines.at(-1)).toMatch(/y\[\d+\] is NaN, right is/)
  })
  test('a sweep times the values that are right', async () => {
    const code = scale().replace('p.a * x', 'select(p.a, 0.0, LANES == 32u) * x')
    const { verdicts, report } = await run({ ...bound, code, sweep: 'LANES=32,64' }, { reference })
    expect(verdicts.map(({ variant, result }) => [variant, result])).toEqual([
      ['LANES=32', 'wrong'],
      ['LANES=64', 'right'],
    ])
    expect(new Set(report.figures.map(({ variant }) => variant))).toEqual(new Set(['LANES=64']))
  })
})

describe('errors', () => {
  test('of the shader are by file, line and column, with the line', async () => {
    await expect(run({ ...bound, code: scale().replace('p.a *', 'p.b *') })).rejects.toThrow(
      /^bench: my\.wgsl:9:13: .*\n {4} {2}y\[id\.x\] = p\.b \* x\[id\.x\];\n {16}\^$/,
    )
  })
  test('of sizes that the file does not allow', async () => {
    const code = scale().replace('read_write> y: array<f32>', 'read_write> y: array<f32, 5000>')
    await expect(run({ ...bound, code })).rejects.toThrow(/do shapes, --groups and the file agree\?/)
  })
})

/** The arguments of each command in the section of bench/README.md, with sizes for a test. */
function commandsOfThePage(): string[][] {
  const page = readFileSync(new URL('../../bench/README.md', import.meta.url), 'utf8')
  const [, rest] = page.split('## Your own kernel')
  const lines = rest
    .split(/^## /m)[0]
    .replaceAll(/ \\\n\s+/g, ' ')
    .match(/^npx handgrad bench bench\/kernels.*$/gm)
  return (lines ?? []).map((line) => {
    const args = line
      .replaceAll('1048576', '3000')
      .replaceAll(/\b256x256\b/g, '48x48')
      .replaceAll(/\b([MNK])=256/g, '$1=48')
    return args.split(/\s+/).slice(2)
  })
}

describe('the sample kernels, as bench/README.md has them', () => {
  const commands = commandsOfThePage()
  test('there are four', () => expect(commands).toHaveLength(4))
  test.each(commands.map((args) => [args[1], args.slice(2)] as const))('%s is right', async (file, args) => {
    const { check = '', const: constants, groups = '', bind = [], ...given } = parseOptions('bench', ownOptions, args)
    const code = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
    const module = await import(new URL(`../../${check}`, import.meta.url).href)
    const { verdicts, report } = await run(
      { ...given, bind, groups, code, constants },
      { reference: referenceOf(module, check) },
    )
    expect(verdicts.map(({ result, lines }) => [result, lines])).toEqual(verdicts.map(() => ['right', []]))
    expect(verdicts).toHaveLength(given.sweep?.split(',').length ?? 1)
    expect(report.figures.length).toBeGreaterThanOrEqual(2 * verdicts.length)
  })
  test('the command times one and writes its report', async () => {
    const out = join(folder, 'report')
    const ended = await handgrad(...commands[0], '--seconds', '0.1', '--no-peaks', '--out', out)
    expect({ ...ended, out: '' }).toMatchObject({ code: 0 })
    expect(ended.out).toMatch(/^right: every element/m)
    const { figures } = JSON.parse(readFileSync(join(out, 'bench.json'), 'utf8'))
    expect(figures[0]).toMatchObject({ suite: 'own', name: 'saxpy', clock: 'gpu', bytes: 3 * 4 * 3000 })
    expect(figures[0].compile).toBeGreaterThan(0)
  })
  test('the command fails where the result is wrong', async () => {
    const wrong = commands[0].map((arg) => (arg === 'n/256' ? 'n/512' : arg))
    const { code, out } = await handgrad(...wrong, '--seconds', '0.1', '--out', join(folder, 'wrong'))
    expect(code).toBe(1)
    expect(out).toMatch(/^WRONG, not timed: \d+ of 3000 elements of y are wrong/m)
  })
  test('the command refuses faults, unless it is told not to look', async () => {
    const args = [
      'bench',
      'examples/kernels/sum.wgsl',
      '--bind',
      'x=rand:2560',
      '--bind',
      'sums=out:10',
      '--groups',
      '10',
    ]
    const [refused, timed] = await Promise.all(
      [[], ['--no-faults']].map((more, i) =>
        handgrad(...args, ...more, '--seconds', '0.1', '--no-peaks', '--out', join(folder, `faulty${i}`)),
      ),
    )
    expect([refused.code, timed.code]).toEqual([1, 0])
    expect(refused.out).toMatch(/^examples\/kernels\/sum\.wgsl:8: block_sum: race on part\[1\]/m)
    expect(refused.err).toContain(
      'bench: block_sum has the faults above, and is not timed (mend them, or give --no-faults)',
    )
    expect(timed.out).not.toContain('race')
  })
})
