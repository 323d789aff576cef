/**
 * @file How an elementwise op becomes an op value: dtypes, op codes, JS numbers among its operands, and gradients
 * summed back over broadcast axes. The ops themselves are in elementwise.ts, the launch is in launches.ts.
 */
import { type DType, isHalf } from '../../core/device.ts'
import { fail } from '../../core/errors.ts'
import { nearestIn } from '../../core/half.ts'
import { type Context, defineOp, floats, numbers, type Op, type SavedBy } from '../../core/op.ts'
import { broadcastShapes } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkScalar, checkTensor } from './arguments.ts'
import { widen } from './halves.ts'
import { type Operand, type PointwiseCode, runPointwise } from './launches.ts'
import { sumTo } from './sum.ts'

/** Op code by kind of dtype: float, int, bool. */
export interface Codes {
  readonly f?: PointwiseCode
  readonly i?: PointwiseCode
  readonly b?: PointwiseCode
}

/**
 * Operands by name, as a gradient rule sees those that its `saves` names: all but x, cond and y may be the numbers
 * given.
 */
type Operands<Saved extends string> = { readonly [K in Saved]: K extends 'x' | 'cond' | 'y' ? Tensor : Operand }

/** For each input, what its rule reads. */
type Saves<Name extends string> = { readonly [K in Name]?: readonly (Name | 'y')[] }

/** A rule for each input; 'none' for an operand that is a number always. A condition has no gradient. */
type Rules<Name extends string, S> = {
  readonly [K in Exclude<Name, 'cond'>]: ((g: Tensor, values: Operands<SavedBy<S, K>>) => Tensor) | 'none'
}

/** The definition of an elementwise op. */
interface ElementwiseSpec<Name extends string, S> {
  /** Identifies the op; `as` is its public name, where several ops serve one function. */
  readonly name: string
  readonly as?: string
  readonly inputs: readonly Name[]
  readonly dtypes: readonly DType[] | Readonly<Record<Name, readonly DType[]>>
  /** Op code per kind of dtype: names in shaders/. */
  readonly codes: Codes
  readonly saves?: S
  /**
   * The gradient of each input from the cotangent, before it is summed over broadcast axes. 'none' for bool results,
   * 'once' for gradients of fused ops.
   */
  readonly rules: Rules<Name, S> | 'none' | 'once'
  /** Default: the dtype of the last tensor. */
  readonly result?: DType
  /** For fused ops: the same in simpler ops. */
  readonly reference?: (...xs: Tensor[]) => Tensor
}

/** JS numbers among the operands, by name. */
type Scalars = Readonly<Record<string, number>>

const kindOf = (dtype: DType): 'f' | 'i' | 'b' => (dtype === 'int32' ? 'i' : dtype === 'bool' ? 'b' : 'f')

