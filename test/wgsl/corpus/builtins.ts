/** @file Snippets of the section "Built-in Functions": those that compute a value from values. */
import { inside, section } from './snippet.ts'

/** Calls in a function, with operands of each type that no compiler knows. */
const calls = (list: string): string => `
  fn f(
    b: bool, i: i32, u: u32, x: f32, bb: vec2<bool>, v2: vec2f, v: vec3f, v4: vec4f, iv: vec3i, uv: vec3u,
    m: mat2x3f, s: mat3x3f
  ) {
    ${list
      .trim()
      .split(/;\s+/)
      .map((call) => `_ = ${call};`)
      .join(' ')}
  }`

export const builtins = [
  ...section(
    'Logical Built-in Functions',
    {
      'all, any, select': calls(
        `
          all(b); any(bb); all(v2 < v2); select(i, 2, b); select(v, v, b); select(v2, v2, bb);
          select(1, 2.5, b); select(1, u, b)`,
      ),
      constants: `
          const_assert all(vec2(true)); const_assert !any(vec3(false)); const_assert select(1, 2, true) == 2;
          const_assert all(select(vec2(1, 2), vec2(3, 4), vec2(true, false)) == vec2(3, 2));`,
    },
    {
      'all of a number': inside('_ = all(1); //! all'),
      'select of two types': inside('_ = select(1i, 2u, true); //! select'),
      'select by a number': inside('_ = select(1, 2, 1); //! select'),
      'a vector selected by one of another length': inside('_ = select(vec3f(), vec3f(), vec2(true)); //! select'),
    },
  ),
  ...section(
    'Array Built-in Functions',
    {
      'the length of what a buffer holds': `
        struct A { n: u32, rows: array<vec2f> }
        @group(0) @binding(0) var<storage> a: array<u32>;
        @group(0) @binding(1) var<storage, read_write> b: A;
        fn g(p: ptr<storage, array<u32>>) -> u32 { return arrayLength(p); }
        fn f() -> u32 { let p = &b.rows; return arrayLength(&a) + arrayLength(&b.rows) + arrayLength(p) + g(&a); }`,
    },
    {
      'the length of an array of a size': inside('var a = array(1, 2); _ = arrayLength(&a); //! arrayLength'),
      'the length of a value':
        '@group(0) @binding(0) var<storage> a: array<u32>; fn f() { _ = arrayLength(a); } //! arrayLength|a',
    },
  ),
  ...section(
    'Numeric Built-in Functions',
    {
      'of floats, one operand': calls(`
          abs(x); acos(x); acosh(x); asin(v); asinh(v); atan(x); atanh(x); ceil(x); cos(v); cosh(x); degrees(x);
          exp(v); exp2(x); floor(v4); fract(x); inverseSqrt(x); log(v); log2(x); quantizeToF16(v); radians(x);
          round(v2); saturate(x); sign(v); sin(x); sinh(x); sqrt(v); tan(x); tanh(x); trunc(v)`),
      'of floats, two and three operands': calls(`
        atan2(x, x); atan2(v, v); clamp(x, 0, 1); clamp(v, v, v); fma(x, x, x); fma(v, v, v); ldexp(x, i);
        ldexp(v, iv); max(x, 1); min(v, v); mix(x, x, 0.5); mix(v, v, v); mix(v, v, x); pow(x, 2); pow(v, v);
        smoothstep(0, 1, x); step(x, x); step(v, v)`),
      'of two results': calls(`
        frexp(x).fract; frexp(x).exp; frexp(v).exp.x; modf(x).whole; modf(v).fract; modf(1.5).whole`),
      'of vectors and matrices': calls(`
          cross(v, v); distance(x, x); distance(v, v); dot(v, v); dot(iv, iv); dot(uv, uv);
          faceForward(v, v, v); length(v); length(x); normalize(v); reflect(v, v); refract(v, v, x);
          determinant(s); transpose(m); transpose(m)[2].y`),
      'of integers': calls(`
        abs(i); abs(u); clamp(i, 0, 3); max(iv, iv); min(u, 3); sign(i); countLeadingZeros(u); countOneBits(iv);
        countTrailingZeros(i); extractBits(i, 1, 2); extractBits(uv, u, u); firstLeadingBit(i);
        firstTrailingBit(uv); insertBits(u, 3, 1, 2); reverseBits(iv)`),
      'of packed integers': calls('dot4U8Packed(u, u); dot4I8Packed(u, u)'),
      'constants of integers': `
        const_assert countOneBits(7u) == 3; const_assert reverseBits(1u) == 0x80000000u;
        const_assert firstLeadingBit(-1i) == -1; const_assert extractBits(0xf0u, 4u, 4u) == 15;
        const_assert insertBits(0u, 3u, 4u, 2u) == 48; const_assert abs(-3) == 3;
        const_assert countLeadingZeros(1u) == 31; const_assert clamp(7, 1, 5) == 5;
        const_assert dot(vec2(1, 2), vec2(3, 4)) == 11; const_assert firstTrailingBit(8u) == 3;
        const_assert sign(-3) == -1; const_assert max(2, 3u) == 3; const_assert min(2, 3.5) == 2;`,
      'constants of floats': `
        const_assert sqrt(4.0) == 2; const_assert floor(-1.5) == -2; const_assert round(2.5) == 2;
        const_assert fract(-0.25) == 0.75; const_assert length(vec2(3.0, 4.0)) == 5;
        const_assert all(cross(vec3(1.0, 0, 0), vec3(0, 1, 0)) == vec3(0, 0, 1.0));
        const_assert frexp(8.0).exp == 4; const_assert modf(-1.5).fract == -0.5;
        const_assert ldexp(0.5, 3) == 4; const_assert sign(-0.5) == -1;
        const_assert determinant(mat2x2(1.0, 2, 3, 4)) == -2;
        const_assert transpose(mat2x3(1.0, 2, 3, 4, 5, 6))[2].y == 6; const_assert step(1.0, 0.5) == 0;
        const_assert saturate(1.5) == 1; const_assert mix(1.0, 3, 0.5) == 2; const_assert exp2(3.0) == 8;`,
      'a result kept by inference': inside(
        'var a = frexp(1.5); a.exp = 2; var b = a; b = frexp(2.5); let c = modf(vec2f(1.5)); _ = c.whole.x;',
      ),
    },
    {
      'too few arguments': inside('_ = max(1); //! max'),
      'too many arguments': inside('_ = sqrt(1.0, 2.0); //! sqrt'),
      'of two types': inside('_ = max(1i, 2u); //! max'),
      'a root of an integer': inside('let i = 4i; _ = sqrt(i); //! sqrt'),
      'a root of a bool': inside('_ = sqrt(true); //! sqrt'),
      'bits of a float': inside('_ = countOneBits(1.5); //! countOneBits'),
      'a product of vectors of two': inside('_ = cross(vec2f(), vec2f()); //! cross'),
      'a scalar product of different lengths': inside('_ = dot(vec2f(), vec3f()); //! dot'),
      'a determinant of what is not square': inside('_ = determinant(mat2x3f()); //! determinant'),
      'the limits the wrong way around': inside('const a = clamp(1, 3, 2); //! clamp'),
      'the limits the wrong way around, of a value not known': `
        fn f(x: f32) -> f32 { return clamp(x, 2, 1); } //! clamp`,
      'more bits than there are, of a value not known': `
        fn f(x: u32) -> u32 { return extractBits(x, 30, 5); } //! extractBits`,
      'an exponent too large, of a value not known': 'fn f(x: f32) -> f32 { return ldexp(x, 200); } //! ldexp',
      'more bits than there are': inside('const a = extractBits(1u, 30u, 4u); //! extractBits|32'),
      'a power that is not finite': 'const a = pow(10.0f, 39.0f); //! pow|f32|finite',
      'an exponential that is not finite': 'const a = exp(1000.0f); //! exp|f32|finite',
      'an arcsine of more than one': 'const a = asin(1.5); //! asin|1',
      'a unit vector of zero': 'const a = normalize(vec2(0.0)); //! normalize|zero',
      'an exponent too large': 'const a = ldexp(1.0f, 200); //! ldexp|200',
      'the same low and high': 'const a = smoothstep(1.0, 1.0, 0.5); //! smoothstep',
      'too large for f16': 'const a = quantizeToF16(1e6f); //! quantizeToF16',
      'a name of another language': inside('_ = lerp(1.0, 2.0, 0.5); //! lerp'),
      'a parameter of a type': inside('_ = max<i32>(1, 2); //! max'),
      'the type of a result named': 'var<private> a: __frexp_result_f32; //! __frexp_result_f32|__',
    },
  ),
  ...section(
    'Data Packing Built-in Functions',
    {
      pack: calls(
        `
          pack2x16float(v2); pack2x16snorm(v2); pack2x16unorm(v2); pack4x8snorm(v4); pack4x8unorm(v4);
          pack4xI8(vec4i()); pack4xU8(vec4u()); pack4xI8Clamp(vec4i()); pack4xU8Clamp(vec4u())`,
      ),
      unpack: calls(
        `
          unpack2x16float(u); unpack2x16snorm(u); unpack2x16unorm(u); unpack4x8snorm(u); unpack4x8unorm(u).w;
          unpack4xI8(u).x; unpack4xU8(u)`,
      ),
      constants: `
          const_assert pack4x8unorm(vec4(1.0, 0, 1, 0)) == 0x00ff00ffu; const_assert unpack4xI8(0xffu).x == -1;
          const_assert pack2x16float(vec2(1.0, 0)) == 0x3c00u;`,
    },
    {
      'a vector of another length': inside('_ = pack4x8unorm(vec2f()); //! pack4x8unorm'),
      'bits of a signed number': inside('_ = unpack4x8unorm(1i); //! unpack4x8unorm'),
      'too large for f16': 'const a = pack2x16float(vec2(1e6, 0)); //! pack2x16float|f16',
    },
  ),
  ...section(
    'Bitcast',
    {
      'of 32 bits and more': calls(
        `
          bitcast<u32>(x); bitcast<f32>(i); bitcast<vec3u>(v); bitcast<vec2f>(vec2i()); bitcast<i32>(7);
          bitcast<f32>(f32(1)); bitcast<vec4i>(v4)`,
      ),
      constants: `
          const_assert bitcast<u32>(1.0f) == 0x3f800000u; const_assert bitcast<i32>(0xffffffffu) == -1;
          const_assert bitcast<f32>(0x40000000) == 2;`,
    },
    {
      'of another width': inside('_ = bitcast<u32>(vec2f()); //! bitcast'),
      'of a bool': inside('_ = bitcast<u32>(true); //! bitcast'),
      'to a bool': inside('_ = bitcast<bool>(1u); //! bitcast'),
      'to nothing': inside('_ = bitcast(1u); //! bitcast'),
      'of a matrix': inside('_ = bitcast<vec4f>(mat2x2f()); //! bitcast'),
    },
  ),
]
