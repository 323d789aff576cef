/** @file The numbers that an input begins with: the same everywhere, others for each name. */
import { fail } from '../../core/errors.ts'
import { generator } from '../numbers.ts'
import type { Bind } from './bind.ts'
import type { Scalar } from './types.ts'

/** Numbers of a kind: `rand` in [0, 1), `randn` of the normal distribution, `iota` 0, 1, 2, … */
export function filled(
  { name, fill, end = 0, values = [] }: Bind,
  count: number,
  scalar: Scalar,
  op = 'bench',
): Float64Array {
  const whole = scalar === 'u32' || scalar === 'i32'
  if (whole && (fill === 'rand' || fill === 'randn'))
    fail(op, `--bind ${name}=${fill}, and ${name} holds ${scalar}`, `${name}=randint:10:SHAPE gives whole numbers`)
  const y = new Float64Array(count)
  const next = generator(seedOf(name))
  if (fill === 'rand') for (let i = 0; i < count; i++) y[i] = next()
  else if (fill === 'randn') for (let i = 0; i < count; i++) y[i] = normal(next)
  else if (fill === 'randint') for (let i = 0; i < count; i++) y[i] = Math.floor(next() * end)
  else if (fill === 'iota') for (let i = 0; i < count; i++) y[i] = i
  else if (fill === 'ones') y.fill(1)
  else if (fill === 'fill') y.fill(values[0])
  else if (fill === 'list') y.set(values)
  return y
}

/** Box and Muller's cosine: √(−2 log u)·cos 2πv with u in (0, 1]. */
const normal = (next: () => number): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())

/** FNV-1a. */
const seedOf = (name: string): number =>
  [...name].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 0x01000193) >>> 0, 0x811c9dc5)
