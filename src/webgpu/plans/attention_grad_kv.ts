/** @file How to run shaders/attention_grad_kv.wgsl. */
import { attentionPlan } from './attention.ts'

/** Results for each key; `group` matrices of queries share one of keys. */
export const attention_grad_kv = attentionPlan('attention_grad_kv', ({ batch, group, cols }) => [batch / group, cols])
