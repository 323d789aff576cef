/**
 * @file The entry `handgrad/transforms`: what is fitted to tables (`transforms/`), and what changes images at random
 * (`augment/`).
 */
export * from './augment/index.ts'
export * from './transforms/index.ts'
