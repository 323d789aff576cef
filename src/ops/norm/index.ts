/** @file Normalisation over batches, layers and groups. */
export * from './norm.ts'
export * from './response.ts'
