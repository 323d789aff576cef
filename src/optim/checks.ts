/** @file What may be trained; refused before anything is made. Options are checked by their tables, in options.ts. */
import { describe, fail } from '../core/errors.ts'
import { isLeaf } from '../core/graph.ts'
import { Tensor } from '../core/tensor.ts'

/** PyTorch takes the learning rate by position. */
export function checkRate(name: string, options: unknown): void {
  if (typeof options === 'number') fail(name, `the options are ${options}`, `write { lr: ${options} }`)
}

/** What was given as parameters, one by one. @throws HandgradError if it is one tensor, or cannot be gone through */
export function listOf(name: string, params: unknown): unknown[] {
  if (params instanceof Tensor) fail(name, 'the parameters are a Tensor', 'give a list: [w]')
  if (typeof (params as Iterable<unknown> | null | undefined)?.[Symbol.iterator] !== 'function')
    fail(name, `the parameters are ${describe(params)}`, 'give model.parameters(), or a list of tensors')
  return [...(params as Iterable<unknown>)]
}

/** A parameter: a float leaf with memory of its own, given once. */
export function checkParam(name: string, params: readonly unknown[], i: number): void {
  const x = params[i]
  if (!(x instanceof Tensor)) fail(name, `parameter ${i} is ${describe(x)}, not a tensor`)
  if (x.disposed) fail(name, `parameter ${i}, ${x.title}, was disposed`)
  if (!isLeaf(x))
    fail(name, `parameter ${i}, ${x.title}, is the result of ${x.edge?.source.name}`, 'only leaves are trained')
  const first = params.indexOf(x)
  if (first < i) fail(name, `parameters ${first} and ${i} are the same tensor`, 'give each once')
  if (x.dtype !== 'float32' && x.dtype !== 'float64')
    fail(name, `parameter ${i}, ${x.title}, is ${x.dtype}`, 'only float32 and float64 are trained')
  if (x.numel > 0 && x.layout.strides.some((s, d) => s === 0 && x.shape[d] > 1)) {
    fail(name, `parameter ${i}, ${x.title}, is expanded: several elements share memory`, 'train a clone() of it')
  }
}
