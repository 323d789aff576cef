/** @file How to run shaders/pool_grad.wgsl. */
import { threadPer } from './pool.ts'

export const pool_grad = threadPer('pixel', 'pool_grad')
