/** @file Order: quantiles, the k-th value, the most frequent one, running extremes, differences of neighbours. */
export * from './quantile.ts'
export * from './running.ts'
