/**
 * @file The WebGPU adapter that tests and benchmarks use in Node. How one is found or brought is in
 * scripts/adapter.mjs, which the repository's command line shares. There is no way to go on without an adapter: a GPU
 * test is never skipped.
 */
export { type FoundGpu, findGpu, prepareAdapter } from '../../scripts/adapter.mjs'
