/**
 * @file Elementwise ops: the table of codes and derivatives. Each op is one line of WGSL in shaders/pointwise.wgsl, one of
 * TypeScript in cpu/kernels/pointwise.ts, and its rule here. Inputs broadcast; a JS number may stand for any operand.
 * How an op becomes a launch is in pointwise.ts.
 */
import { anyType, floats, numbers } from '../op.ts'
import type { Tensor } from '../tensor.ts'
import { cast, zerosLike } from './cast.ts'
import { tensor } from './create.ts'
import type { Operand } from './launches.ts'
import { elementwise } from './pointwise.ts'

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI)

// ---- unary, float

const expOp = elementwise('exp', ['x'], floats, { f: 'EXP' }, { x: ['y'] }, { x: (g, { y }) => mul(g, y) })
const expm1Op = elementwise(
  'expm1',
  ['x'],
  floats,
  { f: 'EXPM1' },
  { x: ['y'] },
  { x: (g, { y }) => mul(g, add(y, 1)) },
)
const logOp = elementwise('log', ['x'], floats, { f: 'LOG' }, { x: ['x'] }, { x: (g, { x }) => div(g, x) })
const log1pOp = elementwise(
  'log1p',
  ['x'],
  floats,
  { f: 'LOG1P' },
  { x: ['x'] },
  { x: (g, { x }) => div(g, add(x, 1)) },
)
const sqrtOp = elementwise('sqrt', ['x'], floats, { f: 'SQRT' }, { x: ['y'] }, { x: (g, { y }) => div(g, mul(y, 2)) })
const rsqrtOp = elementwise(
  'rsqrt',
  ['x'],
  floats,
  { f: 'RSQRT' },
  { x: ['y'] },
  { x: (g, { y }) => mul(g, mul(pow(y, 3), -0.5)) },
)
const squareOp = elementwise(
  'square',
  ['x'],
  floats,
  { f: 'SQUARE' },
  { x: ['x'] },
  { x: (g, { x }) => mul(g, mul(x, 2)) },
)
const reciprocalOp = elementwise(
  'reciprocal',
  ['x'],
  floats,
  { f: 'RECIPROCAL' },
  { x: ['y'] },
  { x: (g, { y }) => neg(mul(g, square(y))) },
)
const sinOp = elementwise('sin', ['x'], floats, { f: 'SIN' }, { x: ['x'] }, { x: (g, { x }) => mul(g, cos(x)) })
const cosOp = elementwise('cos', ['x'], floats, { f: 'COS' }, { x: ['x'] }, { x: (g, { x }) => neg(mul(g, sin(x))) })
const tanhOp = elementwise(
  'tanh',
  ['x'],
  floats,
  { f: 'TANH' },
  { x: ['y'] },
  { x: (g, { y }) => mul(g, sub(1, square(y))) },
)
const sigmoidOp = elementwise(
  'sigmoid',
  ['x'],
  floats,
  { f: 'SIGMOID' },
  { x: ['y'] },
  { x: (g, { y }) => mul(g, mul(y, sub(1, y))) },
)
const softplusOp = elementwise(
  'softplus',
  ['x'],
  floats,
  { f: 'SOFTPLUS' },
  { x: ['x'] },
  { x: (g, { x }) => mul(g, sigmoid(x)) },
)
const erfOp = elementwise(
  'erf',
  ['x'],
  floats,
  { f: 'ERF' },
  { x: ['x'] },
  { x: (g, { x }) => mul(g, mul(exp(neg(square(x))), TWO_OVER_ROOT_PI)) },
)
// The kink: the derivative at 0 is 0.
const reluOp = elementwise(
  'relu',
  ['x'],
  floats,
  { f: 'RELU' },
  { x: ['y'] },
  { x: (g, { y }) => where(gt(y, 0), g, 0) },
)

// ---- unary, any number

