/**
 * @file The registry: every public op, by name. The test table (test/table) must have a row for each function exported here, or
 * it does not compile.
 */
export * from './functions.ts'
export * from './methods.ts'
