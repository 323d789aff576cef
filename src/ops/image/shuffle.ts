/** @file Channels as pixels: sub-pixel convolution and its inverse. */

import { fail } from '../../core/errors.ts'
import { anyType } from '../../core/op.ts'
import { showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { checkInteger } from '../base/axes.ts'
import { permute, reshape } from '../base/views.ts'

/** Axes before the last three, the last three, and x seen as [batch, …]. */
function imageOf(op: string, x: Tensor, name: string, r: number) {
  checkDType(op, 'x', x, anyType)
  checkInteger(op, name, r, 1)
  if (x.ndim < 3) fail(op, `x is ${showShape(x.shape)}`, 'give [..., channels, height, width]')
  const lead = x.shape.slice(0, -3)
  const batch = lead.reduce((a, b) => a * b, 1)
  const [c, h, w] = x.shape.slice(-3)
  return { lead, batch, c, h, w }
}

/**
 * r² channels as r × r pixels: y[c, h·r + i, w·r + j] = x[c·r² + i·r + j, h, w] (Shi et al. 2016). Any dtype.
 * @param x              [..., C·r², H, W]
 * @param upscaleFactor  r, an integer from 1 up
 * @returns              [..., C, H·r, W·r]
 * @throws HandgradError if r² does not divide the channels
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  const op = 'pixelShuffle'
  const r = upscaleFactor
  const { lead, batch, c, h, w } = imageOf(op, x, 'upscaleFactor', r)
  if (c % (r * r) !== 0) fail(op, `${c} channels are not a multiple of ${r * r}`, `each pixel takes ${r} × ${r}`)
  const out = c / (r * r)
  const split = permute(reshape(x, [batch, out, r, r, h, w]), [0, 1, 4, 2, 5, 3])
  return reshape(split, [...lead, out, h * r, w * r])
}

/**
 * r × r pixels as r² channels, the inverse of {@link pixelShuffle}: y[c·r² + i·r + j, h, w] = x[c, h·r + i, w·r + j].
 * Any dtype.
 * @param x                [..., C, H·r, W·r]
 * @param downscaleFactor  r, an integer from 1 up
 * @returns                [..., C·r², H, W]
 * @throws HandgradError if r does not divide height and width
 */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  const op = 'pixelUnshuffle'
  const r = downscaleFactor
  const { lead, batch, c, h, w } = imageOf(op, x, 'downscaleFactor', r)
  if (h % r !== 0 || w % r !== 0) fail(op, `${h} × ${w} pixels are not multiples of ${r}`, 'crop or pad them')
  const split = permute(reshape(x, [batch, c, h / r, r, w / r, r]), [0, 1, 3, 5, 2, 4])
  return reshape(split, [...lead, c * r * r, h / r, w / r])
}
