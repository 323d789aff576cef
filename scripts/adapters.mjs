// @ts-check
/**
 * @file `npm run test:adapters`: the WebGPU tests once more on the adapters that `npm test` does not take, SwiftShader
 * in Node (with the smallest limits we know: 256 threads a workgroup) and Deno's wgpu with its other shader compiler,
 * naga.
 */
import { join } from 'node:path'
import { printTotal, programOf, root, runNode } from './run.mjs'

printTotal([
  await runNode([programOf('vitest'), 'run', '--project', 'node-webgpu'], { HANDGRAD_ADAPTER: 'swiftshader' }),
  await runNode([join(root, 'tools', 'deno', 'run.mjs')]),
])
