/** @file How to run shaders/pool_grad.wgsl. */
import { threads } from './pool.ts'

export const pool_grad = threads('pool_grad', 1)
