/** @file Products of matrices: squares, tall and wide, and the shapes of a classifier and of a small GPT. */
import { scope } from '../../core/scope.ts'
import { matmul } from '../../ops/base/kernels.generated.ts'
import { linear } from '../../ops/index.ts'
import type { Case, Suite } from '../case.ts'
import { uniform } from '../numbers.ts'
import { at } from './common.ts'

/** `T`: stored transposed, so that a view turns it. */
type Form = 'NN' | 'TN' | 'NT'

/** A product of m×k and k×n, `batch` of them. */
function product(form: Form, m: number, n: number, k: number, batch = 1, about = ''): Case {
  const [a, b] = [form === 'TN' ? [k, m] : [m, k], form === 'NT' ? [n, k] : [k, n]]
  const whole = (shape: number[]) => (batch > 1 ? [batch, ...shape] : shape)
  const flop = 2 * batch * m * n * k
  const size = `${batch > 1 ? `${batch}×` : ''}${m}×${n}×${k}`
  return {
    name: `${form} ${size}${about}`,
    kernel: matmul,
    flop,
    bytes: 4 * batch * (m * k + k * n + m * n),
    // A sum of k terms, which is as large as √k, rounds k times.
    ulp: 64 + 2 * Math.sqrt(k),
    inputs: (device, seed) => [uniform(whole(a), 2 * seed, device), uniform(whole(b), 2 * seed + 1, device)],
    run: ([x, y]) => (form === 'TN' ? x.transpose(-1, -2) : x).matmul(form === 'NT' ? y.transpose(-1, -2) : y),
    check: flop > 5e8 ? product(form, Math.min(m, 256), Math.min(n, 256), Math.min(k, 1024), 1) : undefined,
  }
}

/** x times a matrix that is stored in float16, as models are: 2 bytes of each number are read. */
function stored(form: 'NN' | 'NT', m: number, n: number, k: number): Case {
  const wide = product(form, m, n, k)
  return {
    ...wide,
    name: `${wide.name}, float16`,
    bytes: 4 * (m * k + m * n) + 2 * k * n,
    inputs: (device, seed) => scope(() => wide.inputs(device, seed).map((x, i) => (i === 1 ? x.to('float16') : x))),
    run: ([x, w]) => linear(x, form === 'NT' ? w : w.t()),
  }
}

export const matmulSuite: Suite = {
  name: 'matmul',
  about: 'products of matrices, each variant of the kernel',
  cases: (scale) => {
    const squares = at(scale, [64], [64, 128, 256], [512, 1024, 2048, 4096])
    const forms: readonly Form[] = ['NN', 'TN', 'NT']
    return [
      ...squares.flatMap((n) => forms.map((form) => product(form, n, n, n))),
      product('NN', 4096, 64, 64, 1, ', tall'),
      product('NN', 64, 4096, 64, 1, ', wide'),
      product('NN', 16, 16, 16384, 1, ', long'),
      product('NT', 1, 512, 512, 1, ', decoding'),
      product('NT', 4, 512, 512, 1, ', decoding'),
      product('NN', 4, 512, 512, 1, ', few rows'),
      stored('NT', 1, 512, 512),
      stored('NN', 64, 256, 784),
      product('NT', 64, 256, 784, 1, ', MLP forward'),
      product('TN', 256, 784, 64, 1, ', MLP weights'),
      product('NT', 256, 256, 64, 1, ', GPT projection'),
      product('NN', 64, 16, 64, 16, ', GPT attention'),
    ]
  },
}
