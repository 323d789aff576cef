/** @file What convolutions, pooling and resampling refuse, before any work, and by which text. */
import { describe } from 'vitest'
import { ints, loose as ops, type Refusal, refuse, zeros as z } from '../support/refusals.ts'

const x = z(1, 4, 5, 6)
const line = z(1, 4, 7)
const w = z(3, 4, 3, 3)
const i = ints(1, 4, 5, 6)

const cases: readonly Refusal[] = [
  // convolutions
  [
    () => ops.conv2d(z(3, 3), w),
    'conv2d: x is [3, 3] (give [batch, channels, height, width] or [channels, height, width])',
  ],
  [() => ops.conv1d(x, w), 'conv1d: x is [1, 4, 5, 6] (give [batch, channels, length] or [channels, length])'],
  [() => ops.conv2d(null, w), 'conv2d: x is null, not a tensor (make it with tensor(…))'],
  [() => ops.conv2d(x, 3), 'conv2d: weight is 3, not a tensor (make it with tensor(…))'],
  [() => ops.conv2d(i, i), "conv2d: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  [() => ops.conv2d(z(1, 4, 0, 6), w), 'conv2d: x [1, 4, 0, 6] has no pixels'],
  [() => ops.conv2d(x, z(3, 4, 3)), 'conv2d: weight is [3, 4, 3] (give [out, in / groups, height, width])'],
  [() => ops.convTranspose1d(line, w), 'convTranspose1d: weight is [3, 4, 3, 3] (give [in, out / groups, length])'],
  [
    () => ops.conv2d(x, z(3, 2, 3, 3)),
    'conv2d: x [1, 4, 5, 6] has 4 channels, weight [3, 2, 3, 3] with 1 group takes 2',
  ],
  [
    () => ops.convTranspose2d(x, w),
    'convTranspose2d: x [1, 4, 5, 6] has 4 channels, weight [3, 4, 3, 3] with 1 group takes 3',
  ],
  [
    () => ops.conv2d(x, z(4, 1, 3, 3), null, { groups: 2 }),
    'conv2d: x [1, 4, 5, 6] has 4 channels, weight [4, 1, 3, 3] with 2 groups takes 2',
  ],
  [
    () => ops.conv2d(x, z(3, 2, 3, 3), null, { groups: 2 }),
    'conv2d: groups 2 do not divide 3 channels of weight [3, 2, 3, 3]',
  ],
  [() => ops.conv2d(x, w, null, { groups: 0 }), 'conv2d: groups is 0 (give an integer from 1 up)'],
  [() => ops.conv2d(x, w, z(4)), 'conv2d: bias is [4], not [3] (one for each channel of y)'],
  [() => ops.conv2d(x, w, null, { stride: 0 }), 'conv2d: stride is 0 (give an integer from 1 up, or [height, width])'],
  [
    () => ops.conv2d(x, w, null, { padding: [1, -1] }),
    'conv2d: padding is [1, -1] (give an integer from 0 up, or [height, width])',
  ],
  [
    () => ops.conv1d(line, z(3, 4, 3), null, { dilation: [1, 2] }),
    'conv1d: dilation is [1, 2] (give an integer from 1 up)',
  ],
  [() => ops.conv2d(x, w, null, { padding: 'full' }), "conv2d: padding is 'full' (give numbers, 'same' or 'valid')"],
  [
    () => ops.conv2d(x, w, null, { padding: 'same', stride: 2 }),
    "conv2d: padding 'same' with stride [2, 2] (only stride 1 keeps the size; give numbers)",
  ],
  [
    () => ops.conv2d(x, z(3, 4, 3, 3), null, { dilation: 3, padding: [0, 1] }),
    'conv2d: the kernel [3, 3], spread over [7, 7], is larger than the padded input [5, 8] (pad more, or use a smaller kernel)',
  ],
  [
    () => ops.conv1d(line, z(3, 4, 8)),
    'conv1d: the kernel 8 is larger than the padded input 7 (pad more, or use a smaller kernel)',
  ],
  [
    () => ops.convTranspose2d(x, z(4, 3, 3, 3), null, { outputPadding: 2, stride: 2 }),
    'convTranspose2d: outputPadding [2, 2] with stride [2, 2] and dilation [1, 1] (it is less than one of the two)',
  ],
  [
    () => ops.convTranspose1d(z(1, 4, 1), z(4, 3, 2), null, { padding: 1 }),
    'convTranspose1d: padding 1 leaves a result of 0 (pad less)',
  ],
  [
    () => ops.convTranspose1d(line, z(4, 3, 2), null, { padding: 'same' }),
    "convTranspose1d: padding is 'same' (give an integer from 0 up)",
  ],
  [
    () => ops.conv2d(x, w, null, { stride: [0] }),
    'conv2d: stride is 0 (give an integer from 1 up, or [height, width])',
  ],
  [
    () => ops.conv2d(x, w, null, { strides: 2 }),
    'conv2d: there is no option strides (did you mean stride? it takes { stride, padding, dilation, groups })',
  ],
  // windows as columns
  [() => ops.im2col(line, 0), 'im2col: kernelSize is 0 (give an integer from 1 up, or [height, width])'],
  [
    () => ops.im2col(x, [6, 1]),
    'im2col: the kernel [6, 1] is larger than the padded input [5, 6] (pad more, or use a smaller kernel)',
  ],
  [() => ops.fold(z(6, 4), 3, 2), 'fold: 6 rows are not channels of 4 taps, kernel [2, 2]'],
  [() => ops.fold(z(4, 5), 3, 2), 'fold: x has 5 columns, images of [3, 3] have 2 × 2 = 4 windows'],
  [() => ops.fold(x, 3, 2), 'fold: x is [1, 4, 5, 6] (give [batch, channels · taps, windows])'],
  // pooling
  [() => ops.maxPool2d(x, 2.5), 'maxPool2d: kernelSize is 2.5 (give an integer from 1 up, or [height, width])'],
  [
    () => ops.maxPool2d(x, 2, { padding: 2 }),
    'maxPool2d: padding [2, 2] is more than half the kernel [2, 2] (a window must have a pixel in it)',
  ],
  [
    () => ops.avgPool1d(line, 9),
    'avgPool1d: the kernel 9 is larger than the padded input 7 (pad more, or use a smaller kernel)',
  ],
  [
    () => ops.maxPool1d(z(1, 1, 1), 2, { padding: 1, dilation: 2 }),
    'maxPool1d: window 0 of 1 has no pixel in it, only padding (pad or dilate less)',
  ],
  [() => ops.avgPool2d(x, 2, { divisorOverride: 0 }), 'avgPool2d: divisorOverride is 0 (give a number other than 0)'],
  [
    () => ops.avgPool1d(line, 2, { dilation: 2 }),
    'avgPool1d: there is no option dilation (it takes { stride, padding, ceilMode, countIncludePad, divisorOverride })',
  ],
  [() => ops.maxPool1d(i, 2), "maxPool1d: x is int32, not float32 or float64 (cast with x.to('float32'))"],
  [
    () => ops.adaptiveAvgPool2d(x, [2, 3, 4]),
    'adaptiveAvgPool2d: outputSize is [2, 3, 4] (give an integer from 1 up, or [height, width])',
  ],
  [() => ops.adaptiveMaxPool1d(line, 0), 'adaptiveMaxPool1d: outputSize is [0] (give an integer from 1 up)'],
  [
    () => ops.adaptiveMaxPool1d(z(1, 1, 70_000), 60_000),
    'adaptiveMaxPool1d: 70000 pixels in 60000 windows (their product must be below 2^31)',
  ],
  // resampling
  [
    () => ops.interpolate(z(4, 4), { size: 2 }),
    'interpolate: x is [4, 4] (give [batch, channels, length] or [batch, channels, height, width])',
  ],
  [
    () => ops.interpolate(x, { align_corners: true }),
    'interpolate: there is no option align_corners (did you mean alignCorners? it takes { size, scaleFactor, mode, alignCorners })',
  ],
  [
    () => ops.interpolate(x, { size: 2, mode: 'nearest-exact' }),
    "interpolate: mode for x [1, 4, 5, 6] is 'nearest-exact' ('nearest', 'area', 'bilinear' or 'bicubic')",
  ],
  [() => ops.interpolate(x, {}), 'interpolate: neither of size and scaleFactor are given (give one)'],
  [
    () => ops.interpolate(x, { size: 2, scaleFactor: 2 }),
    'interpolate: both of size and scaleFactor are given (give one)',
  ],
  [
    () => ops.interpolate(line, { size: 2, mode: 'bilinear' }),
    "interpolate: mode for x [1, 4, 7] is 'bilinear' ('nearest', 'area' or 'linear')",
  ],
  [
    () => ops.interpolate(x, { size: 2, alignCorners: true }),
    "interpolate: alignCorners with mode 'nearest' (it is for places between elements)",
  ],
  [
    () => ops.interpolate(x, { scaleFactor: [2, 0] }),
    'interpolate: scaleFactor is 2, 0 (give a number above 0, or 2 of them)',
  ],
  [
    () => ops.interpolate(x, { scaleFactor: 0.1 }),
    'interpolate: [5, 6] by 0.1, 0.1 is rounded down to [0, 0] (pass size)',
  ],
  [
    () => ops.interpolate(z(1, 1, 49), { scaleFactor: 1 / 49 }),
    'interpolate: [49] by 0.02040816326530612 is rounded down to [0] (pass size)',
  ],
  [() => ops.interpolate(x, { size: [2] }), 'interpolate: size is [2] (give an integer from 1 up, or [height, width])'],
  [() => ops.affineGrid(line, [1, 1, 2, 2]), 'affineGrid: theta is [1, 4, 7] (give [batch, 2, 3])'],
  [
    () => ops.affineGrid(z(2, 2, 3), [1, 1, 2, 2]),
    'affineGrid: size is [1, 1, 2, 2] (give [2, channels, height, width])',
  ],
  [() => ops.affineGrid(z(2, 2, 3), 4), 'affineGrid: size is 4 (give [batch, channels, height, width])'],
  [() => ops.gridSample(line, line), 'gridSample: x is [1, 4, 7] (give [batch, channels, height, width])'],
  [
    () => ops.gridSample(x, z(2, 3, 3, 2)),
    'gridSample: grid is [2, 3, 3, 2] (give [1, height, width, 2], as many as there are images)',
  ],
  [
    () => ops.gridSample(x, z(1, 3, 3, 2), { mode: 'bicubic' }),
    "gridSample: mode is 'bicubic' ('bilinear' or 'nearest')",
  ],
  [
    () => ops.gridSample(x, z(1, 3, 3, 2), { paddingMode: 'wrap' }),
    "gridSample: paddingMode is 'wrap' ('zeros', 'border' or 'reflection')",
  ],
]

describe('refusals', () => refuse(cases))
