/**
 * @file Ops as methods: `x.matmul(w).relu()`. Types come from the functions, with up to three overloads each. Importing this module
 * installs the methods, so package.json lists it in sideEffects.
 */
import { isLeaf, setRequiresGrad } from './graph.ts'
import * as autograd from './ops/autograd.ts'
import * as dynamic from './ops/dynamic.ts'
import * as inplace from './ops/inplace.ts'
import * as ops from './ops/methods.ts'
import { describeTensor, printTensor } from './print.ts'
import { Tensor } from './tensor.ts'

/** Gradients are getters. */
const functionsOnly = ['gradOf', 'hasGrad'] as const

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
// Over the modules, not over one merged object: the published types would lose their import of Tensor. K is a parameter, as in
// Pick: then editors show the function's docstring on the method.
type Methods<F, K extends keyof F = Exclude<keyof F, (typeof functionsOnly)[number]>> = { [P in K]: Method<F[P]> }
type Derived = Methods<typeof ops> & Methods<typeof inplace> & Methods<typeof autograd> & Methods<typeof dynamic>

declare module './tensor.ts' {
  interface Tensor extends Derived {
    /** True if the tensor is part of the graph; set it on a leaf. */
    requiresGrad: boolean
    /** True if the tensor was not computed from one that needs a gradient. */
    readonly isLeaf: boolean
    /** The gradient that backward left; throws before the first backward. */
    readonly grad: Tensor
    /** True if `.grad` would give a tensor. */
    readonly hasGrad: boolean
    /** Print the values as PyTorch does. */
    print(): Promise<void>
  }
}

for (const [name, f] of Object.entries({ ...ops, ...inplace, ...autograd, ...dynamic })) {
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
  },
  hasGrad: {
    get(this: Tensor) {
      return autograd.hasGrad(this)
    },
  },
  print: {
    value(this: Tensor) {
      return printTensor(this)
    },
  },
  // What Node's console.log shows.
  [Symbol.for('nodejs.util.inspect.custom')]: {
    value(this: Tensor) {
      return describeTensor(this)
    },
  },
})
