/** @file Checks of what optimizers are given; each refuses before anything is made. */
import { describe, fail } from '../core/errors.ts'
import { isLeaf } from '../core/graph.ts'
import { Tensor } from '../core/tensor.ts'

/** A parameter: a float leaf with memory of its own, given once. */
export function checkParam(name: string, params: readonly Tensor[], i: number): void {
  const x: unknown = params[i]
  if (!(x instanceof Tensor)) fail(name, `parameter ${i} is ${describe(x)}, not a tensor`)
  if (x.disposed) fail(name, `parameter ${i}, ${x.title}, was disposed`)
  if (!isLeaf(x))
    fail(name, `parameter ${i}, ${x.title}, is the result of ${x.edge?.source.name}`, 'only leaves are trained')
  const first = params.indexOf(x)
  if (first < i) fail(name, `parameters ${first} and ${i} are the same tensor`, 'give each once')
  if (x.dtype !== 'float32' && x.dtype !== 'float64')
    fail(name, `parameter ${i}, ${x.title}, is ${x.dtype}`, 'only float tensors are trained')
  if (x.layout.strides.some((s, d) => s === 0 && x.shape[d] > 1)) {
    fail(name, `parameter ${i}, ${x.title}, is expanded: several elements share memory`, 'train a clone() of it')
  }
}

/** A finite number from 0 up, below a limit where one is given. */
export function checkNumber(op: string, name: string, value: unknown, below = Infinity): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0 || value >= below) {
    fail(
      op,
      `${name} is ${describe(value)}`,
      below === Infinity ? 'give a number from 0 up' : `give a number from 0 to below ${below}`,
    )
  }
  return value
}

/** Refuse a misspelt option. */
export function checkOptions(op: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) fail(op, `option '${name}' is unknown`, `it has ${known.join(', ')}`)
  }
}
