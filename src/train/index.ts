/** @file What training loops use beside a model, data and an optimizer. */
export { type ClassReport, Confusion } from './confusion.ts'
export { Series } from './series.ts'
