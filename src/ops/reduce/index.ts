/** @file Reduce: sums, extremes and statistics over axes, and what runs along one: scans, sorts, softmax. */
export * from './compare.ts'
export * from './membership.ts'
export * from './reduce.ts'
export * from './scan.ts'
export * from './softmax.ts'
export * from './sort.ts'
export * from './statistics.ts'
