/** @file A page's worker that loads a checkpoint and answers: gets the file's bytes and pixels, sends probabilities. */
import { device, io, nn, noGrad, tensor } from '../../src/index.ts'
import type { Kind } from './train.ts'

export interface Question {
  readonly kind: Kind
  readonly weights: Uint8Array
  readonly pixels: readonly number[]
}

async function predict({ kind, weights, pixels }: Question): Promise<number[]> {
  const where = await device(kind)
  const on = { device: where }
  const model = new nn.Sequential(new nn.Linear(784, 64, on), new nn.ReLU(), new nn.Linear(64, 10, on))
  const state = Object.entries(io.decodeSafetensors(weights).tensors).map(([name, { data, shape }]) => {
    return [name, tensor(data as Float32Array, { shape, ...on })] as const
  })
  model.loadStateDict(Object.fromEntries(state))
  const x = tensor([pixels.map((u) => u / 255)], on)
  const probabilities = [...(await noGrad(() => model.forward(x).softmax(1)).data())]
  where.destroy()
  return probabilities
}

globalThis.onmessage = ({ data }: MessageEvent<Question>): void => {
  predict(data).then(
    (probabilities) => globalThis.postMessage(probabilities),
    (error) => globalThis.postMessage(String(error)),
  )
}
