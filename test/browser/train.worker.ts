/** @file Runs train.ts in a Web Worker: gets a kind of device, sends what train gave, or the error's text. */
import { type Kind, train } from './train.ts'

globalThis.onmessage = ({ data }: MessageEvent<Kind>): void => {
  train(data).then(
    (trained) => globalThis.postMessage(trained),
    (error) => globalThis.postMessage(String(error)),
  )
}
