/** @file `explain` tells of the dispatches that WebGPU is given, for the first case of every op. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { explain } from '../../src/explain/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { opNames } from '../table/run.ts'
import { calledOf, explained, inputsOf, type Line, run } from './cases.ts'

let gpu: WebGPUDevice
const lines: Line[] = []
/** `kernel/variant` of the launch that runs. */
let launch = ''

/** A pass that notes what it dispatches: pipelines bear the names of their kernel and entry point. */
function noting(pass: GPUComputePassEncoder): GPUComputePassEncoder {
  let entry: string | undefined
  const own = {
    setPipeline(pipeline: GPUComputePipeline) {
      entry = pipeline.label.split('/')[1]
      pass.setPipeline(pipeline)
    },
    dispatchWorkgroups(...groups: [number, number, number]) {
      lines.push(`${launch} ${entry} ${groups}`)
      pass.dispatchWorkgroups(...groups)
    },
  }
  return standingBefore(pass, own)
}

/** An object of WebGPU with some methods of ours: its own know only itself. */
const standingBefore = <T extends object>(of: T, own: object): T =>
  new Proxy(of, {
    get(target, name) {
      if (name in own) return own[name as keyof typeof own]
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

beforeAll(async () => {
  gpu = await device('webgpu')
  gpu.watch({
    each: false,
    launches: ({ kernel }, variant) => {
      launch = `${kernel.name}/${variant}`
    },
    begins: () => undefined,
  })
  const make = gpu.gpu.createCommandEncoder.bind(gpu.gpu)
  gpu.gpu.createCommandEncoder = (...about) => {
    const encoder = make(...about)
    return standingBefore(encoder, {
      beginComputePass: (...given: Parameters<typeof encoder.beginComputePass>) =>
        noting(encoder.beginComputePass(...given)),
    })
  }
})
afterAll(() => gpu?.destroy())

const seen = (): Line[] => lines.splice(0)

test.each(opNames)('%s', async (op) => {
  const ran = await run(op, gpu, seen)
  // Variants are chosen for the adapter that the inputs are on.
  const told = await explain(calledOf(op), ...inputsOf(op, gpu), { backward: true })
  expect(explained(told)).toEqual(ran)
  expect(told.facts).toContain(gpu.name)
})
