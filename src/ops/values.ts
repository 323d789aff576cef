/** @file Methods of Tensor that are not ops of the table: what leaves the graph, changes the device, or reads back. */
export { detach } from './base/views.ts'
export { to } from './elementwise/cast.ts'
export { allclose, equal } from './reduce/compare.ts'
