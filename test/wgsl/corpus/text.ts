/** @file Snippets of the sections "Textual Structure", "Directives" and "Template Lists". */
import { inside, section } from './snippet.ts'

const words = (text: string): string =>
  text
    .split(' ')
    .map((word) => `const ${word} = 1;`)
    .join('\n')

/** Keywords, and words that are kept for later. */
const taken =
  'alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if ' +
  'let loop override requires return struct switch true var while NULL Self abstract active async attribute ' +
  'await become class coherent common compile do enum export extern filter final goto groupshared impl import ' +
  'inline interface macro match mod module namespace new nil null of operator package pass precise pub public ref ' +
  'register self shared sizeof smooth static super template this throw trait try type typedef union unless unorm ' +
  'unsafe using virtual volatile where with writeonly yield'

export const text = [
  ...section(
    'Comments',
    {
      'to the end of the line': '// const x = 1;\nconst x = 2; // 3\nconst_assert x == 2;',
      'every line break ends one': '//\nconst a = 1;//\vconst b = a;//\fconst c = b;//\rconst d = c;//\r\nconst e = d;',
      'the line breaks of Unicode end one': '//\u0085const a = 1;//\u2028const b = a;//\u2029const c = b;',
      'in each other': '/* a /* b */ c */ const x = 1; /**/ const_assert x == 1; /***/',
      'a line comment in a block comment': '/* // */ const x = 1;',
      'a block comment in a line comment': '// /*\nconst x = 1;',
      'between any two tokens': 'const/**/x/**/:/**/i32/**/=/**/1/**/;',
      'Unicode in them': '/* 𝕏 é 数 🙂 */ const x = 1; // 🙂',
    },
    {
      'never closed': 'const x = 1;\n/* open //! comment',
      'the inner one closed only': '/* a /* b */ //! comment',
      'closed twice': '/* a */ */ const x = 1; //! \\*',
    },
  ),
  ...section(
    'Blankspace',
    {
      'the kinds there are': 'const\ta\v=\f1\u0085;\u200e const\u200fb\u2028=\u20292\r\n;',
      'an empty program': '',
      'nothing but semicolons': ';;; ;',
    },
    {
      'a no-break space': 'const\u00a0x = 1; //! u\\+?00a0|\u00a0|character|token',
      'a null character': 'const x\u0000 = 1; //! 0000|null|character|\\\\0',
    },
  ),
  ...section(
    'Identifiers',
    {
      'any letters': 'const été = 1; const Δέλτα = 2; const 数 = 3; const_assert été + Δέλτα == 数;',
      underlines: 'const _x = 1; const x_ = 2; const a__b = 3; const _1 = 4;',
      'case counts': 'const a = 1; const A = 2; const_assert a != A;',
      'no normalization': 'const \u00e9 = 1; const e\u0301 = 2; const_assert \u00e9 != e\u0301;',
      'words of attributes, spaces and values are free': words(
        'read write read_write storage workgroup function private uniform workgroup_size compute position ' +
          'align size id binding group local_invocation_id rgba8unorm',
      ),
      'names of builtins may be taken': `
        alias vec4f = i32;
        fn min(a: i32) -> i32 { return a; }
        fn f(u32: vec4f) -> i32 { return min(u32); }`,
      'nearly reserved': words('NULL_ selfish Class MOD enums asm1 news in void handle float int double main'),
    },
    {
      'one underline alone': 'const _ = 1; //! _|name',
      'two underlines at the start': 'const __x = 1; //! __',
      'an emoji': 'const 🙂 = 1; //! 🙂|character|token|1f642',
      'a number at the start': 'const 1st = 1; //! 1st|name|identifier|suffix|number',
    },
  ),
  ...section(
    'Keywords and Reserved Words',
    {},
    Object.fromEntries(taken.split(' ').map((word) => [word, `fn f() { let ${word} = 1; } //! ${word}|name`])),
  ),
  ...section(
    'Literals',
    {
      integers: inside('_ = 0; _ = 0u; _ = 0i; _ = 12; _ = 0x1F; _ = 0XfFu; _ = 0x7fffffffi; _ = 4294967295u;'),
      'the widest integers':
        'const a = 9223372036854775807; const b = -9223372036854775807 - 1; const c = 0xffffffffu;',
      'decimal floats': inside('_ = 0.0; _ = .5; _ = 1.; _ = 1e3; _ = 1E-3; _ = 1.5f; _ = 0f; _ = 12e+10f; _ = 1.e2f;'),
      'hexadecimal floats': inside('_ = 0x1p4; _ = 0x1.8p-3f; _ = 0x.8p0; _ = 0XA.P+1f; _ = 0x1.8; _ = 0x1.fp0;'),
      'f is a digit of a hexadecimal number': 'const_assert 0x1f == 31; const_assert 0x1.8f == 0x18fp-8;',
      'a float too small is zero': 'const x = 1e-60f; const_assert x == 0f;',
      'the value of a hexadecimal float': 'const_assert 0x1.8p1 == 3.0; const_assert 0x.4p2 == 1.0;',
      bools: inside('_ = true; _ = false;'),
      f16: 'enable f16; const x = 1h; const y = 0.5h; const z = 0x1p-3h; const w = 65504.0h;',
    },
    {
      'a leading zero': 'const x = 01; //! 01|zero|octal',
      'a leading zero with a suffix': 'const x = 012u; //! 012|zero|octal',
      'hexadecimal without digits': 'const x = 0x; //! 0x|digit',
      'two suffixes': 'const x = 1ux; //! 1ux|suffix|name|identifier|token|;',
      'u32 too large': 'const x = 4294967296u; //! 4294967296|u32',
      'i32 too large': 'const x = 2147483648i; //! 2147483648|i32',
      'the least i32 is not a literal with suffix': 'const x = -2147483648i; //! 2147483648|i32',
      'integer too large': 'const x = 9223372036854775808; //! 9223372036854775808|abstract-int|64',
      'f32 too large': 'const x = 1e39f; //! 1e39|f32',
      'hexadecimal f32 too large': 'const x = 0x1p128f; //! 0x1p128|f32',
      'hexadecimal f32 with too many bits': 'const x = 0x1.00000001p0f; //! 0x1.00000001|exact|f32',
      'float too large': 'const x = 1e400; //! 1e400|large|range|abstract-float',
      'u after a float': 'const x = 1.0u; //! 1.0u|suffix|name|identifier|token|;',
      'no exponent after e': 'const x = 1e; //! 1e|exponent|suffix|name|identifier|token|;',
      separators: 'const x = 1_000; //! 1_000|_000|suffix|name|identifier|token|;',
      binary: 'const x = 0b1; //! 0b1|b1|suffix|name|identifier|token|;',
      'h without enable f16': 'const x = 1h; //! f16',
      'f16 too large': 'enable f16; const x = 65536h; //! 65536|f16',
      characters: "const x = 'a'; //! '",
      strings: 'const x = "a"; //! "',
    },
  ),
  ...section(
    'Template Lists',
    {
      'less and greater': 'const a = 1; const b = 2; const_assert a < b; const_assert (a < b) == (b > a);',
      'less, and then greater': 'const a = 1; const b = 2; const_assert a < b && b > a; const_assert a < b || b > a;',
      'in a condition': inside('var a = 1; var b = 2; if a<b { } if a>b { } while a<b && b>a { }'),
      'in each other': 'var<private> x: array<array<vec4<f32>,2>,3>;',
      'a comma at the end': 'var<private,> x: array<vec2<f32,>,3,>;',
      'a comparison in parentheses': 'var<private> x: array<i32, select(2, 3, (1>2))>;',
      'a comparison in a call': 'const a = 1; const b = 2; var<private> x: array<i32,select(2,3,a>b)>;',
      'shift to the left': 'const n = 1; var<private> x: array<i32, n<<1>; var<private> y: array<i32, 1<<2>;',
      'shift to the right in parentheses': 'const n = 8; var<private> x: array<i32, (n>>1)>;',
      'greater or equal': 'const n = 8; const_assert n>=8; const_assert (n>=8) == !(n<8);',
      'a closed one before an equals sign': inside('var x: vec2<i32>=vec2<i32>(1,2); x=vec2<i32>(); x+=vec2<i32>(1);'),
      'on several lines': 'var<\n  private\n> x: array<\n  f32,\n  4\n>;',
      'indexing ends a candidate': inside('var a = array(1, 2, 3); let i = 1; _ = a[i] < 2; _ = i < a[i] || a[i] > i;'),
    },
    {
      'less and greater in a row': inside('let a = 1; let b = 2; let c = 3; _ = a < b > (c); //! a'),
      'nothing in it': inside('_ = vec2<>(1, 2); //! .'),
      'never closed': 'var<private> x: vec4<f32; //! .',
      'of a type that takes none': inside('_ = i32<f32>(1); //! i32'),
      'of a variable': inside('let a = 1; _ = a<i32>; //! .'),
      'too many parameters': inside('_ = vec2<f32, f32>(1); //! vec2'),
      'none where it is needed': 'var<private> x: array; //! array',
    },
  ),
  ...section(
    'Directives',
    {
      enable: 'enable f16; enable f16; enable subgroups;',
      'several in one': 'enable f16, subgroups,;',
      requires:
        'requires packed_4x8_integer_dot_product, pointer_composite_access; requires unrestricted_pointer_parameters;',
      diagnostic: 'diagnostic(off, derivative_uniformity); diagnostic(info, subgroup_uniformity);',
      'diagnostics of other tools': 'diagnostic(off, my.own);',
    },
    {
      'an extension that does not exist': 'enable half; //! half',
      'a language feature that does not exist': 'requires telepathy; //! telepathy',
      'after a declaration': 'const x = 1;\nenable f16; //! enable',
      'nothing enabled': 'enable; //! .',
      'no semicolon': 'enable f16\nconst x = 1; //! ;|semicolon|const',
      'a severity that does not exist': 'diagnostic(loud, derivative_uniformity); //! loud',
      'a diagnostic without a rule': 'diagnostic(off); //! .',
      'two severities of one rule': `
        diagnostic(off, derivative_uniformity);
        diagnostic(error, derivative_uniformity); //! derivative_uniformity`,
    },
  ),
]
