/**
 * @file `handgrad/finetune`: a model from files for a task of one's own: all of its weights, a few, or some beside
 * them.
 */
// Accessors such as x.requiresGrad, for whoever imports this entry alone.
import '../methods.ts'

export { type DecayGroup, decayGroups } from './decay.ts'
export { type FewShot, type FewShotOptions, fewShot, type Shot, type Told } from './fewshot.ts'
export { type LoRALoadOptions, loadLoRA } from './loadlora.ts'
export { loadPrefixTuning, loadPromptTuning, type PromptLoadOptions } from './loadprompts.ts'
export { type LoRA, lora } from './lora.ts'
export type { LoRAConfig, LoRAOptions } from './loraconfig.ts'
export { MemoryPlan, memoryPlan, type PlanOptions } from './plan.ts'
export type { OptimizerName, PlanMode } from './planmode.ts'
export { type PrefixTuningOptions, prefixTuning } from './prefix.ts'
export { type PromptTuningOptions, promptTuning } from './prompt.ts'
export type { PromptInit } from './prompted.ts'
export type { Tuning } from './tuning.ts'
