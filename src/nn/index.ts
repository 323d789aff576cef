/** @file `nn`: what models are made of. */
export * as functional from '../ops/functional.ts'
export * as init from './init.ts'
export { Flatten, type Layer, type LayerOptions, Linear, ReLU, Sequential, Sigmoid, Tanh } from './layers.ts'
export { buffer, type LoadResult, Module, parameter, type StateDict } from './module.ts'
