/** @file Iris by cross-validation, as in examples/preprocessing.ts: `npx tsx tools/runs/iris.ts --data DIR`. */
import { cleaned } from '../../examples/data.ts'
import { crossValidate } from '../../examples/preprocessing.ts'
import { type Outcome, program, start } from './run.ts'

const WANTED = 0.94

export const main = (args: readonly string[]): Promise<Outcome> =>
  program('iris', args, { epochs: '40' }, async ({ data, device, own }) => {
    const all = await cleaned(data)
    const accuracies = await crossValidate(device, all, Number(own.epochs), 0)
    const accuracy = accuracies.reduce((a, b) => a + b, 0) / accuracies.length
    return {
      what: 'iris, 5 stratified folds',
      length: `${own.epochs} epochs each`,
      result: `${(100 * accuracy).toFixed(1)} % of ${all.targets.length} rows (${accuracies.map((x) => (100 * x).toFixed(1)).join(', ')})`,
      wanted: `≥ ${100 * WANTED} %`,
      reached: accuracy >= WANTED,
    }
  })

await start(import.meta.url, main)
