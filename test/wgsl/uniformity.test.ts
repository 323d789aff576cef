/**
 * @file Where threads may part before a barrier or a subgroup function, and how the error says it. Which programs are
 * taken is tested by the corpus, against Tint.
 */
import { describe, expect, test } from 'vitest'
import { compile, type WgslError } from '../../src/wgsl/index.ts'

const PRELUDE =
  'enable subgroups; var<private> own: i32; var<workgroup> w: array<i32, 64>; var<workgroup> n: atomic<i32>; ' +
  '@group(0) @binding(0) var<storage> given: array<i32>;\n'

function errorOf(text: string): string {
  try {
    compile([{ file: 'k.wgsl', text: PRELUDE + text }])
  } catch (error) {
    return (error as WgslError).message
  }
  return 'taken'
}

const main = (body: string): string =>
  errorOf(
    '@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) lane: u32, ' +
      `@builtin(workgroup_id) group: vec3u, @builtin(subgroup_id) part: u32) {\n${body}\n}`,
  )

const apart = (where: string, why: string, remedy = where.replace(/ in .*/, '')): string =>
  `k.wgsl:3: workgroupBarrier must be reached by all threads of a workgroup together, but ${where} may part them: ` +
  `${why} (move it out of ${remedy})`

describe('a barrier', () => {
  test('under a condition that is the same for all is taken', () => {
    for (const condition of ['group.x > 1', 'given[group.y] > 1', 'workgroupUniformLoad(&w[1]) > 1']) {
      expect(main(`if ${condition} { workgroupBarrier(); }`)).toBe('taken')
    }
  })
  test('under another is refused', () => {
    const lane = 'lane is not the same for all'
    expect(main('if lane > 3 { workgroupBarrier(); }')).toBe(apart('the if in line 3', lane))
    expect(main('if lane > 3 { return; } workgroupBarrier();')).toBe(apart('the if in line 3', lane))
    expect(main('for (var i = 0u; i < lane; i++) { workgroupBarrier(); }')).toBe(apart('the for in line 3', lane))
    expect(main('loop { workgroupBarrier(); continuing { break if lane > 3; } }')).toBe(
      apart('the break if in line 3', lane),
    )
    expect(main('switch lane { case 1: { return; } default: { } } workgroupBarrier();')).toBe(
      apart('the switch in line 3', lane),
    )
    expect(main('if own > 3 { workgroupBarrier(); }')).toBe(
      apart('the if in line 3', 'own may be written by each thread'),
    )
    expect(main('if atomicLoad(&n) > 3 { workgroupBarrier(); }')).toBe(
      apart('the if in line 3', 'atomicLoad gives each thread its own'),
    )
  })
  test('after threads have come together again is taken', () => {
    expect(main('if lane > 3 { own = 1; } workgroupBarrier();')).toBe('taken')
    expect(main('for (var i = 0u; i < lane; i++) { if i > 2 { break; } } workgroupBarrier();')).toBe('taken')
  })
})

describe('values of variables', () => {
  const branchAfter = (body: string) => main(`var x = 1u; ${body} if x > 2 { workgroupBarrier(); }`)
  test('are followed through assignments', () => {
    expect(branchAfter('x = lane;')).toContain('lane is not the same')
    expect(branchAfter('x = lane; x = 2;')).toBe('taken')
    expect(branchAfter('x += lane;')).toContain('lane is not the same')
    expect(branchAfter('let q = &x; *q = lane;')).toContain('lane is not the same')
  })
  test('depend on which way control went', () => {
    expect(branchAfter('if lane > 2 { x = 2; }')).toContain('lane is not the same')
    expect(branchAfter('if group.x > 2 { x = lane; }')).toContain('lane is not the same')
    expect(branchAfter('if group.x > 2 { x = lane; return; }')).toBe('taken')
    expect(branchAfter('loop { if group.x > 2 { break; } x = lane; }')).toContain('lane is not the same')
    expect(branchAfter('switch group.x { case 1: { x = lane; } default: { } }')).toContain('lane is not the same')
  })
  test('of a part spoil the whole', () => {
    expect(main('var a = array(1u, 2u); a[0] = lane; if a[1] > 1 { workgroupBarrier(); }')).toContain('lane is not')
    expect(main('var a = array(1u, 2u); a[0] = lane; a = array(1u, 2u); if a[1] > 1 { workgroupBarrier(); }')).toBe(
      'taken',
    )
  })
})

describe('functions', () => {
  test('say at the barrier where they are called', () => {
    const text = 'fn g() { workgroupBarrier(); }\n@compute @workgroup_size(8) fn main() { if own > 1 {\ng(); } }'
    expect(errorOf(text)).toBe(
      'k.wgsl:2: workgroupBarrier, called from line 4, must be reached by all threads of a workgroup together, ' +
        'but the if in line 3 may part them: own may be written by each thread (move it out of the if)',
    )
  })
  test('ask for arguments that are the same for all', () => {
    const g = 'fn g(x: i32) { if x > 1 { workgroupBarrier(); } }\n'
    expect(errorOf(`${g}fn f() { g(given[0]); }`)).toBe('taken')
    expect(errorOf(`${g}fn f() { g(own); }`)).toBe(
      'k.wgsl:2: own in line 3 must be the same for all threads of a workgroup, so that they reach workgroupBarrier ' +
        'together: own may be written by each thread',
    )
  })
  test('change what pointers point to', () => {
    const g = 'fn g(p: ptr<function, i32>, x: i32) { *p = x; }\n'
    const f = (x: string) => errorOf(`${g}fn f() { var v = 1; g(&v, ${x}); if v > 1 { workgroupBarrier(); } }`)
    expect(f('given[0]')).toBe('taken')
    expect(f('own')).toContain('own may be written by each thread')
  })
})

describe('subgroup functions', () => {
  test('are for all threads of a subgroup', () => {
    expect(main('if part > 1 { own = subgroupAdd(1); }')).toBe('taken')
    expect(main('if subgroupAny(part > 1) { own = subgroupAdd(1); }')).toBe('taken')
    expect(main('if subgroupAny(part > 1) { workgroupBarrier(); }')).toContain('subgroupAny gives each thread its own')
    expect(main('if lane > 1 { own = subgroupAdd(1); }')).toContain(
      'subgroupAdd must be reached by all threads of a subgroup together, but the if in line 3 may part them',
    )
    expect(main('if part > 1 { workgroupBarrier(); }')).toContain('part is not the same for all')
    expect(main('own = subgroupShuffleUp(own, lane);')).toBe(
      'k.wgsl:3: lane in subgroupShuffleUp must be the same for all threads of a subgroup: ' +
        'lane is not the same for all',
    )
  })
  test('may be told to be lenient, where barriers may not', () => {
    const body = 'if lane > 1 @diagnostic(off, subgroup_uniformity) { own = subgroupAdd(1); }'
    expect(main(body)).toBe('taken')
    expect(main(body.replace('off', 'error'))).toContain('subgroupAdd must be reached')
    expect(main(body.replace('off', 'warning'))).toBe('taken')
    expect(main(body.replace('own = subgroupAdd(1)', 'workgroupBarrier()'))).toContain('workgroupBarrier must be')
  })
})

test('a uniform load wants one place for all', () => {
  expect(main('own = workgroupUniformLoad(&w[group.x]);')).toBe('taken')
  expect(main('own = workgroupUniformLoad(&w[lane]);')).toBe(
    'k.wgsl:3: &w[lane] in workgroupUniformLoad must be the same for all threads of a workgroup: ' +
      'lane is not the same for all',
  )
})
