/**
 * @file Runs under Deno, on its own `navigator.gpu` (wgpu, whose shader compiler is naga): every plain shader module
 * must compile there too, with a pipeline for each of its entry points (modules that need a feature are Dawn's
 * business), and so must the three libs of elementwise mathematics in one module and the kernels of src/bench; the op
 * table must hold; and the digit classifier must learn. run.mjs bundles this file and starts it.
 */
import { benchShaders } from '../../src/bench/wgsl.generated.ts'
import { device } from '../../src/index.ts'
import { assemble } from '../../src/webgpu/assemble.ts'
import { wgsl } from '../../src/webgpu/wgsl.generated.ts'
import { train } from '../../test/browser/train.ts'
import { announceAdapter } from '../../test/support/announce.ts'
import { fusedModule } from '../../test/support/fused.ts'
import { opNames, runRow } from '../../test/table/run.ts'

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
if (!adapter) throw new Error('deno found no WebGPU adapter (run tools/deno/run.mjs, which brings one)')
const { vendor, architecture, description } = adapter.info
announceAdapter('deno', [vendor, architecture, description].filter(Boolean).join(' '), adapter.features)
const gpu = await adapter.requestDevice({
  requiredLimits: { maxStorageBuffersPerShaderStage: adapter.limits.maxStorageBuffersPerShaderStage },
})

/** Runs `make` and throws the validation error that it caused, if any. */
async function valid<T>(make: () => T): Promise<T> {
  gpu.pushErrorScope('validation')
  const made = make()
  const error = await gpu.popErrorScope()
  if (error) throw new Error(error.message)
  return made
}

for (const modules of [...Object.values(wgsl), [fusedModule]]) {
  for (const shader of modules) {
    if (shader.needs.length > 0) continue
    await check(shader.source.file, async () => {
      const { code, locate } = assemble(shader, false)
      const module = await valid(() => gpu.createShaderModule({ code })).catch((error: Error) => {
        // naga counts lines in the assembled text
        const line = /wgsl:(\d+):/.exec(error.message)
        const place = line && locate(Number(line[1]))
        throw new Error(place ? `${place.file}:${place.line}: ${error.message.trim()}` : error.message.trim())
      })
      for (const entryPoint of shader.entries) {
        await valid(() => gpu.createComputePipeline({ layout: 'auto', compute: { module, entryPoint } }))
      }
    })
  }
}

for (const [file, code] of Object.entries(benchShaders)) {
  if (/^enable /m.test(code)) continue
  await check(file, async () => {
    const module = await valid(() => gpu.createShaderModule({ code }))
    for (const [, entryPoint] of code.matchAll(/@compute[^{]*?fn (\w+)/g)) {
      await valid(() => gpu.createComputePipeline({ layout: 'auto', compute: { module, entryPoint } }))
    }
  })
}

gpu.destroy()

const table = await device('webgpu')
for (const op of opNames) {
  await check(op, async () => {
    const { failures } = await runRow(op, table)
    if (failures.length > 0) throw new Error(failures.map(({ where, what }) => `${where}: ${what}`).join('\n'))
  })
}
table.destroy()

await check('training', async () => {
  const { last, accuracy, grown } = await train('webgpu')
  if (last > 0.4 || accuracy < 0.85 || grown > 0)
    throw new Error(`loss ${last}, accuracy ${accuracy}, ${grown} tensors more`)
})

console.log(`${passed} passed, ${failed} failed`)
if (failed > 0) Deno.exit(1)
