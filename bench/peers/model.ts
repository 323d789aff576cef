/**
 * @file An ONNX model of a few nodes as bytes, by hand: protobuf's varints and length-delimited fields
 * (https://protobuf.dev/programming-guides/encoding/), and ONNX's messages (onnx.proto3, opset 17).
 */
import { bytes as join, varint } from '../../src/train/tensorboard.ts'

type Bytes = Uint8Array

const number = (field: number, n: number): Bytes => join(varint(field * 8), varint(n))
const bytes = (field: number, ...content: readonly Uint8Array[]): Bytes => {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  return join(varint(field * 8 + 2), varint(length), ...content)
}
const text = (field: number, s: string): Bytes => bytes(field, new TextEncoder().encode(s))
const float = (field: number, x: number): Bytes =>
  join(varint(field * 8 + 5), new Uint8Array(new Float32Array([x]).buffer))

/** One operator. Attributes: whole numbers, or lists of them; a number under `epsilon` is a float. */
export interface Node {
  readonly op: string
  readonly inputs: readonly string[]
  /** One, or a list. */
  readonly output: string | readonly string[]
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>
}

const [FLOAT, INTS, INT] = [1, 7, 2]

function attribute(name: string, value: number | readonly number[]): Bytes {
  if (name === 'epsilon') return join(text(1, name), float(2, value as number), number(20, FLOAT))
  if (typeof value === 'number') return join(text(1, name), number(3, value), number(20, INT))
  return join(text(1, name), ...value.map((n) => number(8, n)), number(20, INTS))
}

const node = ({ op, inputs, output, attributes = {} }: Node): Bytes =>
  join(
    ...inputs.map((name) => text(1, name)),
    ...[output].flat().map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
  )

/** What elements are, by the number that ONNX has for it. */
const elements = { float32: 1, int64: 7 } as const

/** A tensor's name and shape; without a shape any, and a name in it is a length that is any. */
const value = (name: string, shape?: Shape, type: keyof typeof elements = 'float32'): Bytes => {
  const dims = shape?.map((n) => bytes(1, typeof n === 'string' ? text(2, n) : number(1, n)))
  return join(text(1, name), bytes(2, bytes(1, number(1, elements[type]), ...(dims ? [bytes(2, ...dims)] : []))))
}

/** Numbers that the model holds, as float32 or (where named so) int64. */
const constant = (name: string, { shape, values }: Constant, whole: boolean): Bytes => {
  const data = whole ? BigInt64Array.from(values, BigInt) : Float32Array.from(values)
  return join(
    ...shape.map((n) => number(1, n)),
    number(2, elements[whole ? 'int64' : 'float32']),
    text(8, name),
    bytes(9, new Uint8Array(data.buffer)),
  )
}

type Shape = readonly (number | string)[]

interface Constant {
  readonly shape: readonly number[]
  readonly values: ArrayLike<number> & Iterable<number>
}

export interface Graph {
  readonly inputs: Readonly<Record<string, Shape>>
  /** A list is a vector. */
  readonly constants?: Readonly<Record<string, readonly number[] | Constant>>
  /** Of the inputs and constants those that are whole numbers, such as axes. */
  readonly whole?: readonly string[]
  readonly nodes: readonly Node[]
  readonly output: string | readonly string[]
}

export function model({ inputs, constants = {}, whole = [], nodes, output }: Graph): Uint8Array {
  const typeOf = (name: string) => (whole.includes(name) ? 'int64' : 'float32')
  const held = Object.entries(constants).map(([name, given]) =>
    bytes(5, constant(name, 'shape' in given ? given : { shape: [given.length], values: given }, whole.includes(name))),
  )
  return join(
    number(1, 8),
    bytes(
      7,
      ...nodes.map((one) => bytes(1, node(one))),
      text(2, 'workload'),
      ...held,
      ...Object.entries(inputs).map(([name, shape]) => bytes(11, value(name, shape, typeOf(name)))),
      ...[output].flat().map((name) => bytes(12, value(name))),
    ),
    bytes(8, number(2, 17)),
  )
}
