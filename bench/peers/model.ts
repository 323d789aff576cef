/**
 * @file An ONNX model of a few nodes as bytes, by hand: protobuf's varints and length-delimited fields
 * (https://protobuf.dev/programming-guides/encoding/), and ONNX's messages (onnx.proto3, opset 17).
 */

type Bytes = readonly number[]

/** A whole number from 0 up in groups of seven bits. */
function varint(n: number): number[] {
  const bytes: number[] = []
  let rest = n
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}

const number = (field: number, n: number): Bytes => [...varint(field * 8), ...varint(n)]
const bytes = (field: number, content: Bytes): Bytes => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...content,
]
const text = (field: number, s: string): Bytes => bytes(field, [...new TextEncoder().encode(s)])
const float = (field: number, x: number): Bytes => [
  ...varint(field * 8 + 5),
  ...new Uint8Array(new Float32Array([x]).buffer),
]

/** One operator. Attributes: whole numbers, or lists of them; a number under `epsilon` is a float. */
export interface Node {
  readonly op: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>
}

const [FLOAT, INTS, INT] = [1, 7, 2]

function attribute(name: string, value: number | readonly number[]): Bytes {
  if (name === 'epsilon') return [...text(1, name), ...float(2, value as number), ...number(20, FLOAT)]
  if (typeof value === 'number') return [...text(1, name), ...number(3, value), ...number(20, INT)]
  return [...text(1, name), ...value.flatMap((n) => number(8, n)), ...number(20, INTS)]
}

const node = ({ op, inputs, output, attributes = {} }: Node): Bytes => [
  ...inputs.flatMap((name) => text(1, name)),
  ...text(2, output),
  ...text(4, op),
  ...Object.entries(attributes).flatMap(([name, value]) => bytes(5, attribute(name, value))),
]

/** A float32 tensor's name and shape; without a shape any. */
const value = (name: string, shape?: readonly number[]): Bytes => {
  const dims =
    shape &&
    bytes(
      2,
      shape.flatMap((n) => bytes(1, number(1, n))),
    )
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, 1), ...(dims ?? [])]))]
}

/** Small constants, as float32 or (where named so) int64. */
const constant = (name: string, values: readonly number[], whole: boolean): Bytes => [
  ...number(1, values.length),
  ...number(2, whole ? 7 : 1),
  ...text(8, name),
  ...bytes(9, [...new Uint8Array((whole ? BigInt64Array.from(values, BigInt) : Float32Array.from(values)).buffer)]),
]

export interface Graph {
  readonly inputs: Readonly<Record<string, readonly number[]>>
  readonly constants?: Readonly<Record<string, readonly number[]>>
  /** Of the constants those that are whole numbers, such as axes. */
  readonly whole?: readonly string[]
  readonly nodes: readonly Node[]
  readonly output: string
}

export function model({ inputs, constants = {}, whole = [], nodes, output }: Graph): Uint8Array {
  const graph = [
    ...nodes.flatMap((one) => bytes(1, node(one))),
    ...text(2, 'workload'),
    ...Object.entries(constants).flatMap(([name, list]) => bytes(5, constant(name, list, whole.includes(name)))),
    ...Object.entries(inputs).flatMap(([name, shape]) => bytes(11, value(name, shape))),
    ...bytes(12, value(output)),
  ]
  return Uint8Array.from([...number(1, 8), ...bytes(7, graph), ...bytes(8, number(2, 17))])
}
