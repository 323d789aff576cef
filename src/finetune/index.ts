/**
 * @file `handgrad/finetune`: a model from files for a task of one's own: all of its weights, a few, or some beside
 * them.
 */
export { type DecayGroup, decayGroups } from './decay.ts'
export { type FewShot, type FewShotOptions, fewShot, type Shot, type Told } from './fewshot.ts'
