/** @file What functions that make tensors, and their defaults, refuse, and by which text. */
import { describe } from 'vitest'
import { type Creation, gone, only32, other, type Rows, x } from '../support/operands.ts'
import { refuse, loose as untyped } from '../support/refusals.ts'

const {
  arange,
  full,
  manualSeed,
  ones,
  onesLike,
  rand,
  randn,
  setDefaultDevice,
  setRandomState,
  tensor,
  zeros,
  zerosLike,
} = untyped

const refusals = {
  tensor: [
    [() => tensor([[1, 2], [3]]), 'tensor: rows are [2] and [1] (all rows of one axis have one shape)'],
    [() => tensor([[1, 2], 3]), 'tensor: rows are [2] and [] (all rows of one axis have one shape)'],
    [() => tensor([1, true]), 'tensor: numbers and booleans are mixed (use one kind)'],
    [() => tensor(['a']), "tensor: an element is 'a' (elements are numbers or booleans)"],
    [() => tensor([1, null]), 'tensor: an element is null (elements are numbers or booleans)'],
    [() => tensor(new BigInt64Array(2)), 'tensor: an element is a bigint (elements are numbers or booleans)'],
    [
      () => tensor(new DataView(new ArrayBuffer(8))),
      'tensor: an element is a DataView (elements are numbers or booleans)',
    ],
    [() => tensor([1, 2, 3], { shape: [2, 2] }), 'tensor: 3 elements do not fill [2, 2]'],
    [() => tensor([1], { shape: [1.5] }), 'tensor: [1.5] is not a shape (sizes are integers from 0 up)'],
    [() => tensor([1], { shape: 1 }), 'tensor: shape is 1 (give an array of sizes, such as [2, 3])'],
    [() => tensor([[[[[[[[[1]]]]]]]]]), 'tensor: [1, 1, 1, 1, 1, 1, 1, 1, 1] has 9 dims, the most is 8'],
    [
      () => tensor([1], { dtype: 'float8' as never }),
      "tensor: 'float8' is not a dtype (one of float32, float64, int32, bool, float16, bfloat16)",
    ],
    [
      () => tensor([1], { dtype: 'toString' }),
      "tensor: 'toString' is not a dtype (one of float32, float64, int32, bool, float16, bfloat16)",
    ],
    [() => tensor([0.5], { dtype: 'int32' }), "tensor: 0.5 is not an int32 (leave out dtype: 'int32')"],
    [() => tensor([2 ** 31], { dtype: 'int32' }), "tensor: 2147483648 is not an int32 (leave out dtype: 'int32')"],
    [() => tensor([1], { device: 'webgpu' }), "tensor: 'webgpu' is not a device (give await device('auto'))"],
    [
      () => tensor([true], { requiresGrad: true }),
      'tensor: requiresGrad with dtype bool (only float tensors have gradients)',
    ],
    [
      () => tensor(Int32Array.of(1), { requiresGrad: true }),
      'tensor: requiresGrad with dtype int32 (only float tensors have gradients)',
    ],
    [() => tensor(x), 'tensor: an element is a Tensor (elements are numbers or booleans)'],
  ],
  full: [
    [() => full([2], undefined), 'full: value is undefined (give a number)'],
    [
      () => full([2], 1.5, { dtype: 'int32' }),
      "full: 1.5 is not an int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [() => full([2], 2, { dtype: 'bool' }), 'full: 2 is not a bool (give 0 or 1)'],
    [() => full(2, 3), 'full: shape is 2 (give an array of sizes, such as [2, 3])'],
    [() => full([-1], 0), 'full: [-1] is not a shape (sizes are integers from 0 up)'],
    [() => full([2], x), 'full: value is a Tensor (give a number)'],
    [
      () => full([2], 1, { dtype: 'int8' }),
      "full: 'int8' is not a dtype (one of float32, float64, int32, bool, float16, bfloat16)",
    ],
  ],
  zeros: [
    [() => zeros(2, 3), 'zeros: shape is 2 (give an array of sizes, such as [2, 3])'],
    [() => zeros([1.5]), 'zeros: [1.5] is not a shape (sizes are integers from 0 up)'],
    [() => zeros([1, 1, 1, 1, 1, 1, 1, 1, 1]), 'zeros: [1, 1, 1, 1, 1, 1, 1, 1, 1] has 9 dims, the most is 8'],
    [() => zeros([2], { dtype: 'float64', device: only32 }), 'zeros: cpu has no float64 (it has float32)'],
    [() => zeros([2], { device: 'cpu' }), "zeros: 'cpu' is not a device (give await device('auto'))"],
  ],
  ones: [
    [() => ones(), 'ones: shape is undefined (give an array of sizes, such as [2, 3])'],
    [() => ones([NaN]), 'ones: [NaN] is not a shape (sizes are integers from 0 up)'],
  ],
  arange: [
    [() => arange(0, 5, 0), 'arange: 0 to 5 by 0 never ends (give a step other than 0)'],
    [() => arange(5, 0), 'arange: 5 to 0 by 1 never ends (turn the sign of the step)'],
    [() => arange(-3), 'arange: 0 to -3 by 1 never ends (turn the sign of the step)'],
    [() => arange(NaN), 'arange: 0 to NaN by 1 is not a range (give finite numbers)'],
    [() => arange(0, Infinity), 'arange: 0 to Infinity by 1 is not a range (give finite numbers)'],
    [
      () => arange(0, 2, 0.5, { dtype: 'int32' }),
      'arange: a step of 0.5 is 0 in int32 (give a step of 1 or more, or cast the result)',
    ],
    [() => arange(0, 3, 1, { dtype: 'bool' }), 'arange: dtype is bool (compare the result with a number)'],
    [
      () => arange(2 ** 31, 2 ** 31 + 3),
      "arange: 2147483648 is not an int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [
      () => arange(1e12),
      "arange: 999999999999 is not an int32 (give an integer from -2^31 to 2^31 - 1, or cast with x.to('float32'))",
    ],
    [() => arange(x), 'arange: 0 to Tensor([2, 2], float32, cpu) by 1 is not a range (give finite numbers)'],
  ],
  rand: [
    [() => rand([2], { dtype: 'int32' }), 'rand: dtype is int32 (random numbers are floats)'],
    [() => rand([-1]), 'rand: [-1] is not a shape (sizes are integers from 0 up)'],
    [() => rand(2), 'rand: shape is 2 (give an array of sizes, such as [2, 3])'],
  ],
  randn: [
    [() => randn([2], { dtype: 'bool' }), 'randn: dtype is bool (random numbers are floats)'],
    [() => randn([0.5]), 'randn: [0.5] is not a shape (sizes are integers from 0 up)'],
  ],
  zerosLike: [
    [() => zerosLike(gone), 'zerosLike: tensor #n [2] was disposed (return it from scope(), or keep(x) it)'],
    [() => zerosLike([1]), 'zerosLike: x is an array, not a tensor (make it with tensor(…))'],
  ],
  onesLike: [[() => onesLike(undefined), 'onesLike: x is undefined, not a tensor (make it with tensor(…))']],
  setRandomState: [
    [() => setRandomState(7), 'setRandomState: the state is 7 (give what getRandomState() returned)'],
    [() => setRandomState({ seed: 1 }), 'setRandomState: blocks is undefined (give an integer from 0 to 2^53 - 1)'],
    [
      () => setRandomState({ seed: 1, blocks: 0, words: -4 }),
      'setRandomState: words is -4 (give an integer from 0 to 2^53 - 1)',
    ],
  ],
  manualSeed: [
    [() => manualSeed(-1), 'manualSeed: seed is -1 (give an integer from 0 to 2^53 - 1)'],
    [() => manualSeed(0.5), 'manualSeed: seed is 0.5 (give an integer from 0 to 2^53 - 1)'],
    [() => manualSeed('7'), 'manualSeed: seed is 7 (give an integer from 0 to 2^53 - 1)'],
    [() => manualSeed(2 ** 53), 'manualSeed: seed is 9007199254740992 (give an integer from 0 to 2^53 - 1)'],
  ],
  setDefaultDevice: [
    [() => setDefaultDevice('webgpu'), "setDefaultDevice: 'webgpu' is not a device (give await device('auto'))"],
    [
      () => setDefaultDevice(Promise.resolve(other)),
      "setDefaultDevice: a Promise is not a device (give await device('auto'))",
    ],
  ],
} satisfies Rows<Creation>

describe('functions', () => {
  for (const [name, cases] of Object.entries(refusals)) describe(name, () => refuse(cases))
})
