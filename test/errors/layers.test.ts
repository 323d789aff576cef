/** @file What layers and losses refuse: sizes when they are made, inputs by the name of the layer's place. */
import { describe } from 'vitest'
import { nn as typed } from '../../src/index.ts'
import { type Any, doubles, type Refusal, refuse, zeros as z } from '../support/refusals.ts'

const nn = typed as Any
const make =
  (name: string, ...args: unknown[]) =>
  () =>
    new nn[name](...args)

describe('sizes and options, when a layer is made', () => {
  const cases: readonly Refusal[] = [
    [make('MultiheadAttention', 8, 3), 'MultiheadAttention: 3 heads do not divide 8 features'],
    [make('MultiheadAttention', 0, 1), 'MultiheadAttention: embedDim is 0 (give an integer from 1 up)'],
    [make('MultiheadAttention', 8, 0), 'MultiheadAttention: numHeads is 0 (give an integer from 1 up)'],
    [make('MultiheadAttention', 8, 2, { kdim: 0 }), 'MultiheadAttention: kdim is 0 (give an integer from 1 up)'],
    [make('MultiheadAttention', 8, 2, { dropout: 2 }), 'MultiheadAttention: dropout is 2 (give a number from 0 to 1)'],
    [
      make('TransformerEncoderLayer', 8, 2, { activation: 'tanh' }),
      "TransformerEncoderLayer: activation is 'tanh' (give 'relu', 'gelu' or a function)",
    ],
    [make('TransformerDecoderLayer', 8.5, 2), 'TransformerDecoderLayer: dModel is 8.5 (give an integer from 1 up)'],
    [
      make('TransformerEncoder', new nn.Identity(), 2),
      'TransformerEncoder: makeLayer is an Identity (give a function, such as () => new nn.TransformerEncoderLayer(…))',
    ],
    [
      make('TransformerDecoder', () => 1, 2),
      'TransformerDecoder: layer 0 is 1 (return new nn.TransformerDecoderLayer(…))',
    ],
    [
      make('TransformerDecoder', () => new nn.Identity(), 0),
      'TransformerDecoder: numLayers is 0 (give an integer from 1 up)',
    ],
    [make('PositionalEncoding', 4, { maxLen: 0 }), 'PositionalEncoding: maxLen is 0 (give an integer from 1 up)'],
    [() => nn.causalMask(0), 'causalMask: n is 0 (give an integer from 1 up)'],
    [make('Conv2d', 0, 8, 3), 'Conv2d: inChannels is 0 (give an integer from 1 up)'],
    [make('Conv2d', 1, 8, [3, 0]), 'Conv2d: kernelSize is [3, 0] (give an integer from 1 up, or [height, width])'],
    [make('Conv1d', 1, 8, [3, 3]), 'Conv1d: kernelSize is [3, 3] (give an integer from 1 up)'],
    [make('Conv2d', 1, 8, 3, 2, { stride: 1 }), 'Conv2d: stride is given twice'],
    [
      make('Conv2d', 1, 8, 3, { strid: 2 }),
      'Conv2d: there is no option strid (did you mean stride? it takes { stride, padding, dilation, groups, bias, paddingMode, device, dtype })',
    ],
    [make('Conv2d', 1, 8, 3, { stride: 0 }), 'Conv2d: stride is 0 (give an integer from 1 up, or [height, width])'],
    [make('Conv2d', 1, 8, 3, { groups: 2 }), 'Conv2d: groups 2 do not divide inChannels 1'],
    [make('Conv2d', 2, 3, 3, { groups: 2 }), 'Conv2d: groups 2 do not divide outChannels 3'],
    [make('Conv2d', 1, 8, 3, { padding: 'all' }), "Conv2d: padding is 'all' (give numbers, 'same' or 'valid')"],
    [
      make('Conv2d', 1, 8, 3, { padding: 'same', stride: 2 }),
      "Conv2d: padding 'same' with stride 2, 2 (only stride 1 keeps the size; give numbers)",
    ],
    [
      make('Conv1d', 1, 8, 3, { paddingMode: 'zero' }),
      "Conv1d: paddingMode is 'zero' (one of 'zeros', 'reflect', 'replicate', 'circular')",
    ],
    [
      make('ConvTranspose1d', 1, 1, 3, { padding: 'same' }),
      "ConvTranspose1d: padding is 'same' (give an integer from 0 up)",
    ],
    [
      make('ConvTranspose2d', 1, 1, 3, { outputPadding: 1 }),
      'ConvTranspose2d: outputPadding is 1 (it is less than stride or dilation, below 1)',
    ],
    [make('MaxPool2d', 0), 'MaxPool2d: kernelSize is 0 (give an integer from 1 up, or [height, width])'],
    [
      make('MaxPool2d', 2, { returnIndices: true }),
      'MaxPool2d: there is no option returnIndices (it takes { stride, padding, dilation, ceilMode })',
    ],
    [make('AvgPool1d', 2, { padding: -1 }), 'AvgPool1d: padding is -1 (give an integer from 0 up)'],
    [
      make('AdaptiveAvgPool2d', 0),
      'AdaptiveAvgPool2d: outputSize is 0 (give an integer from 1 up, or [height, width])',
    ],
    [make('Upsample'), 'Upsample: neither of size and scaleFactor are given (give one)'],
    [make('PixelShuffle', 1.5), 'PixelShuffle: upscaleFactor is 1.5 (give an integer from 1 up)'],
    [make('Pad', [1]), 'Pad: padding is an array (give [left, right, …], a pair of integers per axis)'],
    [
      make('Pad', [1, 1], { mode: 'wrap' }),
      "Pad: mode is 'wrap' (one of 'constant', 'reflect', 'replicate', 'circular')",
    ],
    [make('ZeroPad2d', [1, 1]), 'ZeroPad2d: padding is 1, 1 (give an integer, or [left, right, top, bottom])'],
    [make('ConstantPad1d', 1), 'ConstantPad1d: value is undefined (give a number)'],
    [make('Fold', 4, 0), 'Fold: kernelSize is 0 (give an integer from 1 up, or [height, width])'],
    [make('Unflatten', 1, 4), 'Unflatten: unflattenedSize is 4 (give an array, such as [2, 3])'],
    [make('BatchNorm2d', 0), 'BatchNorm2d: numFeatures is 0 (give an integer from 1 up)'],
    [make('BatchNorm2d', 3, { momentum: 2 }), 'BatchNorm2d: momentum is 2 (give a number from 0 to 1, or null)'],
    [make('BatchNorm1d', 3, { eps: -1 }), 'BatchNorm1d: eps is -1 (give a number from 0 up)'],
    [
      make('InstanceNorm1d', 3, { afine: true }),
      'InstanceNorm1d: there is no option afine (did you mean affine? it takes { device, dtype, eps, momentum, affine, trackRunningStats })',
    ],
    [make('LayerNorm', [4, 0]), 'LayerNorm: normalizedShape is 0 (give an integer from 1 up)'],
    [
      make('LayerNorm', []),
      'LayerNorm: normalizedShape is an array (give the size of the last axis, or a list of the last sizes)',
    ],
    [make('RMSNorm', 4, { eps: 'x' }), "RMSNorm: eps is 'x' (give a number from 0 up)"],
    [make('GroupNorm', 2, 3), 'GroupNorm: 2 groups do not divide 3 channels'],
    [make('LocalResponseNorm', 0), 'LocalResponseNorm: size is 0 (give an integer from 1 up)'],
    [make('Dropout', 2), 'Dropout: p is 2 (give a number from 0 to 1)'],
    [make('Dropout2d', { p: 'x' }), "Dropout2d: p is 'x' (give a number)"],
    [make('ELU', 'x'), "ELU: alpha is 'x' (give a number)"],
    [make('ELU', { aplha: 1 }), 'ELU: there is no option aplha (did you mean alpha? it takes { alpha })'],
    [make('CELU', 0), 'CELU: alpha is 0 (give another number)'],
    [make('GELU', 'tan'), "GELU: approximate is 'tan' ('none' or 'tanh')"],
    [make('Hardtanh', 2, 1), 'Hardtanh: minVal 2 is not below maxVal 1'],
    [make('Softshrink', -1), 'Softshrink: lambd is -1 (give a number from 0 up)'],
    [make('Softplus', 0), 'Softplus: beta is 0 (give another number)'],
    [make('Threshold', 1), 'Threshold: value is NaN (give threshold and value)'],
    [make('Softmax', 'x'), "Softmax: dim is 'x' (give a number)"],
    [make('PReLU', { numParameters: 0 }), 'PReLU: numParameters is 0 (give an integer from 1 up)'],
    [make('PReLU', { init: 'x' }), "PReLU: init is 'x' (give a number)"],
    [make('MSELoss', { reduction: 'avg' }), "MSELoss: reduction is 'avg' ('mean', 'sum' or 'none')"],
    [make('KLDivLoss', { reduction: 'avg' }), "KLDivLoss: reduction is 'avg' ('mean', 'sum', 'none' or 'batchmean')"],
    [make('MSELoss', 'sum'), "MSELoss: the options are 'sum' (it takes { reduction })"],
    [make('HuberLoss', { delta: 'x' }), "HuberLoss: delta is 'x' (give a number)"],
    [
      make('CrossEntropyLoss', { labelSmoothing: 2 }),
      'CrossEntropyLoss: labelSmoothing is 2 (give a number from 0 to 1)',
    ],
    [make('CrossEntropyLoss', { weight: [1, 2] }), 'CrossEntropyLoss: weight is an array (give a tensor)'],
    [make('BCEWithLogitsLoss', { posWeight: 2 }), 'BCEWithLogitsLoss: posWeight is 2 (give a tensor)'],
    [make('MultiMarginLoss', { p: 3 }), 'MultiMarginLoss: p is 3 (give 1 or 2)'],
    [
      make('TripletMarginWithDistanceLoss', { distanceFunction: 1 }),
      'TripletMarginWithDistanceLoss: distanceFunction is 1 (give (a, b) => …)',
    ],
    [make('PairwiseDistance', { p: 'x' }), "PairwiseDistance: p is 'x' (give a number)"],
  ]
  refuse(cases)
})

