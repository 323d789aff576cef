/**
 * @file What the words of a status buffer say: those of shaders/lib/status.wgsl. Where the buffer is, and when it is
 * looked at, its device knows.
 */
import { WORD_BYTES } from '../core/contract.ts'
import type { HandgradError } from '../core/errors.ts'
import { floatKinds, reportError } from '../core/reports.ts'

/** Launch, position, value, limit, kind, low. */
export const STATUS_BYTES = 6 * WORD_BYTES

/** Ops that may report, and what one of them did. */
export class Reported {
  /** Ops that launched kernels that report; the id of one is its position, from 1. */
  private readonly labels: string[] = []
  private readonly ids = new Map<string, number>()

  /** The number that stands for an op in the buffer. */
  idOf(label: string): number {
    const known = this.ids.get(label)
    if (known !== undefined) return known
    this.labels.push(label)
    this.ids.set(label, this.labels.length)
    return this.labels.length
  }

  /** The error that a copy of the buffer tells of. */
  errorIn(copy: ArrayBuffer, offset: number): HandgradError | undefined {
    const [launch, position, index, limit, kind, low] = new Int32Array(copy, offset, STATUS_BYTES / WORD_BYTES)
    if (launch === 0) return undefined
    const value = floatKinds.includes(kind) ? new Float32Array(Int32Array.of(index).buffer)[0] : index
    return reportError(this.labels[launch - 1], { kind, position, value, limit, low })
  }
}
