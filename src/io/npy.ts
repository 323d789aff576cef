import { fail, failFormat, shown } from '../core/errors.ts'
import { MAX_RANK } from '../core/shape.ts'
import { type Elements, type HostTensor, readElements, type Tag, tagOf, widthOf, writtenBytes } from './elements.ts'
import type { NpyOptions } from './numpy.ts'
import { checkTensor } from './safetensors.ts'

/** Element types by NumPy's names, without the byte order. */
const tags: Readonly<Record<string, Tag>> = {
  f8: 'F64',
  f4: 'F32',
  f2: 'F16',
  i8: 'I64',
  i4: 'I32',
  i2: 'I16',
  i1: 'I8',
  u8: 'U64',
  u4: 'U32',
  u2: 'U16',
  u1: 'U8',
  b1: 'BOOL',
}
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
/** Bytes of a header that are read, as NumPy has it. */
const MOST_HEADER = 10_000
const damaged = 'is it a .npy file, and is it whole?'

/** What is in the header of an array. */
interface NpyHeader {
  readonly tag: Tag
  readonly shape: number[]
  readonly big: boolean
  readonly fortran: boolean
  /** Where the elements begin. */
  readonly begin: number
}

/** Read a header and hold it against the size of the file. */
function readHeader(op: string, name: string, first: Uint8Array, size: number): NpyHeader {
  const wrong = (what: string, todo = damaged): never => failFormat(op, `${name}: ${what}`, todo)
  if (size < 10 || MAGIC.some((byte, i) => first[i] !== byte)) wrong('it does not begin as a .npy file')
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength)
  const [major, minor] = [first[6], first[7]]
  if (![1, 2, 3].includes(major) || minor !== 0)
    wrong(`it is of version ${major}.${minor}`, '1.0, 2.0 and 3.0 are read')
  if (major > 1 && size < 12) wrong('it ends in its header')
  const start = major === 1 ? 10 : 12
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  const begin = start + length
  if (length > MOST_HEADER) wrong(`the header claims ${length} bytes`, `at most ${MOST_HEADER} are read`)
  if (begin > size) wrong(`the header claims ${length} bytes, and the file has ${size - start} after its length`)
  const text = new TextDecoder('latin1').decode(first.subarray(start, begin))
  const pair = /\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\d,L\s]*\))\s*(?:,|(?=\}))/y
  const found = new Map<string, string>()
  let at = /^\s*\{/.exec(text)?.[0].length ?? 0
  for (;;) {
    pair.lastIndex = at
    const match = pair.exec(text)
    if (!match) break
    if (found.has(match[1])) wrong(`the header has ${match[1]} twice`)
    found.set(match[1], match[2])
    at = pair.lastIndex
  }
  if (
    at === 0 ||
    !/^\s*\}\s*$/.test(text.slice(at)) ||
    [...found.keys()].sort().join() !== 'descr,fortran_order,shape'
  ) {
    const what = /'descr'\s*:\s*\[/.test(text) ? 'it has fields by name' : `the header is "${shown(text.trim(), 100)}"`
    wrong(what, "an array of one type has { 'descr': …, 'fortran_order': …, 'shape': … }")
  }
  const kinds = { descr: "'", fortran_order: '[TF]', shape: '\\(' }
  for (const [key, kind] of Object.entries(kinds))
    if (!new RegExp(`^${kind}`).test(found.get(key) as string)) wrong(`${key} is ${shown(found.get(key) as string)}`)
  const descr = (found.get('descr') as string).slice(1, -1)
  if (/^\|?O/.test(descr)) wrong('it holds Python objects', 'they are programs, which are never run')
  const [, order, type] = /^([<>=|])(\w+)$/.exec(descr) ?? []
  if (type === undefined || !Object.hasOwn(tags, type))
    wrong(`its type is "${shown(descr)}"`, `${Object.keys(tags).join(', ')} are read`)
  const tag = tags[type as string]
  const sizes = (found.get('shape') as string)
    .slice(1, -1)
    .split(',')
    .map((text) => text.trim().replace(/L$/, ''))
  if (sizes[sizes.length - 1] === '') sizes.pop()
  const shape = sizes.map((text) => (/^\d{1,16}$/.test(text) ? Number(text) : wrong('its shape is none')))
  if (shape.length > MAX_RANK) wrong(`it has ${shape.length} dims`, `at most ${MAX_RANK} are read`)
  const bytes = shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, widthOf(tag))
  if (bytes !== size - begin)
    wrong(`${type} of shape [${shape.join(', ')}] takes ${bytes} bytes, and the file has ${size - begin} for them`)
  return { tag, shape, big: order === '>', fortran: found.get('fortran_order') === 'True', begin }
}

/** The array in the bytes of a file, whose header may be looked at first. */
export function decodeArray(op: string, name: string, bytes: Uint8Array): HostTensor {
  const { tag, shape, big, fortran, begin } = readHeader(op, name, bytes, bytes.length)
  const width = widthOf(tag)
  let data = bytes.subarray(begin)
  if (big && width > 1) {
    data = data.slice()
    for (let i = 0; i < data.length; i += width) data.subarray(i, i + width).reverse()
  }
  const elements = readElements(tag, data, (i, value, what) =>
    failFormat(op, `${name}: it has ${value} at element ${i}, ${what}`),
  )
  const ordered = fortran && shape.length > 1 ? inRows(elements, shape) : elements
  return { ...ordered, shape }
}

/** Elements whose first index runs fastest, in the order in which the last one does. */
function inRows({ dtype, data }: Elements, shape: readonly number[]): Elements {
  const y = new (data.constructor as Float32ArrayConstructor)(data.length)
  const strides = shape.map((_, i) => shape.slice(0, i).reduce((a, b) => a * b, 1))
  const index = shape.map(() => 0)
  for (let i = 0, at = 0; i < y.length; i++) {
    y[i] = data[at]
    for (let d = shape.length - 1; d >= 0; d--) {
      at += strides[d]
      if (++index[d] < shape[d]) break
      at -= strides[d] * shape[d]
      index[d] = 0
    }
  }
  return { dtype, data: y } as Elements // the same kind of array
}

/** What comes before the elements of an array: they begin at a multiple of 64. */
export function npyHead(
  op: string,
  x: { readonly dtype: HostTensor['dtype']; readonly shape: readonly number[] },
  asked?: NpyOptions['dtype'],
): Uint8Array {
  const tag = tagOf(x.dtype, asked)
  const type = Object.keys(tags).find((name) => tags[name] === tag)
  if (!type) fail(op, `x is ${x.dtype}, which NumPy has not`, "write it as { dtype: 'float32' }")
  const descr = `${widthOf(tag) === 1 ? '|' : '<'}${type}`
  const shape = `(${x.shape.join(', ')}${x.shape.length === 1 ? ',' : ''})`
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`
  const length = Math.ceil((10 + text.length + 1) / 64) * 64
  const head = new Uint8Array(length).fill(0x20)
  head.set(MAGIC)
  head.set([1, 0, (length - 10) % 256, Math.floor((length - 10) / 256)], 6)
  head.set(new TextEncoder().encode(text), 10)
  head[length - 1] = 0x0a
  return head
}

/** The bytes of a .npy file of an array. */
export function encodeArray(op: string, x: HostTensor, dtype: NpyOptions['dtype']): Uint8Array<ArrayBuffer> {
  checkTensor(op, 'x', x)
  const [head, data] = [npyHead(op, x, dtype), writtenBytes(x, dtype)]
  const bytes = new Uint8Array(head.length + data.length)
  bytes.set(head)
  bytes.set(data, head.length)
  return bytes
}
