/**
 * @file In a page: on the main thread and in a worker, on the CPU and on WebGPU. The results go to
 * `globalThis.results`.
 */
import { trainXor } from './xor.mjs'

const inWorker = (kind) =>
  new Promise((resolve) => {
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => resolve(`worker: ${message}`)
    worker.postMessage(kind)
  })

/** A failure is a result, too. */
const told = (result) => result.catch((error) => String(error))

globalThis.results = {
  'main thread, cpu': await told(trainXor('cpu')),
  'main thread, webgpu': await told(trainXor('webgpu')),
  'worker, cpu': await inWorker('cpu'),
  'worker, webgpu': await inWorker('webgpu'),
}
