/**
 * @file The judge: a process that holds the engine with all mutants of rules built in, and runs rows of the op table
 * and what else main.ts asks for, with one mutant switched on or none. It is bundled, so it does not see what happens
 * to the tree meanwhile.
 */

import type { ShaderModule } from '../../src/core/contract.ts'
import { tap } from '../../src/core/tap.ts'
import { Tensor } from '../../src/core/tensor.ts'
import { CpuDevice } from '../../src/index.ts'
import * as ops from '../../src/ops/index.ts'
import { assemble } from '../../src/webgpu/assemble.ts'
import { createWebGPUDevice, type WebGPUDevice, type WebGPUOptions } from '../../src/webgpu/device.ts'
import { wgsl } from '../../src/webgpu/wgsl.generated.ts'
import { findGpu } from '../../test/support/adapters.ts'
import { references, replay, titleOf } from '../../test/support/reference.ts'
import { configurations } from '../../test/table/configurations.ts'
import { rowsOn } from '../../test/table/cover.ts'
import { differences, isSmooth, nanAtKinks } from '../../test/table/differences.ts'
import { kinkFaults } from '../../test/table/kinks.ts'
import { others } from '../../test/table/others.ts'
import { runRow } from '../../test/table/run.ts'
import { type OpName, table } from '../../test/table/table.ts'
import { type Change, plant, watchEntries } from './planted.ts'
import type { Ran } from './reach.ts'

/** What can be asked for. `name` is an op, or one of others.ts. */
export interface Job {
  readonly kind: 'differences' | 'reference' | 'values' | 'gpu' | 'other'
  readonly name: string
  /** Index of configurations.ts, for `gpu`. */
  readonly configuration?: number
}

export type Request =
  | { readonly ask: 'jobs' }
  /** Switch on a mutant: a rule's number, or the text of a shader file; null: none. */
  | { readonly ask: 'set'; readonly mutant: number | Change | null }
  | { readonly ask: 'run'; readonly job: Job }

export type Reply =
  | { readonly jobs: readonly Job[]; readonly adapter: string }
  /** Whether what was set compiles. */
  | { readonly error: string }
  | {
      /** What is wrong, '' where nothing is. */
      readonly fault: string
      readonly milliseconds: number
      /** Rules, by number. */
      readonly hits: readonly number[]
      /** On the CPU: kernels' names. */
      readonly launched: readonly string[]
      readonly ran: readonly Ran[]
    }

/** −x of whatever a rule may return; a bool or an index stays. */
const negated = (x: unknown): unknown =>
  Array.isArray(x)
    ? x.map(negated)
    : x instanceof Tensor
      ? x.dtype === 'bool'
        ? x
        : ops.neg(x)
      : typeof x === 'number'
        ? -x
        : x

const state = { active: -1, hits: new Set<number>(), ops, neg: negated }
;(globalThis as unknown as { __m: typeof state }).__m = state

const launched = new Set<string>()
const cpu = new CpuDevice({ debug: true })
tap(cpu, {
  run: (next, launch) => {
    launched.add(launch.kernel.name)
    next(launch)
  },
})

const ran = watchEntries()

// ---- devices: those of a mutant live until the next

const devices = new Map<string, WebGPUDevice>()

async function deviceWith(options: WebGPUOptions): Promise<WebGPUDevice> {
  const key = JSON.stringify(options)
  const known = devices.get(key)
  if (known) return known
  const made = await createWebGPUDevice((await findGpu()).gpu, { debug: true, ...options })
  devices.set(key, made)
  return made
}

function forgetDevices(): void {
  for (const one of devices.values()) one.destroy()
  devices.clear()
}

// ---- mutants

async function set(mutant: Extract<Request, { ask: 'set' }>['mutant']): Promise<string> {
  forgetDevices()
  state.active = typeof mutant === 'number' ? mutant : -1
  const change = typeof mutant === 'number' ? null : mutant
  plant(change)
  if (change === null) return ''
  const { gpu } = await deviceWith({})
  for (const module of Object.values(wgsl).flat() as ShaderModule[]) {
    if (![module.source, ...module.libs].some(({ file }) => file === change.file)) continue
    if (module.needs.some((feature) => !gpu.features.has(feature as GPUFeatureName))) continue
    gpu.pushErrorScope('validation')
    const { messages } = await gpu.createShaderModule({ code: assemble(module, false).code }).getCompilationInfo()
    await gpu.popErrorScope()
    const error = messages.find(({ type }) => type === 'error')
    if (error) return error.message
  }
  return ''
}

// ---- jobs

const cases = Object.values(references).flat()
const hasReference = new Set<string>(cases.map((c) => c.op))

function jobs(): Job[] {
  const names = Object.keys(table) as OpName[]
  return [
    ...names.flatMap((name): Job[] => [
      ...(isSmooth(table[name]) ? [{ kind: 'differences', name } as const] : []),
      ...(hasReference.has(name) ? [{ kind: 'reference', name } as const] : []),
      { kind: 'values', name },
    ]),
    // Params in uniform buffers run the same code.
    ...configurations.flatMap((one, configuration) =>
      one.options.immediates === false ? [] : rowsOn(one).map((name): Job => ({ kind: 'gpu', name, configuration })),
    ),
    ...Object.keys(others).map((name): Job => ({ kind: 'other', name })),
  ]
}

async function faultOf({ kind, name, configuration = 0 }: Job): Promise<string> {
  const op = name as OpName
  const rowOn = async (device: CpuDevice | WebGPUDevice, layouts?: Parameters<typeof runRow>[2]) => {
    const [failure] = (await runRow(op, device, layouts)).failures
    return failure ? `${failure.where}: ${failure.what}` : ''
  }
  switch (kind) {
    case 'differences':
      return (await differences(op)).failures[0] ?? (await nanAtKinks(op))[0] ?? (await kinkFaults(op))[0] ?? ''
    case 'reference':
      for (const c of cases.filter((one) => one.op === op)) {
        const fault = await replay(c, new CpuDevice(), 'float64', 1e-10)
        if (fault) return `${titleOf(c)}: ${fault}`
      }
      return ''
    case 'values':
      return rowOn(cpu)
    case 'gpu': {
      const { options, layouts } = configurations[configuration]
      return rowOn(await deviceWith(options), layouts)
    }
    default: {
      const { options, run } = others[name]
      return (await run(await deviceWith(options)))[0] ?? ''
    }
  }
}

async function run(job: Job): Promise<Reply> {
  state.hits.clear()
  launched.clear()
  ran.clear()
  const start = performance.now()
  const fault = await faultOf(job).catch((error: Error) => String(error.stack ?? error))
  const milliseconds = performance.now() - start
  return { fault, milliseconds, hits: [...state.hits], launched: [...launched], ran: [...ran.values()] }
}

// What a mutant leaves behind unawaited is not a reason to end.
process.on('unhandledRejection', () => {})
process.on('message', async (request: Request) => {
  const reply: Reply =
    request.ask === 'jobs'
      ? { jobs: jobs(), adapter: (await findGpu()).name }
      : request.ask === 'set'
        ? { error: await set(request.mutant) }
        : await run(request.job)
  process.send?.(reply)
})
