/** @file What the parser of shaders makes of constants; what it refuses is in test/errors. */
import { expect, test } from 'vitest'
import * as shaders from '../../src/core/contracts.generated.ts'
import { parseShader } from '../../src/core/wgsl.ts'

const shader = (header: string) => ({
  file: 'plus.wgsl',
  text: `// kernel: plus
${header}
struct Params { size: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
const OWN = 3u;
@compute @workgroup_size(256)
fn plus() {}`,
})
const libs = {
  codes: { file: 'shaders/lib/codes.wgsl', text: 'const EXP = 256u;\nconst LOG: u32 = 257u;\nconst HALF = 0.5f;' },
  other: { file: 'shaders/lib/other.wgsl', text: 'const HIDDEN = 7u;' },
}

test('the contract has the constants of the file, and of the libs that it names', () => {
  expect(parseShader([shader('// uses: codes other')], libs).consts).toEqual({ OWN: 3 })
  expect(parseShader([shader('// uses: codes other\n// consts: codes')], libs).consts).toEqual({
    EXP: 256,
    LOG: 257,
    OWN: 3,
  })
})

test('op codes lie in the ranges that shaders/lib/apply.wgsl names, each one once', () => {
  const { CODES_PER_LIB, TWO_OPERANDS, TWO_INTEGERS, THREE_OPERANDS, ...codes } = shaders.pointwise.consts
  const all = Object.values(codes)
  expect(new Set(all).size).toBe(all.length)
  expect(all.every((code) => code < 3 * CODES_PER_LIB)).toBe(true)
  const kind = (code: number) => [TWO_OPERANDS, TWO_INTEGERS, THREE_OPERANDS].filter((from) => code >= from).length
  expect([codes.NEG, codes.ADD, codes.ADD_I, codes.WHERE].map(kind)).toEqual([0, 1, 2, 3])
  expect([codes.EXP, codes.POW, codes.SIN, codes.ATAN2].map((code) => kind(code % CODES_PER_LIB))).toEqual([0, 1, 0, 1])
})
