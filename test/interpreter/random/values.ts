/**
 * @file What is in the buffers of a program, by their types: bytes before it, and which words of them count after it.
 */
import { alignOf, offsetsOf, sizeOf, strideOf } from '../../../src/wgsl/layout.ts'
import { componentOf, f32, type Type } from './context.ts'
import type { Draw } from './draw.ts'

/**
 * Calls with the byte of each scalar or atomic of a type, which begins at `byte`; an array without count has `tail`.
 */
export function scalars(
  type: Type,
  byte: number,
  tail: number,
  visit: (byte: number, of: Type, path: string) => void,
  path = '',
): void {
  switch (type.kind) {
    case 'vector':
      for (let i = 0; i < type.size; i++) visit(byte + 4 * i, type.of, `${path}.${'xyzw'[i]}`)
      return
    case 'matrix':
      for (let i = 0; i < type.columns; i++) {
        for (let j = 0; j < type.rows; j++) visit(byte + i * alignOf(type) + 4 * j, type.of, `${path}[${i}][${j}]`)
      }
      return
    case 'array':
      for (let i = 0; i < (typeof type.count === 'number' ? type.count : tail); i++) {
        scalars(type.of, byte + i * strideOf(type), tail, visit, `${path}[${i}]`)
      }
      return
    case 'struct':
      type.members.forEach((member, i) =>
        scalars(member.type, byte + offsetsOf(type)[i], tail, visit, `${path}.${member.name}`),
      )
      return
    default:
      visit(byte, type, path)
  }
}

/** Bytes of a type whose last array without count has `tail` elements. */
export function bytesOf(type: Type, tail: number): number {
  const last = type.kind === 'struct' ? type.members[type.members.length - 1].type : type
  const more = last.kind === 'array' && last.count === null ? (tail - 1) * strideOf(last) : 0
  return Math.ceil((sizeOf(type) + more) / 16) * 16
}

/** Numbers of all sizes; f32 are whole and small. */
export function fill(draw: Draw, type: Type, tail: number): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(bytesOf(type, tail)))
  // What lies between values is never read.
  for (let i = 0; i < view.byteLength; i += 4) view.setUint32(i, 0xdeadbeef, true)
  scalars(type, 0, tail, (byte, of) => {
    if (componentOf(of) === f32) view.setFloat32(byte, draw.between(-64, 64), true)
    else view.setUint32(byte, draw.word(), true)
  })
  return view.buffer
}
