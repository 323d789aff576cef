/** @file Snippets of the sections "Functions", "Attributes", "Entry Points" and "Resource Interface". */
import { inside, section } from './snippet.ts'

const compute = '@compute @workgroup_size(64)'
const params = (count: number): string => Array.from({ length: count }, (_, i) => `a${i}: i32`).join(', ')

export const functions = [
  ...section(
    'Functions',
    {
      'with parameters and a result':
        'fn g(a: i32, b: vec2f,) -> f32 { return f32(a) + b.x; } fn f() -> f32 { return g(1, vec2(2, 3)); }',
      'without result': 'fn g() { } fn f() { g(); return; }',
      'of arrays and structs': `
          struct A { x: array<f32, 2> } fn g(a: A) -> array<f32, 2> { return a.x; }
          fn f() { _ = g(A(array(1, 2)))[1]; }`,
      'a result not used': 'fn g() -> i32 { return 1; } fn f() { g(); }',
      'a result that must be used': '@must_use fn g() -> i32 { return 1; } fn f() -> i32 { _ = g(); return g(); }',
      'called before it is written': 'fn f() -> i32 { return g(); } fn g() -> i32 { return 1; }',
      'as many parameters as there may be': `fn f(${params(255)}) {}`,
    },
    {
      'too few arguments': 'fn g(a: i32, b: i32) {} fn f() { g(1); } //! g',
      'too many arguments': 'fn g(a: i32) {} fn f() { g(1, 2); } //! g',
      'an argument of another type': 'fn g(a: i32) {} fn f() { g(1.5f); } //! g|i32|f32',
      'a result that must be used and is not': '@must_use fn g() -> i32 { return 1; } fn f() {\ng(); //! g|used?\n}',
      'must_use without result': '@must_use fn g() { } //! must_use|g',
      'a builtin whose result is not used': inside('min(1, 2); //! min'),
      'a constructor as a statement': inside('vec2f(1, 2); //! vec2|used?|statement'),
      'a value as a statement': inside('1 + 2; //! .'),
      'a result without type': 'fn f() -> { } //! .',
      void: 'fn f() -> void { } //! void',
      'a parameter without type': 'fn f(a) { } //! .',
      'no body': 'fn f(); //! .',
      'called in a constant': 'fn g() -> i32 { return 1; }\nconst a = g() + 1; //! g',
      'in a function': inside('fn g() { } //! fn'),
      'a result that is not constructible': 'fn f() -> atomic<u32> { } //! atomic|f',
      'a parameter of no fixed size': 'fn f(a: array<i32>) { } //! array|a',
      'a parameter that is an atomic': 'fn f(a: atomic<u32>) { } //! atomic|a',
      'an entry point called': `${compute} fn main() { } fn f() { main(); } //! main`,
      'not closed': 'fn f() { if true { } //! .',
      'too many parameters': `fn f(${params(256)}) {} //! 25[56]|parameters`,
    },
  ),
  ...section(
    'Attributes',
    {
      'a diagnostic on a function and on statements': `
        @diagnostic(off, derivative_uniformity) fn f(a: bool) {
          @diagnostic(info, derivative_uniformity) if a { }
          @diagnostic(off, subgroup_uniformity) { }
          @diagnostic(off, subgroup_uniformity) for (;;) { break; }
          @diagnostic(off, subgroup_uniformity) switch 1 @diagnostic(off, derivative_uniformity) { default { } }
        }`,
      'a comma at the end':
        '@group(0,) @binding(1,) var<storage> a: array<u32,>; struct A { @align(16,) @size(16,) x: f32 }',
      'expressions in them':
        'const n = 1; @group(n - 1) @binding(2 * n) var<uniform> a: vec4f; @compute @workgroup_size(n << 5) fn f() {}',
      'in any order': '@workgroup_size(1) @compute fn f() {} @binding(0) @group(0) var<uniform> a: vec4f;',
    },
    {
      'one that does not exist': '@fast fn f() {} //! fast',
      'one that does not belong there': '@group(0) fn f() {} //! group',
      'a stage on a variable': '@compute var<private> a: i32; //! compute',
      'must_use on a struct': '@must_use struct A { x: i32 } //! must_use|struct|attribute|@',
      'a builtin value on a variable': '@builtin(workgroup_id) var<private> a: vec3u; //! builtin',
      'a builtin value on a parameter of another function': 'fn g(@builtin(workgroup_id) a: vec3u) {} //! builtin|a',
      twice: '@group(0) @group(1) @binding(0) var<uniform> a: vec4f; //! group',
      'without its number': '@group @binding(0) var<uniform> a: vec4f; //! group|\\(',
      'with two numbers': '@group(0, 1) @binding(0) var<uniform> a: vec4f; //! group|\\)|,',
      'with a number where there is none': '@compute(1) @workgroup_size(1) fn f() {} //! compute|\\(',
      'of a struct': '@align(16) struct A { x: i32 } //! align|struct',
      'of a const declaration': '@id(1) const a = 1; //! id|const',
      'on a statement': inside('@align(4) if true { } //! align'),
      'before a let': inside('@diagnostic(off, derivative_uniformity) let a = 1; //! let|diagnostic|attribute|@'),
    },
  ),
  ...section(
    'Entry Points',
    {
      'the smallest': '@compute @workgroup_size(1) fn main() {}',
      'three sizes': '@compute @workgroup_size(8, 4, 2) fn main() {}',
      'sizes without type, and typed':
        'const n = 8u; @compute @workgroup_size(n, 4u) fn a() {} @compute @workgroup_size(8i, 1) fn b() {}',
      'every builtin value': `
        ${compute} fn main(
          @builtin(local_invocation_id) a: vec3u, @builtin(local_invocation_index) b: u32,
          @builtin(global_invocation_id) c: vec3<u32>, @builtin(workgroup_id) d: vec3u,
          @builtin(num_workgroups) e: vec3u) { _ = a + c + d + e; }`,
      'numbers of threads and workgroups in all': `
        requires linear_indexing;
        ${compute} fn main(@builtin(global_invocation_index) a: u32, @builtin(workgroup_index) b: u32) { _ = a + b; }`,
      'builtin values in a struct': `
        struct Thread { @builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u }
        ${compute} fn main(thread: Thread, @builtin(num_workgroups) groups: vec3u) { _ = thread.lane + groups.x; }`,
      several: `${compute} fn a() {} ${compute} fn b() {}`,
      'a struct with builtin values used elsewhere too': `
        struct Thread { @builtin(local_invocation_index) lane: u32 }
        fn g(thread: Thread) -> u32 { return thread.lane; }
        ${compute} fn main(thread: Thread) { _ = g(thread); _ = g(Thread(1)); }`,
    },
    {
      'without size': '@compute fn main() {} //! workgroup_size',
      'a size without stage': '@workgroup_size(1) fn main() {} //! workgroup_size|compute',
      'size zero': '@compute @workgroup_size(0) fn main() {} //! 0|workgroup_size',
      'a negative size': '@compute @workgroup_size(-1) fn main() {} //! -1|workgroup_size',
      'a size that is a float': '@compute @workgroup_size(1.5) fn main() {} //! 1.5|workgroup_size|integer',
      'more threads than can be counted': '@compute @workgroup_size(65536, 65536, 2) fn main() {} //! workgroup_size',
      'four sizes': '@compute @workgroup_size(1, 1, 1, 1) fn main() {} //! workgroup_size|\\)|,',
      'sizes of two types': '@compute @workgroup_size(8u, 8i) fn main() {} //! workgroup_size|u32|i32',
      'a size that is a variable': 'var<private> n = 1; @compute @workgroup_size(n) fn main() {} //! n|workgroup_size',
      'a result': `${compute} fn main() -> u32 { return 1; } //! main|return|result`,
      'a parameter without attribute': `${compute} fn main(a: u32) {} //! a|builtin`,
      'a member without attribute': `
        struct A { @builtin(workgroup_id) a: vec3u, b: u32 } //! b|builtin
        ${compute} fn main(a: A) {}`,
      'a builtin value that does not exist': `${compute} fn main(@builtin(thread_id) a: u32) {} //! thread_id`,
      'a builtin value of another type': `${compute} fn main(@builtin(workgroup_id) a: u32) {} //! workgroup_id|vec3`,
      'a builtin value of signed numbers': `
        ${compute} fn main(@builtin(local_invocation_index) a: i32) {} //! local_invocation_index|u32`,
      'a builtin value twice': `
        ${compute} fn main(@builtin(workgroup_id) a: vec3u, @builtin(workgroup_id) b: vec3u) {} //! workgroup_id`,
      'a parameter that is a pointer': `${compute} fn main(a: ptr<private, u32>) {} //! a|ptr|builtin`,
      'two of one name': `${compute} fn main() {}\n${compute} fn main() {} //! main`,
    },
  ),
  ...section(
    'Resources',
    {
      'of every kind': `
        struct A { x: u32 }
        @group(0) @binding(0) var<uniform> a: A; @group(0) @binding(1) var<storage> b: array<A>;
        @group(0) @binding(2) var<storage, read> c: array<vec4f, 4>;
        @group(1) @binding(0) var<storage, read_write> d: atomic<u32>;
        ${compute} fn main() { _ = a.x + b[0].x + u32(c[1].x) + atomicLoad(&d); }`,
      'one binding of two entry points': `
        @group(0) @binding(0) var<storage, read_write> a: array<u32>;
        @group(0) @binding(0) var<storage, read_write> b: array<vec4u>;
        ${compute} fn first() { a[0] = 1; } ${compute} fn second() { b[0] = vec4u(1); }`,
    },
    {
      'no group': '@binding(0) var<uniform> a: vec4f; //! group|a',
      'no binding': '@group(0) var<uniform> a: vec4f; //! binding|a',
      neither: 'var<storage> a: array<u32>; //! group|binding|a',
      'a negative number': '@group(0) @binding(-1) var<uniform> a: vec4f; //! -1|binding',
      'a number that is a float': '@group(0) @binding(1.0) var<uniform> a: vec4f; //! 1.0|binding|integer',
      'a number of an override': 'override n = 1; @group(0) @binding(n) var<uniform> a: vec4f; //! n|binding',
      'on private memory': '@group(0) @binding(0) var<private> a: vec4f; //! private|group|binding',
      'one binding twice in an entry point': `
        @group(0) @binding(0) var<storage> a: array<u32>;
        @group(0) @binding(0) var<storage> b: array<u32>;
        ${compute} fn main() { _ = a[0] + b[0]; } //! a.*b`,
      'one binding twice through a function': `
        @group(0) @binding(0) var<storage> a: array<u32>;
        @group(0) @binding(0) var<storage> b: array<u32>;
        fn g() { _ = a[0]; }
        ${compute} fn main() { g(); _ = b[0]; } //! a.*b`,
      'a uniform that is written':
        '@group(0) @binding(0) var<uniform, read_write> a: vec4f; //! uniform|read_write|access',
      'storage that is only written': '@group(0) @binding(0) var<storage, write> a: vec4f; //! write',
      'an access mode that does not exist': '@group(0) @binding(0) var<storage, both> a: vec4f; //! both',
      'an atomic that is only read': '@group(0) @binding(0) var<storage> a: atomic<u32>; //! atomic|read',
      'a pointer': '@group(0) @binding(0) var<storage> a: ptr<private, u32>; //! ptr|a',
    },
  ),
  ...section(
    'Alias Analysis',
    {
      'two pointers to one variable that are read': `
        fn g(p: ptr<function, i32>, q: ptr<function, i32>) -> i32 { return *p + *q; }
        fn f() { var a = 1; _ = g(&a, &a); }`,
      'two pointers to two variables': `
        fn g(p: ptr<function, i32>, q: ptr<function, i32>) { *p = *q; }
        fn f() { var a = 1; var b = 2; g(&a, &b); g(&b, &a); }`,
      'one that is not used': `
        fn g(p: ptr<function, i32>, q: ptr<function, i32>) { *p = 1; }
        fn f() { var a = 1; g(&a, &a); }`,
      'a variable of the module that is not touched': `
        var<private> a: i32; var<private> b: i32;
        fn g(p: ptr<private, i32>) { *p = b; }
        fn f() { g(&a); }`,
      'memory through a pointer of a caller': `
        fn h(p: ptr<function, i32>) { *p = 1; }
        fn g(p: ptr<function, i32>, q: ptr<function, i32>) { h(p); h(q); }
        fn f() { var a = 1; var b = 1; g(&a, &b); }`,
    },
    {
      'two pointers to one variable, one of which is written': `
        fn g(p: ptr<function, i32>, q: ptr<function, i32>) { *p = *q; }
        fn f() { var a = 1;
          g(&a, &a); //! alias|a|same
        }`,
      'written through both': `
        fn g(p: ptr<function, i32>, q: ptr<function, i32>) { *p = 1; *q = 2; }
        fn f() { var a = 1; let q = &a;
          g(q, &a); //! alias|a|same
        }`,
      'a variable of the module that is read': `
        var<private> a: i32;
        fn g(p: ptr<private, i32>) { *p = a; }
        fn f() { g(&a); } //! alias|a`,
      'a variable of the module that is written': `
        var<private> a: i32;
        fn g(p: ptr<private, i32>) -> i32 { a = 1; return *p; }
        fn f() { _ = g(&a); } //! alias|a`,
      'a variable of the module that a function writes': `
        var<workgroup> a: i32;
        fn h() { a = 1; }
        fn g(p: ptr<workgroup, i32>) -> i32 { h(); return *p; }
        fn f() { _ = g(&a); } //! alias|a`,
      'through a function in between': `
        fn h(p: ptr<function, i32>, q: ptr<function, i32>) { *p = *q; }
        fn g(p: ptr<function, i32>, q: ptr<function, i32>) { h(p, q); }
        fn f() { var a = 1; g(&a, &a); } //! alias|a|same`,
      'two elements of one array': `
        fn g(p: ptr<function, i32>, q: ptr<function, i32>) { *p = *q; }
        fn f() { var a = array(1, 2); g(&a[0], &a[1]); } //! alias|a|same`,
      'a parameter passed twice': `
        fn h(p: ptr<function, i32>, q: ptr<function, i32>) { *p = *q; }
        fn g(p: ptr<function, i32>) { h(p, p); } //! alias|p|same`,
    },
  ),
]
