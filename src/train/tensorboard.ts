/**
 * @file The bytes of TensorBoard's event files, made by hand: protocol buffers in records with masked CRC-32C. The
 * fields are those of TensorBoard's event.proto and summary.proto. It imports nothing, so that it can be loaded by
 * itself.
 */

/** Bytes of a field: its number and wire type, then what it holds. */
const field = (number: number, wire: number, payload: Uint8Array): Uint8Array =>
  bytes(varint(number * 8 + wire), payload)

/** Arrays one after the other. */
export function bytes(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** An integer from 0 up to 2⁵³, seven bits a byte, the lowest first. */
export function varint(n: number): Uint8Array {
  const list: number[] = []
  for (; n > 127; n = Math.floor(n / 128)) list.push((n % 128) | 128)
  return Uint8Array.from([...list, n])
}

/** Numbers, little-endian. */
function doubles(list: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * list.length))
  list.forEach((x, i) => {
    view.setFloat64(8 * i, x, true)
  })
  return new Uint8Array(view.buffer)
}
function float(x: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, x, true)
  return new Uint8Array(view.buffer)
}

const text = (s: string): Uint8Array => new TextEncoder().encode(s)
/** Something of a length: text, a message, packed numbers. */
const sized = (number: number, payload: Uint8Array): Uint8Array =>
  field(number, 2, bytes(varint(payload.length), payload))
const double = (number: number, x: number): Uint8Array => field(number, 1, doubles([x]))

/** Event { wall_time = 1, step = 2, … }. */
const event = (time: number, step: number, what: Uint8Array): Uint8Array =>
  bytes(double(1, time), field(2, 0, varint(step)), what)

/** Event.summary = 5 of Summary { value = 1 } of Value { tag = 1, … }. */
const summary = (tag: string, value: Uint8Array): Uint8Array => sized(5, sized(1, bytes(sized(1, text(tag)), value)))

/** HistogramProto { min = 1, max = 2, num = 3, sum = 4, sum_squares = 5, bucket_limit = 6, bucket = 7 }. */
function histogramOf(values: ArrayLike<number>): Uint8Array {
  const list = Array.from(values).filter(Number.isFinite)
  let [low, high] = list.length > 0 ? [list[0], list[0]] : [0, 0]
  for (const x of list) [low, high] = [Math.min(low, x), Math.max(high, x)]
  const buckets = new Array<number>(BUCKETS).fill(0)
  const width = (high - low) / BUCKETS
  for (const x of list) buckets[width > 0 ? Math.min(BUCKETS - 1, Math.floor((x - low) / width)) : 0]++
  const limits = buckets.map((_, i) => (i === BUCKETS - 1 || !(width > 0) ? high : low + width * (i + 1)))
  const sums = [list.reduce((a, x) => a + x, 0), list.reduce((a, x) => a + x * x, 0)]
  const numbers = [low, high, list.length, ...sums].map((x, i) => double(i + 1, x))
  return bytes(...numbers, sized(6, doubles(limits)), sized(7, doubles(buckets)))
}
const BUCKETS = 30

/** CRC-32C (Castagnoli), reflected: x³² + x²⁸ + x²⁷ + … + 1 is 0x82f63b78. */
const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1
  return n >>> 0
})
/** The sum that records have: rotated by 15 bits, with a constant added, so that sums of sums differ from them. */
function masked(data: Uint8Array): Uint8Array {
  let crc = 0xffffffff
  for (const byte of data) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8)
  crc = ~crc >>> 0
  return words(((crc >>> 15) | (crc << 17)) + 0xa282ead8)
}
function words(...list: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * list.length))
  list.forEach((x, i) => {
    view.setUint32(4 * i, x >>> 0, true)
  })
  return new Uint8Array(view.buffer)
}
/** A record: length in 8 bytes and its sum, the data and their sum. */
function record(data: Uint8Array): Uint8Array {
  const length = words(data.length, 0)
  return bytes(length, masked(length), data, masked(data))
}

/** Events of one file, as they are put in. */
export class Events {
  private readonly now: () => number
  private pending: Uint8Array[] = []

  /**
   * @param step  where a run goes on: what other files of the folder say of later steps is void
   * @param now   seconds since 1970
   */
  constructor(step: number, now: () => number) {
    this.now = now
    // file_version = 3; session_log = 7 of SessionLog { status = 1 } with START = 1.
    this.put(0, sized(3, text('brain.Event:2')))
    if (step > 0) this.put(step + 1, sized(7, field(1, 0, varint(1))))
  }

  /** Value.simple_value = 2: a point of a curve. */
  scalar(tag: string, value: number, step: number): void {
    this.put(step, summary(tag, field(2, 5, float(value))))
  }

  /** Value.histo = 5: how values are spread, those that are finite. */
  histogram(tag: string, values: ArrayLike<number>, step: number): void {
    this.put(step, summary(tag, sized(5, histogramOf(values))))
  }

  /** What was put in since the last call. */
  take(): Uint8Array {
    const all = bytes(...this.pending)
    this.pending = []
    return all
  }

  private put(step: number, what: Uint8Array): void {
    this.pending.push(record(event(this.now(), step, what)))
  }
}
