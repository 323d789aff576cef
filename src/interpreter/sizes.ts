/** @file How large a dispatch may be: what WebGPU would refuse of it, and what would take the interpreter too long. */
import { LimitError } from '../core/errors.ts'
import type { Facts } from '../core/kernel.ts'
import type { Program } from './program.ts'

/** Threads of a dispatch whose accesses are told one by one. */
const MAX_TRACED = 65536

/** What a dispatch may be. */
export interface Bounds {
  readonly facts: Facts
  /** Steps that a thread may take, and threads that a dispatch may have. */
  readonly limit: number
  readonly trace?: unknown
}

/**
 * Refuse a workgroup or a grid that is too large.
 * @param remedy  what to do about more threads than the limit
 */
export function checkSize(
  { entry, workgroup, workgroupBytes }: Program,
  [x, y, z]: readonly [number, number, number],
  { facts, limit, trace }: Bounds,
  label: string,
  remedy: string,
): void {
  const threads = workgroup[0] * workgroup[1] * workgroup[2]
  if (threads > facts.maxThreads) {
    const what = `${entry} has workgroups of ${workgroup.join(' × ')} threads, the adapter ${facts.maxThreads} threads`
    throw new LimitError(label, what, 'use smaller ones')
  }
  if (workgroupBytes > facts.maxWorkgroupBytes) {
    const what = `${entry} uses ${workgroupBytes} bytes of workgroup memory, the adapter has ${facts.maxWorkgroupBytes}`
    throw new LimitError(label, what, 'use less')
  }
  const all = x * y * z * threads
  if (all > limit) throw new LimitError(label, `${entry} would run ${all} threads, the limit is ${limit}`, remedy)
  if (trace && all > MAX_TRACED) {
    const what = `${entry} would run ${all} threads, of which all are traced`
    throw new LimitError(label, what, `trace dispatches of at most ${MAX_TRACED} threads`)
  }
}
