/** @file Memory that a function would reach in two ways, one of which writes, and how the error says it. */
import { expect, test } from 'vitest'
import { compile, type WgslError } from '../../src/wgsl/index.ts'

function errorOf(text: string): string {
  try {
    compile([{ file: 'k.wgsl', text: `var<private> v: i32; var<private> u: i32;\n${text}` }])
  } catch (error) {
    return (error as WgslError).message
  }
  return 'taken'
}

/** `g(p, q)` with this body, called with these arguments. */
const call = (body: string, args: string, type = 'ptr<private, i32>'): string =>
  errorOf(`fn g(p: ${type}, q: ${type}) { ${body} }\nfn f() { var x = 1; var y = 2; let z = &x; g(${args}); }`)

const twice = (arg: string, name: string): string =>
  `k.wgsl:3: ${arg} is ${name}, which g is given twice and writes to (pass a copy)`

test('one variable is not passed twice where it is written', () => {
  expect(call('*p = *q;', '&v, &u')).toBe('taken')
  expect(call('*p = *q;', '&v, &v')).toBe(twice('&v', 'v'))
  expect(call('*p = 1; *q = 2;', '&v, &v')).toBe(twice('&v', 'v'))
  expect(call('(*p)++; let r = &(*q); _ = *r;', '&v, &v')).toBe(twice('&v', 'v'))
  expect(call('_ = *p + *q;', '&v, &v')).toBe('taken')
  expect(call('*p = 1;', '&v, &v')).toBe('taken')
})

test('by which name it is passed makes no difference', () => {
  const type = 'ptr<function, i32>'
  expect(call('*p = *q;', 'z, &y', type)).toBe('taken')
  expect(call('*p = *q;', 'z, &x', type)).toBe(twice('&x', 'x'))
  expect(call('*p = *q;', '&*z, z', type)).toBe(twice('z', 'x'))
  const parts = 'fn g(p: ptr<private, i32>, q: ptr<private, i32>) { *p = *q; } var<private> a: array<i32, 2>;'
  expect(errorOf(`${parts}\nfn f() { g(&a[0], &a[1]); }`)).toBe(twice('&a[1]', 'a'))
})

test('nor where the function names it', () => {
  expect(call('*p = u;', '&v, &v')).toBe('taken')
  expect(call('*p = v;', '&v, &u')).toBe('k.wgsl:3: &v is v, which g reads by name, too, in line 2 (pass a copy)')
  expect(call('v = *p;', '&v, &u')).toBe('k.wgsl:3: &v is v, which g writes to by name, too, in line 2 (pass a copy)')
  expect(call('v += 1;', '&v, &u')).toBe('taken')
  expect(call('_ = v + *p;', '&v, &u')).toBe('taken')
})

test('what other functions do counts', () => {
  const h = 'fn h(p: ptr<private, i32>) { *p = 1; } fn k() { u = v; }'
  const f = (body: string, args: string) =>
    errorOf(`${h} fn g(p: ptr<private, i32>, q: ptr<private, i32>) { ${body} }\nfn f() { g(${args}); }`)
  expect(f('h(p); _ = *q;', '&v, &v')).toBe(twice('&v', 'v'))
  expect(f('h(p); k();', '&v, &u')).toContain('&v is v, which g reads by name')
  expect(f('k(); _ = *q;', '&v, &u')).toContain('&u is u, which g writes to by name')
  expect(f('h(&v); _ = *q;', '&u, &v')).toContain('&v is v, which g writes to by name')
})

test('atomics and parts of vectors are reads and writes', () => {
  const pointer = 'ptr<workgroup, atomic<i32>>'
  const f = (body: string) =>
    errorOf(`var<workgroup> n: atomic<i32>; fn g(p: ${pointer}, q: ${pointer}) { ${body} }\nfn f() { g(&n, &n); }`)
  expect(f('_ = atomicLoad(p) + atomicLoad(q);')).toBe('taken')
  expect(f('atomicStore(p, 1); atomicStore(q, 2);')).toBe(twice('&n', 'n'))
  expect(f('_ = atomicAdd(p, 1) + atomicLoad(q);')).toBe(twice('&n', 'n'))
  const vector = 'ptr<private, vec4f>'
  const swizzle = `var<private> a: vec4f; fn g(p: ${vector}, q: ${vector}) { (*p).x = q.yz.x; }`
  expect(errorOf(`${swizzle}\nfn f() { g(&a, &a); }`)).toBe(twice('&a', 'a'))
})
