/**
 * @file A reader of TensorBoard's event files that shares nothing with the writer: protocol buffers by TensorBoard's
 *   own
 * descriptors, which tools/reference_tensorboard.py took from it, and CRC-32C by bits.
 */
import { readFileSync } from 'node:fs'
import { Events } from '../../src/train/tensorboard.ts'

type Field = readonly [name: string, type: number, message: string, repeated: boolean, oneof: boolean]

/** What a real TensorBoard made of the files of {@link writeReal}. */
export const real = JSON.parse(
  readFileSync(new URL('../reference/train/tensorboard.json', import.meta.url), 'utf8'),
) as {
  readonly messages: Readonly<Record<string, Readonly<Record<string, Field>>>>
  readonly files: readonly string[]
  readonly read: readonly (readonly object[])[]
  readonly shown: Readonly<Record<string, readonly (readonly [step: number, value: number])[]>>
  readonly histograms: readonly string[]
}

/** An event as TensorBoard's descriptors name its parts. */
export interface ProtoEvent {
  readonly wall_time: number
  readonly step?: number
  readonly file_version?: string
  readonly summary?: { readonly value?: readonly ProtoValue[] }
}
interface ProtoValue {
  readonly tag: string
  readonly simple_value?: number
  readonly histo?: Readonly<Partial<Record<'min' | 'max' | 'num', number>>> & {
    readonly bucket?: readonly number[]
    readonly bucket_limit?: readonly number[]
  }
}

/** The numbers of google/protobuf/descriptor.proto. */
const [DOUBLE, FLOAT, INT64, STRING, MESSAGE, ENUM] = [1, 2, 3, 9, 11, 14]

/** The polynomial division itself, bit by bit, of data with the highest power first. */
function crc(data: Uint8Array): number {
  let rest = 0xffffffffn
  for (const byte of data)
    for (let bit = 0n; bit < 8n; bit++) {
      const top = (rest & 1n) ^ ((BigInt(byte) >> bit) & 1n)
      rest = (rest >> 1n) ^ (top ? 0x82f63b78n : 0n)
    }
  return Number(rest ^ 0xffffffffn)
}
const unmasked = (sum: number): number => {
  const rotated = (sum - 0xa282ead8) >>> 0
  return ((rotated << 15) | (rotated >>> 17)) >>> 0
}

/** The events of a file. @throws Error at a sum that is wrong */
export function eventsIn(bytes: Uint8Array): ProtoEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const events: ProtoEvent[] = []
  for (let at = 0; at < bytes.length; ) {
    const check = (from: number, length: number) => {
      if (
        from + length + 4 > bytes.length ||
        unmasked(view.getUint32(from + length, true)) !== crc(bytes.subarray(from, from + length))
      )
        throw new Error(`the checksum at byte ${from + length} is wrong`)
    }
    check(at, 8)
    const length = Number(view.getBigUint64(at, true))
    check(at + 12, length)
    // Read by the descriptors of Event.
    events.push(message('Event', bytes.subarray(at + 12, at + 12 + length)) as unknown as ProtoEvent)
    at += 16 + length
  }
  return events
}

function message(name: string, bytes: Uint8Array): Record<string, unknown> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: Record<string, unknown> = {}
  let at = 0
  const varint = (): number => {
    let n = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      n |= BigInt(byte & 127) << shift
      if (byte < 128) return Number(n)
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const field = real.messages[name]?.[tag >>> 3]
    if (!field) throw new Error(`${name} has no field ${tag >>> 3}`)
    const [key, type, inner, repeated, oneof] = field
    const wire = tag & 7
    const expected = repeated && type !== MESSAGE ? 2 : { [DOUBLE]: 1, [FLOAT]: 5, [INT64]: 0, [ENUM]: 0 }[type]
    if (wire !== (expected ?? 2)) throw new Error(`${name}.${key} has wire type ${wire}`)
    const number = (): number => {
      if (type === DOUBLE) return view.getFloat64((at += 8) - 8, true)
      if (type === FLOAT) return view.getFloat32((at += 4) - 4, true)
      return varint()
    }
    if (wire !== 2) {
      const value = number()
      // What is 0 and in no oneof is as good as absent.
      if (value !== 0 || oneof) found[key] = value
      continue
    }
    const end = varint() + at
    if (type === STRING) found[key] = new TextDecoder().decode(bytes.subarray(at, end))
    else if (type === MESSAGE) {
      const value = message(inner, bytes.subarray(at, end))
      found[key] = repeated ? [...((found[key] as unknown[]) ?? []), value] : value
    } else {
      const list: number[] = []
      while (at < end) list.push(number())
      if (list.length > 0) found[key] = list
    }
    at = end
  }
  return found
}

/** An event file of which TensorBoard was asked what it reads; `from`: of a run that goes on from that step. */
export function realFile(from: number): Uint8Array {
  let time = 1_700_000_000 + 100 * from
  const events = new Events(from, () => time++)
  for (let step = from + 1; step <= 5; step++) events.scalar('loss', from + 1 / step, step)
  events.scalar('nothing', 0, from + 1)
  events.scalar('far', 2, 2 ** 40)
  events.histogram('parameters/0.weight', [1, 2, 3, 4, 5, Number.NaN], 4)
  events.histogram('alike', [2, 2, 2], 4)
  events.histogram('none', [], 4)
  return events.take()
}
