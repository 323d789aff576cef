/** @file The profile of a GPT's step. */
import { main } from '../../../examples/profile.ts'
import { faultsOf } from '../../support/traceformat.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'profile.ts',
  reaches: "every op of a GPT's step has its row, with operations as counted by hand, and the trace is one",
  main,
  small: { steps: 1, width: 16, layers: 1, batch: 2 },
  full: { steps: 10, width: 256, layers: 4, batch: 16 },
  goals: ({ data, trace }) => {
    const { rows, totals, modules } = data
    const named = (name: string) => rows.filter((row) => row.name === name)
    const products = rows.filter(({ kernel }) => kernel === 'matmul')
    const parts = modules.map(({ path }) => path)
    return {
      'shares add up to 1': Math.abs(rows.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9,
      'products have operations, forward and backward':
        products.every(({ flops = 0 }) => flops > 0) && new Set(products.map(({ backward }) => backward)).size === 2,
      'Adam has a row': named('Adam').length > 0,
      'every layer is a module': parts.includes('Sequential.0') && parts.some((path) => path.includes('layers.0')),
      'each launch is a dispatch or more': totals.dispatches >= totals.launches && totals.launches > 50,
      'the trace is of the format': faultsOf(JSON.stringify(trace)).length === 0,
    }
  },
  says: ({ data: { totals } }) => `${totals.dispatches} dispatches, ${Math.round(totals.flops / 1e6)} MFLOP counted`,
  // Times.
  varies: /A step[\s\S]*?(?=\n\npage)/,
})
