/** @file Snippets of f16, of limits, and of what the front end does not know because no compute shader needs it. */
import { inside, section } from './snippet.ts'

const repeated = (count: number, text: (i: number) => string, between = ' '): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(between)

export const features = [
  ...section(
    'Half Precision',
    {
      'scalars, vectors, matrices': `
          enable f16; fn f() { var a: f16 = 1.5; var b: vec2h = vec2(a, 2); var c: mat2x3<f16> = mat2x3h();
          var d = vec3<f16>(1h); b = b * a + 1; d = c * b; }`,
      'said in words': `
          enable f16; fn f(x: f32, i: i32) -> f32 { let h = f16(x) + f16(i) + f16(true);
          let v = vec2h(vec2f(x)); return f32(h + v.x) + f32(i32(h)); }`,
      builtins: `
          enable f16; fn f(h: f16, v: vec3h) { _ = sqrt(h); _ = max(v, v); _ = dot(v, v); _ = fma(h, h, 1);
          _ = frexp(h).exp; _ = select(h, 2, h > 1); _ = cross(v, v); }`,
      bits: `
        enable f16;
        fn f(u: u32) {
          let v = bitcast<vec2h>(u); _ = bitcast<u32>(v); _ = bitcast<vec2u>(vec4h()); _ = bitcast<vec4h>(vec2f());
        }`,
      'in buffers': `
          enable f16; struct A { x: f16, y: vec3h, z: mat3x2h } @group(0) @binding(0) var<storage> a: array<A>;
          @group(0) @binding(1) var<uniform> b: A;`,
      'constants are rounded': `
          enable f16; const_assert 2048h + 1h == 2048h; const_assert f32(0.1h) != 0.1f;
          const_assert f16(2049) == 2048h;`,
      override: 'enable f16; override a: f16 = 1.5; override b = 2h;',
    },
    {
      'the type without enable': 'var<private> a: f16; //! f16',
      'a vector without enable': 'var<private> a: vec2h; //! f16|vec2h',
      'beside f32': 'enable f16; fn f(h: f16, x: f32) { _ = h + x; } //! f16.*f32',
      'from f32': 'enable f16; fn f(x: f32) { let h: f16 = x; } //! f16.*f32|f32.*f16',
      'a constant too large': 'enable f16; const a: f16 = 65536; //! 65536|f16',
      'a sum too large': 'enable f16; const a = 60000h + 60000h; //! f16|finite|overflow|120000',
      'an atomic': 'enable f16; var<workgroup> a: atomic<f16>; //! atomic|f16',
      'bits of half a word': 'enable f16; fn f(h: f16) { _ = bitcast<u32>(h); } //! bitcast',
    },
  ),
  ...section(
    'Limits',
    {
      'many members': `struct A { ${repeated(1023, (i) => `a${i}: u32`, ', ')} }`,
      'many cases': inside(`switch 1 { ${repeated(1023, (i) => `case ${i} {}`)}\ndefault { } }`),
      'nested structs':
        repeated(15, (i) => `struct A${i} { a: ${i === 0 ? 'i32' : `A${i - 1}`} }`) + 'var<private> a: A14;',
      'nested arrays':
        `${repeated(20, () => 'array<')}i32${repeated(20, () => ', 1>')}`.replace(/^/, 'var<private> a: ') + ';',
      'nested blocks': inside(`${repeated(100, () => '{')} ${repeated(100, () => '}')}`),
      'nested parentheses': `const a = ${'('.repeat(100)}1${')'.repeat(100)};`,
      'many declarations': repeated(3000, (i) => `const a${i} = ${i === 0 ? 1 : `a${i - 1}`};`, '\n'),
      'a long sum': `const a = ${repeated(400, () => '1', ' + ')};`,
    },
    {
      'deep parentheses': `const a = ${'('.repeat(1000)}1${')'.repeat(1000)}; //! deep|nest|depth|limit|recurs`,
      'deep blocks': inside(`${'{'.repeat(1000)}${'}'.repeat(1000)} //! deep|nest|depth|limit|recurs`),
      'deep negation': `const a = ${repeated(1000, () => '-', ' ')}1; //! deep|nest|depth|limit|recurs`,
      'too many members': `struct A { ${repeated(16384, (i) => `a${i}: u32`, ', ')} } //! 16383|members`,
      'too many cases': inside(
        `switch 1 { ${repeated(16384, (i) => `case ${i} {}`)} default { } } //! 16383|cases|selectors`,
      ),
      'too long a private array': 'var<private> a: array<u32, 10000000>; //! array|size|bytes|large',
      'too long an array that is constructed': inside('_ = array<u32, 100000>(); //! array|65535|large|size'),
    },
  ),
]

/** What Tint takes and the front end refuses, because no compute shader needs it, or Firefox does not have it. */
export const unknown = [
  ...section(
    'Textures',
    {},
    {
      'a texture': '@group(0) @binding(0) var t: texture_2d<f32>; //! texture',
      'a storage texture': '@group(0) @binding(0) var t: texture_storage_2d<rgba8unorm, write>; //! texture',
      'a sampler': '@group(0) @binding(0) var s: sampler; //! sampler',
    },
  ),
  ...section(
    'Stages',
    {},
    {
      'a vertex shader': '@vertex fn main() -> @builtin(position) vec4f { return vec4f(); } //! vertex',
      'a fragment shader': '@fragment fn main() -> @location(0) vec4f { return vec4f(); } //! fragment',
      discard: inside('discard; //! discard'),
      'immediate data': 'var<immediate> p: u32; //! immediate',
      'immediate data as a feature': 'requires immediate_address_space; //! immediate_address_space',
      'a derivative': inside('_ = dpdx(1.5); //! dpdx'),
    },
  ),
]
