/**
 * @file Whatever a kernel is, running it ends in a moment with a typed error, or with faults: endless, recursive,
 * ill-typed, huge, nested, or bytes that are not text. What the front end refuses is in test/wgsl/hostile.test.ts.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type AloneResult, alone } from '../../src/interpreter/alone.ts'
import { filledWith, roomFor } from '../../src/interpreter/contents.ts'
import { faultText, interpreter } from '../../src/interpreter/index.ts'
import { defineKernel, empty, LimitError, launch, zeros } from '../../src/node.ts'
import { types, WgslError } from '../../src/wgsl/index.ts'
import { asStarted, type Ended, program } from '../support/cli.ts'
import { LIMIT, secondsOf } from '../wgsl/corpus/seconds.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-hostile-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const numbers = types.array(types.u32, null)
const times = (count: number, piece: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => piece(i)).join('')
/** A megabyte of it. */
const long = (piece: string): string => piece.repeat(Math.ceil(2 ** 20 / piece.length))
const kernel = (body: string, before = ''): string =>
  `@group(0) @binding(0) var<storage, read_write> y: array<u32>;
${before}
@compute @workgroup_size(4)
fn main(@builtin(local_invocation_index) lane: u32) { ${body} }
`

const run = (text: string, limit: number): AloneResult =>
  alone('check', [{ file: 'a.wgsl', text }], undefined, {}).run({
    groups: [1, 1, 1],
    memory: new Map([['y', filledWith('check', 'y', numbers, [0, 0, 0, 0])]]),
    limit,
  })

/** Its faults, or the error's text. Any other exception, and more than a time, fail the test. */
function verdict(text: string, limit = 100_000): string {
  let said = ''
  const seconds = secondsOf(() => {
    try {
      said = run(text, limit).faults.map(faultText).join('\n')
    } catch (error) {
      if (!(error instanceof WgslError)) throw error
      said = error.message
    }
  })
  expect(seconds).toBeLessThan(LIMIT)
  expect(said.length).toBeLessThan(1000)
  return said
}

describe('endless', () => {
  const texts = {
    'a loop': kernel('loop { y[lane] += 1u; if y[lane] == 0xffffffffu { break; } }'),
    'loops in loops': kernel(
      'for (var i = 0u; i < 100000u; i++) { for (var j = 0u; j < 100000u; j++) { y[lane] += j; } }',
    ),
    'a loop with barriers': kernel('for (var i = 0u; i < 4000000000u; i++) { workgroupBarrier(); }'),
    'calls that double': kernel(
      'y[lane] = f0(lane);',
      `${times(60, (i) => `fn f${i}(a: u32) -> u32 { return f${i + 1}(a) + f${i + 1}(a + 1); }\n`)}fn f60(a: u32) -> u32 { return a; }`,
    ),
  }
  for (const [name, text] of Object.entries(texts))
    test(`${name}: a thread takes more steps than the limit`, () => {
      expect(verdict(text)).toMatch(/^a\.wgsl:\d+: main: no end: .*more than 100000 steps .*or give a higher limit\)/)
    })
})

test('a hundred thousand findings end a dispatch', () => {
  const said = verdict(kernel('loop { y[lane + 9u] += 1u; if y[0] == 1u { break; } }'), 4_000_000_000)
  expect(said).toMatch(/^a\.wgsl:\d+: main: y\[9\] is outside: .*, 100000 times /)
})

describe('a megabyte', () => {
  const texts = {
    assignments: kernel(`var x = lane; ${long('x = x * 3u + lane; ')} y[lane] = x;`),
    branches: kernel(`var x = lane; ${long('if x > 3u { x += 1u; } ')} y[lane] = x;`),
    stores: kernel(long('y[lane] += 1u; ')),
    'functions that call each other': kernel(
      'y[lane] = f19999(1);',
      times(20_000, (i) => `fn f${i}(a: u32) -> u32 { return ${i > 0 ? `f${i - 1}(a)` : 'a'} + ${i}; }\n`),
    ),
  }
  for (const [name, text] of Object.entries(texts))
    test(`of ${name} is refused`, () => expect(verdict(text)).toMatch(/^a\.wgsl:\d+: main .* is too long|more stack/))
  test('of barriers, of functions that nobody calls, and of variables, runs', () => {
    expect(verdict(kernel(long('workgroupBarrier(); ')))).toBe('')
    expect(
      verdict(
        kernel(
          'y[lane] = 1u;',
          times(20_000, (i) => `fn f${i}(a: u32) -> u32 { return a; }\n`),
        ),
      ),
    ).toBe('')
    expect(verdict(kernel(`${times(20_000, (i) => `let v${i} = lane + ${i}u;\n`)} y[lane] = v3;`))).toBe('')
  })
})

