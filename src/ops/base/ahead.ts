/**
 * @file An op and the relu after it as one launch. Who calls both says so before the first: a product then stores what
 * relu makes of its sums, and relu, given that tensor, is a view of it. The graph has both ops, with the modules that
 * they were called in, and both rules are what they were: a product's reads its inputs, relu's its result.
 */
import type { Tensor } from '../../core/tensor.ts'

/** Whether relu comes after the op that runs next. */
let ahead = false
/** Those who want each op launched by itself. */
const apart = new Set<symbol>()
/** What was stored for the relu after it. */
const rectified = new WeakSet<Tensor>()

/** Run an op whose result goes to relu, and nowhere else. */
export function beforeRelu(op: () => Tensor): Tensor {
  ahead = !isApart()
  try {
    return op()
  } finally {
    ahead = false
  }
}

/** Asked by an op that can store relu's values: whether it is to do so. */
export function takeAhead(): boolean {
  const taken = ahead
  ahead = false
  return taken
}

/** Say that relu's values are stored in y. @returns y */
export function markRectified(y: Tensor): Tensor {
  rectified.add(y)
  return y
}

/** Whether they are. */
export const isRectified = (x: Tensor): boolean => rectified.has(x)

/** For who looks at what each op gives: what could be one launch is one for each op. @returns what ends it */
export function eachApart(): () => void {
  const own = Symbol()
  apart.add(own)
  return () => void apart.delete(own)
}
/** Whether somebody looks. */
export const isApart = (): boolean => apart.size > 0
