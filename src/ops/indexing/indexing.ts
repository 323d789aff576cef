/**
 * @file Indexing by integer tensors along one axis. Both directions are kernels: gather copies rows, scatter adds them up in a
 * fixed order, so gradients are bit-identical from run to run.
 */
import { describe, fail, failIndex } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { anyType, defineOp, floats, type Op } from '../../core/op.ts'
import { sameShape, showShape, sizeOf } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkOptions, checkSameKind, checkScalar, checkTensor } from '../base/arguments.ts'
import { axisOf } from '../base/axes.ts'
import * as kernels from '../base/kernels.ts'
import { reshape, transpose } from '../base/views.ts'
import { tensor } from '../creation/create.ts'
import { add, eq, mul, where } from '../elementwise/elementwise.ts'

export const intIndex = ['int32'] as const

/** Where equal indices can lie: at multiples of `step` within runs of `span`. Absent: anywhere. */
export interface Lines {
  readonly step?: number
  readonly span?: number
}

interface RowAttrs extends Lines {
  /** An index whose row gets no gradient. */
  readonly paddingIdx?: number
}

/** y[i, …] = x[index[i], …], under the name of the function that the user called. */
export const gathering = (name: string): Op<RowAttrs> =>
  defineOp({
    name,
    inputs: ['x', 'index'],
    dtypes: { x: anyType, index: intIndex },
    contiguous: ['x', 'index'],
    shape: ([x, index], _: RowAttrs) => ({ shape: [index.numel, ...x.shape.slice(1)], dtype: x.dtype }),
    launch: ([x, index], [y]) => {
      const [rows, ...rest] = x.shape
      const params = {
        count: index.numel,
        cols: sizeOf(rest),
        rows,
        x_offset: x.layout.offset,
        index_offset: index.layout.offset,
        launch_id: 0,
      }
      launch(name, kernels.gather, [y, x, index], params)
    },
    saves: { x: ['index'] },
    vjp: {
      x: (ctx) => {
        const { g, index } = ctx
        const { paddingIdx, ...lines } = ctx.attrs
        const [rows, ...rest] = ctx.meta('x').shape
        const padding = paddingIdx !== undefined && reshape(eq(index, paddingIdx), [-1, ...rest.map(() => 1)])
        return scatterRows([padding ? where(padding, 0, g) : g, index], { rows, ...lines })
      },
      index: () => fail('backward', `${name}: an index has no gradient`),
    },
  })
const selectRows = gathering('indexSelect')
const embedRows = gathering('embedding')

/** y[r, …] = Σ source[i, …] over the i with index[i] = r, in the order of i. */
export const scatterRows: Op<{ rows: number } & Lines> = defineOp({
  name: 'indexAdd',
  inputs: ['source', 'index'],
  dtypes: { source: floats, index: intIndex },
  contiguous: ['source', 'index'],
  shape: ([source], { rows }: { rows: number } & Lines) => ({ shape: [rows, ...source.shape.slice(1)] }),
  launch: ([source, index], [y], { rows, step = 1, span }) => {
    const [count, ...rest] = source.shape
    const params = {
      rows,
      cols: sizeOf(rest),
      count,
      g_offset: source.layout.offset,
      index_offset: index.layout.offset,
      step,
      span: span ?? count,
      launch_id: 0,
    }
    launch('indexAdd', kernels.scatter, [y, source, index], params)
  },
  saves: { source: ['index'] },
  vjp: {
    source: ({ g, index, attrs: { step, span } }) => selectRows([g, index], { step, span }),
    index: () => fail('backward', 'indexAdd: an index has no gradient'),
  },
})

/** What names slices along an axis: an int32 tensor, or integers on the host. */
export type Index = Tensor | readonly number[] | Int32Array

/** How many slices are named; refuses what names none. */
function countOf(op: string, index: Index): number {
  if (index instanceof Tensor) {
    checkDType(op, 'index', index, intIndex)
    if (index.ndim > 1) fail(op, `the index is ${showShape(index.shape)}`, 'give one axis; embedding() takes any shape')
    return index.numel
  }
  if (!Array.isArray(index) && !(index instanceof Int32Array))
    fail(op, `the index is ${describe(index)}`, 'give an int32 tensor or integers')
  return index.length
}

