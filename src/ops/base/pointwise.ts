/**
 * @file How an elementwise op becomes an op value: dtypes, op codes, JS numbers among its operands, and gradients summed back over
 * broadcast axes. The ops themselves are in elementwise.ts, the launch is in launches.ts.
 */
import type { DType } from '../../core/device.ts'
import { fail } from '../../core/errors.ts'
import { type Context, defineOp, floats, numbers, type Op } from '../../core/op.ts'
import { broadcastShapes } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkScalar, checkTensor } from './arguments.ts'
import { type Operand, type PointwiseCode, runPointwise } from './launches.ts'
import { sumTo } from './sum.ts'

/** Op code by kind of dtype: float, int, bool. */
export interface Codes {
  readonly f?: PointwiseCode
  readonly i?: PointwiseCode
  readonly b?: PointwiseCode
}

/** Operands by name, as gradient rules see them: saved tensors; all but x and cond may be the numbers given. */
type Operands<N extends string> = { readonly [K in N]: K extends 'x' | 'cond' ? Tensor : Operand } & {
  readonly y: Tensor
}
type Rules<N extends string> = { readonly [K in N]?: (g: Tensor, values: Operands<N>) => Tensor }

/** What few ops need: a dtype of the result that is not the inputs'; the same in simpler ops, for fused ones. */
interface More {
  readonly result?: DType
  readonly reference?: (...xs: Tensor[]) => Tensor
}

/** JS numbers among the operands, by name. */
type Scalars = Readonly<Record<string, number>>

const kindOf = (dtype: DType): 'f' | 'i' | 'b' => (dtype === 'int32' ? 'i' : dtype === 'bool' ? 'b' : 'f')

/**
 * Define an elementwise op.
 * @param codes   op code per kind of dtype, names of shaders/pointwise*.wgsl
 * @param saves   per input, what its rule reads
 * @param rules   gradient per input from the cotangent, before summing over broadcast axes; 'none' for bool results, 'once' for
 *                gradients of fused ops
 */
export function elementwise<const N extends string>(
  name: string,
  inputs: readonly N[],
  dtypes: readonly DType[] | Readonly<Record<N, readonly DType[]>>,
  codes: Codes,
  saves: { readonly [K in N]?: readonly string[] },
  rules: Rules<N> | 'none' | 'once',
  { result, reference }: More = {},
): (...operands: Operand[]) => Tensor {
  const op: Op<Scalars> = defineOp<string, Scalars>({
    name,
    inputs: inputs.map((n) => `${n}?`),
    dtypes: dtypes as readonly DType[],
    shape: (xs) => {
      const tensors = xs.filter((x) => x !== undefined)
      const shape = broadcastShapes(name, ...tensors.map((x) => x.shape))
      return { shape, dtype: result ?? (xs[inputs.length - 1] ?? tensors[tensors.length - 1]).dtype }
    },
    launch: (xs, [y], scalars) => {
      // The dtype of the last tensor decides: the others agree with it, or are a condition.
      const of = xs.findLast((x) => x !== undefined) as Tensor
      const code = codes[kindOf(of.dtype)] as PointwiseCode
      runPointwise(
        name,
        code,
        y,
        xs.map((x, i) => x ?? scalars[inputs[i]]),
        of.dtype,
      )
    },
    saves: saves as Record<string, readonly string[]>,
    vjp: typeof rules === 'string' ? rules : Object.fromEntries(inputs.map((n) => [n, ruleFor(name, n, rules[n])])),
    reference: reference && ((xs) => reference(...xs)),
  })
  const takes = Object.values(dtypes).flat()
  return (...operands) => {
    if (operands.length !== inputs.length) fail(name, `${operands.length} operands given, it takes ${inputs.length}`)
    const scalars: Record<string, number> = {}
    let last: Tensor | undefined
    const tensors = operands.map((x, i) => {
      if (typeof x === 'number') {
        scalars[inputs[i]] = x
        return undefined
      }
      // To the op layer, an input left out is a number.
      if (x === undefined || x === null) checkTensor(name, inputs[i], x)
      last = x
      return x
    })
    if (!last) fail(name, `operands are ${operands.join(', ')}`, `one must be a tensor`)
    // A dtype that the op does not take is refused as such, not by the numbers that it cannot hold.
    if (takes.includes(last.dtype)) for (const key in scalars) checkScalar(name, scalars[key], last.dtype)
    // Beside float32 numbers are float32: `x.eq(0.1)` finds the 0.1 of x on every device, and rules see the number that was used.
    if (last.dtype === 'float32') for (const key in scalars) scalars[key] = Math.fround(scalars[key])
    return op(tensors, scalars)
  }
}

/**
 * Define an elementwise op of one input on floats, and on int32 where `codes` has an `i`.
 * @param codes  the op code for floats, or codes per kind of dtype
 * @param reads  what the rule reads beside the cotangent: the input, the result, or nothing
 */
export function unary(
  name: string,
  codes: PointwiseCode | Codes,
  reads: 'x' | 'y' | null,
  rule: (g: Tensor, value: Tensor) => Tensor,
  reference?: (x: Tensor) => Tensor,
): (x: Tensor) => Tensor {
  const all = typeof codes === 'string' ? { f: codes } : codes
  const saves = reads ? { x: [reads] } : {}
  const rules = { x: (g: Tensor, values: Operands<'x'>) => rule(g, values[reads ?? 'x']) }
  const op = elementwise(name, ['x'], all.i ? numbers : floats, all, saves, rules, { reference })
  return (x) => op(x)
}

/** A rule as the op layer calls it: with scalars beside saved tensors, and the result summed over broadcast axes. */
function ruleFor<N extends string>(op: string, input: N, rule: Rules<N>[N]) {
  return (ctx: Context<string, Scalars>): Tensor => {
    if (!rule) return fail('backward', `${op} has no gradient for ${input}`)
    // Numbers hide nothing: a name is either a scalar or a saved tensor.
    const scalars = Object.keys(ctx.attrs).length > 0
    const values = scalars ? new Proxy(ctx, { get: (_, key: string) => ctx.attrs[key] ?? ctx[key] }) : ctx
    return sumTo(rule(ctx.g, values as unknown as Operands<N>), ctx.meta(input).shape)
  }
}
