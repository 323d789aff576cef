/**
 * @file Runs under Deno, on its own `navigator.gpu` (wgpu, whose shader compiler is naga): every plain shader module must
 * compile there too, with a pipeline for each of its entry points. Modules that need a feature are Dawn's business.
 * run.mjs bundles this file and starts it.
 */
import { shaders } from '../../src/shaders.generated.ts'
import { assemble } from '../../src/webgpu/pipelines.ts'
import { announceAdapter } from '../support/announce.ts'

/** The one thing of Deno's own that is used; its types clash with Node's. */
declare const Deno: { exit(code: number): never }

let passed = 0
let failed = 0

/** Runs one check; what it throws is printed under its name. */
async function check(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
    passed++
  } catch (error) {
    failed++
    console.log(`FAILED ${name}\n  ${String(error instanceof Error ? error.message : error).replaceAll('\n', '\n  ')}`)
  }
}

const adapter = await navigator.gpu?.requestAdapter()
if (!adapter) throw new Error('deno found no WebGPU adapter (run test/deno/run.mjs, which brings one)')
const { vendor, architecture, description } = adapter.info
announceAdapter('deno', [vendor, architecture, description].filter(Boolean).join(' '), adapter.features)
const device = await adapter.requestDevice({
  requiredLimits: { maxStorageBuffersPerShaderStage: adapter.limits.maxStorageBuffersPerShaderStage },
})

/** Runs `make` and throws the validation error that it caused, if any. */
async function valid<T>(make: () => T): Promise<T> {
  device.pushErrorScope('validation')
  const made = make()
  const error = await device.popErrorScope()
  if (error) throw new Error(error.message)
  return made
}

for (const spec of Object.values(shaders)) {
  for (const shader of spec.modules) {
    if (shader.needs.length > 0) continue
    await check(shader.source.file, async () => {
      const { code } = assemble(shader, false)
      const module = await valid(() => device.createShaderModule({ code }))
      for (const entryPoint of shader.entries) {
        await valid(() => device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint } }))
      }
    })
  }
}

device.destroy()
console.log(`${passed} passed, ${failed} failed`)
if (failed > 0) Deno.exit(1)
