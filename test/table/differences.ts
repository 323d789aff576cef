/**
 * @file The proof of a row's gradient rules: differences in float64, of first and second order, on every case small
 * enough, with inputs in each memory layout.
 */
import { gradcheck, gradgradcheck } from '../../src/autograd/gradcheck.ts'
import { Philox } from '../../src/core/philox.ts'
import { openScope } from '../../src/core/scope.ts'
import { showShape, sizeOf } from '../../src/core/shape.ts'
import type { Tensor } from '../../src/core/tensor.ts'
import { grad } from '../../src/core/walk.ts'
import { cpu } from '../../src/devices.ts'
import { arrange, changes, type Layout } from './run.ts'
import { type Case, type OpName, ops, type Row, table } from './table.ts'

type Fn = (...x: Tensor[]) => Tensor | readonly Tensor[]

/** Largest case that differences are taken of. */
const SMALL = 150

/** Where a proof fails: the relative error of the gradient, and of the gradient of the gradient. */
export const TOLERANCE = { first: 1e-6, second: 1e-5 } as const

export interface Differences {
  /** Cases that were compared. */
  readonly checked: number
  /** The worst relative errors; null where there was nothing to compare. */
  readonly first: number | null
  readonly second: number | null
  readonly failures: readonly string[]
}

/** True if the row says that its op has a gradient. */
export const isSmooth = ({ order }: Row): boolean => order === 2 || order.upTo > 0

function suits(c: Case, layout: Layout): boolean {
  const sizes = c.x.map((x) => sizeOf(x.shape))
  return (
    !c.kink &&
    !c.forward &&
    c.x.some((x) => x.kind === 'float' && (layout !== 'expanded' || x.shape[0] > 1)) &&
    Math.max(...sizes) <= SMALL &&
    Math.min(...sizes) > 0 &&
    changes(c, layout)
  )
}

/**
 * The inputs of a case in a layout, and the function of them. Expanded: what is differentiated is the tensor before its
 * expansion, because to move one of several equal elements is to meet the kink that a tie is.
 */
function arranged(f: Fn, c: Case, index: number, layout: Layout): { f: Fn; xs: Tensor[] } {
  const repeated = c.x.map(({ kind, shape }) => layout === 'expanded' && kind === 'float' && shape[0] > 1)
  const xs = c.x.map((input, i) => {
    const data = input.draw(new Philox(index * 10 + i))
    const dtype = input.kind === 'float' ? 'float64' : input.kind
    const [first, ...rest] = input.shape
    if (repeated[i]) return arrange(data.subarray(0, data.length / first), [1, ...rest], 'contiguous', dtype, cpu)
    return arrange(data, input.shape, layout === 'expanded' ? 'contiguous' : layout, dtype, cpu).detach()
  })
  return { f: (...all) => f(...all.map((x, i) => (repeated[i] ? x.expand([...c.x[i].shape]) : x))), xs }
}

/** Compare the rules of an op with differences, on inputs of a layout. */
export async function differences(
  op: OpName,
  layout: Layout = 'contiguous',
  row: Row = table[op],
): Promise<Differences> {
  let checked = 0
  let first: number | null = null
  let second: number | null = null
  const failures: string[] = []
  for (const [index, c] of row.cases.entries()) {
    if (!isSmooth(row) || !suits(c, layout)) continue
    const where = `case ${index} ${c.x.map((x) => showShape(x.shape)).join(' ')}${c.note ? ` (${c.note})` : ''}, ${layout}`
    using s = openScope()
    try {
      const { f, xs } = s.run(() => arranged((c.f ?? ops[op]) as Fn, c, index, layout))
      const ys = s.run(() => [f(...xs)].flat())
      if (!ys.some((y) => y.dtype === 'float64')) continue
      checked++
      const prove = async (check: typeof gradcheck, tolerance: number): Promise<number> => {
        // The error is wanted even if it is too large; a second look then says where it is.
        const { worst } = await check(f, xs, { tolerance: Infinity })
        if (worst > tolerance)
          await check(f, xs, { tolerance }).catch((error) => failures.push(`${where}: ${error.message}`))
        return worst
      }
      first = Math.max(first ?? 0, await prove(gradcheck, TOLERANCE.first))
      if (row.order === 2) second = Math.max(second ?? 0, await prove(gradgradcheck, TOLERANCE.second))
    } catch (error) {
      failures.push(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
    }
  }
  return { checked, first, second, failures }
}

/**
 * At kinks and poles there is no difference to compare with, but where inputs and results are numbers (±∞ are), so are
 * gradients.
 * @returns the cases whose gradient is NaN
 */
export async function nanAtKinks(op: OpName, { cases }: Row = table[op]): Promise<string[]> {
  const failures: string[] = []
  for (const [index, c] of cases.entries()) {
    if (!c.kink || !c.x.some((x) => x.kind === 'float')) continue
    using s = openScope()
    const [results, grads] = s.run(() => {
      const xs = c.x.map((x, i) => {
        const data = x.draw(new Philox(index * 10 + i))
        const made = arrange(data, x.shape, 'contiguous', x.kind === 'float' ? 'float64' : x.kind, cpu)
        return x.kind === 'float' ? made.detach().requiresGrad_() : made
      })
      const f = (c.f ?? ops[op]) as (...x: Tensor[]) => Tensor | readonly Tensor[]
      const ys = [f(...xs)].flat()
      const smooth = ys.filter((y) => y.requiresGrad)
      const wanted = xs.filter((x) => x.requiresGrad)
      const gradOutputs = smooth.map((y) => y.detach().mul(0).nanToNum().add(0.7))
      const found = smooth.length > 0 ? grad(smooth, wanted, { gradOutputs, allowUnused: true }) : []
      return [[...xs, ...ys], found.filter((g) => g !== null)] as const
    })
    const hasNaN = async (list: readonly Tensor[]): Promise<boolean> =>
      (await Promise.all(list.map((x) => x.data()))).some((data) => data.some((v) => Number.isNaN(v)))
    if (!(await hasNaN(results)) && (await hasNaN(grads)))
      failures.push(`case ${index}${c.note ? ` (${c.note})` : ''}: NaN in a gradient`)
  }
  return failures
}
