/** @file How to run shaders/search.wgsl. */
import type { Plan } from '../../kernel.ts'
import { perElement } from './common.ts'

export const search: Plan = {
  element: { dispatch: ({ size }: { size: number }) => ({ entry: 'search', groups: perElement(size) }) },
}
