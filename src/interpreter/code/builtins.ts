/**
 * @file Builtin functions of values alone as JavaScript, those of the group `constant` in src/wgsl/builtins/table.ts.
 * Where the specification bounds an error, the result is the nearest one to that of a double; what several steps define
 * is rounded after each, as in const-expressions. What is an error there has a value here: infinite, NaN, wrapped.
 * Source: WGSL, sections "Logical Built-in Functions", "Numeric Built-in Functions".
 */
import { componentOf, f16, f32, i32, isInteger, type Scalar, type Type, u32 } from '../../wgsl/types.ts'
import { composite } from './composite.ts'
import { calculate, componentwise, rounded } from './operators.ts'
import { packing } from './packing.ts'
import type { Emitter, Part, Value } from './value.ts'

export { bitcastParts } from './packing.ts'

/** The expression of one component from names of those of the arguments; `of` is what the first one is. */
type Component = (x: readonly string[], of: Scalar, emit: Emitter) => string

/** Exact, so that nothing is rounded. */
const exact = (names: string): { readonly [name: string]: Component } =>
  Object.fromEntries(names.split(' ').map((name) => [name, ([x]) => `Math.${name}(${x})`]))

const nearest = (names: string): { readonly [name: string]: Component } =>
  Object.fromEntries(names.split(' ').map((name) => [name, (x, of) => rounded(of, `Math.${name}(${x.join(', ')})`)]))

/** Of two numbers of which one is NaN, either: WGSL allows it. */
const least = (x: string, y: string): string => `(${y} < ${x} ? ${y} : ${x})`
const greatest = (x: string, y: string): string => `(${x} < ${y} ? ${y} : ${x})`

const saturate = (x: string): string => `(${x} > 0 ? ${least(x, '1')} : 0)`

const FLOATS: { readonly [name: string]: Component } = {
  ...exact('ceil floor trunc'),
  ...nearest('acos acosh asin asinh atan atan2 atanh cos cosh exp log log2 sin sinh sqrt tan tanh'),
  degrees: ([x], of) => rounded(of, `${x} * ${180 / Math.PI}`),
  exp2: ([x], of) => rounded(of, `Math.pow(2, ${x})`),
  fma: ([x, y, z], of) => (of === f16 ? `roundF16(${x} * ${y} + ${z})` : `fma32(${x}, ${y}, ${z})`),
  fract: ([x], of) => rounded(of, `${x} - Math.floor(${x})`),
  inverseSqrt: ([x], of) => rounded(of, `1 / Math.sqrt(${x})`),
  ldexp: ([x, exponent], of) => rounded(of, `ldexp(${x}, ${exponent})`),
  mix: ([x, y, t], of) =>
    calculate('+', of, calculate('*', of, x, calculate('-', of, '1', t)), calculate('*', of, y, t)),
  // As exp2(y·log2(x)), of which it inherits its error, and which is NaN below 0.
  pow: ([x, y], of) => rounded(of, `${x} < 0 ? NaN : Math.pow(${x}, ${y})`),
  quantizeToF16: ([x]) => `roundF16(${x})`,
  radians: ([x], of) => rounded(of, `${x} * ${Math.PI / 180}`),
  round: ([x]) => `roundEven(${x})`,
  saturate: ([x]) => saturate(x),
  smoothstep: ([low, high, x], of, emit) => {
    const place = emit.name(calculate('/', of, calculate('-', of, x, low), calculate('-', of, high, low)))
    const t = emit.name(saturate(place))
    return calculate('*', of, calculate('*', of, t, t), calculate('-', of, '3', calculate('*', of, '2', t)))
  },
  step: ([edge, x]) => `(${edge} <= ${x} ? 1 : 0)`,
}

const NUMBERS: { readonly [name: string]: Component } = {
  abs: ([x], of) => (of === u32 ? x : of === i32 ? `(Math.abs(${x}) | 0)` : `Math.abs(${x})`),
  clamp: ([x, low, high], _, emit) => least(emit.name(greatest(x, low)), high),
  max: ([x, y]) => greatest(x, y),
  min: ([x, y]) => least(x, y),
  sign: ([x]) => `Math.sign(${x})`,
}

const BITS: { readonly [name: string]: Component } = {
  countLeadingZeros: ([x]) => `Math.clz32(${x})`,
  countOneBits: ([x]) => `countOneBits(${x})`,
  countTrailingZeros: ([x]) => `(${x} === 0 ? 32 : 31 - Math.clz32(${x} & - ${x}))`,
  // Of 0, which has none, both are -1.
  firstTrailingBit: ([x], of) => rounded(of, `31 - Math.clz32(${x} & - ${x})`),
  // Of a negative i32, the first bit that is unlike its sign.
  firstLeadingBit: ([x], of) => rounded(of, `31 - Math.clz32(${of === i32 ? `${x} ^ (${x} >> 31)` : x})`),
  reverseBits: ([x], of) => rounded(of, `reverseBits(${x})`),
  extractBits: (x, of) => `${of === u32 ? 'extractUnsigned' : 'extractBits'}(${x.join(', ')})`,
  insertBits: (x, of) => rounded(of, `insertBits(${x.join(', ')})`),
}

const components: { readonly [name: string]: Component } = { ...FLOATS, ...NUMBERS, ...BITS }

/** The value of a call; `args` are of the types that the overload has. */
export function builtinParts(name: string, args: readonly Value[], result: Type, emit: Emitter): Part[] {
  const component = components[name]
  const of = componentOf(args[0].type) as Scalar
  if (component) {
    const parts = args.map((arg) => arg.parts)
    return componentwise(parts, emit, (x) => component(x, of, emit))
  }
  return (composite[name] ?? packing[name])(args, { of, result, emit })
}

/** One number or bool as another type. */
export function convertParts(part: Part, from: Scalar, to: Scalar, emit: Emitter): Part {
  return from === to ? part : { js: emit.name(converted(part.js, from, to)), bad: part.bad }
}

function converted(x: string, from: Scalar, to: Scalar): string {
  if (to.name === 'bool') return `(${x} !== 0)`
  if (from.name === 'bool') return `(${x} ? 1 : 0)`
  if (!isInteger(to)) return from === f16 ? x : rounded(to, x)
  if (isInteger(from)) return rounded(to, x)
  // The greatest numbers that both types have: f32 has 24 bits.
  const [low, high] = from === f32 ? (to === i32 ? [-(2 ** 31), 2 ** 31 - 128] : [0, 2 ** 32 - 256]) : [-65504, 65504]
  return `toInteger(${x}, ${to === u32 ? 0 : low}, ${high})`
}
