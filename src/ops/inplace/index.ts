/** @file Changes in place: methods only, so ops/index.ts does not export them. */
export * from './inplace.ts'
