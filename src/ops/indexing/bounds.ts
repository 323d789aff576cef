/** @file Integers looked at where they lie: wrong ones are an error at once on the CPU, else at the next read. */
import * as shaders from '../../core/contracts.generated.ts'
import { launch } from '../../core/launch.ts'
import type { Tensor } from '../../core/tensor.ts'
import * as kernels from '../base/kernels.generated.ts'
import { contiguous } from '../base/views.ts'

const { OFFSET, REPEAT, REPEATS, TAKEN } = shaders.bounds.consts
const kinds = { OFFSET, REPEAT, REPEATS, TAKEN }

interface Bounds {
  readonly low: number
  /** Default: the largest int32. */
  readonly high?: number
  /** The first is `low`, and none is below the one before it. */
  readonly rising?: boolean
  /** The place of the first one, for the error. */
  readonly start?: number
}

/** Refuse integers outside of [low, high], in the words that core/reports.ts has for their kind. */
export function checkBounds(op: string, kind: keyof typeof kinds, x: Tensor, bounds: Bounds): void {
  if (x.numel === 0) return
  const { low, high = 2 ** 31 - 1, rising = false, start = 0 } = bounds
  const each = contiguous(x)
  const params = { size: x.numel, start, low, high, x_offset: each.layout.offset, launch_id: 0 }
  launch(op, kernels.bounds, [each], params, { KIND: kinds[kind], RISING: rising ? 1 : 0 })
}