const negOp = elementwise('neg', ['x'], numbers, { f: 'NEG', i: 'NEG_I' }, {}, { x: (g) => neg(g) })
// The kink: the derivative at 0 is sign(0) = 0.
const absOp = elementwise(
  'abs',
  ['x'],
  numbers,
  { f: 'ABS', i: 'ABS_I' },
  { x: ['x'] },
  { x: (g, { x }) => mul(g, sign(x)) },
)
// Steps: constant between jumps, so the derivative is 0.
const signOp = elementwise('sign', ['x'], numbers, { f: 'SIGN', i: 'SIGN_I' }, {}, { x: (g) => zerosLike(g) })
const floorOp = elementwise('floor', ['x'], floats, { f: 'FLOOR' }, {}, { x: (g) => zerosLike(g) })
const ceilOp = elementwise('ceil', ['x'], floats, { f: 'CEIL' }, {}, { x: (g) => zerosLike(g) })
const roundOp = elementwise('round', ['x'], floats, { f: 'ROUND' }, {}, { x: (g) => zerosLike(g) })
const truncOp = elementwise('trunc', ['x'], floats, { f: 'TRUNC' }, {}, { x: (g) => zerosLike(g) })
const logicalNotOp = elementwise('logicalNot', ['x'], ['bool'], { b: 'NOT' }, {}, 'none')

// ---- binary

const addOp = elementwise('add', ['a', 'b'], numbers, { f: 'ADD', i: 'ADD_I' }, {}, { a: (g) => g, b: (g) => g })
const subOp = elementwise('sub', ['a', 'b'], numbers, { f: 'SUB', i: 'SUB_I' }, {}, { a: (g) => g, b: (g) => neg(g) })
const mulOp = elementwise(
  'mul',
  ['a', 'b'],
  numbers,
  { f: 'MUL', i: 'MUL_I' },
  { a: ['b'], b: ['a'] },
  { a: (g, { b }) => mul(g, b), b: (g, { a }) => mul(g, a) },
)
const divOp = elementwise(
  'div',
  ['a', 'b'],
  floats,
  { f: 'DIV' },
  { a: ['b'], b: ['b', 'y'] },
  // d(a/b)/db = −a/b² = −y/b
  { a: (g, { b }) => div(g, b), b: (g, { b, y }) => neg(mul(g, div(y, b))) },
)
const powOp = elementwise(
  'pow',
  ['a', 'b'],
  floats,
  { f: 'POW' },
  { a: ['a', 'b'], b: ['a', 'y'] },
  {
    // b·a^(b−1), but 0 where b is 0: there 0·a^(−1) is NaN at a = 0.
    a: (g, { a, b }) => {
      if (b === 0) return zerosLike(g)
      if (b === 1) return g
      if (typeof b === 'number') return mul(g, mul(pow(a, b - 1), b))
      return mul(g, where(eq(b, 0), 0, mul(b, pow(a, sub(b, 1)))))
    },
    // y·log a, but 0 where a is 0: the inner where keeps log 0 out of the graph.
    b: (g, { a, y }) =>
      mul(g, mul(y, typeof a === 'number' ? (a === 0 ? 0 : Math.log(a)) : log(where(eq(a, 0), 1, a)))),
  },
)
// A tie gives half to each side.
const maximumOp = elementwise(
  'maximum',
  ['a', 'b'],
  numbers,
  { f: 'MAXIMUM', i: 'MAXIMUM_I' },
  { a: ['a', 'b'], b: ['a', 'b'] },
  {
    a: (g, { a, b }) => mul(g, share(gt(a, b), eq(a, b), g)),
    b: (g, { a, b }) => mul(g, share(lt(a, b), eq(a, b), g)),
  },
)
const minimumOp = elementwise(
  'minimum',
  ['a', 'b'],
  numbers,
  { f: 'MINIMUM', i: 'MINIMUM_I' },
  { a: ['a', 'b'], b: ['a', 'b'] },
  {
    a: (g, { a, b }) => mul(g, share(lt(a, b), eq(a, b), g)),
    b: (g, { a, b }) => mul(g, share(gt(a, b), eq(a, b), g)),
  },
)
const share = (wins: Tensor, ties: Tensor, like: Tensor): Tensor => where(ties, 0.5, cast(wins, like.dtype))

// ---- comparisons and logic: bool results have no gradient

