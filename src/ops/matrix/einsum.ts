/**
 * @file Contractions by labels: einsum, and what is written as one. Each operand loses its repeated labels (diagonals)
 * and the labels that only it has (sums); then pairs meet, left to right, in a batched matmul, or in a product where
 * nothing is summed.
 */
import { describe, fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { checkShape, normalDim, sameShape, showShape, sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { permute, reshape, slice } from '../base/views.ts'
import { add, mul } from '../elementwise/elementwise.ts'
import { sum } from '../reduce/reduce.ts'
import { matmul } from './matmul.ts'

/** A tensor with a label for each axis. */
interface Term {
  readonly x: Tensor
  readonly labels: readonly string[]
}

const sizesOf = ({ x, labels }: Term, which: readonly string[]): number[] =>
  which.map((l) => (labels.includes(l) ? x.shape[labels.indexOf(l)] : 1))

/** The axes in another order; labels that the term lacks are left out. */
function ordered(term: Term, labels: readonly string[]): Tensor {
  const { x } = term
  const dims = labels.filter((l) => term.labels.includes(l)).map((l) => term.labels.indexOf(l))
  return dims.every((d, i) => d === i) ? x : permute(x, dims)
}

/** Each repeated label once, along the diagonal. */
function diagonals({ x, labels }: Term): Term {
  const j = labels.findIndex((l, k) => labels.indexOf(l) < k)
  if (j < 0) return { x, labels }
  const i = labels.indexOf(labels[j])
  const rest = labels.map((_, d) => d).filter((d) => d !== i && d !== j)
  const n = x.shape[i]
  // Row-major, the diagonal of an n × n matrix is every (n + 1)-th element.
  const flat = reshape(permute(x, [...rest, i, j]), [...rest.map((d) => x.shape[d]), n * n])
  const diagonal = slice(flat, ...rest.map(() => null), [null, null, n + 1])
  return diagonals({ x: diagonal, labels: [...rest.map((d) => labels[d]), labels[j]] })
}

/** Sum over the labels that nothing wants. */
function summed({ x, labels }: Term, wanted: ReadonlySet<string>): Term {
  const dims = labels.flatMap((l, d) => (wanted.has(l) ? [] : [d]))
  return dims.length === 0 ? { x, labels } : { x: sum(x, dims), labels: labels.filter((l) => wanted.has(l)) }
}

/** Two terms as one: the product, summed over the shared labels that are not wanted. */
function pair(op: string, a: Term, b: Term, wanted: ReadonlySet<string>): Term {
  const shared = a.labels.filter((l) => b.labels.includes(l))
  const [batch, inner] = [shared.filter((l) => wanted.has(l)), shared.filter((l) => !wanted.has(l))]
  const [rows, cols] = [a.labels.filter((l) => !shared.includes(l)), b.labels.filter((l) => !shared.includes(l))]
  if (inner.length === 0 || rows.length + cols.length === 0) {
    const labels = [...shared, ...rows, ...cols]
    const shapes = [a, b].map((term) => sizesOf(term, labels))
    checkShape(op, shapes[0])
    const x = mul(reshape(ordered(a, labels), shapes[0]), reshape(ordered(b, labels), shapes[1]))
    return summed({ x, labels }, wanted)
  }
  const [lead, m, k, n] = [sizesOf(a, batch), sizesOf(a, rows), sizesOf(a, inner), sizesOf(b, cols)]
  const shape = [...lead, ...m, ...n]
  checkShape(op, shape)
  // Batch axes stay apart, so that permuted operands need no copy, unless they are too many.
  const stack = lead.length > 6 ? [sizeOf(lead)] : lead
  const left = reshape(ordered(a, [...batch, ...rows, ...inner]), [...stack, sizeOf(m), sizeOf(k)])
  const right = reshape(ordered(b, [...batch, ...inner, ...cols]), [...stack, sizeOf(k), sizeOf(n)])
  return { x: reshape(matmul(left, right), shape), labels: [...batch, ...rows, ...cols] }
}

/** y[out] = Σ over all other labels of the product of the terms. Sizes of one label are equal or 1. */
function contract(op: string, terms: readonly Term[], out: readonly string[]): Tensor {
  const sizes = new Map<string, number>()
  terms.forEach(({ x, labels }) => {
    labels.forEach((l, d) => {
      const [n, known] = [x.shape[d], sizes.get(l) ?? 1]
      const twice = labels.indexOf(l) < d && x.shape[labels.indexOf(l)] !== n
      if (twice || (n !== known && n !== 1 && known !== 1)) {
        fail(op, `label ${l} is ${twice ? x.shape[labels.indexOf(l)] : known} and ${n}`, 'one label is one size')
      }
      sizes.set(l, n === 1 ? known : n)
    })
  })
  // An axis of size 1 that is stretched is the same for all of them: it has no part in the sum.
  const ready = terms.map((term): Term => {
    const { x, labels } = diagonals(term)
    const kept = labels.filter((l, d) => x.shape[d] === sizes.get(l))
    return kept.length === labels.length ? { x, labels } : { x: reshape(x, sizesOf({ x, labels }, kept)), labels: kept }
  })
  let y = ready[0]
  for (let i = 1; i < ready.length; i++) {
    const wanted = new Set([...out, ...ready.slice(i + 1).flatMap((term) => term.labels)])
    const [a, b] = [y, ready[i]]
    const [left, right] = [new Set([...wanted, ...b.labels]), new Set([...wanted, ...a.labels])]
    y = pair(op, summed(a, left), summed(b, right), wanted)
  }
  const { x, labels } = summed(y, new Set(out))
  return permute(
    x,
    out.map((l) => labels.indexOf(l)),
  )
}

/** Labels of the axes that ... stands for, counted from the right as broadcasting does. */
const dots = (count: number): string[] => Array.from({ length: count }, (_, i) => `.${count - 1 - i}`)

/** Labels of one term; ... has `rest` axes. */
function labelsOf(term: string, rest: number): string[] {
  const [before, after, more] = term.split('...')
  const wrong = `${before}${after ?? ''}`.match(/[^A-Za-z]/)
  if (wrong) fail('einsum', `'${wrong}' in '${term}' is not a label`, 'labels are letters; ... stands for further axes')
  if (more !== undefined) fail('einsum', `'${term}' has ... twice`)
  return [...before, ...(after === undefined ? [] : dots(rest)), ...(after ?? '')]
}

/**
 * Sums of products by Einstein's convention: `einsum('ij,jk->ik', a, b)` is Σⱼ a[i, j]·b[j, k]. Labels that the output
 * lacks are summed; a label twice in one term takes the diagonal; `...` stands for axes that broadcast; without `->`
 * the output has ... and then the labels that occur once, in alphabetical order. More than two operands are contracted
 * from left to right: order them so that what is between stays small. Dtypes: floats.
 * @param tensors  one for each term, as a list or one by one
 * @throws HandgradError if the equation is malformed, terms and tensors or labels and axes differ in number, a label
 *   has two sizes (1 broadcasts, but not within a term), an output label is in no term or there twice, or a result has
 *   more than 8 axes
 */
export function einsum(equation: string, tensors: readonly Tensor[]): Tensor
export function einsum(equation: string, ...tensors: Tensor[]): Tensor
export function einsum(equation: string, ...given: readonly Tensor[] | readonly [readonly Tensor[]]): Tensor {
  const op = 'einsum'
  const tensors = (Array.isArray(given[0]) ? given[0] : given) as readonly Tensor[]
  if (typeof equation !== 'string')
    fail(op, `the equation is ${describe(equation)}`, "give a text, such as 'ij,jk->ik'")
  const [inputs, output, more] = equation.replaceAll(' ', '').split('->')
  if (more !== undefined) fail(op, `'${equation}' has two arrows`)
  const texts = inputs.split(',')
  if (texts.length !== tensors.length)
    fail(op, `'${equation}' has ${texts.length} terms, ${tensors.length} tensors were given`)
  let widest = 0
  const terms = tensors.map((x, i): Term => {
    checkDType(op, `input ${i}`, x, floats)
    checkSameKind(op, tensors[0], `input ${i}`, x)
    const rest = x.ndim - labelsOf(texts[i], 0).length
    if (rest < 0 || (rest > 0 && !texts[i].includes('...'))) {
      const todo = 'a label for each axis, or ... for those without one'
      fail(op, `'${texts[i]}' has ${x.ndim - rest} labels, input ${i} is ${showShape(x.shape)}`, todo)
    }
    widest = Math.max(widest, rest)
    return { x, labels: labelsOf(texts[i], rest) }
  })
  const all = terms.flatMap((term) => term.labels)
  const once = all.filter((l) => l[0] !== '.' && all.indexOf(l) === all.lastIndexOf(l)).sort()
  const out = output === undefined ? [...dots(widest), ...once] : labelsOf(output, widest)
  out.forEach((l, i) => {
    if (!all.includes(l)) fail(op, `output label ${l} is in no input`)
    if (out.indexOf(l) < i) fail(op, `output label ${l} is there twice`)
  })
  return contract(op, terms, out)
}

/**
 * Σ over axes of a times axes of b: y has the other axes of a, then those of b. Dtypes: floats.
 * @param dims  how many: the last of a with the first of b; or [axes of a, axes of b] in pairs. Default 2
 * @throws HandgradError if dims name more axes than there are, an axis out of range or twice, not as many of a as of b,
 *   or pairs whose sizes differ (1 broadcasts)
 */
export function tensordot(
  a: Tensor,
  b: Tensor,
  dims: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  const op = 'tensordot'
  checkDType(op, 'a', a, floats)
  checkSameKind(op, a, 'b', b)
  if (typeof dims === 'number' && !(Number.isInteger(dims) && dims >= 0 && dims <= Math.min(a.ndim, b.ndim)))
    fail(op, `dims is ${dims}, the inputs ${showShape(a.shape)} and ${showShape(b.shape)}`, 'both need that many axes')
  const count = (n: number, at: number) => Array.from({ length: n }, (_, i) => at + i)
  const given = typeof dims === 'number' ? [count(dims, a.ndim - dims), count(dims, 0)] : dims
  if (!Array.isArray(given) || given.length !== 2 || !given.every(Array.isArray) || given[0].length !== given[1].length)
    fail(op, `dims is ${JSON.stringify(dims)}`, 'give a number, or as many axes of a as of b: [[1], [0]]')
  const [left, right] = [a, b].map((x, i) => given[i].map((d: number) => normalDim(op, d, x.ndim)))
  for (const list of [left, right])
    if (new Set(list).size < list.length) fail(op, `dims [${list.join(', ')}] name one twice`)
  const as = a.shape.map((_, d) => `a${d}`)
  const bs = b.shape.map((_, d) => (right.includes(d) ? `a${left[right.indexOf(d)]}` : `b${d}`))
  const out = [...as.filter((l) => !bs.includes(l)), ...bs.filter((l) => !as.includes(l))]
  return contract(
    op,
    [
      { x: a, labels: as },
      { x: b, labels: bs },
    ],
    out,
  )
}

/**
 * y[…, o] = Σᵢⱼ x1[…, i]·W[o, i, j]·x2[…, j] + b[o]. Dtypes: floats.
 * @param x1      [..., in1]
 * @param x2      [..., in2], the same axes in front
 * @param weight  [out, in1, in2]
 * @param bias    [out], or null for none
 * @returns [..., out]
 * @throws HandgradError if weight has other axes than three, its sizes are not those of the inputs, the axes in front
 *   differ, or bias is not [out]
 */
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const op = 'bilinear'
  checkDType(op, 'x1', x1, floats)
  checkSameKind(op, x1, 'x2', x2)
  checkSameKind(op, x1, 'weight', weight)
  if (weight.ndim !== 3) fail(op, `weight is ${showShape(weight.shape)}`, 'give [out, in1, in2]')
  const [out, ...takes] = weight.shape
  const fits = [x1, x2].every((x, i) => x.ndim > 0 && x.shape[x.ndim - 1] === takes[i])
  if (!fits || !sameShape(x1.shape.slice(0, -1), x2.shape.slice(0, -1))) {
    const given = `${showShape(x1.shape)} and ${showShape(x2.shape)}`
    fail(
      op,
      `inputs ${given} do not fit weight ${showShape(weight.shape)}`,
      `give [..., ${takes[0]}], [..., ${takes[1]}]`,
    )
  }
  if (bias) {
    checkSameKind(op, x1, 'bias', bias)
    if (!sameShape(bias.shape, [out])) fail(op, `bias is ${showShape(bias.shape)}`, `give [${out}]`)
  }
  const lead = dots(x1.ndim - 1)
  const terms = [
    { x: x1, labels: [...lead, 'i'] },
    { x: weight, labels: ['o', 'i', 'j'] },
    { x: x2, labels: [...lead, 'j'] },
  ]
  const y = contract(op, terms, [...lead, 'o'])
  return bias ? add(y, bias) : y
}
