/**
 * @file A loop that never awaits, and keeps a tensor of each step, in a process that has few memory mappings left: says
 * the error that it ends with, and the losses of steps that are made after that.
 */
import { scope } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import { prepareAdapter } from './adapters.ts'
import { smallMLP } from './mlp.ts'

await prepareAdapter()
// Two mappings each: what may be used, and what is reserved. Linux allows 65,530.
const filled = Array.from({ length: 20_000 }, () => new ArrayBuffer(1, { maxByteLength: 8192 }))
const gpu = await device('webgpu')
const { step } = smallMLP(gpu)
let kept = []
try {
  while (kept.length < 10_000) kept.push(scope(step))
} catch (error) {
  console.log(`${error.name} ${error.message}`)
}
console.log(`kept ${kept.length}`)
for (const loss of kept) loss.dispose()
kept = []
let last
for (let i = 0; i < 200; i++) {
  const loss = scope(step)
  last = await loss.item()
  loss.dispose()
}
console.log(`on beside ${filled.length}: ${last < 10}`)
gpu.destroy()
