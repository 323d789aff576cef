/** @file How to run shaders/lstm_cell_grad.wgsl. */
import type { Plan } from '../../kernel.ts'
import { perElement } from './common.ts'

interface CellParams {
  rows: number
  cols: number
}

export const lstm_cell_grad: Plan = {
  element: { dispatch: ({ rows, cols }: CellParams) => ({ entry: 'lstm_cell_grad', groups: perElement(rows * cols) }) },
}
