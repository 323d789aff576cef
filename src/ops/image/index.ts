/** @file Images and signals: convolution, pooling, resampling. */
export * from './conv.ts'
export * from './fold.ts'
export * from './pool.ts'
export * from './resample.ts'
export * from './shuffle.ts'
export type { PerAxis, WindowOptions } from './windows.ts'
