/**
 * @file The builtin functions that compute shaders without textures call; see overloads.ts for how the lines are read.
 * Source: WGSL, section "Built-in Functions".
 */
import { parseTable, type Row } from '../overloads.ts'
import type { Resolved } from '../resolved.ts'

/** Functions that have the same things said about them. */
export interface Group {
  readonly rows: ReadonlyMap<string, readonly Row[]>
  readonly flags: Pick<Resolved, 'mustUse' | 'needs' | 'uniform' | 'runtime'>
}

const logical = `
  bool: all any (S) -> bool
  scalar: select (S, S, bool) -> S; (vecN<T>, vecN<T>, vecN<bool>) -> vecN<T>
`

const numeric = `
  numeric: abs (S) -> S
  signed: sign (S) -> S
  numeric: max min (S, S) -> S
  numeric: clamp (S, S, S) -> S
  float: acos acosh asin asinh atan atanh ceil cos cosh degrees exp exp2 floor fract inverseSqrt log log2 (S) -> S
  float: radians round saturate sin sinh sqrt tan tanh trunc (S) -> S
  float: atan2 pow step (S, S) -> S
  float: fma smoothstep (S, S, S) -> S
  float: mix (S, S, S) -> S; (vecN<T>, vecN<T>, T) -> vecN<T>
  float: ldexp (S, I) -> S
  float: frexp (S) -> frexp
  float: modf (S) -> modf
  f32: quantizeToF16 (S) -> S
  concrete-integer: countLeadingZeros countOneBits countTrailingZeros firstLeadingBit firstTrailingBit (S) -> S
  concrete-integer: reverseBits (S) -> S
  concrete-integer: extractBits (S, u32, u32) -> S
  concrete-integer: insertBits (S, S, u32, u32) -> S
  numeric: dot (vecN<T>, vecN<T>) -> T
  float: length (S) -> T
  float: distance (S, S) -> T
  float: normalize (vecN<T>) -> vecN<T>
  float: cross (vec3<T>, vec3<T>) -> vec3<T>
  float: reflect (vecN<T>, vecN<T>) -> vecN<T>
  float: refract (vecN<T>, vecN<T>, T) -> vecN<T>
  float: faceForward (vecN<T>, vecN<T>, vecN<T>) -> vecN<T>
  float: determinant (matNxN<T>) -> T
  float: transpose (matCxR<T>) -> matRxC<T>
`

const packing = `
  u32: dot4U8Packed (T, T) -> u32
  u32: dot4I8Packed (T, T) -> i32
  f32: pack4x8snorm pack4x8unorm (vec4<T>) -> u32
  f32: pack2x16snorm pack2x16unorm pack2x16float (vec2<T>) -> u32
  u32: pack4xI8 pack4xI8Clamp (vec4<i32>) -> u32
  u32: pack4xU8 pack4xU8Clamp (vec4<u32>) -> u32
  u32: unpack4x8snorm unpack4x8unorm (u32) -> vec4<f32>
  u32: unpack2x16snorm unpack2x16unorm unpack2x16float (u32) -> vec2<f32>
  u32: unpack4xI8 (u32) -> vec4<i32>
  u32: unpack4xU8 (u32) -> vec4<u32>
`

const length = `
  u32: arrayLength (&array<E>) -> u32
`

const atomics = `
  concrete-integer: atomicLoad (&atomic<T>) -> T
  concrete-integer: atomicStore (&atomic<T>, T) -> nothing
  concrete-integer: atomicAdd atomicSub atomicMax atomicMin atomicAnd atomicOr atomicXor (&atomic<T>, T) -> T
  concrete-integer: atomicExchange (&atomic<T>, T) -> T
  concrete-integer: atomicCompareExchangeWeak (&atomic<T>, T, T) -> exchange
`

const barriers = `
  u32: storageBarrier workgroupBarrier textureBarrier () -> nothing
`

const uniformLoad = `
  u32: workgroupUniformLoad (&E) -> E
`

const subgroups = `
  u32: subgroupElect () -> bool
  bool: subgroupAll subgroupAny (T) -> bool
  bool: subgroupBallot (T) -> vec4<u32>
  concrete-numeric: subgroupAdd subgroupExclusiveAdd subgroupInclusiveAdd subgroupMul subgroupExclusiveMul (S) -> S
  concrete-numeric: subgroupInclusiveMul subgroupMax subgroupMin subgroupBroadcastFirst (S) -> S
  concrete-integer: subgroupAnd subgroupOr subgroupXor (S) -> S
  concrete-numeric: subgroupBroadcast subgroupShuffle quadBroadcast (S, J) -> S
  concrete-numeric: subgroupShuffleDown subgroupShuffleUp subgroupShuffleXor (S, u32) -> S
  concrete-numeric: quadSwapDiagonal quadSwapX quadSwapY (S) -> S
`

/** Functions of values alone: const-expressions may call them. */
export const constant: Group = {
  rows: parseTable(logical + numeric.trimStart() + packing.trimStart()),
  flags: { mustUse: true },
}

export const groups: readonly Group[] = [
  constant,
  { rows: parseTable(length), flags: { mustUse: true, runtime: true } },
  { rows: parseTable(atomics), flags: { runtime: true } },
  { rows: parseTable(barriers), flags: { uniform: 'workgroup', runtime: true } },
  { rows: parseTable(uniformLoad), flags: { mustUse: true, uniform: 'workgroup', runtime: true } },
  {
    rows: parseTable(subgroups),
    flags: { mustUse: true, needs: 'subgroups', uniform: 'subgroup', runtime: true },
  },
]

const TEXTURE = new RegExp(
  '^texture(Dimensions|Gather(Compare)?|Load|Num(Layers|Levels|Samples)|Store|' +
    'Sample(Bias|BaseClampToEdge|Compare(Level)?|Grad|Level)?)$',
)

/** What a builtin function is for that is not in the table: said where it is called. */
export function featureOf(name: string): string | undefined {
  if (TEXTURE.test(name)) return 'textures'
  return /^(dpd[xy]|fwidth)(Coarse|Fine)?$/.test(name) ? 'derivatives, which fragment shaders have' : undefined
}
