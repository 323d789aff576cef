/**
 * @file Derivatives as tools: a function of tensors goes in, its products with Jacobian and Hessian come out, or these
 * themselves. What they are made of is `grad` of graph.ts.
 */

import { describe, fail } from '../core/errors.ts'
import { enableGrad } from '../core/graph.ts'
import { floats } from '../core/op.ts'
import { scope } from '../core/scope.ts'
import { sameShape, showShape } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import { grad } from '../core/walk.ts'
import { checkDType, checkTensor } from '../ops/base/arguments.ts'
import { cat } from '../ops/base/joining.ts'
import { optionsOf } from '../ops/base/options.ts'
import { detach, reshape, slice } from '../ops/base/views.ts'
import { arange, cast, eq, zeros, zerosLike } from '../ops/index.ts'

/** One tensor or several. */
export type Tensors = Tensor | readonly Tensor[]
/** One tensor for one, a list for a list. */
export type Each<T extends Tensors> = T extends Tensor ? Tensor : Tensor[]
/** A function of the inputs: `f(x)` of one tensor, `f(a, b)` of a list of two. */
export type Differentiated<O extends Tensors = Tensors> = (...inputs: Tensor[]) => O

/** Options of {@link jacobian} and {@link hessian}. */
export interface DerivativeOptions {
  /** Record the result in the graph of the inputs, so that it can be differentiated again. Default false. */
  createGraph?: boolean
}

/** Whether the options ask for a graph of the result. */
function recorded(op: string, options: DerivativeOptions | undefined): boolean {
  return optionsOf(op, options, { createGraph: false }).createGraph
}

const isOne = (x: Tensors): x is Tensor => x instanceof Tensor
const list = (x: Tensors): readonly Tensor[] => (isOne(x) ? [x] : x)
/** A list in the form that `like` has. */
const inForm = <T extends Tensors>(like: T, found: readonly Tensor[]): Each<T> =>
  (isOne(like) ? found[0] : [...found]) as Each<T>

function checkFunction(op: string, f: unknown): void {
  if (typeof f !== 'function') fail(op, `f is ${describe(f)}`, 'give a function of tensors')
}

/** Leaves for the inputs: separate from, or under createGraph on top of, the user's graph. */
function leavesFor(op: string, f: unknown, inputs: Tensors, createGraph = false): Tensor[] {
  checkFunction(op, f)
  if (!isOne(inputs) && !Array.isArray(inputs))
    fail(op, `the inputs are ${describe(inputs)}`, 'give a tensor, or a list')
  return list(inputs).map((x, i) => {
    checkDType(op, `input ${i}`, x, floats)
    return createGraph && x.edge ? reshape(x, x.shape) : detach(x).requiresGrad_()
  })
}

function outputsOf<O extends Tensors>(op: string, f: Differentiated<O>, xs: readonly Tensor[]): O {
  const y = f(...xs)
  for (const one of Array.isArray(y) ? y : [y]) checkTensor(op, 'the result of f', one)
  return y
}

/** Σ vᵢ ∂yᵢ/∂x for each x; 0 where y does not depend on it. */
function pulled(ys: readonly Tensor[], xs: readonly Tensor[], vs: readonly Tensor[], createGraph: boolean): Tensor[] {
  const at = ys.flatMap((y, i) => (y.edge ? [i] : []))
  if (at.length === 0) return xs.map((x) => zerosLike(x))
  const options = { gradOutputs: at.map((i) => vs[i]), createGraph, retainGraph: true, allowUnused: true }
  const found = grad(
    at.map((i) => ys[i]),
    xs,
    options,
  )
  return found.map((g, i) => g ?? zerosLike(xs[i]))
}

/** The cotangents or directions that belong to `of`. */
function checkDirections(op: string, v: unknown, of: readonly Tensor[]): readonly Tensor[] {
  const vs = v instanceof Tensor ? [v] : v
  if (!Array.isArray(vs) || vs.length !== of.length)
    fail(
      op,
      `v is ${describe(v)}`,
      `give ${of.length === 1 ? 'a tensor' : `a list of ${of.length}`}: ${op}(f, inputs, v)`,
    )
  vs.forEach((one, i) => {
    checkDType(op, 'v', one, [of[i].dtype])
    if (!sameShape(one.shape, of[i].shape)) fail(op, `v is ${showShape(one.shape)}, not ${showShape(of[i].shape)}`)
  })
  return vs
}

const run = <T>(f: () => T): T => scope(() => enableGrad(f))
const handed = (x: Tensor, createGraph: boolean): Tensor => (createGraph ? x : detach(x))

/**
 * vᵀJ, the product of a cotangent with the Jacobian of f at the inputs: one pass forwards, one backwards.
 * @param inputs  one tensor or a list, floats
 * @param v       of the output's shape, a list for several outputs; may be left out where f gives one number
 * @returns the outputs of f, and a gradient for each input (0 where nothing depends on it)
 * @throws HandgradError if f is not a function of tensors to tensors, an input is not of floats, or v is left out for
 *   an output of several elements or differs from the outputs in number, shape, dtype or device
 */
