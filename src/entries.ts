/** @file All entries of the package in one, for the tools that go through the API: no program imports it. */
export * as bench from './bench/index.ts'
export * as transforms from './data/transforms.ts'
export * from './index.ts'
export * as interpreter from './interpreter/index.ts'
export * as metrics from './metrics/index.ts'
export * as models from './models/index.ts'
export * as report from './report/index.ts'
export * as text from './tokens/index.ts'
