/** @file How to run shaders/gru_cell.wgsl. */
import type { Plan } from '../../kernel.ts'
import { perElement } from './common.ts'

interface CellParams {
  rows: number
  cols: number
}

export const gru_cell: Plan = {
  element: { dispatch: ({ rows, cols }: CellParams) => ({ entry: 'gru_cell', groups: perElement(rows * cols) }) },
}
