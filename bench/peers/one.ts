/**
 * @file One engine and one workload, in a process of their own: `one.ts ENGINE DEVICE ADAPTER WORKLOAD SECONDS`. Prints
 * a line of JSON: what it is compared by, how long the first run took, and samples of later ones, in seconds of wall
 * clock until all is done.
 */
import { installGpu } from './shim.ts'
import type { Peer, WorkloadName } from './workloads.ts'

/** What a process found. */
export interface Found {
  readonly version: string
  readonly check: readonly number[]
  /** The first run: everything is compiled in it. */
  readonly first: number
  readonly samples: readonly number[]
}

type Engine = { open(kind: string, adapter: string): Promise<Peer> }
/** Their packages are installed in this folder only, so the project's own type check does not follow them. */
const files: Readonly<Record<string, string>> = {
  handgrad: './handgrad.ts',
  tfjs: './tfjs.ts',
  'jax-js': './jax.ts',
  'onnxruntime-web': './onnx.ts',
}
/** Seconds of a sample: an idle wait at its end is little of it. */
const SAMPLE = 0.03
const [AT_LEAST, AT_MOST] = [3, 40]

const [engine, kind, adapter, name, seconds] = process.argv.slice(2)
// Ours brings its own way to WebGPU.
if (kind === 'webgpu' && engine !== 'handgrad') installGpu(adapter)
// Built, they are beside this file as JavaScript.
const module: Engine = await import(files[engine].replace(/ts$/, import.meta.url.slice(-2)))
const peer = await module.open(kind, adapter)
const made = await peer.make(name as WorkloadName)
const timed = async (runs: number): Promise<number> => {
  await made.done()
  const start = performance.now()
  for (let i = 0; i < runs; i++) await made.run()
  await made.done()
  return (performance.now() - start) / 1e3 / runs
}
const first = await timed(1)
const check = await made.check()
const once = Math.min(await timed(1), await timed(1))
const runs = Math.max(1, Math.round(SAMPLE / once))
const samples: number[] = []
const until = performance.now() + 1e3 * Number(seconds)
while (samples.length < AT_LEAST || (samples.length < AT_MOST && performance.now() < until))
  samples.push(await timed(runs))
console.log(JSON.stringify({ version: peer.version, check, first, samples } satisfies Found))
// Some engines keep threads.
process.exit(0)
