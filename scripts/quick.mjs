// @ts-check
/**
 * @file `npm run test:quick [op]`: the op table on the CPU and on the best WebGPU adapter, one op's row (all rows
 * without it). For the minutes in which an op is being written; `npm test` runs everything.
 */
import { programOf, runNode } from './run.mjs'

const op = process.argv[2]
const seconds = 90
const projects = ['--project', 'node-cpu', '--project', 'node-webgpu']
const late = setTimeout(() => {
  console.log(`test:quick took more than ${seconds} s (name one op: npm run test:quick matmul)`)
  process.exitCode = 1
}, seconds * 1000)
const { code } = await runNode(
  [programOf('vitest'), 'run', 'test/ops/table', ...projects],
  op ? { HANDGRAD_OP: op } : {},
)
clearTimeout(late)
process.exitCode ||= code
