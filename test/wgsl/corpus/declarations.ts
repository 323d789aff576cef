/** @file Snippets of the sections "Declaration and Scope", "Variable and Value Declarations" and "Const Assertion". */
import { inside, section } from './snippet.ts'

export const declarations = [
  ...section(
    'Scope',
    {
      'a module in any order': `
        fn f() -> B { return B(a); }
        struct B { x: A }
        const a = b + 1;
        const b = 2;
        alias A = i32;`,
      'an inner block': inside('let a = 1; { let a = 2.0; var b: f32 = a; } var c: i32 = a;'),
      'the outer one until the inner one begins': inside('let a = 1; { let a = a + 1; _ = a; }'),
      'a variable of for': inside('let i = true; for (var i = 0; i < 4; i++) { let j = i; } _ = !i;'),
      'a block of for may declare it again': inside('for (var i = 0; i < 4; i++) { var i = 2u; i = 3u; }'),
      'a parameter hides a declaration of the module': 'const a = 1; fn f(a: bool) -> bool { return !a; }',
      branches: inside(
        'if true { let a = 1; } else { let a = 2u; } switch 1 { case 1 { let a = 1f; } default { let a = 1; } }',
      ),
      'continuing sees the body': inside('loop { var a = 1; continuing { a += 1; break if a > 2; } }'),
      'a function named as its local variable': 'fn f() -> i32 { let f = 1; return f; }',
    },
    {
      'twice in the module': 'const x = 1;\nfn x() {} //! x',
      'twice in a block': inside('let x = 1;\nvar x = 2; //! x'),
      'two aliases': 'alias A = i32;\nalias A = u32; //! A',
      'two parameters': 'fn f(x: i32, x: u32) {} //! x',
      'a parameter and a local variable': 'fn f(x: i32) {\nlet x = 2; //! x\n}',
      'not declared': inside('_ = missing; //! missing'),
      'declared later': inside('_ = x; //! x\nlet x = 1;'),
      'in its own initializer': inside('let x = x; //! x'),
      'after its block': inside('{ let x = 1; }\n_ = x; //! x'),
      'after its for': inside('for (var i = 0; i < 4; i++) { }\n_ = i; //! i'),
      'a type that is not declared': 'var<private> x: Missing; //! Missing',
      'a function that is not declared': inside('missing(); //! missing'),
      'a variable as a type': inside('let a = 1; var x: a; //! a'),
      'a type as a value': inside('_ = i32; //! i32'),
      'a function as a value': 'fn g() -> i32 { return 1; } fn f() { _ = g; } //! g',
      'a builtin function as a value': inside('_ = min; //! min'),
      'a value called': inside('let a = 1; _ = a(2); //! a'),
    },
  ),
  ...section(
    'Cycles',
    {
      'a variable through a pointer to a struct':
        'struct A { x: i32 } struct B { a: A, b: array<A, 2> } var<private> b: B;',
    },
    {
      constants: 'const a = b; //! a|b\nconst b = a;',
      'a constant of itself': 'const a = a + 1; //! a',
      structs: 'struct A { b: B } //! A|B\nstruct B { a: A }',
      'a struct in an array in itself': 'struct A { a: array<A, 2> } //! A',
      aliases: 'alias A = B; //! A|B\nalias B = A;',
      overrides: 'override a = b; //! a|b\noverride b = a;',
      functions: 'fn f() { g(); } //! f|g\nfn g() { f(); }',
      'a function that calls itself': 'fn f(n: i32) -> i32 { if n == 0 { return 1; } return n * f(n - 1); } //! f',
    },
  ),
  ...section(
    'Const Declarations',
    {
      'of every kind of value': `
        const a = 1; const b: f32 = 1; const c = vec3(1, 2, 3); const d = mat2x2f(); const e = array(1.5, 2);
        struct S { x: i32, y: vec2f }
        const s = S(1, vec2f(2)); const t = s.y.x; const u = e[1];`,
      'abstract until it is used': 'const a = 1; var<private> b: f32 = a; var<private> c: u32 = a; const d: i32 = a;',
      'in a function': inside('const n = 4; var a: array<i32, n>; const m = n * n; a[m / 8] = m;'),
      'of builtin functions': 'const a = max(1, 2) + i32(abs(-3.5)); const_assert a == 5;',
    },
    {
      'without value': 'const x: i32; //! .',
      'another type': 'const x: i32 = 1.5; //! i32',
      'u32 of a negative number': 'const x: u32 = -1; //! u32',
      'of an override': 'override a = 1; const b = a; //! a|const',
      'of a variable': 'var<private> a = 1; const b = a; //! a|const',
      'of let': inside('let a = 1; const b = a; //! a|const'),
      'of a function': 'fn g() -> i32 { return 1; } const a = g(); //! g|const',
      'assigned to': inside('const a = 1;\na = 2; //! a'),
    },
  ),
  ...section(
    'Override Declarations',
    {
      'of every type': 'override a: bool; override b: i32; override c: u32; override d: f32;',
      'with value':
        'override a = true; override b = 1u; override c: f32 = 2; @id(0) override d = 1.5; @id(65535) override e: i32;',
      'made of others': 'override a: u32 = 4; override b = a * 2; override c = select(a, b, a > 3);',
      'the size of an array in workgroup memory': `
        override n: u32 = 4;
        var<workgroup> a: array<f32, n>;
        fn f() { a[2] = 1; }`,
      'the size of a workgroup': 'override n = 4u; @compute @workgroup_size(n, n * 2) fn f() {}',
      'an id of a const-expression': 'const n = 3; @id(n * 2) override a: f32;',
      'an initial value of a private variable': 'override n = 4; var<private> a = n + 1;',
    },
    {
      'neither type nor value': 'override a; //! .',
      'a vector': 'override a: vec2f; //! vec2|a',
      'in a function': inside('override a = 1; //! override'),
      'two of one id': '@id(1) override a: i32;\n@id(1) override b: i32; //! 1',
      'an id too large': '@id(65536) override a: i32; //! 65536|65535',
      'an id below 0': '@id(-1) override a: i32; //! -1|id',
      'an id of an override': 'override n = 1; @id(n) override a: i32; //! id|n',
      'of a variable': 'var<private> v = 1; override a = v; //! v',
      'two ids': '@id(1) @id(2) override a: i32; //! id',
      'an id on a variable': '@id(1) var<private> a: i32; //! id',
      'assigned to': 'override a = 1;\nfn f() { a = 2; } //! a',
      'the size of a private array': 'override n = 4; var<private> a: array<i32, n>; //! n|array',
      'the size of a local array': 'override n = 4; fn f() {\nvar a: array<i32, n>; //! n|array\n}',
      'a whole array of that size loaded':
        'override n = 4; var<workgroup> a: array<i32, n>; fn f() {\nlet b = a; //! array|a\n}',
      'two arrays of equal but different size': `
        override n = 4;
        var<workgroup> a: array<i32, n + 0>;
        fn g(p: ptr<workgroup, array<i32, n>>) {}
        fn f() { g(&a); } //! g|array|ptr`,
    },
  ),
  ...section(
    'Let and Var',
    {
      let: inside('let a = 1; let b: f32 = 2; let c = vec2(a, 3); let d = array<f32, 2>(b, 1);'),
      var: inside('var a = 1; var b: f32 = 2; var c: mat2x2f; var<function> d: i32; a = d; b = c[0].x;'),
      'let of a struct, of an array': `
        struct S { a: array<i32, 2> }
        fn f() { let s = S(array(1, 2)); let a = s.a; var b = a; b[0] = a[1]; let c = array<S, 1>(s); }`,
      'let of a pointer': inside('var a = 1; let p = &a; let q: ptr<function, i32> = p; *q = 2;'),
      'var of the module':
        'var<private> a: i32; var<private> b = 2.0; var<workgroup> c: vec4f; var<workgroup> d: atomic<u32>;',
      'abstract numbers become i32 and f32': inside(
        'let a = 1; var b: i32 = a; let c = 1.5; var d: f32 = c; let e = vec2(1); var f: vec2i = e;',
      ),
      'a private value of a const-expression': 'const n = 2; var<private> a = array(n, n + 1);',
    },
    {
      'let without value': inside('let a: i32; //! .'),
      'let in the module': 'let a = 1; //! let',
      'let assigned to': inside('let a = 1;\na = 2; //! a'),
      'let counted up': inside('let a = 1;\na++; //! a'),
      'let of no value': 'fn g() {} fn f() { let a = g(); } //! g|value',
      'var of neither type nor value': inside('var a; //! .'),
      'var of another type': inside('var a: u32 = 1i; //! u32'),
      'var of the module without space': 'var a = 1; //! a|space',
      'a value in workgroup memory': 'var<workgroup> a: i32 = 1; //! workgroup|initial',
      'a value of a buffer': '@group(0) @binding(0) var<storage, read_write> a: i32 = 1; //! storage|initial',
      'a private value of a variable': 'var<private> a = 1; var<private> b = a; //! a',
      'a private value of a call': 'fn g() -> i32 { return 1; } var<private> b = g(); //! g',
      'private in a function': inside('var<private> a = 1; //! private'),
      'function in the module': 'var<function> a = 1; //! function',
      'a space that does not exist': 'var<everywhere> a = 1; //! everywhere',
      'an access mode on private': 'var<private, read> a = 1; //! read|access',
      'var of a pointer': inside('var a = 1;\nvar p = &a; //! ptr|pointer'),
      'const of a pointer': inside('var a = 1;\nconst p = &a; //! p|const|a'),
    },
  ),
  ...section(
    'Const Assertion',
    {
      'in the module': 'const a = 2; const_assert a < 3; const_assert(a == 2);',
      'in a function': inside('const a = 2; const_assert a < 3 && a > 1; const_assert (a == 2) || false;'),
    },
    {
      false: 'const a = 2; const_assert a > 3; //! assert|false',
      'false in a function': inside('const a = 2;\nconst_assert a > 3; //! assert|false'),
      'of an override': 'override a = 2; const_assert a < 3; //! a|const',
      'of a variable': inside('let a = 2; const_assert a < 3; //! a|const'),
      'of a number': 'const_assert 1; //! bool',
    },
  ),
]