export function vjp<I extends Tensors, O extends Tensors>(
  f: Differentiated<O>,
  inputs: I,
  v?: Tensors | null,
  options?: DerivativeOptions,
): { outputs: Each<O>; grads: Each<I> } {
  const createGraph = recorded('vjp', options)
  return run(() => {
    const xs = leavesFor('vjp', f, inputs, createGraph)
    const y = outputsOf('vjp', f, xs)
    const ys = list(y)
    if (v == null && !(ys.length === 1 && ys[0].numel === 1))
      fail('vjp', `the output is ${ys.map((one) => showShape(one.shape)).join(', ')}`, 'give v of its shape')
    const vs = v == null ? [] : checkDirections('vjp', v, ys)
    const grads = pulled(ys, xs, vs, createGraph)
    const outputs = ys.map((one) => handed(one, createGraph))
    return { outputs: inForm<O>(y, outputs), grads: inForm(inputs, grads) }
  })
}

/**
 * J[o…, i…] = ∂y[o…]/∂x[i…], the outputs' axes before the inputs': one pass forwards, and one backwards for each
 * element of the outputs.
 * @param inputs  one tensor or a list, floats
 * @returns one tensor; for a list of inputs a list, one for each; for a list of outputs a list of those
 * @throws HandgradError if f is not a function of tensors to tensors, or an input is not of floats
 */
export function jacobian<I extends Tensors, O extends Tensors>(
  f: Differentiated<O>,
  inputs: I,
  options?: DerivativeOptions,
): O extends Tensor ? Each<I> : Each<I>[] {
  return jacobianOf('jacobian', f, inputs, options)
}

function jacobianOf<I extends Tensors, O extends Tensors>(
  op: string,
  f: Differentiated<O>,
  inputs: I,
  options: DerivativeOptions | undefined,
): O extends Tensor ? Each<I> : Each<I>[] {
  const createGraph = recorded(op, options)
  return run(() => {
    const xs = leavesFor(op, f, inputs, createGraph)
    const y = outputsOf(op, f, xs)
    const found = list(y).map((one): Each<I> => {
      const n = one.numel
      const { device } = one
      const places = arange(0, n, 1, { device })
      const unit = cast(eq(reshape(places, [n, 1]), places), one.dtype)
      const rows = Array.from({ length: n }, (_, i) =>
        pulled([one], xs, [reshape(slice(unit, [i, i + 1]), one.shape)], createGraph),
      )
      const blocks = xs.map((x, i) => {
        const shape = [...one.shape, ...x.shape]
        if (n === 0) return zeros(shape, { device, dtype: x.dtype })
        return reshape(cat(rows.map((row) => reshape(row[i], [1, x.numel]))), shape)
      })
      return inForm(inputs, blocks)
    })
    return (isOne(y) ? found[0] : found) as O extends Tensor ? Each<I> : Each<I>[]
  })
}

/** The gradient of a function of one number, recorded. */
function gradientOf(op: string, f: Differentiated<Tensor>, xs: readonly Tensor[]): { y: Tensor; gs: Tensor[] } {
  const y = outputsOf(op, f, xs)
  if (!isOne(y) || y.numel !== 1)
    fail(
      op,
      `f gives ${list(y)
        .map((one) => showShape(one.shape))
        .join(', ')}`,
      'give a function with one number as result',
    )
  return { y, gs: pulled([y], xs, [], true) }
}

/**
 * H[i…, j…] = ∂²y/∂x[i…]∂x[j…] of a function of one number: the Jacobian of its gradient.
 * @param inputs  one tensor or a list, floats
 * @returns one tensor; for a list of inputs H[a][b] for each two of them
 * @throws HandgradError if f is not a function with one number as result, an input is not of floats, or an op has no
 *   second derivative
 */
export function hessian<I extends Tensors>(
  f: Differentiated<Tensor>,
  inputs: I,
  options?: DerivativeOptions,
): I extends Tensor ? Tensor : Tensor[][] {
  checkFunction('hessian', f)
  const gradient = (...xs: Tensor[]): Tensors => inForm<Tensors>(inputs, gradientOf('hessian', f, xs).gs)
  // A list of outputs as the list of inputs: Each<I> for each.
  return jacobianOf('hessian', gradient, inputs, options) as unknown as I extends Tensor ? Tensor : Tensor[][]
}

/**
 * H·v, the product of the Hessian with a direction, by backward over backward: about the cost of two gradients,
 * whatever the size of H (Pearlmutter 1994).
 * @param inputs  one tensor or a list, floats
 * @param v       a direction: one tensor for each input, of its shape
 * @returns the output of f, its gradient, and H·v for each input
 * @throws HandgradError if f is not a function with one number as result, an input is not of floats, v differs from the
 *   inputs in number, shape, dtype or device, or an op has no second derivative
 */
export function hvp<I extends Tensors>(
  f: Differentiated<Tensor>,
  inputs: I,
  v: I,
  options?: DerivativeOptions,
): { output: Tensor; grads: Each<I>; products: Each<I> } {
  const createGraph = recorded('hvp', options)
  return run(() => {
    const xs = leavesFor('hvp', f, inputs, createGraph)
    const vs = checkDirections('hvp', v, xs)
    const { y, gs } = gradientOf('hvp', f, xs)
    const products = pulled(gs, xs, vs, createGraph)
    const grads = gs.map((g) => handed(g, createGraph))
    return { output: handed(y, createGraph), grads: inForm(inputs, grads), products: inForm(inputs, products) }
  })
}
