/** @file What training loops use beside a model, data and an optimizer. */
export { type ClassReport, Confusion } from './confusion.ts'
export { oneCycle } from './schedule.ts'
export { Series } from './series.ts'
