/** @file How to run shaders/lstm_cell.wgsl. */
import type { Plan } from '../../kernel.ts'
import { perElement } from './common.ts'

interface CellParams {
  rows: number
  cols: number
}

export const lstm_cell: Plan = {
  element: { dispatch: ({ rows, cols }: CellParams) => ({ entry: 'lstm_cell', groups: perElement(rows * cols) }) },
}
