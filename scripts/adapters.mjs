// @ts-check
/**
 * @file `npm run test:adapters`: the WebGPU tests once more on the adapters that `npm test` does not take, SwiftShader in Node
 * (with the smallest limits we know: 256 threads a workgroup) and Deno's wgpu with its other shader compiler, naga.
 */
import { join } from 'node:path'
import { programOf, root, runNode } from './run.mjs'

const runs = [
  await runNode([programOf('vitest'), 'run', '--project', 'node-webgpu'], { HANDGRAD_ADAPTER: 'swiftshader' }),
  await runNode([join(root, 'tools', 'deno', 'run.mjs')]),
]
const passed = runs.reduce((sum, run) => sum + run.passed, 0)
const failed = runs.reduce((sum, run) => sum + run.failed, 0)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
