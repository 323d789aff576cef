/** @file How to run shaders/class_mean.wgsl. */
import type { Plan } from '../../core/kernel.ts'

export const class_mean: Plan = { variants: { group: { dispatch: () => ({ entry: 'class_mean', groups: 1 }) } } }
