// @ts-check
/**
 * @file `npm run test:adapters`: the WebGPU tests once more on the adapters that `npm test` does not take, SwiftShader
 * in Node (with the smallest limits we know: 256 threads a workgroup) and Deno's wgpu with its other shader compiler,
 * naga. Of the programs of examples/, which `npm test` runs twice, SwiftShader gets one of each kind: all of them
 * would be a quarter of its time.
 */
import { join } from 'node:path'
import { printTotal, programOf, root, runNode } from './run.mjs'

printTotal([
  await runNode([programOf('vitest'), 'run', '--project', 'node-webgpu'], {
    HANDGRAD_ADAPTER: 'swiftshader',
    HANDGRAD_EXAMPLES: 'kinds',
  }),
  await runNode([join(root, 'tools', 'deno', 'run.mjs')]),
])