describe('inputs, by the layer’s place', () => {
  const net = new nn.Sequential({
    conv: new nn.Conv2d(1, 8, 3, { padding: 1 }),
    norm: new nn.BatchNorm2d(8),
    drop: new nn.Dropout2d(),
  })
  const up = new nn.ConvTranspose1d(1, 1, 3, { stride: 2 })
  const heads = new nn.MultiheadAttention(4, 2)
  const places = new nn.PositionalEncoding(4, { maxLen: 2 })
  const [x, named] = [z(3, 2, 4), 'MultiheadAttention(4, 2)']
  const all = (key: string, value: string) => `${named}: query [3, 2, 4], key ${key}, value ${value}`
  const cases: readonly Refusal[] = [
    [() => heads.forward(x, z(3, 2, 5), x), `${named}: key is [3, 2, 5] (give [length, batch, 4] or [length, 4])`],
    [() => heads.forward(x, x), `${named}: value is undefined (give [length, batch, 4] or [length, 4])`],
    [() => heads.forward(x, z(3, 4), x), `${all('[3, 4]', '[3, 2, 4]')} (give all with a batch, or all without)`],
    [
      () => heads.forward(x, z(3, 1, 4), z(3, 1, 4)),
      `${all('[3, 1, 4]', '[3, 1, 4]')}: their batches differ (give [length, batch, features] of one batch)`,
    ],
    [() => heads.forward(x, x, z(2, 2, 4)), `${all('[3, 2, 4]', '[2, 2, 4]')}: keys and values differ in length`],
    [() => heads.forward(x, x, x, { attnMask: z(2, 3) }), `${named}: attnMask is [2, 3] (give [4, 3, 3] or [3, 3])`],
    [() => heads.forward(x, x, x, { keyPaddingMask: z(3) }), `${named}: keyPaddingMask is [3] (give [2, 3])`],
    [() => places.forward(x), 'PositionalEncoding(4, 2): x is [3, 2, 4] (give [up to 2, batch, 4])'],
    [
      () => net.forward(z(4, 3, 5, 5)),
      'conv (Conv2d 1, 8, 3, padding 1): x is [4, 3, 5, 5], with 3 channels, not 1 ' +
        '(give [channels, height, width] or [batch, channels, height, width])',
    ],
    [
      () => net.forward(z(4, 5)),
      'conv (Conv2d 1, 8, 3, padding 1): x is [4, 5] (give [channels, height, width] or [batch, channels, height, width])',
    ],
    [
      () => new nn.Sequential(net.layers[0]).forward(doubles(1, 1, 5, 5)),
      "0 (Conv2d 1, 8, 3, padding 1): conv2d: inputs are float64 and float32 (cast with x.to('float64'))",
    ],
    [
      () => net.layers[1].forward(z(2, 3, 4, 4)),
      'BatchNorm2d(8): x is [2, 3, 4, 4], with 3 channels, not 8 (give [batch, channels, height, width])',
    ],
    [
      () => net.layers[1].forward(z(1, 8, 1, 1)),
      'BatchNorm2d(8): x is [1, 8, 1, 1], one value per channel (give a larger batch, or call eval() first)',
    ],
    [
      () => new nn.Sequential(net.layers[2]).forward(z(2, 3, 4)),
      '0 (Dropout2d p 0.5): dropout2d: x is [2, 3, 4] (give [batch, channels, height, width]; dropout1d takes signals)',
    ],
    [() => up.forward(z(1, 1, 4), 20), 'ConvTranspose1d(1, 1, 3, stride 2): outputSize is [20] (give [9] to [10])'],
    [
      () => new nn.GroupNorm(2, 4, { affine: false }).forward(z(2, 3, 4)),
      'GroupNorm(2, 4): x is [2, 3, 4], with 3 channels, not 4 (give [batch, channels, …])',
    ],
    [
      () => new nn.Softmax2d().forward(z(2, 3)),
      'Softmax2d(): x has 2 axes (give [batch, channels, height, width] or [channels, height, width])',
    ],
    [
      () => new nn.Sequential(new nn.MaxPool2d(3)).forward(z(1, 1, 2, 2)),
      '0 (MaxPool2d 3): maxPool2d: the kernel [3, 3] is larger than the padded input [2, 2] (pad more, or use a smaller kernel)',
    ],
    [
      () => new nn.MSELoss().forward(z(2, 3), z(3)),
      'mseLoss: input [2, 3] and target [3] differ (a loss does not broadcast; reshape one)',
    ],
  ]
  refuse(cases)
})
