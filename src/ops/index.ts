/**
 * @file Every public function of tensors and the types of its options: the families, each a folder whose index says
 * what of it is public. The test table (test/table) must have a row for each op exported here, or it does not compile.
 */
export * from './creation/index.ts'
export * from './dynamic/index.ts'
export * from './elementwise/index.ts'
export * from './image/index.ts'
export * from './indexing/index.ts'
export * from './loss/index.ts'
export * from './matrix/index.ts'
export * from './movement/index.ts'
export * from './norm/index.ts'
export * from './order/index.ts'
export * from './random/index.ts'
export * from './reduce/index.ts'
export * from './sequence/index.ts'
