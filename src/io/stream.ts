/**
 * @file Safetensors files written piece by piece: what is in memory beside the tensors is a few pieces, however large
 * the file is. Tensors go from their device to the file; back they come by pieces.ts. The format is safetensors.ts.
 */
import { fail } from '../core/errors.ts'
import type { TypedArray } from '../core/kernel.ts'
import { contiguousCopy } from '../core/launch.ts'
import { Tensor } from '../core/tensor.ts'
import { type Elements, type FileDType, type HostTensor, tagOf, widthOf, writtenBytes } from './elements.ts'
import { makeFolderOf, writeBytes } from './files.ts'
import { quote } from './header.ts'
import { checkName, checkTensor, layOut } from './safetensors.ts'

/** Bytes that are read or written at once: whole elements of every type. */
export const PIECE = 2 ** 22

/** What is written: tensors, or arrays with a shape. */
export type Tensors = Readonly<Record<string, Tensor | HostTensor>>

/** A part of a tensor: elements [from, to). */
interface Part {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** The parts of tensors in the order of the file, in groups of up to PIECE bytes. */
function groupsOf(order: readonly string[], tensors: Tensors): Part[][] {
  const groups: Part[][] = [[]]
  let room = PIECE / 8
  for (const name of order) {
    const count = tensors[name].shape.reduce((a, b) => a * b, 1)
    for (let from = 0; from < count; ) {
      if (room === 0) {
        groups.push([])
        room = PIECE / 8
      }
      const to = Math.min(count, from + room)
      groups[groups.length - 1].push({ name, from, to })
      room -= to - from
      from = to
    }
  }
  return groups
}

/** Where the bytes of a file go, piece by piece: what a piece is in is used again for a later one. */
export type Sink = (pieces: AsyncIterable<Uint8Array>) => Promise<void>

/** Refuse what could not be read back. */
export function checkTensors(op: string, tensors: Tensors): void {
  for (const [name, x] of Object.entries(tensors)) {
    if (x instanceof Tensor) checkName(op, 'tensor', name)
    else checkTensor(op, name, x)
  }
}

/** How a file is written. */
interface Writing {
  readonly dtype?: FileDType
  /** Make its folder where it is missing. */
  readonly makeFolder?: boolean
}

/**
 * Write a file. The first piece is asked for at once, so a file of few megabytes holds the moment of the call whatever
 * follows; a tensor of a larger one must not change until it is written.
 * @throws HandgradError if a tensor does not fit the format or changes meanwhile, naming it, or the file cannot be
 *   written
 */
export async function writeTensors(
  op: string,
  target: string | Sink,
  tensors: Tensors,
  metadata: Readonly<Record<string, string>>,
  options: Writing,
): Promise<void> {
  checkTensors(op, tensors)
  const { head, order } = layOut(op, tensors, metadata, options.dtype)
  const { dtype, makeFolder } = options
  const groups = groupsOf(order, tensors)
  const held = new Map<string, { storage: Tensor['storage']; version: number }>()
  for (const [name, x] of Object.entries(tensors))
    if (x instanceof Tensor) held.set(name, { storage: x.storage.retain(), version: x.storage.version })
  /** Of a tensor that does not lie in order: a copy that does, until its last part. */
  let copy: { of: string; x: Tensor } | undefined

  /** Elements of a tensor as they are now: a view where the device's memory is the host's, else what it will read. */
  const elements = (x: Tensor, { name, from, to }: Part): TypedArray | Promise<TypedArray> => {
    const { storage, version } = held.get(name) as { storage: Tensor['storage']; version: number } // was put above
    if (storage.version !== version)
      fail(op, `tensor ${quote(name)} was changed by ${storage.changedBy} while it was saved`, 'await the save first')
    let [block, offset] = [storage.block, x.layout.offset]
    if (!x.isContiguous) {
      if (copy?.of !== name) {
        copy?.x.dispose()
        copy = { of: name, x: contiguousCopy(op, x, x.layout) }
      }
      ;[block, offset] = [copy.x.storage.block, 0]
    }
    const { device } = storage
    if (device.peek) return device.peek(block).subarray(offset + from, offset + to)
    return device.read(block, offset + from, to - from)
  }
  /** A group as it is now, in the bytes that are given. */
  const ask = async (group: readonly Part[], into: Uint8Array): Promise<Uint8Array> => {
    let at = 0
    const reads = group.map((part) => {
      const x = tensors[part.name]
      const begin = at
      at += (part.to - part.from) * widthOf(tagOf(x.dtype, dtype))
      // Data are the array of their dtype.
      const put = (data: HostTensor['data']) =>
        into.set(writtenBytes({ dtype: x.dtype, data } as Elements, dtype), begin)
      if (!(x instanceof Tensor)) return put(x.data.subarray(part.from, part.to))
      const data = elements(x, part)
      return data instanceof Promise ? data.then(put) : put(data)
    })
    await Promise.all(reads)
    return into.subarray(0, at)
  }
  /** While one group is written, the next one is read. */
  const [even, odd] = [new Uint8Array(PIECE), new Uint8Array(groups.length > 1 ? PIECE : 0)]
  const asked = (i: number): Promise<Uint8Array> => {
    const group = ask(groups[i], i % 2 === 0 ? even : odd)
    // It is awaited later, perhaps never: where the file cannot be written.
    group.catch(() => {})
    return group
  }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield head
    for (let i = 0, next = first; i < groups.length; i++) {
      const now = await next
      if (i + 1 < groups.length) next = asked(i + 1)
      yield now
    }
  }
  const first = asked(0)
  try {
    if (typeof target !== 'string') await target(pieces())
    else {
      if (makeFolder) await makeFolderOf(op, target)
      await writeBytes(op, target, pieces())
    }
  } finally {
    copy?.x.dispose()
    for (const { storage } of held.values()) storage.release()
  }
}