/** Define an elementwise op. A rule that reads an operand which `saves` does not name does not compile. */
export function elementwise<const Name extends string, const S extends Saves<Name> = never>(
  spec: ElementwiseSpec<Name, S>,
): (...operands: Operand[]) => Tensor {
  const { name, as: title = name, inputs, dtypes, codes, rules, result, reference } = spec
  const saves = (spec.saves ?? {}) as Readonly<Record<string, readonly string[]>>
  const op: Op<Scalars> = defineOp({
    name,
    as: title,
    inputs: inputs.map((n) => `${n}?`),
    dtypes: dtypes as readonly DType[],
    shape: (xs, _: Scalars) => {
      const tensors = xs.filter((x) => x !== undefined)
      const shape = broadcastShapes(title, ...tensors.map((x) => x.shape))
      return { shape, dtype: result ?? (xs[inputs.length - 1] ?? tensors[tensors.length - 1]).dtype }
    },
    halves: widen,
    launch: (xs, [y], scalars) => {
      // The dtype of the last tensor decides: the others agree with it, or are a condition.
      const of = xs.findLast((x) => x !== undefined) as Tensor
      const operands = xs.map((x, i) => x ?? scalars[inputs[i]])
      runPointwise(title, codes[kindOf(of.dtype)] as PointwiseCode, y, operands, of.dtype)
    },
    saves,
    vjp: typeof rules === 'string' ? rules : rulesOf(title, inputs, saves, rules),
    reference: reference && ((xs) => reference(...xs)),
  })
  const takes = Object.values(dtypes).flat()
  return (...operands) => {
    if (operands.length !== inputs.length) fail(title, `${operands.length} operands given, it takes ${inputs.length}`)
    const scalars: Record<string, number> = {}
    let last: Tensor | undefined
    const tensors = operands.map((x, i) => {
      if (typeof x === 'number') {
        scalars[inputs[i]] = x
        return undefined
      }
      // To the op layer, an input left out is a number.
      if (x === undefined || x === null) checkTensor(title, inputs[i], x)
      last = x
      return x
    })
    if (!last) fail(title, `operands are ${operands.join(', ')}`, `one must be a tensor`)
    // A dtype that the op does not take is refused as such, not by the numbers that it cannot hold.
    if (takes.includes(last.dtype)) for (const key in scalars) checkScalar(title, scalars[key], last.dtype)
    // Next to float32 tensors, and what is widened to them, numbers are float32: `x.eq(0.1)` finds the 0.1 of x on
    // every device, and rules see the number that was used. What 16 bits are compared with has 16 bits, for the same.
    const half = isHalf(last.dtype) ? last.dtype : null
    if ((half || last.dtype === 'float32') && !tensors.some((x) => x?.dtype === 'float64'))
      for (const key in scalars)
        scalars[key] = half && result === 'bool' ? nearestIn(half, scalars[key]) : Math.fround(scalars[key])
    return op(tensors, scalars)
  }
}

/**
 * Define an elementwise op of one input on floats, and on int32 where `codes` has an `i`.
 * @param codes  the op code for floats, or codes per kind of dtype
 * @param reads  what the rule reads besides the cotangent: the input, the result, or nothing
 * @param options.as         its public name, where several ops serve one function
 * @param options.reference  for fused ops: the same in simpler ops
 */
export function unary(
  name: string,
  codes: PointwiseCode | Codes,
  reads: 'x' | 'y' | null,
  rule: (g: Tensor, value: Tensor) => Tensor,
  { as: title, reference }: { as?: string; reference?: (x: Tensor) => Tensor } = {},
): (x: Tensor) => Tensor {
  const all = typeof codes === 'string' ? { f: codes } : codes
  const op = elementwise({
    name,
    as: title,
    inputs: ['x'],
    dtypes: all.i ? numbers : floats,
    codes: all,
    saves: { x: reads ? [reads] : [] },
    rules: { x: (g, values) => rule(g, values[reads ?? 'x']) },
    reference,
  })
  return (x) => op(x)
}

type AnyRule = (g: Tensor, values: Readonly<Record<string, Operand>>) => Tensor

/**
 * Rules as the op layer calls them: with JS numbers among the saved tensors, and the result summed over broadcast axes.
 */
function rulesOf(
  op: string,
  inputs: readonly string[],
  saves: Readonly<Record<string, readonly string[]>>,
  rules: object,
) {
  const given = rules as Readonly<Record<string, AnyRule | 'none' | undefined>>
  return Object.fromEntries(
    inputs.map((input) => {
      const rule = given[input]
      const names = saves[input] ?? []
      return [
        input,
        (ctx: Context<string, Scalars>): Tensor => {
          if (!rule || rule === 'none') return fail('backward', `${op} has no gradient for ${input}`)
          const values: Record<string, Operand> = {}
          // A name is either a number or a saved tensor, never both.
          for (const name of names) values[name] = ctx.attrs[name] ?? (ctx[name] as Tensor)
          return sumTo(rule(ctx.g, values), ctx.meta(input).shape)
        },
      ]
    }),
  )
}
