/** @file Snippets of the section "Statements". */
import { inside, section } from './snippet.ts'

/** A statement in a loop, in a function of one variable. */
const looped = (body: string): string => inside(`var i = 0; loop { i++; ${body}\n }`)

export const statements = [
  ...section(
    'Assignment',
    {
      simple: inside(
        `
          var a = 1; a = 2; var v = vec2f(); v.x = 1; v[1] = 2; var m = mat2x2f(); m[0] = v;
          var b = array(1, 2); b = array(3, 4);`,
      ),
      compound: inside('var a = 1; a += 2; a -= 1; a *= 3; a /= 2; a %= 4; a &= 7; a |= 8; a ^= 1; a <<= 2; a >>= 1u;'),
      'compound of vectors and matrices': inside(
        'var v = vec2f(); v += 1; v *= 2; v /= v; var m = mat2x2f(); m *= 2; m *= m; v *= m; m += m;',
      ),
      'of several components of a vector': inside(
        'var v: vec4f; v.xy = vec2f(1); v.bg *= 2; let p = &v; p.wx = v.xy; (*p).zyx += vec3f(1);',
      ),
      'of nothing':
        'fn g() -> i32 { return 1; } fn f() { _ = 1; _ = g(); var a = array(1, 2); _ = a; let p = &a; _ = p; }',
      'of a buffer looked at': '@group(0) @binding(0) var<storage> v: array<u32>; fn f() { _ = v[0]; _ = &v; }',
      steps: inside(
        'var a = 1; a++; a--; var u = 2u; u++; var b = array(1, 2); b[0]--; var v = vec2i(); v.x++; (a)++;',
      ),
      'in parentheses': inside('var a = 1; (a) = 2; let p = &a; *p = 3; (*p) += 4; *&a = 5;'),
    },
    {
      'to a literal': inside('1 = 2; //! .'),
      'to a call': 'fn g() -> i32 { return 1; } fn f() {\ng() = 2; //! .\n}',
      'to a parameter': 'fn f(a: i32) {\na = 1; //! a\n}',
      'to a part of let': inside('let a = array(1, 2);\na[0] = 3; //! a|let|reference|variable'),
      'of another type': inside('var a = 1;\na = 2.5f; //! i32|f32'),
      'to one component twice': inside('var v: vec4f;\nv.xx = vec2f(1); //! xx'),
      'to components of a value': inside('let v = vec4f();\nv.xy = vec2f(1); //! v'),
      'of another number of components': inside('var v: vec4f;\nv.xy = vec3f(1); //! vec2|vec3'),
      'compound of another type': inside('var a = 1i;\na += 1u; //! i32|u32'),
      'compound that changes the type': inside('var a = 1f;\na *= vec2f(); //! f32|vec2'),
      'compound of a bool': inside('var a = true;\na += 1; //! bool|\\+'),
      'of no value': 'fn g() {} fn f() { _ = g(); } //! g|value',
      'a float counted up': inside('var a = 1f;\na++; //! f32|\\+\\+|integer'),
      'a vector counted up': inside('var a = vec2i();\na++; //! vec2|\\+\\+|integer'),
      'of an array without size':
        '@group(0) @binding(0) var<storage> v: array<u32>; fn f() { _ = v; } //! array|v|constructible',
      'as an expression': inside('var a = 1; var b = 1; a = b = 2; //! =|;'),
      'a step as an expression': inside('var a = 1; let b = a++; //! \\+|;'),
      'nothing is left of it': inside('= 1; //! .'),
      'no semicolon': inside('var a = 1\na = 2; //! ;|a'),
    },
  ),
  ...section(
    'If and Switch',
    {
      if: inside('var a = 1; if a < 2 { a = 3; } else if (a == 3) { a = 4; } else if a > 9 { } else { a = 5; }'),
      switch: inside('var a = 1; switch a { case 0 { a = 2; } case 1, 2: { a = 3; } case 3, default { a = 4; } }'),
      'switch on u32': inside('switch 1u { case 0u, 1u { } default: { } }'),
      'switch of constants':
        'const n = 2; fn f(a: u32) { switch (a) { case n { } case n + 1 { } case 0x10 { } default { } } }',
      'a number without type in the cases': inside('var a = 1u; switch a { case 1 { } case 2, { } default { } }'),
      'a number without type between': inside('switch 3 { case 1u { } default { } }'),
      'a break leaves the switch': inside(
        'var a = 1; switch a { case 1 { if a > 0 { break; } a = 2; } default { break; } }',
      ),
      'default in the middle': inside('switch 1 { case 1 { } default { } case 2 { } }'),
      'negative cases': inside('var a = -1; switch a { case -1 { } case -2, -3 { } default { } }'),
    },
    {
      'if of a number': inside('if 1 { } //! bool'),
      'if of a vector': inside('if vec2(true) { } //! bool'),
      'if without block': inside('var a = 1; if true a = 2; //! \\{|a'),
      'else without if': inside('else { } //! else'),
      'switch without default': inside('var a = 1; switch a { case 1 { } } //! default'),
      'two defaults': inside('var a = 1; switch a { default { } case 1 { }\ndefault { } } //! default'),
      'a case twice': inside('var a = 1; switch a { case 1 { }\ncase 2, 1 { } //! 1\ndefault { } }'),
      'a case twice by a constant': inside(
        'const n = 1; var a = 1; switch a { case 1 { }\ncase n { } //! 1|n\ndefault { } }',
      ),
      'switch on a float': inside('switch 1.5 { default { } } //! float|integer|i32'),
      'switch on a bool': inside('switch true { default { } } //! bool|integer'),
      'a case of another type': inside('var a = 1i; switch a { case 1u { } default { } } //! u32|i32'),
      'a case that is not known': inside('var a = 1; let b = 2; switch a { case b { } default { } } //! b|const'),
      'a case of an override': 'override n = 1; fn f() { switch 1 { case n { } default { } } } //! n|const',
      fallthrough: inside('switch 1 { case 1 { fallthrough; } default { } } //! fallthrough'),
      'nothing in it': inside('switch 1 { } //! .'),
    },
  ),
  ...section(
    'Loops',
    {
      loop: looped('if i > 3 { break; }'),
      'loop with continuing': inside('var i = 0; loop { if i == 2 { continue; } continuing { i++; break if i > 4; } }'),
      'loop that returns': inside('loop { return; }'),
      for: inside(
        'for (var i = 0u; i < 4; i++) { continue; } var j = 0; for (; j < 4; j += 1) { } for (;;) { break; }',
      ),
      'for of calls': 'fn g() {} fn f() { for (g(); false; g()) { } }',
      'for of let and const': inside('for (let i = 1; i < 0;) { } for (const n = 3; n < 2;) { }'),
      while: inside('var i = 0; while i < 4 { i++; if i == 2 { continue; } } while (false) { }'),
      'continue in a switch': looped('switch i { case 1 { continue; } default { } } if i > 3 { break; }'),
      'break if of what continuing declares': inside(
        'var i = 0; loop { continuing { i++; let done = i > 3; break if done; } }',
      ),
      'a loop in continuing': inside(
        'var i = 0; loop { continuing { for (var j = 0; j < 2; j++) { if j == 1 { break; } } i++; break if i > 3; } }',
      ),
      'a block of its own': inside('var a = 1; { a = 2; { a = 3; } } {}'),
      'empty statements': inside(';; var a = 1;; ;'),
    },
    {
      'break outside': inside('break; //! break'),
      'continue outside': inside('continue; //! continue'),
      'continue in a switch outside': inside('switch 1 { default { continue; } } //! continue'),
      'while of a number': inside('while 1 { } //! bool'),
      'for of a number': inside('for (var i = 0; i; i++) { } //! bool'),
      'for without semicolons': inside('for (var i = 0) { } //! ;|\\)'),
      'for of a declaration at the end': inside('for (;; var i = 0) { break; } //! var'),
      'break if outside of continuing': looped('break if i > 3; //! break|if'),
      'break if before the end': inside('loop { continuing { break if true; let a = 1; //! break if|last|}|end\n } }'),
      'break if of a number': inside('loop { continuing { break if 1; //! bool\n} }'),
      'break in continuing': inside('loop { continuing { break; //! break|continuing\n} }'),
      'continue in continuing': inside('loop { if true { break; } continuing { continue; //! continu\n} }'),
      'return in continuing': inside('loop { if true { break; } continuing { return; //! return|continuing\n} }'),
      'continuing before the end': inside('loop { continuing { } break; //! continuing|}|last|end\n}'),
      'continuing outside': inside('continuing { } //! continuing'),
      'continuing twice': inside('loop { continuing { break if true; }\ncontinuing { } //! continuing|}\n}'),
      'continue past a declaration that continuing uses': inside(
        'var i = 0; loop { if i > 3 { continue; } //! a|continue\nlet a = 1; continuing { i += a; break if i > 9; } }',
      ),
      do: inside('do { } while (true); //! do'),
    },
  ),
  ...section(
    'Behaviors',
    {
      'every branch returns':
        'fn f(a: i32) -> i32 { if a > 1 { return 1; } else if a < 0 { return 2; } else { return 3; } }',
      'every case returns': 'fn f(a: i32) -> i32 { switch a { case 1 { return 1; } default { return 2; } } }',
      'a loop that ends only by return': 'fn f(a: i32) -> i32 { var i = a; loop { i++; if i > 9 { return i; } } }',
      'for without condition ends only by return':
        'fn f(a: i32) -> i32 { for (var i = a; ; i++) { if i > 9 { return i; } } }',
      'code after return': 'fn f() -> i32 { return 1; }',
      'a return in a block': 'fn f() -> i32 { { { return 1; } } }',
      'return of nothing': 'fn f(a: bool) { if a { return; } }',
      'a continue in front of the end': looped('if i > 3 { break; } continue;'),
      'a return, and then code':
        'diagnostic(off, chromium.unreachable_code); fn f() -> i32 { return 1; var a = 2; a = 3; return a; }',
      'a break, and then code': 'diagnostic(off, chromium.unreachable_code); ' + inside('loop { break; let a = 1; }'),
    },
    {
      'no return': 'fn f() -> i32 { } //! return|f',
      'one branch returns': 'fn f(a: i32) -> i32 { if a > 1 { return 1; } } //! return|f',
      'one case does not return': 'fn f(a: i32) -> i32 { switch a { case 1 { return 1; } default { } } } //! return|f',
      'a case that breaks': `
        fn f(a: i32) -> i32 { //! return|f
          switch a { case 1 { if a > 0 { break; } return 1; } default { return 2; } }
        }`,
      'a loop with break': 'fn f(a: i32) -> i32 { loop { if a > 1 { break; } return 2; } } //! return|f',
      'while may not run': 'fn f(a: i32) -> i32 { while a > 1 { return 1; } } //! return|f',
      'while true may not run either': 'fn f() -> i32 { while true { return 1; } } //! return|f',
      'a loop that never ends': inside('loop { } //! loop|exit|break|end'),
      'a loop that only continues': inside('loop { continue; } //! loop|exit|break|end'),
      'for that never ends': inside('for (;;) { } //! loop|for|exit|break|end'),
      'return of a value from nothing': 'fn f() {\nreturn 1; //! return|f\n}',
      'return of nothing from a value': 'fn f() -> i32 {\nreturn; //! return|i32\n}',
      'return of another type': 'fn f() -> i32 {\nreturn 1u; //! i32|u32\n}',
    },
  ),
]
