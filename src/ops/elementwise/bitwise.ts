/** @file Bits of integers, and of bools as one bit each. Results have no gradient. */
import type { DType } from '../../core/device.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import type { Operand, PointwiseCode } from '../base/launches.ts'
import { elementwise } from '../base/pointwise.ts'

const BITS: readonly DType[] = ['int32', 'bool']

/** An op of two operands; on bools too, where `b` is its code. */
const bitwise = (name: string, i: PointwiseCode, b?: PointwiseCode) =>
  elementwise({ name, inputs: ['a', 'b'], dtypes: b ? BITS : ['int32'], codes: { i, b }, rules: 'none' })

const andOp = bitwise('bitwiseAnd', 'AND', 'AND')
const orOp = bitwise('bitwiseOr', 'OR', 'OR')
const xorOp = bitwise('bitwiseXor', 'XOR', 'XOR')
const leftOp = bitwise('bitwiseLeftShift', 'SHIFT_LEFT')
const rightOp = bitwise('bitwiseRightShift', 'SHIFT_RIGHT')

/** y = a ∧ b bit by bit, broadcasting. Dtypes: int32, bool. */
export const bitwiseAnd = (a: Operand, b: Operand): Tensor => andOp(a, b)
/** y = a ∨ b bit by bit, broadcasting. Dtypes: int32, bool. */
export const bitwiseOr = (a: Operand, b: Operand): Tensor => orOp(a, b)
/** y = a ⊻ b bit by bit, broadcasting. Dtypes: int32, bool. */
export const bitwiseXor = (a: Operand, b: Operand): Tensor => xorOp(a, b)
/** y = x with each bit turned: −x − 1 of integers, ¬x of bools. Dtypes: int32, bool. */
export function bitwiseNot(x: Tensor): Tensor {
  checkDType('bitwiseNot', 'x', x, BITS)
  return xorOp(x, x.dtype === 'bool' ? 1 : -1)
}
/** y = a·2ᵇ modulo 2³², broadcasting; 0 where b is not from 0 to 31. Dtypes: int32. */
export const bitwiseLeftShift = (a: Operand, b: Operand): Tensor => leftOp(a, b)
/** y = ⌊a/2ᵇ⌋, broadcasting; a's sign, 0 or −1, where b is not from 0 to 31. Dtypes: int32. */
export const bitwiseRightShift = (a: Operand, b: Operand): Tensor => rightOp(a, b)
