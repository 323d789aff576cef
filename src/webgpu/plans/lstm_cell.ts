/** @file How to run shaders/lstm_cell.wgsl. */
import { cellPlan } from './common.ts'

export const lstm_cell = cellPlan('lstm_cell')
