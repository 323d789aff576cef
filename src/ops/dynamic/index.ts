/** @file Functions whose result has a shape that depends on the values: they wait for them. */
export * from './dynamic.ts'
export * from './unique.ts'
