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
  private readonly labels: { readonly label: string; readonly place: number }[] = []
  private readonly ids = new Map<string, number>()
  /** Where the launch that is being encoded begins in the op, if it is a part of it. */
  place = 0

  /** The number that stands for an op in the buffer, or for a part of it. */
  idOf(label: string): number {
    const { place } = this
    const key = place === 0 ? label : `${label} ${place}`
    const known = this.ids.get(key)
    if (known !== undefined) return known
    this.labels.push({ label, place })
    this.ids.set(key, this.labels.length)
    return this.labels.length
  }

  /** The error that a copy of the buffer tells of. */
  errorIn(copy: ArrayBuffer, offset: number): HandgradError | undefined {
    const [launch, position, index, limit, kind, low] = new Int32Array(copy, offset, STATUS_BYTES / WORD_BYTES)
    if (launch === 0) return undefined
    const value = floatKinds.includes(kind) ? new Float32Array(Int32Array.of(index).buffer)[0] : index
    const { label, place } = this.labels[launch - 1]
    return reportError(label, { kind, position: place + position, value, limit, low })
  }
}
