/**
 * @file Ops as methods: `x.matmul(w).relu()`. Types come from the functions, with up to three overloads each. Importing
 * this module installs the methods, so package.json lists it in sideEffects.
 */

import * as autograd from './autograd/backward.ts'
import { checkOptions, fail } from './core/errors.ts'
import { isLeaf, setRequiresGrad } from './core/graph.ts'
import { numbersOf } from './core/half.ts'
import type { Shape } from './core/shape.ts'
import { showAsText } from './core/show.ts'
import { Tensor } from './core/tensor.ts'
import { axisOf } from './ops/base/axes.ts'
import type { Operand } from './ops/base/launches.ts'
import * as ops from './ops/methods.ts'

/** Gradients are accessors; the function `grad` is another one. */
const functionsOnly = ['gradOf', 'setGrad', 'grad', 'hasGrad'] as const

function size(x: Tensor): Shape
function size(x: Tensor, dim: number): number
function size(x: Tensor, dim?: number): Shape | number {
  return dim === undefined ? x.shape : x.shape[axisOf('size', x, dim)]
}

/** Methods that are not functions, or whose arguments come in another order there. */
const own = {
  /**
   * x where cond is true, else `other`, broadcasting: where(cond, x, other). Any dtype.
   * @param cond   bool
   * @param other  a number, or a tensor of x's dtype
   * @throws HandgradError if cond is not bool, dtypes or devices differ, or shapes do not broadcast
   */
  where: (x: Tensor, cond: Tensor, other: Operand): Tensor => ops.where(cond, x, other),
  /**
   * The transpose of a matrix, as a view; what has fewer axes stays.
   * @throws HandgradError if x has more than two axes
   */
  t: (x: Tensor): Tensor =>
    x.ndim > 2 ? fail('t', `${x.title} has ${x.ndim} axes`, 'it is for matrices; transpose(a, b) swaps two') : x.T,
  /** The shape, or the size of one axis. @throws HandgradError if there is no such axis */
  size,
  /** The number of axes, as `ndim`. */
  dim: (x: Tensor): number => x.ndim,
  /** The values as float32: to('float32'). */
  float: (x: Tensor): Tensor => ops.to(x, 'float32'),
  /** The values as float64: to('float64'). @throws HandgradError on a device without it, which is every GPU */
  double: (x: Tensor): Tensor => ops.to(x, 'float64'),
  /** The values as int32, towards zero: to('int32'). */
  int: (x: Tensor): Tensor => ops.to(x, 'int32'),
  /** Which values are not 0: to('bool'). */
  bool: (x: Tensor): Tensor => ops.to(x, 'bool'),
}

/** A form of a method; none where there was no overload to take it from. */
type Form<Rest extends unknown[], Y> = unknown[] extends Rest ? unknown : (...rest: Rest) => Y
/** A function as a method, overload by overload: `F extends (…) => …` alone sees the last one. */
type Method<F> = F extends {
  (x: never, ...rest: infer A): infer X
  (x: never, ...rest: infer B): infer Y
  (x: never, ...rest: infer C): infer Z
}
  ? Form<A, X> & Form<B, Y> & Form<C, Z>
  : F extends { (x: never, ...rest: infer A): infer X; (x: never, ...rest: infer B): infer Y }
    ? Form<A, X> & Form<B, Y>
    : F extends (x: never, ...rest: infer A) => infer X
      ? Form<A, X>
      : never
// Over the modules, not over one merged object: the published types would lose their import of Tensor. K is a
// parameter, as in Pick: then editors show the function's docstring on the method.
type Methods<F, K extends keyof F = Exclude<keyof F, (typeof functionsOnly)[number]>> = { [P in K]: Method<F[P]> }
type Derived = Methods<typeof ops, Exclude<keyof typeof ops, 'where'>> & Methods<typeof autograd> & Methods<typeof own>

declare module './core/tensor.ts' {
  interface Tensor extends Derived {
    /** True if the tensor is part of the graph; set it on a leaf. */
    requiresGrad: boolean
    /** True if the tensor was not computed from one that needs a gradient. */
    readonly isLeaf: boolean
    /**
     * The gradient that backward left; throws before the first backward. What is set is copied, null takes the gradient
     * away.
     * @throws HandgradError if x needs no gradient, or what is set differs from it in shape, dtype or device
     */
    get grad(): Tensor
    set grad(value: Tensor | null)
    /** True if `.grad` would give a tensor. */
    readonly hasGrad: boolean
    /** The axes in reverse order, as a view: of a matrix the transpose. */
    readonly T: Tensor
    /** The elements as nested arrays, as `array()`. */
    tolist(): ReturnType<Tensor['array']>
    /** Print the values as PyTorch does. */
    print(): Promise<void>
    /** The rows along axis 0, as views: `for (const row of x)`. @throws HandgradError if x is 0-d */
    [Symbol.iterator](): IterableIterator<Tensor>
  }
}

for (const [name, f] of Object.entries({ ...ops, ...autograd, ...own })) {
  if ((functionsOnly as readonly string[]).includes(name)) continue
  Object.defineProperty(Tensor.prototype, name, {
    value: function (this: Tensor, ...rest: unknown[]) {
      return (f as (...all: unknown[]) => unknown)(this, ...rest)
    },
    writable: true,
    configurable: true,
  })
}

Object.defineProperties(Tensor.prototype, {
  requiresGrad: {
    get(this: Tensor) {
      return this.edge !== null
    },
    set(this: Tensor, on: boolean) {
      setRequiresGrad(this, on)
    },
  },
  isLeaf: {
    get(this: Tensor) {
      return isLeaf(this)
    },
  },
  grad: {
    get(this: Tensor) {
      return autograd.gradOf(this)
    },
    set(this: Tensor, value: Tensor | null) {
      autograd.setGrad(this, value)
    },
  },
  hasGrad: {
    get(this: Tensor) {
      return autograd.hasGrad(this)
    },
  },
  T: {
    get(this: Tensor) {
      return ops.permute(this, this.shape.map((_, i) => i).reverse())
    },
  },
  [Symbol.iterator]: {
    value(this: Tensor) {
      if (this.ndim === 0) fail('iterate', `${this.title} is 0-d`, 'it has no rows; await x.item() reads it')
      return ops.unbind(this).values()
    },
  },
  tolist: {
    value(this: Tensor) {
      return this.array()
    },
  },
  print: {
    // The type has no argument; JavaScript might give one.
    async value(this: Tensor, options: unknown = {}) {
      checkOptions('print', options, [])
      const [data, { printed }] = await Promise.all([numbersOf(this), import('./text/print.ts')])
      console.log(printed(this, data))
    },
  },
})
// Values may still be on their way, and a handle holds none: x.array() gives what can be saved; node.ts shows them.
showAsText(Tensor)
