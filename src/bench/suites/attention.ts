/**
 * @file Scaled dot-product attention: whole and causal, forward and backward; one query, as in decoding; rotary
 * positions.
 */
import type { Tensor } from '../../core/tensor.ts'
import { rope, scaledDotProductAttention } from '../../index.ts'
import * as kernels from '../../ops/base/kernels.generated.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { leaf, uniform } from '../numbers.ts'
import { backward, inputsOf, WORD } from './common.ts'

interface Sizes {
  readonly batch: number
  readonly heads: number
  readonly length: number
  readonly width: number
}

/** Whose gradients a run takes: those of all three, or of the queries or keys and values alone, a kernel each. */
const gradients = [
  { of: 'backward', wanted: [true, true, true], products: 5 },
  { of: 'gradient of queries', wanted: [true, false, false], products: 3, kernel: kernels.attention_grad_q },
  { of: 'gradients of keys and values', wanted: [false, true, true], products: 4, kernel: kernels.attention_grad_kv },
] as const

function of({ batch, heads, length, width }: Sizes, isCausal: boolean): Case[] {
  const shape = [batch, heads, length, width]
  const n = batch * heads * length * width
  // One product of all queries with all keys, or with all weights the values: half of it where the mask is causal.
  const product = (isCausal ? 1 : 2) * n * length
  const size = `${isCausal ? 'causal, ' : ''}${batch}×${heads}×${length}×${width}`
  const f = (q: Tensor, k: Tensor, v: Tensor): Tensor => scaledDotProductAttention(q, k, v, { isCausal })
  const small = (sizes: Sizes): Sizes => ({ ...sizes, batch: 1, heads: 2, length: Math.min(sizes.length, 128) })
  const cases: Case[] = [
    {
      name: size,
      kernel: kernels.attention,
      // Two products. q, k and v are read, y is written.
      flop: 2 * product,
      bytes: 4 * WORD * n,
      inputs: inputsOf(shape, shape, shape),
      run: ([q, k, v]) => f(q, k, v),
    },
    ...gradients.map(
      ({ of, wanted, products, ...rest }): Case => ({
        name: `${size}, ${of}`,
        ...rest,
        // The scores anew, dV = Pᵀ g, dP = g Vᵀ, dQ = dS K, dK = dSᵀ Q: five products, of which each gradient alone
        // needs the scores, dP and its own.
        flop: products * product,
        // q, k, v, y and g are read, the gradients written.
        bytes: (5 + wanted.filter(Boolean).length) * WORD * n,
        inputs: (device, seed) => [
          ...wanted.map((grad, i) => (grad ? leaf : uniform)(shape, 4 * seed + i, device)),
          uniform(shape, 4 * seed + 3, device),
        ],
        ...backward(f),
      }),
    ),
  ]
  // In float64 on the CPU a smaller one is what there is time for.
  if (product < 2 ** 27) return cases
  const checks = of(small({ batch, heads, length, width }), isCausal)
  return cases.map((one, i) => ({ ...one, check: checks[i] }))
}

/** One query after a cache of keys, of which all take part. */
function decoding({ batch, heads, length, width }: Sizes): Case {
  const n = batch * heads * length * width
  const cache = [batch, heads, length, width]
  return {
    name: `one query, ${batch}×${heads}×${length}×${width}`,
    kernel: kernels.attention,
    // Two products. k and v are read.
    flop: 4 * n,
    bytes: 2 * WORD * n,
    inputs: inputsOf([batch, heads, 1, width], cache, cache),
    run: ([q, k, v]) => scaledDotProductAttention(q, k, v, { keyLengths: Array(batch).fill(length) }),
  }
}

/** Heads turned by their positions. */
function turned({ batch, heads, length, width }: Sizes): Case {
  const n = batch * heads * length * width
  const table = [length, width / 2]
  return {
    name: `rotary positions, ${batch}×${heads}×${length}×${width}`,
    kernel: kernels.rope,
    // Two products and a sum an element. x and the tables are read, y is written.
    flop: 3 * n,
    bytes: WORD * (2 * n + length * width),
    inputs: inputsOf([batch, heads, length, width], table, table),
    run: ([x, cos, sin]) => rope(x, cos, sin),
  }
}

export const attentionSuite: Suite = {
  name: 'attention',
  about: 'scaled dot-product attention, forward and backward; rotary positions',
  cases: (scale: Scale) => {
    const sizes =
      scale === 'large'
        ? { batch: 8, heads: 8, length: 512, width: 64 }
        : { batch: 1, heads: 4, length: 128, width: 32 }
    const cache = scale === 'large' ? { ...sizes, length: 1024 } : { ...sizes, heads: 12, length: 256 }
    return [...of(sizes, false), ...of(sizes, true), decoding(cache), turned(sizes)]
  },
}
