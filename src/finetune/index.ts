/**
 * @file `handgrad/finetune`: a model from files for a task of one's own: all of its weights, a few, or some beside
 * them.
 */
export { type DecayGroup, decayGroups } from './decay.ts'
export { MemoryPlan, memoryPlan, type PlanOptions } from './plan.ts'
export type { OptimizerName, PlanMode } from './planmode.ts'
