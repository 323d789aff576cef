/** @file What a loop holds, by who frees it. */
import { main } from '../../../examples/memory.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'memory.ts',
  reaches: 'a loop in scopes holds the same to the byte, one without grows',
  main,
  small: { steps: 40 },
  goals: ({ scope, neither }, size) => {
    // The optimizer's state and the pool are there after the first steps.
    const settled = scope.slice(1).map((now) => JSON.stringify(now))
    const [start, end] = [neither[0], neither[9]]
    const steps = 0.9 * (size === 'small' ? 40 : 100)
    return {
      'scope: always the same': new Set(settled).size === 1,
      'neither: ≥ 5 tensors more in each step': end.tensors - start.tensors >= 5 * steps,
      // At least one activation of 256 × 128 floats.
      'neither: ≥ 128 KiB more in each step': end.bytes - start.bytes >= 2 ** 17 * steps,
    }
  },
  says: ({ scope, neither }) =>
    [scope, neither].map((sizes) => `${(sizes[9].bytes / 2 ** 20).toFixed(1)} MiB`).join(' with scope, without '),
  // Tensors are counted over all that the process holds, and the collector comes when it likes.
  varies: /( +\d+)+ tensors, at most [\d.]+|^[ \d.]*│.*/gm,
})
