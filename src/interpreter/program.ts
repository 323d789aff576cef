/**
 * @file A kernel ready to run: what a pipeline is on WebGPU. The typed tree of src/wgsl, an entry point and values of
 * its overrides become JavaScript (code/), which is kept; `run` takes it through the workgroups of a dispatch.
 */
import type { Module } from '../wgsl/index.ts'
import type { Finding } from './faults.ts'

/** Memory that a binding names. */
export interface Memory {
  /** All of it, whole words; a tensor's are whole vec4s. */
  readonly buffer: ArrayBuffer
  /** Bytes that are the tensor's own: what comes after is padding, which may be read and never counts. */
  readonly bytes: number
  /** For each word 1 where nothing was written yet. */
  readonly undefined: Uint8Array
  /** A tensor, to whose elements no undefined data may be written; false: scratch. */
  readonly tensor: boolean
}

/** In which order things happen that a GPU may do in any. */
export interface Order {
  /** Threads and workgroups from the last to the first, lanes of subgroups interleaved. */
  readonly reversed: boolean
  /** Which of the weak exchanges fail without a reason. */
  readonly seed: number
}

/** An access, as `trace` sees it. */
export interface Access {
  readonly does: 'read' | 'write' | 'atomic'
  readonly space: 'workgroup' | 'storage' | 'uniform'
  readonly buffer: string
  /** Bytes from the beginning of the buffer, and how many. */
  readonly byte: number
  readonly bytes: number
  readonly file: string
  readonly line: number
  /** The place in the text: two accesses of one line have different numbers, which say nothing else. */
  readonly site: number
  readonly group: readonly [number, number, number]
  readonly thread: number
  /** Barriers that the workgroup passed before. */
  readonly phase: number
}

/** A barrier, as all threads of a workgroup pass it. */
export interface Barrier {
  readonly file: string
  readonly line: number
  /** The memory whose accesses it orders. */
  readonly orders: 'workgroup' | 'storage'
  /** It is one of the two of a `workgroupUniformLoad`. */
  readonly loads: boolean
}

/** Told of what happens in a dispatch, as it happens. */
export interface Observer {
  access(access: Access): void
  passed?(barrier: Barrier): void
  /** A workgroup has come to its end. */
  ended?(): void
}

export interface Run {
  readonly groups: readonly [number, number, number]
  /** By binding number (group 0). */
  readonly memory: ReadonlyMap<number, Memory>
  readonly order: Order
  /** Steps that a thread may take. */
  readonly limit: number
  /** Look for faults; without, accesses are kept inside, and nothing else is asked. */
  readonly checked: boolean
  /** Lanes of a subgroup. */
  readonly subgroupSize: number
  /** They make it slower; none is told of the second order. */
  readonly observers: readonly Observer[]
  found(finding: Finding): void
}

export interface BindingInfo {
  readonly name: string
  readonly binding: number
  readonly space: 'uniform' | 'storage'
  readonly writable: boolean
  /** The least bytes that a buffer must have. */
  readonly minBytes: number
}

export interface Program {
  readonly entry: string
  readonly workgroup: readonly [number, number, number]
  /** Bytes of workgroup memory that the entry point uses. */
  readonly workgroupBytes: number
  /** What the entry point uses. */
  readonly bindings: readonly BindingInfo[]
  /** Checked accesses of storage and workgroup memory so far. */
  readonly accesses: number
  /** Operations on floats so far, in runs that are observed: a fused multiply-add is two. */
  readonly flops: number
  /** Runs a dispatch to its end. @returns false if a thread was stopped (`endless`, `barrier`) */
  run(run: Run): boolean
}

export interface ProgramOptions {
  /** Values of overrides, by name or by the number of `@id`. */
  readonly constants?: Readonly<Record<string, number>>
  /** Contract a·b + c to one rounding where a hash of this and the place says so; default: never. */
  readonly contract?: number
}

/** @throws WgslError if there is no such entry point, an override lacks its value, or a size is not allowed */
export type MakeProgram = (module: Module, entry: string, options?: ProgramOptions) => Program
