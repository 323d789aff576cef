/** @file The same in a Web Worker. */
import { trainXor } from './xor.mjs'

globalThis.onmessage = ({ data }) => trainXor(data).then(postMessage, (error) => postMessage(String(error)))