const eqOp = elementwise('eq', ['a', 'b'], anyType, { f: 'EQ', i: 'EQ_I', b: 'EQ_I' }, {}, 'none', 'bool')
const neOp = elementwise('ne', ['a', 'b'], anyType, { f: 'NE', i: 'NE_I', b: 'NE_I' }, {}, 'none', 'bool')
const ltOp = elementwise('lt', ['a', 'b'], numbers, { f: 'LT', i: 'LT_I' }, {}, 'none', 'bool')
const leOp = elementwise('le', ['a', 'b'], numbers, { f: 'LE', i: 'LE_I' }, {}, 'none', 'bool')
const gtOp = elementwise('gt', ['a', 'b'], numbers, { f: 'GT', i: 'GT_I' }, {}, 'none', 'bool')
const geOp = elementwise('ge', ['a', 'b'], numbers, { f: 'GE', i: 'GE_I' }, {}, 'none', 'bool')
const andOp = elementwise('logicalAnd', ['a', 'b'], ['bool'], { b: 'AND' }, {}, 'none')
const orOp = elementwise('logicalOr', ['a', 'b'], ['bool'], { b: 'OR' }, {}, 'none')
const xorOp = elementwise('logicalXor', ['a', 'b'], ['bool'], { b: 'XOR' }, {}, 'none')

const whereOp = elementwise(
  'where',
  ['cond', 'a', 'b'],
  { cond: ['bool'], a: anyType, b: anyType },
  { f: 'WHERE', i: 'WHERE', b: 'WHERE' },
  { a: ['cond'], b: ['cond'] },
  // The side not taken gets 0 from the select, whatever the cotangent: no 0·∞.
  { a: (g, { cond }) => where(cond, g, 0), b: (g, { cond }) => where(cond, 0, g) },
)

// ---- the public functions

/** y = −x. Dtypes: floats, int32. */
export const neg = (x: Tensor): Tensor => negOp(x)
/** y = |x|; the derivative at 0 is 0. Dtypes: floats, int32. */
export const abs = (x: Tensor): Tensor => absOp(x)
/** y = −1, 0 or 1 by the sign of x; the derivative is 0. Dtypes: floats, int32. */
export const sign = (x: Tensor): Tensor => signOp(x)
/** y = eˣ. Dtypes: floats. */
export const exp = (x: Tensor): Tensor => expOp(x)
/** y = eˣ − 1, exact near 0. Dtypes: floats. */
export const expm1 = (x: Tensor): Tensor => expm1Op(x)
/** y = ln x; NaN below 0, −Inf at 0. Dtypes: floats. */
export const log = (x: Tensor): Tensor => logOp(x)
/** y = ln(1 + x), exact near 0. Dtypes: floats. */
export const log1p = (x: Tensor): Tensor => log1pOp(x)
/** y = √x; NaN below 0. Dtypes: floats. */
export const sqrt = (x: Tensor): Tensor => sqrtOp(x)
/** y = 1/√x. Dtypes: floats. */
export const rsqrt = (x: Tensor): Tensor => rsqrtOp(x)
/** y = x². Dtypes: floats. */
export const square = (x: Tensor): Tensor => squareOp(x)
/** y = 1/x. Dtypes: floats. */
export const reciprocal = (x: Tensor): Tensor => reciprocalOp(x)
/** y = sin x, x in radians. Dtypes: floats. */
export const sin = (x: Tensor): Tensor => sinOp(x)
/** y = cos x, x in radians. Dtypes: floats. */
export const cos = (x: Tensor): Tensor => cosOp(x)
/** y = tanh x = (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ). Dtypes: floats. */
export const tanh = (x: Tensor): Tensor => tanhOp(x)
/** y = σ(x) = 1/(1 + e⁻ˣ). Dtypes: floats. */
export const sigmoid = (x: Tensor): Tensor => sigmoidOp(x)
/** y = ln(1 + eˣ). Dtypes: floats. */
export const softplus = (x: Tensor): Tensor => softplusOp(x)
/** y = max(x, 0); the derivative at 0 is 0. Dtypes: floats. */
export const relu = (x: Tensor): Tensor => reluOp(x)
/** y = erf x = 2/√π ∫₀ˣ e^(−t²) dt. Dtypes: floats. */
export const erf = (x: Tensor): Tensor => erfOp(x)
/** y = ⌊x⌋; the derivative is 0. Dtypes: floats. */
export const floor = (x: Tensor): Tensor => floorOp(x)
/** y = ⌈x⌉; the derivative is 0. Dtypes: floats. */
export const ceil = (x: Tensor): Tensor => ceilOp(x)
/** y = x to the nearest integer, halves to the even one; the derivative is 0. Dtypes: floats. */
export const round = (x: Tensor): Tensor => roundOp(x)
/** y = x towards zero; the derivative is 0. Dtypes: floats. */
export const trunc = (x: Tensor): Tensor => truncOp(x)
/** y = ¬x. Dtypes: bool. */
export const logicalNot = (x: Tensor): Tensor => logicalNotOp(x)

