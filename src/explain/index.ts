/** @file What `handgrad/interpreter` has of explanations. */
export type * from './data.ts'
export { type ExplainOptions, type Explanation, explain } from './explain.ts'
