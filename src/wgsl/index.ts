/**
 * @file A front end for WGSL, the language of WebGPU's shaders, of what compute shaders use: from text to a tree with
 * names, types and constants. What is wrong is thrown as a {@link WgslError}.
 */
import { check } from './check/index.ts'
import { parse } from './parse/index.ts'
import type { SourceFile } from './source.ts'
import type { Module } from './tree.ts'

/** Parses and checks files, one after the other, as one program. */
export const compile = (files: readonly SourceFile[]): Module => check(parse(files))

export * from './source.ts'
export type * from './tree.ts'
export * as types from './types.ts'
export { check, parse }
