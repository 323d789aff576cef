/** @file Iris by cross-validation, which is examples/iris.ts: `npx tsx tools/runs/iris.ts --data DIR`. */
import { main as iris } from '../../examples/iris.ts'
import { type Outcome, program, start } from './run.ts'

const WANTED = 0.94

export const main = (args: readonly string[]): Promise<Outcome> =>
  program('iris', args, { epochs: '40' }, async ({ data, device, own }) => {
    const { accuracy, accuracies, rows } = await iris(device, data, Number(own.epochs))
    return {
      what: 'iris, 5 stratified folds',
      length: `${own.epochs} epochs each`,
      result: `${(100 * accuracy).toFixed(1)} % of ${rows} rows (${accuracies.map((x) => (100 * x).toFixed(1)).join(', ')})`,
      wanted: `≥ ${100 * WANTED} %`,
      reached: accuracy >= WANTED,
    }
  })

await start(import.meta.url, main)
