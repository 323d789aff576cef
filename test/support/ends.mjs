/**
 * @file A process that trains a little and ends as its argument says, on WebGPU unless the second one is `cpu`. It
 * prints `done` when its own work is over; faults.webgpu.test.ts watches how, and how soon after that, it exits.
 */
import { Worker } from 'node:worker_threads'
import { device, manualSeed, nn, optim, randn, scope } from '../../src/node.ts'
import { prepareAdapter } from './adapters.ts'

const [how, kind = 'webgpu'] = process.argv.slice(2)

async function train() {
  manualSeed(1)
  const on = await device(kind)
  const model = new nn.Sequential(
    new nn.Linear(4, 8, { device: on }),
    new nn.Tanh(),
    new nn.Linear(8, 1, { device: on }),
  )
  const adam = new optim.Adam(model.parameters())
  const x = randn([16, 4], { device: on })
  let loss = Number.NaN
  for (let step = 0; step < 5; step++) {
    const y = scope(() => {
      adam.zeroGrad()
      const value = model.forward(x).square().mean()
      value.backward()
      adam.step()
      return value
    })
    loss = await y.item()
  }
  if (!Number.isFinite(loss)) throw new Error(`loss is ${loss}`)
  return { on, x }
}

if (kind === 'webgpu') await prepareAdapter()
if (how === 'worker') {
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(import.meta.url)}) })`
  const worker = new Worker(code, { eval: true, argv: ['undestroyed', kind] })
  const status = await new Promise((ended) => worker.on('exit', ended))
  if (status !== 0) throw new Error(`the worker ended with ${status}`)
} else {
  const { on, x } = await train()
  if (how === 'destroyed') on.destroy()
  // Reads under way when the process has nothing else to do.
  if (how === 'reading')
    for (let i = 0; i < 5; i++)
      x.add(i)
        .data()
        .then(() => {})
  if (how === 'launched') for (let i = 0; i < 50; i++) x.matmul(x.transpose())
  if (how === 'lost') {
    on.gpu.destroy()
    await x.data().then(
      () => console.log('read after the loss'),
      (error) => console.log(error.name),
    )
  }
  console.log('done')
  if (how === 'throw') throw new Error('thrown on purpose')
  if (how === 'reject') Promise.reject(new Error('rejected on purpose'))
}
