/** @file How to run shaders/attention_grad_q.wgsl. */
import { attentionPlan, queries } from './attention.ts'

export const attention_grad_q = attentionPlan('attention_grad_q', queries)
