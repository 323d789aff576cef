/** @file Functions and operators of floats, by their names. */

import type { Real } from './balls.ts'
import * as balls from './balls.ts'

export const unary: { readonly [name: string]: (x: Real) => Real } = {
  abs: balls.abs,
  acos: balls.acos,
  acosh: balls.acosh,
  asin: balls.asin,
  asinh: balls.asinh,
  atan: balls.atan,
  atanh: balls.atanh,
  ceil: balls.ceil,
  cos: balls.cos,
  cosh: balls.cosh,
  degrees: balls.degrees,
  exp: balls.exp,
  exp2: balls.exp2,
  floor: balls.floor,
  fract: balls.fract,
  inverseSqrt: balls.inverseSqrt,
  log: balls.log,
  log2: balls.log2,
  quantizeToF16: balls.quantizeToF16,
  radians: balls.radians,
  round: balls.round,
  saturate: balls.saturate,
  sign: balls.sign,
  sin: balls.sin,
  sinh: balls.sinh,
  sqrt: balls.sqrt,
  tan: balls.tan,
  tanh: balls.tanh,
  trunc: balls.trunc,
}
export const binary: { readonly [name: string]: (x: Real, y: Real) => Real } = {
  atan2: balls.atan2,
  max: balls.max,
  min: balls.min,
  pow: balls.pow,
  step: balls.step,
}
export const ternary: { readonly [name: string]: (x: Real, y: Real, z: Real) => Real } = {
  clamp: balls.clamp,
  fma: balls.fma,
  mix: balls.mix,
  smoothstep: balls.smoothstep,
}
export const operators: { readonly [name: string]: (x: Real, y: Real) => Real } = {
  '+': balls.add,
  '-': balls.sub,
  '*': balls.mul,
  '/': balls.div,
  '%': balls.remainder,
}
