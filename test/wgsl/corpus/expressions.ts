/** @file Snippets of the sections "Type Checking", "Expressions" and "Constructor Built-in Functions". */
import { inside, section } from './snippet.ts'

export const expressions = [
  ...section(
    'Conversions',
    {
      'of floats out of range to the nearest integer that both types have': `
        const_assert u32(1e30f) == 4294967040; const_assert i32(1e30f) == 2147483520; const_assert u32(-5f) == 0;
        const_assert u32(1e30) == 4294967295; const_assert i32(-1e30) == -2147483648; const_assert i32(-1.9) == -1;`,
      'of abstract numbers': inside(
        `
          var a: f32 = 1; var b: u32 = 1; var c: i32 = 1; var d: f32 = 1.5; var e: vec2f = vec2(1, 2); a = 2;
          b += 3; e = vec2(3);`,
      ),
      'beside a typed one': inside(
        'var u = 1u; var f = 1f; u = u + 1; u = 2 * u; f = f + 1; f = 1 / f; f = 1.5 * f; _ = u == 1; _ = 1 < f;',
      ),
      'of two abstract ones': `
          const a = 1 + 1.5; const_assert a == 2.5; const b = vec2(1, 2.5); const c = array(1, 2.5);
          const d: f32 = c[0];`,
      'in arguments': 'fn g(a: f32, b: vec2u) {} fn f() { g(1, vec2(1, 2)); }',
      'in what is returned': `
          fn g() -> f32 { return 1; } fn h() -> vec3u { return vec3(1, 2, 3); }
          fn k() -> array<f32, 2> { return array(1, 2); }`,
      'said in words': inside(
        `
          var i = 1i; var u = u32(i); var f = f32(u); i = i32(f); let b = bool(i); f = f32(b); u = u32(3.7);
          let v = vec2f(vec2i(1, 2));`,
      ),
      'where a runtime value is beside it': inside(
        'var u = 3u; var i = 1; var f = 2f; _ = 1 << u; _ = vec2(1, f); _ = array(1, u)[i]; _ = vec3(0, vec2f(f));',
      ),
      'where a runtime value decides': inside(`
        var i = 1; const a = array(1, 2.5); const v = vec2(1, 2);
        var x: f32 = a[i]; var y: i32 = v[i]; var z: i32 = select(1, 2, i > 1); var w: f32 = select(1, 2.5, i > 1);`),
      'of bits': inside(
        'let a = bitcast<u32>(1.5f); let b = bitcast<vec2f>(vec2u(a)); let c = bitcast<i32>(3000000000u);',
      ),
      'of a negative number to the least':
        'const a: i32 = -2147483648; const b = i32(-2147483648); const_assert a == b;',
      'of a matrix of abstract numbers': 'const m = mat2x2(1, 2, 3, 4); var<private> n: mat2x2f = m;',
    },
    {
      'i32 beside u32': inside('let a = 1i; let b = 1u; _ = a + b; //! i32.*u32|u32.*i32'),
      'i32 beside f32': inside('let a = 1i; let b = 1f; _ = a * b; //! i32.*f32|f32.*i32'),
      'f32 into i32': inside('let a = 1.5f; let b: i32 = a; //! i32'),
      'i32 assigned to u32': inside('var a = 1u; let b = 1i;\na = b; //! u32'),
      'a fraction into i32': inside('var a: i32 = 1.5; //! i32'),
      'a whole float into i32': inside('var a: i32 = 1.0; //! i32'),
      'a negative number into u32': inside('var a: u32 = -1; //! -1|u32'),
      'too large for i32': inside('var a: i32 = 2147483648; //! 2147483648|i32'),
      'too large for i32 where nothing is said': inside('var a = 2147483648; //! 2147483648|i32'),
      'too large for f32': inside('var a: f32 = 1e39; //! f32|e\\+?39'),
      'too large a sum for u32': inside('const a = 4294967295; var b: u32 = a + 1; //! 4294967296|u32'),
      'a negative factor of u32': inside('var u = 1u; _ = -1 * u; //! -1|u32'),
      'a float beside u32': inside('var u = 1u; _ = u * 1.5; //! u32'),
      'i32 of an override into u32': 'override a = 1; override b: u32 = a; //! u32|i32',
      'bool into f32': inside('var a: f32 = true; //! f32'),
      'a number as bool': inside('var a: bool = 1; //! bool'),
      'another length': inside('var a: vec3f = vec2f(); //! vec3'),
      'vectors of different length': inside('_ = vec2f() + vec3f(); //! vec2.*vec3'),
      'an array of another length': inside('var a: array<i32, 3> = array(1, 2); //! array'),
      'an array of another type': inside('var a: array<u32, 2> = array(1i, 2i); //! array'),
    },
  ),
  ...section(
    'Precedence',
    {
      arithmetic: `
          const_assert 1 + 2 * 3 == 7; const_assert (1 + 2) * 3 == 9; const_assert 7 - 4 - 2 == 1;
          const_assert 8 / 4 / 2 == 1;`,
      unary: `
          const_assert -1 - -1 == 0; const_assert !!true; const_assert ~~5 == 5; const_assert -(-3) == 3;
          const_assert !(1 > 2);`,
      'comparisons below arithmetic': 'const_assert 1 + 1 < 3 * 1; const_assert 7 % 4 >= 3;',
      'and of comparisons': 'const_assert 1 < 2 && 2 < 3 && 3 < 4; const_assert 1 > 2 || 2 > 3 || 4 > 3;',
      'shifts of unary operands': `
          const_assert 1 << 4 == 16; const_assert (1 << 2) + 1 == 5; const_assert 256 >> 4 == 16;
          const_assert (1u << 1u) << 1u == 4;`,
      'one kind of bits':
        'const_assert (1 | 2 | 4) == 7; const_assert (7 & 3 & 1) == 1; const_assert (1 ^ 2 ^ 4) == 7;',
      'bits in parentheses': 'const_assert ((1 | 2) & 3) == 3; const_assert (1 & 2) == 0;',
      'and, or in parentheses': 'const_assert (true && false) || true; const_assert true && (false || true);',
      'indexing before unary': inside('let a = array(1, 2); _ = -a[1]; let v = vec2(1, 2); _ = -v.x; _ = ~v.y;'),
    },
    {
      'and beside or': inside('_ = true && false || true; //! \\(|parenthes|&&|\\|\\|'),
      'or beside and': inside('_ = true || false && true; //! \\(|parenthes|&&|\\|\\|'),
      'a question mark': inside('var a = true ? 1 : 2; //! \\?'),
      'assignment in a condition': inside('var a = true; if (a = false) { } //! =|\\)'),
      'two comparisons in a row': inside('let a = 1; let b = 2; let c = 3; _ = a <= b <= c; //! <=|parenthes|\\(|;'),
      'two equalities in a row': inside('_ = 1 == 1 == true; //! ==|parenthes|\\(|;'),
      'bits beside arithmetic': inside('_ = 1 + 2 & 3; //! &|parenthes|\\(|;'),
      'two kinds of bits': inside('_ = 1 | 2 & 3; //! &|parenthes|\\(|;'),
      'two shifts in a row': inside('_ = 1 << 2 << 3; //! <<|parenthes|\\(|;'),
      'a shift of a sum': inside('_ = 1 + 2 << 3; //! <<|parenthes|\\(|;'),
      'a shift by a sum': inside('_ = 1 << 2 + 3; //! <<|\\+|parenthes|\\(|;'),
      'bits beside a comparison': inside('_ = 1 & 2 == 2; //! &|==|parenthes|\\(|;'),
      'and with bits': inside('_ = true && true & false; //! &|parenthes|\\(|;'),
    },
  ),
  ...section(
    'Operators',
    {
      'on integers': inside(
        `
          var a = 7i; var b = 3u; a = a + 1 - 2 * 3 / 4 % 5; b = b & 1u; b = b | 2; b = b ^ 4; a = ~a; a = -a;
          b = b << 2; a = a >> b;`,
      ),
      'on floats': inside('var a = 7f; a = a + 1 - 2 * 3 / 4 % 5; a = -a; _ = a < 1; _ = a != 2;'),
      'on bools': inside(
        `
          var a = true; a = !a; a = a && true; a = a || false; a = a & true; a = a | false; _ = a == true;
          _ = a != false;`,
      ),
      'on vectors': inside(
        `
          var a = vec2i(1, 2); a = a + a; a = a * 2; a = 3 - a; a = a % vec2(2); a = a << vec2(1u); a = -a;
          let b: vec2<bool> = a < vec2(1); _ = !b;`,
      ),
      'on vectors of bools': inside('let a = vec2(true, false); _ = a & a; _ = a | a; _ = a == a; _ = all(a != a);'),
      'on matrices': inside(
        `
          let m = mat2x3f(); let n = mat3x2f(); var a: mat3x3f = m * n; var v: vec3f = m * vec2f();
          var w: vec2f = vec3f() * m; _ = m + m; _ = m - m; _ = m * 2; _ = 2 * m;`,
      ),
      'of constants': `
          const_assert 7 / 2 == 3; const_assert -7 / 2 == -3; const_assert -7 % 2 == -1;
          const_assert 7.0 / 2 == 3.5; const_assert -1 >> 4 == -1;`,
      'what is not evaluated may be wrong': 'const_assert true || 1 / 0 == 1; const a = false && 1 / 0 == 1;',
      'wrapping where the value is not known': inside(
        'var a = 2147483647i; a = a + 1; var b = 0u; b = b - 1; var c = 0; c = 1 / c; c = 1 % c;',
      ),
      'constants of i32 and u32 that wrap': `
          const_assert ~0u == 4294967295; const_assert 1u - 2u == 4294967295u;
          const_assert 2147483647i + 1i == -2147483648; const_assert 65536i * 65536i == 0;
          const_assert -i32(-2147483648) < 0;`,
    },
    {
      'minus of u32': inside('let a = 1u; _ = -a; //! u32|-'),
      'minus of bool': inside('_ = -true; //! bool|-'),
      'not of a number': inside('_ = !1; //! !|bool'),
      'bits of a float': inside('_ = ~1.5; //! ~|float|integer'),
      'and of numbers': inside('let a = 1; _ = a && a; //! &&|bool'),
      'and of vectors': inside('let a = vec2(true); _ = a && a; //! &&|vec2'),
      'sum of bools': inside('_ = true + true; //! \\+|bool'),
      'less of bools': inside('_ = true < false; //! <|bool'),
      'exclusive or of bools': inside('_ = true ^ false; //! \\^|bool'),
      'bits of floats': inside('let a = 1f; _ = a & a; //! &|f32'),
      'a shift by a signed number': inside('let a = 1; let b = 2i; _ = a << b; //! <<|u32|i32'),
      'a shift of a vector by a number': inside('let a = vec2(1); _ = a << 1u; //! <<|vec2'),
      'a comparison of a vector and a number': inside('let a = vec2(1); _ = a < 1; //! <|vec2'),
      'a matrix divided': inside('let m = mat2x2f(); _ = m / 2; //! /|mat2x2'),
      'a matrix compared': inside('let m = mat2x2f(); _ = m == m; //! ==|mat2x2'),
      'matrices that do not fit': inside('_ = mat2x3f() * mat2x3f(); //! \\*|mat2x3'),
      'a matrix by a vector that does not fit': inside('_ = mat2x3f() * vec3f(); //! \\*|mat2x3'),
      'arrays compared': inside('let a = array(1, 2); _ = a == a; //! ==|array'),
      'structs compared': 'struct A { x: i32 } fn f(a: A) -> bool { return a == a; } //! ==|A',
    },
  ),
  ...section(
    'Const Expressions',
    {
      'abstract numbers have 64 bits':
        'const a = 4294967296 * 2; const_assert a / 4294967296 == 2; const_assert 1e300 * 1e8 > 1e307;',
      'of f32 are rounded to it': `
          const_assert 16777216f + 1f == 16777216f; const_assert 16777216.0 + 1.0 != 16777216.0;
          const_assert f32(0.1) != 0.1f + 1e-7f;`,
      'parts of constants': `
          const v = vec4(1, 2, 3, 4); const_assert v.wz.x == 4; const_assert v[2] == 3;
          const m = mat2x2(1, 2, 3, 4); const_assert m[1].y == 4;`,
    },
    {
      'division by zero': 'const a = 1 / 0; //! zero|0',
      'the rest of a division by zero': 'const a = 1u % 0u; //! zero|0',
      'division of a float by zero': 'const a = 1.0 / 0.0; //! 0|zero|finite|infinit',
      'division by zero where the left is not known': inside('var a = 1; _ = a / 0; //! zero|0'),
      'division by a vector with a zero': inside('var a = vec2(1); _ = a % vec2(1, 0); //! zero|0'),
      'a product of abstract numbers too large':
        'const a = 9223372036854775807 * 2; //! 9223372036854775807|overflow|64|abstract',
      'the least i32 by -1': 'const a = i32(-2147483648) / -1i; //! i32|overflow|-2147483648',
      'a float too large': 'const a = 1e38f * 10f; //! f32|finite|overflow|infinit',
      'a sum of abstract numbers too large':
        'const a = 9223372036854775807 + 1; //! 9223372036854775807|overflow|64|abstract|range|large',
      'the negative of the least abstract number':
        'const a = -(-9223372036854775807 - 1); //! 9223372036854775808|overflow|64|abstract|range|large',
      'a shift by the width': 'const a = 1u << 32u; //! 32',
      'a shift by the width where the left is not known': inside('var a = 1u; _ = a >> 32u; //! 32'),
      'a shift that loses bits of i32': 'const a = 1i << 31u; //! <<|i32|overflow|sign',
      'a shift that loses bits of u32': 'const a = 3u << 31u; //! <<|u32|overflow|bits',
      'the root of a negative number': 'const a = sqrt(-1.0); //! sqrt|-1',
      'the logarithm of zero': 'const a = log(0.0); //! log|0',
      'u32 of a negative constant': 'const a = u32(-1); //! -1|u32',
      'bits that are not numbers': 'const a = bitcast<f32>(0x7fc00000u); //! bitcast|nan|finite|f32',
      'an index beyond the end': 'const a = array(1, 2); const b = a[2]; //! 2',
      'an index below zero': 'const a = vec2(1, 2); const b = a[-1]; //! -1',
      'beyond the end of what is not known': inside('var a: array<i32, 4>;\na[4] = 1; //! 4'),
      'beyond the end of a matrix': inside('var m: mat2x3f; _ = m[2]; //! 2'),
      'beyond the end of a column': inside('var m: mat2x3f; _ = m[1][3]; //! 3'),
    },
  ),
  ...section(
    'Indices and Members',
    {
      'with any integer': inside(
        'var a = array(1, 2, 3); var i = 1i; var u = 2u; _ = a[i] + a[u] + a[0]; a[i + 1] = 2; a[u - 1]++;',
      ),
      swizzles: inside(
        `
          let v = vec4f(1, 2, 3, 4); var a: vec2f = v.xy; var b: vec4f = v.wwww; var c: vec3f = v.rgb;
          var d: f32 = v.a; _ = v.xyz.zy.x;`,
      ),
      'of a value of a call': 'fn g() -> vec3f { return vec3f(); } fn f() -> f32 { return g().yz.x + vec2(1f, 2)[1]; }',
      'a value by a runtime index': inside(
        'var i = 1; let a = array(1, 2, 3); _ = a[i]; let m = mat2x2f(); _ = m[i][i]; _ = vec2(1, 2)[i];',
      ),
    },
    {
      'letters of both sets': inside('let v = vec4f(); _ = v.xg; //! xg'),
      'a component that is not there': inside('let v = vec2f(); _ = v.z; //! z'),
      'five components': inside('let v = vec2f(); _ = v.xyxyx; //! xyxyx'),
      'other letters': inside('let v = vec2f(); _ = v.s; //! s'),
      'a member of a number': inside('let a = 1; _ = a.x; //! i32|x'),
      'an element of a number': inside('let a = 1; _ = a[0]; //! i32|index'),
      'an index that is a float': inside('var a = array(1, 2); _ = a[1.0]; //! 1.0|index|float|integer'),
      'a component of a matrix': inside('let m = mat2x2f(); _ = m.x; //! mat2x2|x'),
      'an index below zero of what has no fixed size':
        '@group(0) @binding(0) var<storage> a: array<u32>; fn f() { _ = a[-1]; } //! -1',
      'an index that is a bool': inside('var a = array(1, 2); _ = a[true]; //! bool'),
      'an element of a struct': 'struct A { x: i32 } fn f(a: A) -> i32 { return a[0]; } //! A',
    },
  ),
  ...section(
    'Constructors',
    {
      'of zero': inside('_ = i32(); _ = bool(); _ = vec3f(); _ = mat2x2f(); _ = array<vec2u, 3>(); _ = vec2<bool>();'),
      'of vectors': inside(
        `
          _ = vec4(vec2(1, 2), vec2(3, 4)); _ = vec4f(1, vec2f(), 2); _ = vec3(vec2(1f), 2); _ = vec2u(3);
          _ = vec3<bool>(true); _ = vec4(1.0, 2, 3, 4);`,
      ),
      'of matrices': inside(
        `
          _ = mat2x2f(1, 2, 3, 4); _ = mat2x3(vec3f(), vec3f());
          _ = mat3x2<f32>(vec2(1, 2), vec2(3, 4), vec2(5, 6)); _ = mat2x2f(mat2x2f());`,
      ),
      'of arrays': inside(
        `
          _ = array(1u, 2, 3); _ = array<f32, 2>(1, 2); _ = array(vec2f(), vec2f(1));
          _ = array<array<i32, 2>, 1>(array(1, 2)); _ = array(array(1, 2), array(3, 4))[1][0];`,
      ),
      'of structs': 'struct A { x: f32, y: vec2u } fn f() -> A { var a = A(); a = A(1, vec2(2, 3)); return a; }',
      'by an alias': 'alias V = vec2f; alias A = array<V, 2>; fn f() -> A { return A(V(1), V(2, 3)); }',
      'of vectors of others': inside(
        `
          let a = vec3i(1, 2, 3); _ = vec3f(a); _ = vec3u(a); _ = vec3<bool>(a); _ = vec3(a);
          _ = vec3<f32>(vec3(1u, 2, 3));`,
      ),
    },
    {
      'too few': inside('_ = vec3f(1, 2); //! vec3'),
      'too many': inside('_ = vec3f(1, 2, 3, 4); //! vec3'),
      'too long': inside('_ = vec3f(vec2f(), vec2f()); //! vec3'),
      'components of two types': inside('_ = vec2(1i, 2u); //! vec2|i32|u32'),
      'a number of another type': inside('_ = vec2f(1i, 2i); //! vec2|i32'),
      'a matrix of one number': inside('_ = mat2x2f(1); //! mat2x2'),
      'a matrix of integers': inside('_ = mat2x2(1i, 2i, 3i, 4i); //! mat2x2|i32'),
      'columns of another length': inside('_ = mat2x3f(vec2f(), vec2f()); //! mat2x3'),
      'an array of too few': inside('_ = array<i32, 3>(1, 2); //! array|3|2'),
      'an array of too many': inside('_ = array<i32, 1>(1, 2); //! array|1|2'),
      'an array of two types': inside('_ = array(1i, 2u); //! array|i32|u32'),
      'an array of nothing': inside('_ = array(); //! array'),
      'a struct of too few': 'struct A { x: f32, y: f32 } fn f() { _ = A(1); } //! A',
      'a struct of another type': 'struct A { x: u32 } fn f() { _ = A(1f); } //! A|u32',
      'a scalar of two': inside('_ = i32(1, 2); //! i32'),
      'a scalar of a vector': inside('_ = f32(vec2f()); //! f32|vec2'),
      'an atomic': inside('_ = atomic<u32>(); //! atomic'),
      'an array of no fixed size': inside('_ = array<i32>(1, 2); //! array'),
    },
  ),
]
