/** @file What `handgrad` exports of weights, checkpoints and their files. */
export {
  type About,
  type CheckpointOptions,
  type LoadCheckpointOptions,
  loadCheckpoint,
  type Stateful,
  saveCheckpoint,
} from './checkpoint.ts'
export { type Checkpoint, readCheckpoint } from './contents.ts'
export type { FileDType, HostTensor } from './elements.ts'
export { type Best, bestCheckpoint, latestCheckpoint } from './kept.ts'
export { decodeNpy, encodeNpy, loadNpy, type NpyOptions, readNpy, saveNpy } from './npy.ts'
export { decodeNpz, encodeNpz, loadNpz, type NpzOptions, readNpz, saveNpz, type UnpackOptions } from './npz.ts'
export { decodeSafetensors, type EncodeOptions, encodeSafetensors, type Safetensors } from './safetensors.ts'
export { fromTorch, type TorchMap, toTorch } from './torch.ts'
export { type LoadOptions, loadSafetensors, readSafetensors, type SaveOptions, saveSafetensors } from './weights.ts'
