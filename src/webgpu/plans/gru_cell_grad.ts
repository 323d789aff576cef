/** @file How to run shaders/gru_cell_grad.wgsl. */
import type { Plan } from '../../kernel.ts'
import { perElement } from './common.ts'

interface CellParams {
  rows: number
  cols: number
}

export const gru_cell_grad: Plan = {
  element: { dispatch: ({ rows, cols }: CellParams) => ({ entry: 'gru_cell_grad', groups: perElement(rows * cols) }) },
}
