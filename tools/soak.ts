/**
 * @file What takes too long for `npm test`: `npm run soak [part of a name]`. Training for tens of thousands of steps on
 * both devices with memory compared exactly, loops that never free, devices lost at many points, hostile files, and the
 * properties of properties.test.ts on ten thousand inputs each. Ends with `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programOf, runNode } from '../scripts/run.mjs'
import {
  type Device,
  DeviceLostError,
  getDefaultDevice,
  manualSeed,
  memory,
  OutOfMemoryError,
  optim,
  randn,
  scope,
  type Tensor,
  tap,
  tensor,
} from '../src/index.ts'
import { device } from '../src/node.ts'
import { prepareAdapter } from '../test/support/adapters.ts'
import { collect } from '../test/support/gc.ts'
import { GPT, lesson, nextTokenLoss } from '../test/support/gpt.ts'
import { killSaves } from '../test/support/kills.ts'
import { optimised, smallMLP } from '../test/support/mlp.ts'
import { longRun } from '../test/support/training.ts'

interface Soak {
  readonly name: string
  /** What was seen, in words. @throws Error if it is wrong */
  run(): Promise<string>
}

function demand(ok: boolean, what: string): void {
  if (!ok) throw new Error(what)
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

/** Train in scopes; memory() is the same at every look from step 200 on, and the process hardly grows. */
async function steady(on: Device, step: () => Tensor, steps: number): Promise<string> {
  let reference = ''
  let rss = 0
  let loss = Number.NaN
  for (let i = 1; i <= steps; i++) {
    const value = scope(step)
    if (i % 100 === 0) loss = await value.item()
    value.dispose()
    if (i % 100 !== 0 || i < 200) continue
    const now = JSON.stringify(memory(on))
    reference ||= now
    demand(now === reference, `step ${i}: ${now}, not ${reference}`)
    if (i === Math.ceil(steps / 200) * 100) {
      await collect()
      rss = process.memoryUsage().rss
    }
  }
  await collect()
  const grown = process.memoryUsage().rss - rss
  demand(grown < 10 * 2 ** 20, `the process grew by ${megabytes(grown)}`)
  demand(Number.isFinite(loss), `the loss is ${loss}`)
  return `${steps} steps, loss ${loss.toFixed(4)}, ${memory(on).storages} storages, ${megabytes(memory(on).allocatedBytes)}, process ${megabytes(grown)} more`
}

/** Steps between which the process must not grow, on WebGPU; before the first, caches and heaps find their sizes. */
const [FROM, TO] = [2000, 6000]

/** Train, and compare the process's own size after {@link FROM} and {@link TO} steps. */
async function grown(on: Device, step: () => Tensor): Promise<string> {
  const sizes: number[] = []
  let loss = Number.NaN
  for (let i = 1; i <= TO; i++) {
    using value = scope(step)
    if (i % 100 === 0) loss = await value.item()
    if (i < FROM || i % 1000 !== 0) continue
    await collect()
    sizes.push(process.memoryUsage().rss)
  }
  const shown = sizes.map((size, i) => `${megabytes(size)} after ${FROM + i * 1000}`).join(', ')
  demand(sizes[sizes.length - 1] - sizes[0] <= 10 * 2 ** 20, `the process grew: ${shown}`)
  demand(Number.isFinite(loss), `the loss is ${loss}`)
  return `${shown} steps, loss ${loss.toFixed(4)}, ${memory(on).storages} storages`
}

/** `train.fit` with validation, checkpoints and logs: device and process hold the same at every tenth. */
async function trainer(on: Device, steps: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-soak-'))
  const sizes: number[] = []
  try {
    const { looks, history } = await longRun(on, folder, steps, async () => {
      await collect()
      sizes.push(process.memoryUsage().rss)
    })
    demand(new Set(looks).size === 1, `memory: ${[...new Set(looks)].join(', ')}`)
    const shown = sizes.map((size) => megabytes(size)).join(', ')
    // A driver's threads and heaps go up and down by more than a run may grow: means of three looks are compared.
    const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length
    demand(mean(sizes.slice(-3)) - mean(sizes.slice(0, 3)) <= 10 * 2 ** 20, `the process grew: ${shown}`)
    return `${history.losses.length} steps, ${history.epochs.length} validations, process ${shown}; ${looks[0]}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A GPT of two layers, batches of 4 × 16 tokens. */
function smallGPT(on: Device): () => Tensor {
  const sizes = { layers: 2, heads: 2, channels: 32, tokens: 16, vocabulary: 64 }
  manualSeed(1)
  const model = new GPT(sizes, on)
  const [index, target] = lesson(sizes, 4, on)
  const adam = new optim.Adam(model.parameters(), { lr: 1e-3 })
  return () => {
    adam.zeroGrad()
    const loss = nextTokenLoss(model, index, target)
    loss.backward()
    adam.step()
    return loss.detach()
  }
}

/** Train without a scope, awaiting every 20 steps: what is live stays below a bound. */
async function unscoped(on: Device, steps: number): Promise<string> {
  const model = smallMLP(on)
  let peak = 0
  for (let i = 1; i <= steps; i++) {
    const loss = model.step()
    if (i % 20 === 0) await loss.item()
    peak = Math.max(peak, memory(on).storages)
  }
  demand(peak < 15_000, `${peak} storages were live`)
  await collect()
  return `${steps} steps, at most ${peak} storages`
}

/** The classifier of `npm start`. */
function full(on: Device): () => Tensor {
  const model = smallMLP(on, { sizes: [784, 256, 10], batch: 64 })
  return optimised(model, new optim.Adam(model.params, { lr: 1e-3 }))
}

await prepareAdapter()
const cpu = getDefaultDevice()
const gpu = await device('webgpu')
const vitest = programOf('vitest')

const soaks: readonly Soak[] = [
  {
    name: 'small model, cpu, by hand',
    run: () =>
      steady(
        cpu,
        (
          (m) => () =>
            m.step(1e-3)
        )(smallMLP(cpu)),
        30_000,
      ),
  },
  {
    name: 'small model, webgpu, by hand',
    run: () =>
      steady(
        gpu,
        (
          (m) => () =>
            m.step(1e-3)
        )(smallMLP(gpu)),
        10_000,
      ),
  },
  { name: 'full model, cpu, Adam', run: () => steady(cpu, full(cpu), 2000) },
  { name: 'full model, webgpu, Adam', run: () => steady(gpu, full(gpu), 2000) },
  { name: 'the size of the process, webgpu, full model', run: () => grown(gpu, full(gpu)) },
  { name: 'the size of the process, webgpu, small GPT', run: () => grown(gpu, smallGPT(gpu)) },
  { name: 'the trainer, cpu', run: () => trainer(cpu, 10_000) },
  { name: 'the trainer, webgpu', run: () => trainer(gpu, 10_000) },
  { name: 'no scope, cpu', run: () => unscoped(cpu, 20_000) },
  { name: 'no scope, webgpu', run: () => unscoped(gpu, 6000) },
  {
    name: 'no scope and no await, tiny tensors: OutOfMemoryError before the heap is full',
    run: async () => {
      const made = () => {
        let x = tensor(0)
        for (;;) x = x.add(1)
      }
      try {
        made()
      } catch (error) {
        demand(error instanceof OutOfMemoryError && error.message.includes('scope'), String(error))
      }
      const { storages } = memory()
      await collect()
      demand(memory().storages < 1000, `${memory().storages} storages are left`)
      return `${storages} storages, then the error, then ${memory().storages}`
    },
  },
  {
    name: 'a device lost at 50 points of a step',
    run: async () => {
      for (let at = 1; at <= 50; at++) {
        const own = await device('webgpu')
        const model = smallMLP(own)
        let launches = 0
        tap(own, {
          run: (next, launch) => {
            if (++launches === at * 7) own.destroy()
            next(launch)
          },
        })
        let error: unknown
        try {
          for (let i = 0; i < 100; i++) await scope(() => model.step()).item()
        } catch (caught) {
          error = caught
        }
        demand(error instanceof DeviceLostError, `at launch ${at * 7}: ${error}`)
        model.dispose()
      }
      return '50 devices'
    },
  },
  {
    name: '200 kills during saves of a checkpoint',
    run: async () => {
      const { whole, within, saves, faults } = await killSaves(200)
      demand(whole === 200, `${faults.length} files were not whole: ${faults[0]}`)
      demand(within > 20, `only ${within} were killed within a save`)
      return `${whole} whole files, ${within} killed within a save, ${saves} saves`
    },
  },
  {
    name: 'a chain of 500,000 ops backward',
    run: async () => {
      const before = memory()
      const x = randn([1], { requiresGrad: true })
      const y = scope(() => {
        let z: Tensor = x
        for (let i = 0; i < 500_000; i++) z = z.neg()
        return z
      })
      y.backward()
      demand((await x.grad.item()) === 1, 'the gradient is not 1')
      for (const t of [x, y]) t.dispose()
      await collect()
      demand(memory().storages <= before.storages, 'storages are left')
      return 'gradient 1'
    },
  },
  {
    name: 'hostile files, 10,000 with some bytes changed',
    run: async () => {
      const { clean, fuzz } = await import('../test/support/hostile.ts')
      try {
        const { wrong, refused } = await fuzz(10_000, 2)
        demand(wrong.length === 0, wrong.join('\n'))
        return `${refused} refused by a typed error, the others read`
      } finally {
        clean()
      }
    },
  },
  ...['test/ops/properties.test.ts', 'test/ops/properties.webgpu.test.ts'].map(
    (file): Soak => ({
      name: `${file}, more inputs`,
      run: async () => {
        const runs = file.includes('webgpu') ? '1000' : '10000'
        const args = [
          vitest,
          'run',
          '--project',
          file.includes('webgpu') ? 'node-webgpu' : 'node-cpu',
          file,
          '--testTimeout=1200000',
        ]
        const { passed, failed } = await runNode(args, { HANDGRAD_RUNS: runs })
        demand(failed === 0 && passed > 0, `${failed} failed`)
        return `${passed} properties, ${runs} inputs each`
      },
    }),
  ),
]

const wanted = process.argv[2] ?? ''
let [passed, failed] = [0, 0]
for (const { name, run } of soaks.filter((soak) => soak.name.includes(wanted))) {
  // What the last one left must not go while this one counts.
  await collect()
  const start = performance.now()
  try {
    const seen = await run()
    passed++
    console.log(`ok      ${name}: ${seen}, ${((performance.now() - start) / 1000).toFixed(0)} s`)
  } catch (error) {
    failed++
    console.log(`FAILED  ${name}: ${(error as Error).stack}`)
  }
}
gpu.destroy()
console.log(`${passed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
