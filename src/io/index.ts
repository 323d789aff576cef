/** @file What `handgrad` exports of weights, checkpoints and their files. */
export {
  type About,
  type Best,
  bestCheckpoint,
  type Checkpoint,
  type CheckpointOptions,
  type LoadCheckpointOptions,
  latestCheckpoint,
  loadCheckpoint,
  readCheckpoint,
  saveCheckpoint,
} from './checkpoint.ts'
export type { FileDType, HostTensor } from './elements.ts'
export {
  decodeNpy,
  decodeNpz,
  encodeNpy,
  encodeNpz,
  loadNpy,
  loadNpz,
  type NpyOptions,
  type NpzOptions,
  readNpy,
  readNpz,
  saveNpy,
  saveNpz,
  type UnpackOptions,
} from './numpy.ts'
export type { ReadOptions, SafetensorsFile, TensorInfo, TensorSource } from './open.ts'
export type { LoadOptions } from './placing.ts'
export type { RangeReader } from './ranges.ts'
export { decodeSafetensors, type EncodeOptions, encodeSafetensors, type Safetensors } from './safetensors.ts'
export type { Stateful } from './state.ts'
export { fromTorch, type TorchMap, toTorch } from './torch.ts'
export {
  loadSafetensors,
  openSafetensors,
  readSafetensors,
  type SaveOptions,
  saveSafetensors,
} from './weights.ts'
export { type WriteOptions, writeSafetensors } from './write.ts'
