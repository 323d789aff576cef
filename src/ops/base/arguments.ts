/**
 * @file Checks of what users pass to ops, made before anything is computed: functions look at `x.shape` long before the
 * op layer sees their inputs. Options are in options.ts; shapes and dims are checked in core/shape.ts, the inputs of an
 * op against its dtypes in core/op.ts.
 */
import { type DType, isHalf } from '../../core/device.ts'
import { describe, fail } from '../../core/errors.ts'
import { casting } from '../../core/op.ts'
import { remedyOf } from '../../core/scope.ts'
import { Tensor } from '../../core/tensor.ts'

/** Refuse what is not a tensor, or one that was disposed. */
export function checkTensor(op: string, name: string, x: unknown): asserts x is Tensor {
  if (!(x instanceof Tensor)) fail(op, `${name} is ${describe(x)}, not a tensor`, 'make it with tensor(…)')
  if (x.disposed) fail(op, `${x.title} was disposed`, remedyOf(x))
}

/** Refuse a tensor of another dtype. */
export function checkDType(op: string, name: string, x: Tensor, allowed: readonly DType[]): void {
  checkTensor(op, name, x)
  if (allowed.includes(casting.now && isHalf(x.dtype) ? 'float32' : x.dtype)) return
  fail(op, `${name} is ${x.dtype}, not ${allowed.join(' or ')}`, `cast with x.to('${allowed[0]}')`)
}

/** Refuse a tensor of another dtype or device than the first one's. Ops themselves say whether they take 16 bits. */
export function checkSameKind(op: string, first: Tensor, name: string, x: unknown): asserts x is Tensor {
  checkTensor(op, name, x)
  const { dtype, device } = first
  if (x.dtype !== dtype && !isHalf(x.dtype) && !isHalf(dtype))
    fail(op, `inputs are ${dtype} and ${x.dtype}`, `cast with x.to('${dtype}')`)
  if (x.device !== device) fail(op, `inputs are on ${device.name} and ${x.device.name}`, 'move one with to(device)')
}

/** Refuse what is not a list, with what to give in its place. */
export function checkList(op: string, name: string, list: unknown, todo = 'give an array, such as [2, 3]'): void {
  if (!Array.isArray(list)) fail(op, `${name} is ${describe(list)}`, todo)
}

/** Refuse a number that a dtype cannot hold: 1.5 or 2³² among int32, 2 among bools. */
export function checkScalar(op: string, value: unknown, dtype: DType): void {
  if (typeof value !== 'number') fail(op, `value is ${describe(value)}`, 'give a number')
  if (dtype === 'int32' && value !== (value | 0)) {
    fail(op, `${value} is not an int32`, "give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32')")
  }
  if (dtype === 'bool' && value !== 0 && value !== 1) fail(op, `${value} is not a bool`, 'give 0 or 1')
}

/** Refuse what is not the exponent of a p-norm. */
export function checkP(op: string, p: unknown): void {
  if (!(typeof p === 'number' && p >= 0)) fail(op, `p is ${p}`, 'give a number from 0 up, or Infinity')
}

/** Refuse an option that is not a number. */
export function checkNumbers(op: string, options: Readonly<Record<string, unknown>>): void {
  for (const name in options)
    if (typeof options[name] !== 'number') fail(op, `${name} is ${describe(options[name])}`, 'give a number')
}

/** Refuse what is not one of a list of words. */
export function checkWord(op: string, name: string, value: unknown, words: readonly string[]): void {
  if (words.includes(value as string)) return
  const list = words.map((word) => `'${word}'`)
  fail(op, `${name} is ${describe(value)}`, `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`)
}
