/** @file Snippets of the sections "Types", "Memory Views" and "Memory Layout". */
import { inside, section } from './snippet.ts'

/** A variable in a storage buffer. */
const stored = (type: string): string => `@group(0) @binding(0) var<storage, read_write> v: ${type};`
const uniform = (type: string): string => `@group(0) @binding(0) var<uniform> v: ${type};`

export const types = [
  ...section(
    'Plain Types',
    {
      scalars: inside('var a: bool; var b: i32; var c: u32; var d: f32; a = true; b = 1; c = 1; d = 1;'),
      vectors: inside(
        'var a: vec2<bool>; var b: vec3<i32>; var c: vec4<u32>; var d: vec2<f32>; a.x = b.x == i32(c.w); d.y = 1;',
      ),
      matrices: `
        var<private> a: mat2x2<f32>; var<private> b: mat2x3f; var<private> c: mat2x4f; var<private> d: mat3x2f;
        var<private> e: mat3x3f; var<private> g: mat3x4f; var<private> h: mat4x2f; var<private> i: mat4x3f;
        var<private> j: mat4x4<f32>;`,
      aliases: inside(
        `
          var a: vec2i = vec2<i32>(); var b: vec3u = vec3<u32>(); var c: vec4f = vec4<f32>();
          var d: mat2x3f = mat2x3<f32>();`,
      ),
      'an alias of ours':
        'alias Row = vec4<f32>; alias Rows = array<Row, 2>; var<private> a: Rows; fn f() -> Row { return a[1]; }',
      arrays: `
          const n = 2; var<private> a: array<i32, n + 1>; var<private> b: array<array<f32, 3u>, n>;
          var<private> c: array<bool, 1>;`,
      'a long array in workgroup memory': 'var<workgroup> a: array<u32, 4096>;',
      structs: `
        struct A { x: i32, y: vec2f }
        struct B { a: A, b: array<A, 2>, c: bool, }
        var<private> b: B;
        fn f() -> f32 { b.b[1].y.x = f32(b.a.x); return b.b[1].y.x; }`,
      'members as reserved for nothing':
        'struct A { read: i32, f32: f32, A: u32, position: vec2f } fn f(a: A) -> u32 { return a.A + u32(a.f32); }',
      atomics:
        'struct A { n: atomic<u32>, m: array<atomic<i32>, 2> } var<workgroup> a: A; fn f() { atomicAdd(&a.m[1], 2); }',
      'an array of no fixed size': stored('array<vec4f>'),
      'the last member of no fixed size':
        'struct A { n: u32, rows: array<vec2f> }' + stored('A') + 'fn f() -> u32 { return arrayLength(&v.rows); }',
    },
    {
      'a vector of five': 'var<private> a: vec5<f32>; //! vec5',
      'a vector of vectors': 'var<private> a: vec2<vec2f>; //! vec2',
      'a matrix of integers': 'var<private> a: mat2x2<i32>; //! i32|mat2x2',
      'a matrix of five': 'var<private> a: mat5x2<f32>; //! mat5x2',
      'an atomic float': 'var<workgroup> a: atomic<f32>; //! f32|atomic',
      'an array of zero': 'var<private> a: array<i32, 0>; //! 0',
      'an array of less': 'var<private> a: array<i32, -1>; //! -1',
      'an array of 1.5': 'var<private> a: array<i32, 1.5>; //! 1.5|integer|float',
      'an array as long as a variable': inside('let n = 2; var a: array<i32, n>; //! n|const'),
      'an array of pointers': inside('var a: array<ptr<function, i32>, 2>; //! ptr|pointer'),
      'more bytes than there are': 'var<workgroup> a: array<array<f32, 60000>, 60000>; //! bytes|large|size',
      'more elements than workgroup memory may have': 'var<workgroup> a: array<f32, 65536>; //! 65536|elements|large',
      'an array of arrays of no fixed size': stored('array<array<i32>>') + ' //! array',
      'no fixed size in a function': inside('var a: array<i32>; //! array'),
      'no fixed size in private memory': 'var<private> a: array<i32>; //! array',
      'no fixed size in workgroup memory': 'var<workgroup> a: array<i32>; //! array',
      'no fixed size in a uniform': uniform('array<vec4f>') + ' //! array|uniform',
      'an empty struct': 'struct A { } //! A|member',
      'a member twice': 'struct A { x: i32, x: f32 } //! x',
      'a member without type': 'struct A { x } //! .',
      'a member of no fixed size before another': 'struct A { rows: array<f32>, n: u32 } //! rows',
      'a struct of no fixed size in another': 'struct A { x: array<f32> } struct B { a: A } //! a|array',
      'a member that is a pointer': 'struct A { p: ptr<private, i32> } //! p',
      'a member that is not there': 'struct A { x: i32 } fn f(a: A) -> i32 { return a.y; } //! y',
      'a struct where another of the same members is wanted': `
        struct A { x: i32 }
        struct B { x: i32 }
        fn f(a: A) -> B { return a; } //! B`,
      'private memory for an atomic': 'var<private> a: atomic<u32>; //! atomic',
      'a local atomic': inside('var a: atomic<u32>; //! atomic'),
      'a negative size of an alias': 'const n = 1; alias A = array<i32, n - 2>; //! -1|array',
      'an array of a size in a parameter': 'fn f(n: i32) {\nvar a: array<i32, n>; //! n\n}',
    },
  ),
  ...section(
    'Memory Layout',
    {
      'align and size': `
        struct A { @align(16) x: f32, @size(32) y: vec2f, @align(8) @size(16) z: u32 }
        ${stored('array<A, 2>')}`,
      'constants in them': 'const n = 8; struct A { @align(2 * n) x: f32, @size(n + 8) y: f32 }' + stored('A'),
      'a matrix, a vector, an array': 'struct A { a: vec3f, b: f32, c: mat3x3f, d: array<vec3f, 2> }' + stored('A'),
      'a uniform': 'struct A { a: f32, b: vec4f, c: array<vec4f, 4>, d: mat4x4f }' + uniform('A'),
      'a uniform with a struct aligned to 16':
        'struct A { x: f32 } struct B { n: u32, @align(16) a: A, @align(16) m: u32 }' + uniform('B'),
      'a uniform packed as storage is':
        'struct A { x: f32 } struct B { a: A, b: f32, c: array<f32, 3> }' + uniform('B'),
      'bool where no host sees it':
        'struct A { x: bool, y: vec2<bool> } var<private> a: A; var<workgroup> b: array<A, 2>;',
    },
    {
      'align of three': 'struct A { @align(3) x: f32 } //! 3|power',
      'align of zero': 'struct A { @align(0) x: f32 } //! 0|align',
      'align of less than the type has': 'struct A { @align(4) x: vec4f } //! align|4\n' + stored('A'),
      'size of less than the type has': 'struct A { @size(4) x: vec4f } //! size|4',
      'size of a float': 'struct A { @size(16.0) x: f32 } //! size|16',
      'size of an override': 'override n = 16; struct A { @size(n) x: f32 } //! size|n',
      'align on a variable': '@align(16) var<private> a: i32; //! align',
      'align twice': 'struct A { @align(16) @align(16) x: f32 } //! align',
      'a bool in a buffer': stored('bool') + ' //! bool',
      'a bool in a struct in a buffer': 'struct A { a: bool } ' + stored('A') + ' //! bool|A',
      'a bool in a uniform': uniform('vec2<bool>') + ' //! bool',
      'an atomic in a uniform': uniform('atomic<u32>') + ' //! atomic',
      'size of what has no fixed size': 'struct A { n: u32, @size(64) rows: array<f32> } //! size|rows',
    },
  ),
  ...section(
    'Pointers and References',
    {
      'to each space': `
        var<private> a: i32; var<workgroup> b: i32;
        ${stored('array<i32>')}
        fn f() { var d: i32; let p = &a; let q = &b; let r = &v[1]; let s = &d; *p = *q + *r + *s; }`,
      'as parameters': `
        fn g(p: ptr<function, i32>, q: ptr<private, vec2f>) { *p = 1; (*q).x = 2; }
        var<private> v: vec2f;
        fn f() { var a: i32; g(&a, &v); }`,
      'to parts, passed on': `
        struct A { x: array<i32, 4> }
        fn g(p: ptr<function, i32>) { *p += 1; }
        fn f() { var a: A; let p = &a.x; g(&(*p)[2]); g(&a.x[1]); }`,
      'to memory of other kinds as parameters': `
        ${stored('array<u32>')}
        var<workgroup> w: array<u32, 4>;
        fn g(p: ptr<storage, array<u32>, read_write>, q: ptr<workgroup, u32>) { p[0] = *q; }
        fn f() { g(&v, &w[1]); }`,
      'a dot and an index go through': `
        struct A { x: array<i32, 4>, y: vec2f }
        fn g(p: ptr<function, A>) -> f32 { p.x[1] = 2; let q = &p.x; return p.y.x + f32(q[0]); }`,
      'there and back': inside('var a = 1; let p = &*&a; *p = *&*p + 1; (*p)++;'),
      'loaded where a value is wanted': inside(
        'var a = 1; var b = a; let c = a + b; b = a; if a < b { } _ = vec2(a, b);',
      ),
      'parts of a reference': inside(
        'var a: array<vec4f, 2>; a[1].x = 1; a[0] = a[1]; a[1][2] += 3; var m: mat2x2f; m[1].y = 2; m[0][1] = 3;',
      ),
      'a storage pointer reads where nothing else is said': `
        @group(0) @binding(0) var<storage> v: array<u32>;
        fn g(p: ptr<storage, array<u32>>) -> u32 { return p[0]; }
        fn f() -> u32 { return g(&v); }`,
      'to atomics and uniforms as parameters': `
        @group(0) @binding(1) var<uniform> u: vec4f;
        ${stored('array<atomic<u32>>')}
        fn g(p: ptr<storage, array<atomic<u32>>, read_write>, q: ptr<uniform, vec4f>) { atomicAdd(&p[0], u32(q.x)); }
        fn f() { g(&v, &u); }`,
      'a swizzle of memory is loaded': inside('var v: vec4f; let p = &v; let a = v.xy + p.zw; let b = (*p).wz.x;'),
      'let of a pointer to a runtime index': inside('var a: array<i32, 4>; var i = 2; let p = &a[i]; i = 3; *p = 1;'),
    },
    {
      'the address of a value': inside('let a = 1; let p = &a; //! a|address|reference|memory|variable'),
      'the address of a sum': inside('var a = 1; let p = &(a + 1); //! address|reference|memory|variable'),
      "the address of a vector's component": inside('var a: vec2f; let p = &a.x; //! vec|component'),
      'the address of several components': inside('var a: vec4f; let p = &a.xy; //! address|value|component'),
      "the address of a vector's element": inside('var a: vec2f; let p = &a[1]; //! vec|component|element'),
      'through a number': inside('let a = 1; _ = *a; //! i32|pointer|a'),
      'a write to what is only read': `
        @group(0) @binding(0) var<storage> v: array<u32>;
        fn f() { v[0] = 1; } //! read`,
      'a write through a pointer that only reads': `
        ${stored('array<u32>')}
        fn g(p: ptr<storage, array<u32>, read>) { p[0] = 1; } //! read`,
      'a pointer of another access': `
        ${stored('array<u32>')}
        fn g(p: ptr<storage, array<u32>>) {}
        fn f() { g(&v); } //! g|read`,
      'a write to a uniform': uniform('vec4f') + '\nfn f() { v.x = 1; } //! uniform|read',
      'a pointer of another space': 'fn g(p: ptr<private, i32>) {} fn f() { var a = 1;\ng(&a); //! g|private|ptr\n}',
      'a pointer to another type': 'fn g(p: ptr<function, u32>) {} fn f() { var a = 1;\ng(&a); //! g|u32|ptr\n}',
      'a pointer for a value': 'fn g(p: i32) {} fn f() { var a = 1;\ng(&a); //! g|i32|ptr\n}',
      'a value for a pointer': 'fn g(p: ptr<function, i32>) {} fn f() { var a = 1;\ng(a); //! g|i32|ptr\n}',
      returned: 'var<private> a: i32; fn f() -> ptr<private, i32> { return &a; } //! ptr|pointer|return|constructible',
      'an access mode on function': 'fn f(p: ptr<function, i32, read>) {} //! read|access|function',
      'of no type': 'fn f(p: ptr<function>) {} //! ptr',
      'a space that does not exist': 'fn f(p: ptr<everywhere, i32>) {} //! everywhere',
      'to memory that no variable can have': 'fn f(p: ptr<private, atomic<u32>>) {} //! atomic|private',
      'to an array of no fixed size in a function': 'fn f(p: ptr<function, array<i32>>) {} //! array|function',
      'to a bool in a buffer': 'fn f(p: ptr<storage, bool>) {} //! bool|storage',
      'a part of a value set': inside('vec2(1, 2).x = 3; //! .'),
      'a pointer moved': inside('var a = 1; var b = 2; let p = &a;\np = &b; //! p|let'),
      'a pointer without its star': inside('var a = 1; let p = &a;\np = 2; //! p|let|ptr'),
      compared: inside('var a = 1; let p = &a; _ = p == p; //! ptr|pointer|=='),
      'added to': inside('var a = array(1, 2); let p = &a; _ = p + 1; //! ptr|pointer|\\+'),
      'an atomic read as a number': 'var<workgroup> a: atomic<u32>; fn f() { let b = a; } //! atomic',
      'an atomic set as a number': 'var<workgroup> a: atomic<u32>; fn f() { a = 1; } //! atomic',
    },
  ),
]
