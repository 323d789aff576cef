/**
 * @file Flags of WebGPU by name: in Node they are not global
 * (https://www.w3.org/TR/webgpu/#namespacedef-gpubufferusage).
 */
export const USAGE = {
  mapRead: 0x1,
  copySrc: 0x4,
  copyDst: 0x8,
  uniform: 0x40,
  storage: 0x80,
  queryResolve: 0x200,
} as const
/** GPUMapMode.READ */
export const READ = 1
