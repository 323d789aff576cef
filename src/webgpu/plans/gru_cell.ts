/** @file How to run shaders/gru_cell.wgsl. */
import { cellPlan } from './common.ts'

export const gru_cell = cellPlan('gru_cell')
