/** @file What `handgrad` exports of augmentations of images. */
export { Augmentation, type ImageBatch } from './augmentation.ts'
export {
  GaussianNoise,
  type GaussianNoiseOptions,
  RandomBrightness,
  RandomContrast,
  type RandomFactorOptions,
} from './colour.ts'
export { Compose, RandomApply } from './compose.ts'
export { RandomCrop, type RandomCropOptions, RandomHorizontalFlip, RandomVerticalFlip } from './crops.ts'
export type { BatchKey, Draws, Random } from './draws.ts'
export { Cutout, type CutoutOptions, RandomErasing, type RandomErasingOptions } from './erase.ts'
export {
  ElasticTransform,
  type ElasticTransformOptions,
  RandomAffine,
  type RandomAffineOptions,
  type SamplingOptions,
} from './geometry.ts'
export { CutMix, type MixOptions, MixUp } from './mix.ts'
