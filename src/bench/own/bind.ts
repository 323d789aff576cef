/** @file What a buffer is bound with, as text: `x=rand:1024x1024`, `y=out:1024`, `h=inout=zeros:256`, `w=w.npy`. */
import { fail, nearest, shown } from '../../core/errors.ts'
import { evaluateAll, type Names } from './expression.ts'

export type FillKind = 'rand' | 'randn' | 'zeros' | 'ones' | 'iota' | 'randint' | 'fill' | 'list' | 'file'

/** `out`: written in full; `inout`: read, and written; `in`: read only. */
export type Role = 'in' | 'out' | 'inout'

export interface Bind {
  readonly name: string
  readonly role: Role
  /** Absent for `out`. */
  readonly fill?: FillKind
  /** Of `randint`: from 0 to below it. */
  readonly end?: number
  /** Of `fill` one number, of a list all. */
  readonly values?: readonly number[]
  /** Of a file. */
  readonly path?: string
  /** As it was written; absent where a file says it. */
  readonly shape?: string
}

const KINDS = ['rand', 'randn', 'zeros', 'ones', 'iota', 'randint', 'fill', 'out', 'inout'] as const
const FORMS =
  'rand, randn, zeros, ones, iota, randint:N, fill:X or out, then :SHAPE; 1,2,3 or a .npy file; inout=… for what is changed'

/** @throws HandgradError if it is not a binding */
export function bindOf(text: string, op = 'bench'): Bind {
  const at = text.indexOf('=')
  const name = text.slice(0, Math.max(0, at))
  const wrong = (why: string, todo = FORMS): never => fail(op, `--bind ${shown(text)}: ${why}`, todo)
  if (!/^[A-Za-z_]\w*$/.test(name)) wrong('it does not begin with NAME=', '--bind x=rand:1024')
  const rest = text.slice(at + 1)
  const inout = /^inout[=:]/.test(rest)
  const what = inout ? rest.slice(6) : rest
  const role = inout ? 'inout' : 'in'
  if (/\.npy$/i.test(what)) return { name, role, fill: 'file', path: what }
  if (/^[-+.\d]|^(NaN|Infinity)\b/.test(what)) {
    const values = numbersOf(what.split(',')) ?? wrong('it is not a list of numbers', `${name}=1,2.5,-3`)
    return { name, role, fill: 'list', values, shape: String(values.length) }
  }
  const [kind, ...parts] = what.split(':')
  if (kind === 'fill') {
    const [value, shape] = parts
    const values = numbersOf([value ?? ''])
    if (!values || !shape || parts.length !== 2)
      return wrong('fill needs a number and a shape', `${name}=fill:0.5:1024`)
    return { name, role, fill: kind, values, shape }
  }
  if (kind === 'randint') {
    const [end, shape] = parts
    if (!(Number(end) >= 1) || !shape || parts.length !== 2)
      wrong('randint needs an end and a shape', 'randint:10:1024')
    return { name, role, fill: kind, end: Number(end), shape }
  }
  const known = KINDS.find((one) => one === kind)
  if (!known || known === 'inout' || (inout && known === 'out')) {
    const near = nearest(kind, KINDS)
    return wrong(`there is no '${shown(kind)}'`, `${near ? `did you mean ${near}? ` : ''}${FORMS}`)
  }
  if (parts.length !== 1 || parts[0] === '') wrong('it has no shape', `${name}=${kind}:1024x1024`)
  if (known === 'out') return { name, role: 'out', shape: parts[0] }
  return { name, role, fill: known as FillKind, shape: parts[0] }
}

/**
 * Sizes of a shape: `1024x64` is two; expressions over params and constants have commas between them, `n/LANES,64`,
 * and a quotient is rounded up.
 */
export function shapeOf({ name, shape = '' }: Bind, names: Names, op = 'bench'): number[] {
  const sizes = evaluateAll(shape.replace(/(?<=\d\s*)[x×](?=\s*\d)/g, ','), names, `the shape of ${name}`, 'up', op)
  for (const size of sizes)
    if (!Number.isSafeInteger(size) || size < 1)
      fail(op, `the shape of ${name} is ${sizes.join('x')}`, 'give sizes from 1 up')
  return sizes
}

/** Numbers as they are written; undefined if one is not a number. */
function numbersOf(texts: readonly string[]): number[] | undefined {
  const values = texts.map((text) => (text.trim() === '' ? Number.NaN : Number(text)))
  return values.some((value, i) => Number.isNaN(value) && texts[i].trim() !== 'NaN') ? undefined : values
}
