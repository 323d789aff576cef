/** @file How to run shaders/lstm_cell_grad.wgsl. */
import { cellPlan } from './common.ts'

export const lstm_cell_grad = cellPlan('lstm_cell_grad')