/** y = a + b, broadcasting. Dtypes: floats, int32. */
export const add = (a: Operand, b: Operand): Tensor => addOp(a, b)
/** y = a − b, broadcasting. Dtypes: floats, int32. */
export const sub = (a: Operand, b: Operand): Tensor => subOp(a, b)
/** y = a·b, broadcasting. Dtypes: floats, int32. */
export const mul = (a: Operand, b: Operand): Tensor => mulOp(a, b)
/** y = a/b, broadcasting. Dtypes: floats. */
export const div = (a: Operand, b: Operand): Tensor => divOp(a, b)
/** y = aᵇ, broadcasting; right for negative a with integer b. ∂y/∂b at a = 0 is 0. Dtypes: floats. */
export const pow = (a: Operand, b: Operand): Tensor => powOp(a, b)
/** y = max(a, b), broadcasting; NaN wins, ties share the gradient. Dtypes: floats, int32. */
export const maximum = (a: Operand, b: Operand): Tensor => maximumOp(a, b)
/** y = min(a, b), broadcasting; NaN wins, ties share the gradient. Dtypes: floats, int32. */
export const minimum = (a: Operand, b: Operand): Tensor => minimumOp(a, b)

/** y = [a = b] as bool, broadcasting. Any dtype. */
export const eq = (a: Operand, b: Operand): Tensor => eqOp(a, b)
/** y = [a ≠ b] as bool, broadcasting. Any dtype. */
export const ne = (a: Operand, b: Operand): Tensor => neOp(a, b)
/** y = [a < b] as bool, broadcasting. Dtypes: floats, int32. */
export const lt = (a: Operand, b: Operand): Tensor => ltOp(a, b)
/** y = [a ≤ b] as bool, broadcasting. Dtypes: floats, int32. */
export const le = (a: Operand, b: Operand): Tensor => leOp(a, b)
/** y = [a > b] as bool, broadcasting. Dtypes: floats, int32. */
export const gt = (a: Operand, b: Operand): Tensor => gtOp(a, b)
/** y = [a ≥ b] as bool, broadcasting. Dtypes: floats, int32. */
export const ge = (a: Operand, b: Operand): Tensor => geOp(a, b)
/** y = a ∧ b. Dtypes: bool. */
export const logicalAnd = (a: Tensor, b: Tensor): Tensor => andOp(a, b)
/** y = a ∨ b. Dtypes: bool. */
export const logicalOr = (a: Tensor, b: Tensor): Tensor => orOp(a, b)
/** y = a ⊻ b. Dtypes: bool. */
export const logicalXor = (a: Tensor, b: Tensor): Tensor => xorOp(a, b)

/**
 * y = a where cond, else b, broadcasting all three. Each side gets the gradient only where it was taken; a NaN made on the other
 * side stays out only if it is not in the graph: write where(m, log(where(m, x, 1)), 0), not where(m, log(x), 0).
 * @param cond  bool
 * @param a,b   any dtype, the same
 */
export function where(cond: Tensor, a: Operand, b: Operand): Tensor {
  // Two numbers say no dtype: float32, as tensor() has it.
  const first = typeof a === 'number' && typeof b === 'number' ? tensor(a, { device: cond.device }) : a
  return whereOp(cond, first, b)
}
