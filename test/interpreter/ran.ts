/** @file Runs a text of WGSL on buffers, without a device: for tests of single programs. */
import { makeProgram } from '../../src/interpreter/code/index.ts'
import type { Finding } from '../../src/interpreter/faults.ts'
import type { Access, Memory, Observer, Run } from '../../src/interpreter/program.ts'
import { compile } from '../../src/wgsl/index.ts'

export type Data = Float32Array | Int32Array | Uint32Array | Uint16Array

/** Memory of what is given; a number: as many bytes that nothing wrote. */
export function memory(data: Data | number, tensor = true): Memory {
  const bytes = typeof data === 'number' ? data : data.byteLength
  const buffer = new ArrayBuffer(Math.ceil(bytes / 16) * 16)
  const marks = new Uint8Array(buffer.byteLength / 4)
  if (typeof data === 'number') marks.fill(1)
  else {
    new Uint8Array(buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    marks.fill(1, Math.ceil(bytes / 4))
  }
  return { buffer, bytes, undefined: marks, tensor }
}

export interface Ran {
  readonly ended: boolean
  readonly found: readonly Finding[]
  /** The buffer of a binding after the run, as words. */
  words(binding: number): Uint32Array
  floats(binding: number): Float32Array
}

interface Options extends Partial<Pick<Run, 'groups' | 'limit' | 'checked' | 'subgroupSize' | 'order'>> {
  readonly entry?: string
  readonly constants?: Readonly<Record<string, number>>
  readonly contract?: number
  readonly trace?: (access: Access) => void
  readonly watch?: Observer
}

/** Runs the entry point `main`, buffers by binding number. */
export function ran(
  text: string,
  buffers: Readonly<Record<number, Data | number | Memory>>,
  options: Options = {},
): Ran {
  const { entry = 'main', constants, contract, trace, watch, ...run } = options
  const program = makeProgram(compile([{ file: 'kernel.wgsl', text }]), entry, { constants, contract })
  const bound = new Map<number, Memory>()
  for (const [binding, given] of Object.entries(buffers)) {
    const isMemory = typeof given === 'object' && 'tensor' in given
    bound.set(Number(binding), isMemory ? given : memory(given))
  }
  const found: Finding[] = []
  const ended = program.run({
    groups: [1, 1, 1],
    limit: 100_000,
    checked: true,
    subgroupSize: 4,
    order: { reversed: false, seed: 1 },
    ...run,
    memory: bound,
    found: (finding) => found.push(finding),
    observers: [...(trace ? [{ access: trace }] : []), ...(watch ? [watch] : [])],
  })
  const bufferOf = (binding: number) => (bound.get(binding) as Memory).buffer
  return {
    ended,
    found,
    words: (binding) => new Uint32Array(bufferOf(binding)),
    floats: (binding) => new Float32Array(bufferOf(binding)),
  }
}

/** The first line with a mark, from 1; 0: there is none. */
export const lineOf = (text: string, mark: string): number =>
  text.split('\n').findIndex((line) => new RegExp(`//.*\\b${mark}\\b`).test(line)) + 1
