/** @file How to run shaders/gru_cell_grad.wgsl. */
import { cellPlan } from './common.ts'

export const gru_cell_grad = cellPlan('gru_cell_grad')
