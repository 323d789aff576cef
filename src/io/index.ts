/** @file What `handgrad` exports of weights and their files. */
export type { FileDType, HostTensor } from './elements.ts'
export { decodeSafetensors, type EncodeOptions, encodeSafetensors, type Safetensors } from './safetensors.ts'
export { type LoadOptions, loadSafetensors, readSafetensors, type SaveOptions, saveSafetensors } from './weights.ts'