test('small, and large in meaning', () => {
  const calls = (to: number): string => `f${to}(p, p) + f${to}(q, q) + f${to}(p, q) + f${to}(q, p)`
  const params = '(p: ptr<function, array<u32, 2>>, q: ptr<function, array<u32, 2>>) -> u32'
  const pointers = times(30, (i) => `fn f${i}${params} { return ${calls(i + 1)}; }\n`)
  const last = `fn f30${params} { return (*p)[0] + (*q)[1]; }`
  const text = kernel('var a: array<u32, 2>; var b: array<u32, 2>; y[lane] = f0(&a, &b);', pointers + last)
  expect(verdict(text)).toMatch(/no end/)
  expect(
    verdict(kernel('y[lane] = f(1u);', 'fn f(a: u32) -> u32 { return g(a); }\nfn g(a: u32) -> u32 { return f(a); }')),
  ).toMatch(/cyclic: f → g → f \(write a loop: WGSL has no recursion\)/)
  expect(verdict(kernel(`y[lane] = ${'('.repeat(10_000)}1u${')'.repeat(10_000)};`))).toMatch(/nested/)
  expect(verdict(kernel('y[lane] = 1.5;'))).toMatch(/y\[lane\] holds u32 \(write u32\(1.5\)\)/)
})

describe('too large', () => {
  const plain = kernel('y[lane] = 1u;')
  const prepared = () => alone('check', [{ file: 'a.wgsl', text: plain }], 'main', {})
  const memory = new Map([['y', roomFor(numbers, 4)]])
  test('a dispatch beyond the limit', () => {
    const large = () => prepared().run({ groups: [65535, 65535, 1], memory, limit: 10_000_000 })
    expect(large).toThrow(LimitError)
    expect(large).toThrow(
      'check: main would run 17179344900 threads, the limit is 10000000 (run fewer workgroups, or give a higher limit)',
    )
  })
  test('a binding that is missing, or too small', () => {
    const fixed = alone('check', [{ file: 'a.wgsl', text: plain.replace('array<u32>', 'array<u32, 8>') }], 'main', {})
    expect(() => fixed.run({ groups: [1, 1, 1], memory, limit: 100 })).toThrow(
      'check: y takes 32 bytes at least, its buffer has 16 (bind a larger buffer, or declare an array without a length)',
    )
    expect(() => prepared().run({ groups: [1, 1, 1], memory: new Map(), limit: 100 })).toThrow(
      'check: main uses y, which is not bound (bind a buffer to it)',
    )
  })
  test('of a device: a trace of more than 65,536 threads, a dispatch beyond the limit', () => {
    const filling = defineKernel({
      wgsl: `// kernel: filling
struct Params { size: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn filling(@builtin(global_invocation_id) id: vec3<u32>) { if (id.x < p.size) { y[id.x] = 1.0; } }`,
      cpu: ([y], { size }) => void y.fill(1, 0, size),
    })
    const launched = (size: number, options: Parameters<typeof interpreter>[0]) => {
      const device = interpreter(options)
      const y = empty([size], { device })
      return () => launch('fill', filling, [y], { size })
    }
    expect(launched(65536, { trace: () => {} })).not.toThrow()
    expect(launched(65537, { trace: () => {} })).toThrow(
      'fill: filling would run 65600 threads, of which all are traced (trace dispatches of at most 65536 threads)',
    )
    expect(launched(1000, { limit: 1023 })).toThrow(
      'fill: filling would run 1024 threads, the limit is 1023 (use smaller tensors, or interpreter({ limit }))',
    )
  })
  test('code that is too long, of a device', async () => {
    const device = interpreter()
    const endless = defineKernel({
      wgsl: `// kernel: lengthy
struct Params { size: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn lengthy(@builtin(local_invocation_index) lane: u32) { ${'y[lane] = 1.0;\n'.repeat(70_000)} }`,
      cpu: () => {},
    })
    expect(() => launch('fill', endless, [zeros([64], { device })], { size: 64 })).toThrow(
      /^lengthy: .*\.wgsl:6: lengthy with what it calls is too long to be interpreted/,
    )
  })
})

describe('the command', () => {
  /** With 200 MB for all that JavaScript makes. */
  const check = (file: string, ...args: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const all = [
        '--max-old-space-size=200',
        ...program,
        'check',
        file,
        '--groups',
        '1',
        '--bind',
        'y=zeros:4',
        ...args,
      ]
      execFile(process.execPath, all, asStarted, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      )
    })
  const written = (name: string, content: string | Uint8Array): string => {
    const file = join(folder, name)
    writeFileSync(file, content)
    return file
  }

  test('ends with code 1 and says what is wrong', async () => {
    const [bytes, large, endless] = await Promise.all([
      check(written('bytes.wgsl', Uint8Array.of(0x66, 0x6e, 0xc3, 0x28))),
      check(written('large.wgsl', kernel(long('y[lane] += 1u;\n')))),
      check(
        written('endless.wgsl', kernel('loop { y[lane] += 1u; if y[lane] == 1000000000u { break; } }')),
        '--limit',
        '9',
      ),
    ])
    expect([bytes.code, large.code, endless.code]).toEqual([1, 1, 1])
    expect(bytes.err).toContain('bytes.wgsl is not UTF-8 (save it as UTF-8)')
    expect(large.out).toContain('large.wgsl:4: main with what it calls is too long')
    expect(endless.out).toContain('more than 9 steps')
  }, 120_000)
})