/** The index as a tensor; integers from the host are checked against [0, limit) at once, tensors by the kernel. */
function indexTensor(op: string, index: Index, x: Tensor, limit: number): Tensor {
  if (index instanceof Tensor) return index
  index.forEach((at, i) => {
    if (!Number.isInteger(at) || at < 0 || at >= limit)
      failIndex(op, `index ${at} at position ${i} is outside [0, ${limit})`)
  })
  return tensor(Int32Array.from(index), { device: x.device })
}

/**
 * y = the slices of x at `index` along `dim`, in that order; repeats are allowed, and their gradients add up. Any dtype.
 * @param index  int32 of one axis, or host integers; 0-d as one of one element
 * @returns x's shape with the length of the index at dim
 * @throws IndexError for an index outside the axis: at once for host integers and on the CPU, else at the next read
 * @throws HandgradError if x is 0-d, or the index has several axes or is no list of integers
 */
export function indexSelect(x: Tensor, dim: number, index: Index): Tensor {
  const at = axisOf('indexSelect', x, dim)
  countOf('indexSelect', index)
  const list = indexTensor('indexSelect', index, x, x.shape[at])
  return at === 0 ? selectRows([x, list], {}) : transpose(selectRows([transpose(x, 0, at), list], {}), 0, at)
}

/**
 * Rows of a table: y[…, :] = weight[index[…], :]. Repeated indices add up in the gradient. The index, known by its dtype, may also
 * come first, as in PyTorch. Dtypes: floats.
 * @param weight  [rows, cols]
 * @param index   int32 of any shape
 * @param options.paddingIdx  a row that gets no gradient, such as the one that fills up short sequences. Default (or null): none
 * @returns […, cols], the index's axes in front
 * @throws IndexError as {@link indexSelect}, and for a paddingIdx outside the rows
 * @throws HandgradError if weight is no matrix, or an option is unknown
 */
export function embedding(weight: Tensor, index: Tensor, options: { paddingIdx?: number | null } = {}): Tensor {
  checkOptions('embedding', options, ['paddingIdx'])
  checkTensor('embedding', 'weight', weight)
  if (weight.dtype === 'int32' && index instanceof Tensor && index.dtype !== 'int32')
    return embedding(index, weight, options)
  if (weight.ndim !== 2) fail('embedding', `weight is ${showShape(weight.shape)}`, 'give [rows, cols]')
  checkDType('embedding', 'index', index, intIndex)
  const [rows, cols] = weight.shape
  const given = options.paddingIdx ?? undefined
  if (given !== undefined && !(Number.isInteger(given) && given >= -rows && given < rows))
    failIndex('embedding', `paddingIdx ${given} is outside [${-rows}, ${rows})`)
  const paddingIdx = given === undefined || given >= 0 ? given : given + rows
  return reshape(embedRows([weight, reshape(index, [-1])], { paddingIdx }), [...index.shape, cols])
}

/**
 * y = x with α·source[i] added to x[index[i]] along `dim`; repeats add up in the order of i, so the result is the same on every
 * run. Dtypes: floats.
 * @param source  x's shape with the axis replaced by the length of `index`; floats
 * @param options.alpha  default 1
 * @returns x's shape
 * @throws IndexError as {@link indexSelect}
 * @throws HandgradError if x is 0-d or not of floats, the index has several axes or is no list of integers, source differs from x in
 *   dtype or has another shape, alpha is no number, or an option is unknown
 */
export function indexAdd(
  x: Tensor,
  dim: number,
  index: Index,
  source: Tensor,
  options: { alpha?: number } = {},
): Tensor {
  checkOptions('indexAdd', options, ['alpha'])
  const { alpha = 1 } = options
  const at = axisOf('indexAdd', x, dim)
  checkDType('indexAdd', 'x', x, floats)
  checkScalar('indexAdd', alpha, x.dtype)
  checkSameKind('indexAdd', x, 'source', source)
  const count = countOf('indexAdd', index)
  const wanted = x.shape.map((n, i) => (i === at ? count : n))
  if (!sameShape(wanted, source.shape)) {
    fail('indexAdd', `source is ${showShape(source.shape)}, not ${showShape(wanted)}`, 'one slice of x for each index')
  }
  const list = indexTensor('indexAdd', index, x, x.shape[at])
  const added = scatterRows([transpose(source, 0, at), list], { rows: x.shape[at] })
  const all = transpose(added, 0, at)
  return add(x, alpha === 1 ? all : mul(all, alpha))
}
