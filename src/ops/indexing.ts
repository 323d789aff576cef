/**
 * @file Indexing by integer tensors along one axis. Both directions are kernels: gather copies rows, scatter adds them up in a
 * fixed order, so gradients are bit-identical from run to run.
 */
import { fail, failIndex } from '../errors.ts'
import { anyType, defineOp, floats, launch, type Op } from '../op.ts'
import { normalDim, showShape, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { tensor } from './create.ts'
import { add } from './elementwise.ts'
import { kernels } from './kernels.ts'
import { reshape, transpose } from './movement.ts'

const intIndex = ['int32'] as const

/** y[i, …] = x[index[i], …] */
const gatherRows: Op = defineOp({
  name: 'indexSelect',
  inputs: ['x', 'index'],
  dtypes: { x: anyType, index: intIndex },
  contiguous: ['x', 'index'],
  shape: ([x, index]) => ({ shape: [index.numel, ...x.shape.slice(1)], dtype: x.dtype }),
  launch: ([x, index], [y]) => {
    const [rows, ...rest] = x.shape
    const params = {
      count: index.numel,
      cols: sizeOf(rest),
      rows,
      x_offset: x.view.offset,
      index_offset: index.view.offset,
      launch_id: 0,
    }
    launch('indexSelect', kernels.gather, [y, x, index], params)
  },
  saves: { x: ['index'] },
  vjp: {
    x: (ctx) => scatterRows([ctx.g, ctx.index], { rows: ctx.meta('x').shape[0] }),
    index: () => fail('backward', 'indexSelect: an index has no gradient'),
  },
})

/** y[r, …] = Σ g[i, …] over the i with index[i] = r, in the order of i. */
const scatterRows: Op<{ rows: number }> = defineOp<'g' | 'index', { rows: number }>({
  name: 'indexAdd',
  inputs: ['g', 'index'],
  dtypes: { g: floats, index: intIndex },
  contiguous: ['g', 'index'],
  shape: ([g], { rows }) => ({ shape: [rows, ...g.shape.slice(1)] }),
  launch: ([g, index], [y], { rows }) => {
    const [count, ...rest] = g.shape
    const params = {
      rows,
      cols: sizeOf(rest),
      count,
      g_offset: g.view.offset,
      index_offset: index.view.offset,
      launch_id: 0,
    }
    launch('indexAdd', kernels.scatter, [y, g, index], params)
  },
  saves: { g: ['index'] },
  vjp: {
    g: (ctx) => gatherRows([ctx.g, ctx.index], {}),
    index: () => fail('backward', 'indexAdd: an index has no gradient'),
  },
})

/** An int32 index tensor; arrays from the host are checked against [0, limit) at once, tensors by the kernel. */
function indexTensor(op: string, index: Tensor | readonly number[], x: Tensor, limit: number): Tensor {
  if (index instanceof Tensor) return index
  if (!Array.isArray(index)) fail(op, 'the index is neither a tensor nor an array', 'give an int32 tensor or integers')
  index.forEach((at, i) => {
    if (!Number.isInteger(at) || at < 0 || at >= limit)
      failIndex(op, `index ${at} at position ${i} is outside [0, ${limit})`)
  })
  return tensor(Int32Array.from(index), { device: x.device })
}

/**
 * y = the slices of x at `index` along `dim`, in that order; repeats are allowed, and their gradients add up.
 * @param index  int32 of one axis, or host integers
 * @throws IndexError for an index outside the axis: at once for host integers and on the CPU, else at the next read
 */
export function indexSelect(x: Tensor, dim: number, index: Tensor | readonly number[]): Tensor {
  const at = normalDim('indexSelect', dim, x.ndim)
  if (x.ndim === 0) fail('indexSelect', `${x.title} is 0-d`, 'it has no axis to select from')
  const list = indexTensor('indexSelect', index, x, x.shape[at])
  if (list.ndim !== 1)
    fail('indexSelect', `the index is ${showShape(list.shape)}`, 'give one axis; embedding() takes any shape')
  return at === 0 ? gatherRows([x, list], {}) : transpose(gatherRows([transpose(x, 0, at), list], {}), 0, at)
}

/**
 * Rows of a table: y[…, :] = weight[index[…], :]. Repeated indices add up in the gradient.
 * @param weight  [rows, cols]
 * @param index   int32 of any shape
 * @throws IndexError as {@link indexSelect}
 */
export function embedding(weight: Tensor, index: Tensor): Tensor {
  if (weight.ndim !== 2) fail('embedding', `weight is ${showShape(weight.shape)}`, 'give [rows, cols]')
  return reshape(gatherRows([weight, reshape(index, [-1])], {}), [...index.shape, weight.shape[1]])
}

/**
 * y = x with source[i] added to x[index[i]] along `dim`; repeats add up in the order of i, so the result is the same on every run.
 * @param source  x's shape with the axis replaced by the length of `index`
 */
export function indexAdd(x: Tensor, dim: number, index: Tensor | readonly number[], source: Tensor): Tensor {
  const at = normalDim('indexAdd', dim, x.ndim)
  const list = indexTensor('indexAdd', index, x, x.shape[at])
  const wanted = x.shape.map((n, i) => (i === at ? list.numel : n))
  if (wanted.join() !== source.shape.join()) {
    fail('indexAdd', `source is ${showShape(source.shape)}, not ${showShape(wanted)}`, 'one slice of x for each index')
  }
  const added = scatterRows([transpose(source, 0, at), list], { rows: x.shape[at] })
  return add(x, transpose(added, 0, at))
}
