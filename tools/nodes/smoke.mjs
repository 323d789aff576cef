/**
 * @file One Node version's smoke test, started by run.mjs: the built package trains XOR on the CPU and on WebGPU, and
 * from Node 24 on, which strips types and knows `using`, the sources run unbuilt. Prints `N passed, N failed`.
 */
import { prepareAdapter } from '../../scripts/adapter.mjs'
import { trainXor } from '../package/user/xor.mjs'

let passed = 0
let failed = 0

/** Runs one check, which must give 'ok'. */
async function check(name, run) {
  const result = await run().catch((error) => error.stack)
  if (result === 'ok') passed++
  else failed++
  console.log(`node ${process.versions.node}: ${name}: ${result}`)
}

await check('built, cpu', () => trainXor('cpu'))
await check('built, webgpu', async () => {
  await prepareAdapter()
  return trainXor('webgpu')
})
if (Number.parseInt(process.versions.node, 10) >= 24) {
  await check('sources, cpu', async () => {
    const { tensor } = await import('../../src/node.ts')
    const x = tensor([1, 2, 3], { requiresGrad: true })
    x.mul(x).sum().backward()
    const slope = [...(await x.grad.data())].join()
    return slope === '2,4,6' ? 'ok' : `the gradient of x·x at 1, 2, 3 was ${slope}`
  })
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
