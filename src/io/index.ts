/** @file What `handgrad` exports of weights and their files. */
export { decodeSafetensors, encodeSafetensors, type HostTensor, type Safetensors } from './safetensors.ts'
export { loadSafetensors, readSafetensors, saveSafetensors } from './weights.ts'
